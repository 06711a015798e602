"""Hostile texts and paths stay texts and paths in every language that they land in."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit import tfvars
from tests.unit.asking import contents, generated

from byocgen.manifest.compose import compose
from byocgen.render import encode, template

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = [
    *(
        '"',
        "'",
        "\\",
        "`",
        "$",
        "${x}",
        "$${x}",
        "$$${x}",
        "%{if}",
        "%%{if}",
        "%%%{",
        "${",
        "%{",
        "{",
        "}",
        "$\\{",
        "\\${",
    ),
    *(
        "C:\\bin\\f\\n\\u0041\\x",
        "a\nb\r\tc",
        "\x00\x01\x08\x0c\x1b\x7f\x85\x9b",
        "\u2028\u2029\ufeff",
        "é 予測 \U0001f600",
        "",
    ),
    *("EOT", "<<EOT\nx\nEOT", "# x", "// x", "/* x */", '"\nregion = "x', "{{ x }}", "{% x %}", "$(id)", "  x  "),
]


@pytest.mark.parametrize("text", TEXTS)
def test_toml_reads_back(text: str) -> None:
    import tomllib  # noqa: PLC0415

    plain = text.replace("\x00", "\\0")
    assert tomllib.loads(f"a = {encode.toml_string(plain)}") == {"a": plain}
    assert encode.toml_string(plain).isprintable() or not plain.isprintable()
    assert "\n" not in encode.toml_string(plain)


def test_terraform_reads_back(terraform: str, tmp_path: Path) -> None:
    texts = [text.replace("\x00", "") for text in TEXTS]
    values: dict[str, Any] = {
        "list": texts,
        "map": {f"a {text}": text for text in texts},
        **{
            f"first_{word}": {word: "x", "zz-9": "y"}
            for word in ("for", "if", "in", "null", "true", "name", "a-b", "1")
        },
        "other": {"number": 1, "null": None, "yes": True},
        "nothing": {},
    }
    blocks = [
        f'variable "{name}" {{\n  type = any\n}}\noutput "{name}" {{\n  value = var.{name}\n}}\n' for name in values
    ]
    (tmp_path / "main.tf").write_text("\n".join(blocks).replace("}\noutput", "}\n\noutput"), "utf-8")
    lines = [f"{name} = {encode.hcl_value(value)}\n" for name, value in values.items()]
    (tmp_path / "a.auto.tfvars").write_text("\n".join(lines), "utf-8")

    def run(*arguments: str) -> bytes:
        environment = {"PATH": os.environ["PATH"], "CHECKPOINT_DISABLE": "1"}
        command = [terraform, *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environment).stdout

    assert run("fmt", "-check", "-no-color") == b""
    run("apply", "-auto-approve", "-no-color")
    assert {name: one["value"] for name, one in json.loads(run("output", "-json")).items()} == values


@pytest.mark.parametrize("text", TEXTS)
def test_the_reader_of_these_tests_agrees(text: str) -> None:
    assert tfvars.read(f"a = {encode.hcl_value({'b': text})}\n") == {"a": {"b": text}}


def test_the_reader_of_these_tests_is_strict() -> None:
    for wrong in (
        'a = "${x}"',
        'a = "%{x}"',
        'a = "\\b"',
        'a = "x\ny"',
        "a = b",
        'a = "x" "y"',
        "a = {",
        'a = "1"\na = "2"',
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - any
            tfvars.read(wrong)


def test_a_comment_stays_one_line() -> None:
    assert encode.comment("a\nb\r\n\u2028c\x85d\x00\te  f ") == "a b c d e f"


def test_an_unprintable_value_in_a_template_is_a_fault() -> None:
    environment = template._environment()  # noqa: SLF001 - the rule is about what it prints
    assert environment.from_string("{{ a }}{{ b }}").render(a=1, b="x") == "1x"
    values: list[Any] = [None, [1], {}, True, 1.5]
    for value in values:
        with pytest.raises(TypeError, match="only texts and whole numbers"):
            environment.from_string("{{ a }}").render(a=value)
    with pytest.raises(Exception, match="'b' is undefined"):
        environment.from_string("{{ b }}").render()


DESCRIPTIONS = [text for text in TEXTS if text.strip() and not re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", text)]


@pytest.mark.parametrize(
    "description", [*DESCRIPTIONS, "[x](javascript:x)", "</a><img src=x>", "# title", "- item", "1. item", "| a | b"]
)
def test_a_description_is_a_text_everywhere(description: str) -> None:
    values = {"version": 1, "name": "churn", "description": description, "model": {"framework": "sklearn"}}
    files, plain = contents(compose(values)), contents(compose({**values, "description": "PLAIN"}))
    changed = {path for path in plain if plain[path] != files[path]} - {"byocgen.yaml"}
    assert changed <= {"Dockerfile", "README.md"}
    label = template.docker_label(description)
    assert files["Dockerfile"] == plain["Dockerfile"].replace('"PLAIN"', label)
    assert files["README.md"] == plain["README.md"].replace("PLAIN", template.markdown(description))
    assert re.sub(r'\\(["\\$])', r"\1", label[1:-1]) == description
    assert re.fullmatch(r'"(?:[^"\\$]|\\["\\$])*"', label)


def test_markdown_means_nothing() -> None:
    assert template.markdown("[a](b) *c* `d` <e> &f; #g |h 1. -i https://x a@b") == (
        "\\[a\\]\\(b\\) \\*c\\* \\`d\\` &lt;e\\> &amp;f; \\#g \\|h 1\\. \\-i https\\://x a\\@b"
    )


PATHS = [
    "m.joblib",
    "artifacts/model v2 (final).joblib",
    "a/#1 $HOME $(id) `id`.joblib",
    'a/it\'s "quoted".joblib',
    "a/*?[x]!.joblib",
    "#m",
    "!m",
    "a/ends with a blank ",
    "模型/é.joblib",
    "a/100%.joblib",
    "a/x=y:=z;&|<>~.joblib",
    "--help",
    "models/",
    "./m.joblib",
    "a//b/../m",
]


def with_artifact(path: str) -> dict[str, str]:
    """Return the files of a project with a model of its own."""
    values = {"version": 1, "name": "churn", "model": {"framework": "sklearn", "artifact": path}}
    return contents(compose(values))


@pytest.mark.parametrize("path", PATHS)
def test_make_and_the_shell_pass_the_path_on(tmp_path: Path, path: str) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    (tmp_path / "Makefile").write_text(with_artifact(path)["Makefile"], "utf-8")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', "utf-8")
    python.chmod(0o755)
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-extra.in", "requirements-extra.lock"):
        (tmp_path / name).write_text("", "utf-8")
    for name in (".tools", ".ready"):
        (tmp_path / ".venv" / name).write_text("", "utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": "/home/x"}
    done = subprocess.run(
        [make, "--silent", "model"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line != "--"] == ["package.py", os.path.normpath(path)]


@pytest.mark.parametrize("path", PATHS)
def test_git_ignores_the_model_and_nothing_else(tmp_path: Path, path: str) -> None:
    clean = os.path.normpath(path)
    (tmp_path / ".gitignore").write_text(with_artifact(path)[".gitignore"].replace("*.joblib\n", ""), "utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, env=environment, check=True)
    asked = [clean, f"other/{clean}", f"{clean}x", "inference.py", "a/z.txt", "x"]
    done = subprocess.run(
        ["git", "check-ignore", "-z", "--stdin"],
        cwd=tmp_path,
        env=environment,
        input="\0".join(asked).encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().rstrip("\0").split("\0") == [clean]


def test_a_path_among_the_plan_s_values_is_clean() -> None:
    assert (
        generated(
            compose({"version": 1, "name": "c", "model": {"framework": "sklearn", "artifact": "./a//m/"}})
        ).plan.model.artifact.value
        == "a/m"
    )
