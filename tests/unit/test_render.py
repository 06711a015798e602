"""The project in memory: the same everywhere, and hostile texts stay texts in every language they land in."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import byocgen
from byocgen.manifest import source
from byocgen.manifest.compose import compose
from byocgen.manifest.load import load
from byocgen.manifest.schema import schema
from byocgen.render import encode, template
from byocgen.render.tree import Ownership

from . import tfvars
from .asking import contents, findings, generated, marked
from .examples import EXAMPLES, HEAD, MINIMAL
from .full import FULL

# ---- the same everywhere

RICH = """\
version: 1
name: churn
description: größe "a" $b
model: {framework: sklearn, artifact: artifacts/m, requirements: [pandas], inputs: [{name: é, type: string, values: [b, a]}]}
serving: {environment: {Z: "1", A: "2", é: "3"}}
tags: {z: a, A: z, m: "1"}
"""
PROGRAM = """\
import hashlib, sys
from byocgen import workflow
made = workflow.generate(open(sys.argv[1], "rb").read(), "byocgen.yaml")
for path, file in made.tree.items():
    print(path, file.ownership, file.sha256)
"""
MACHINES: dict[str, dict[str, str]] = {
    "another locale and time zone": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Asia/Tokyo"},
    "another hash seed": {"PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    "another home and temporary folder": {
        "HOME": "elsewhere",
        "TMPDIR": ".terraform/__pycache__",
        "PYTHONHASHSEED": "1",
    },
    "another umask and user": {"UMASK": "077", "USER": "nobody", "LOGNAME": "nobody"},
}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_same_bytes_on_another_machine(tmp_path: Path, machine: str) -> None:
    text = RICH.replace(', é: "3"', "")
    expected = [f"{path} {file.ownership} {file.sha256}" for path, file in generated(text).tree.items()]
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    (tmp_path / ".terraform" / "__pycache__").mkdir(parents=True)
    settings = {
        key: str(tmp_path / value) if key in ("HOME", "TMPDIR") else value for key, value in MACHINES[machine].items()
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "m.yaml"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(byocgen.__file__).parents[1]), **settings},
        umask=int(settings.get("UMASK", "022"), 8),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == expected
    assert done.stderr == ""
    assert not (tmp_path / "elsewhere").exists()
    assert [*(tmp_path / ".terraform" / "__pycache__").iterdir()] == []


def test_the_same_bytes_again() -> None:
    assert contents(RICH.replace(', é: "3"', "")) == contents(RICH.replace(', é: "3"', ""))


def test_the_order_of_the_manifest_s_maps_does_not_matter() -> None:
    one = contents(MINIMAL + "tags: {a: x, b: y}\nserving: {environment: {A: x, B: y}}\n")
    two = contents(MINIMAL + "serving: {environment: {B: y, A: x}}\ntags: {b: y, a: x}\n")
    assert {path for path in one if one[path] != two[path]} == {"byocgen.yaml"}


def test_generated_text_is_plain() -> None:
    wrong = {
        path: problem
        for path, text in contents(MINIMAL).items()
        for problem in (
            "carriage return" * ("\r" in text),
            "no line end" * (not text.endswith("\n")),
            "blank at a line's end" * bool(re.search(r"[ \t]$", text, re.MULTILINE)),
            "template left over" * bool(re.search(r"{%|%}|cookiecutter", text)),
            "this machine" * (str(Path(byocgen.__file__).parents[2]) in text),
        )
        if problem
    }
    assert wrong == {}


def test_no_text_holds_a_date_or_a_version_of_byocgen() -> None:
    locks = ("requirements.lock", "requirements-dev.lock")
    wrong = {
        path
        for path, text in contents(MINIMAL).items()
        if path not in locks
        and re.search(r"\b202[4-9]-[01]\d-[0-3]\d\b", text)
        and not path.endswith((".hcl", ".tf", ".py"))
    }
    assert wrong == set()


# ---- which files

SEEDED = [
    *("byocgen.yaml", "inference.py", "payload.json", "requirements-extra.lock"),
    *("terraform/backend.tf", "terraform/release.auto.tfvars.json", "train.py"),
]


def owners(text: str) -> dict[str, str]:
    """Return the owner of every file."""
    return {path: file.ownership.value for path, file in generated(text).tree.items()}


def test_what_is_the_user_s_from_the_start() -> None:
    assert [path for path, owner in owners(MINIMAL).items() if owner == "seeded"] == SEEDED


def test_with_a_model_nothing_is_trained() -> None:
    without = owners(HEAD + "model: {framework: sklearn, artifact: m.joblib}\n")
    assert {path: owner for path, owner in owners(MINIMAL).items() if path not in without} == {
        "payload.json": "seeded",
        "train.py": "seeded",
    }


def test_with_inputs_there_is_a_payload() -> None:
    text = HEAD + (
        "model:\n  framework: sklearn\n  artifact: m\n  inputs:\n"
        "  - {name: a, type: float}\n  - {name: b, type: integer}\n  - {name: c, type: boolean}\n"
        "  - {name: d, type: string}\n  - {name: e, type: string, values: [basic, pro]}\n"
        "  - {name: f, type: string, values: []}\n"
    )
    row = {"a": 0.0, "b": 0, "c": False, "d": "text", "e": "basic", "f": "text"}
    assert json.loads(contents(text)["payload.json"]) == {"instances": [row]}


def test_an_ejected_file_is_the_user_s() -> None:
    before, after = (
        owners(MINIMAL),
        owners(MINIMAL + "files: {eject: [Dockerfile, serving/app.py, terraform/main.tf]}\n"),
    )
    assert {path: owner for path, owner in after.items() if before[path] != owner} == {
        "Dockerfile": "seeded",
        "serving/app.py": "seeded",
        "terraform/main.tf": "seeded",
    }
    assert list(after) == list(before)


@pytest.mark.parametrize(
    "path", ["nothing", "inference.py", "byocgen.yaml", "byocgen.lock", "serving", "./Makefile", "../x", ""]
)
def test_what_cannot_be_ejected(path: str) -> None:
    text = MINIMAL + f'files: {{eject: [Makefile, "{path}"]}}\n'
    assert [(one.code, one.message, one.key) for one in findings(text)] == [
        ("BYO309", f'"{path}" is no file that byocgen manages', ("files", "eject", 1))
    ]


# ---- texts in other languages

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
    run = {
        "cwd": tmp_path,
        "check": True,
        "capture_output": True,
        "env": {"PATH": os.environ["PATH"], "CHECKPOINT_DISABLE": "1"},
    }
    assert subprocess.run([terraform, "fmt", "-check", "-no-color"], **run).stdout == b""  # type: ignore[call-overload]
    subprocess.run([terraform, "apply", "-auto-approve", "-no-color"], **run)  # type: ignore[call-overload]
    answer = subprocess.run([terraform, "output", "-json"], **run)  # type: ignore[call-overload]
    assert {name: one["value"] for name, one in json.loads(answer.stdout).items()} == values


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
    for value in (None, [1], {}, True, 1.5):
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


# ---- the lock names what was made


def test_every_file_has_its_hash() -> None:
    for path, file in generated(MINIMAL).tree.items():
        assert (file.path, file.sha256) == (path, hashlib.sha256(file.content).hexdigest())
        assert file.ownership in Ownership


# ---- the JSON Schema

SCHEMA = schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def test_the_schema_is_draft_07() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    newer = {"$defs", "prefixItems", "unevaluatedProperties", "dependentRequired", "minContains", "$anchor"}
    assert keywords(SCHEMA) & newer == set()


def keywords(value: Any) -> set[str]:
    """Return every key anywhere in a schema."""
    if isinstance(value, list):
        return set().union(*(keywords(item) for item in value))
    if isinstance(value, dict):
        return set(value).union(*(keywords(item) for item in value.values()))
    return set()


def test_every_field_is_described() -> None:
    blocks = {"": SCHEMA, **SCHEMA["definitions"]}
    assert [
        (block, name)
        for block, one in blocks.items()
        for name, field in one["properties"].items()
        if not field.get("description", "").endswith(".")
    ] == []
    assert {one["additionalProperties"] for one in blocks.values()} == {False}


GOOD = {
    "the full example": FULL,
    "the shortest manifest": MINIMAL,
    "batching": MINIMAL + "serving: {batching: {max_size: 4}, workers: 3, threads: auto}\n",
    "an account's key": MINIMAL + "security: {kms: 'arn:aws:kms:us-east-1:123456789012:key/1a-b'}\n",
    "async": MINIMAL + "endpoint: {mode: async, async: {notify_email: a@b.c}}\n",
    "no size": HEAD + "model: {framework: sklearn, size_gib: null}\n",
}
BAD = {
    **{code: text for code, text in EXAMPLES.items() if "BYO201" <= code <= "BYO207" and isinstance(text, str)},
    "batching of one": MINIMAL + "serving: {batching: {max_size: 1}}\n",
    "batching of a word": MINIMAL + "serving: {batching: onn}\n",
    "workers of a word": MINIMAL + "serving: {workers: many}\n",
    "a list for a map": MINIMAL + "tags: [a]\n",
    "a tag of AWS": MINIMAL + "tags: {'aws:x': y}\n",
    "a variable of two words": MINIMAL + "serving: {environment: {a b: c}}\n",
    "a number for a text": MINIMAL + "description: 5\n",
    "a long name": f"version: 1\nname: {'n' * 41}\nmodel: {{framework: sklearn}}\n",
    "no region": MINIMAL + "regions: []\n",
    "no subnets": MINIMAL + "network: {vpc_id: vpc-1, subnet_ids: [subnet-a]}\n",
    "an empty block": MINIMAL + "endpoint:\n",
    "a whole number as a text": MINIMAL + "endpoint: {instance_count: '2'}\n",
    "yes for true": MINIMAL + "security: {run_as_root: yes}\n",
    "two lines": MINIMAL + 'description: "a\\nb"\n',
}


def values_of(text: str) -> Any:
    """Return a manifest's values as JSON has them."""
    parsed, _ = source.parse(text.encode(), "byocgen.yaml")
    assert parsed is not None
    return parsed.value


@pytest.mark.parametrize("case", GOOD)
def test_the_schema_takes(case: str) -> None:
    assert [one.message for one in VALIDATOR.iter_errors(values_of(GOOD[case]))] == []
    assert [one for one in load(GOOD[case].encode(), "byocgen.yaml").diagnostics if one.code < "BYO300"] == []


@pytest.mark.parametrize("case", BAD)
def test_the_schema_refuses(case: str) -> None:
    assert not VALIDATOR.is_valid(values_of(BAD[case]))
    assert [one for one in load(BAD[case].encode(), "byocgen.yaml").diagnostics if one.code < "BYO300"]


def test_marks_are_whole() -> None:
    """A word on the helper that other tests rest on."""
    assert marked(MINIMAL + "regions: [Ireland]\n") == [("BYO206", "Ireland")]
