"""`byocgen eject`: a managed file becomes the user's, and the manifest stays the text that it was but for one entry."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.asking import generated
from tests.unit.examples import MINIMAL
from tests.unit.full import FULL
from tests.unit.shown import Shown, lock_of, on_disk

from byocgen.manifest import eject, source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A manifest, and what it is after `eject Dockerfile`. The head of each is MINIMAL, which the text follows.
FORMS: dict[str, tuple[str, str]] = {
    "no files": ("", "files: {eject: [Dockerfile]}\n"),
    "no files, a comment last": (
        "tags: {a: b}  # why\n# the end\n",
        "tags: {a: b}  # why\nfiles: {eject: [Dockerfile]}\n# the end\n",
    ),
    "no files, no line end": ("tags: {a: b}", "tags: {a: b}\nfiles: {eject: [Dockerfile]}\n"),
    "no files, a block last": (
        "tags:\n  # growth\n  team: growth  # them\n\n",
        "tags:\n  # growth\n  team: growth  # them\nfiles: {eject: [Dockerfile]}\n\n",
    ),
    "no files, a block text last": (
        "description: >-\n  one\n  line\n",
        "description: >-\n  one\n  line\nfiles: {eject: [Dockerfile]}\n",
    ),
    "no files, the end of a document": ("...\n", "files: {eject: [Dockerfile]}\n...\n"),
    "files is nothing": ("files:  # none\nci: {}\n", "files: {eject: [Dockerfile]}  # none\nci: {}\n"),
    "files is null": ("files: null # none\n", "files: {eject: [Dockerfile]} # none\n"),
    "files is a tilde": ("files: ~\n", "files: {eject: [Dockerfile]}\n"),
    "files is a comment": (
        "files:\n  # eject: [Makefile]\nci: {}\n",
        "files: {eject: [Dockerfile]}\n  # eject: [Makefile]\nci: {}\n",
    ),
    "files is empty": ("files: {}  # none\n", "files: {eject: [Dockerfile]}  # none\n"),
    "eject is nothing": ("files:\n  eject:  # none\n", "files:\n  eject: [Dockerfile]  # none\n"),
    "eject is null": ("files: {eject: null}\n", "files: {eject: [Dockerfile]}\n"),
    "eject is nothing in braces": ("files: {eject: }\n", "files: {eject: [Dockerfile] }\n"),
    "eject is empty": ("files: {eject: []}\n", "files: {eject: [Dockerfile]}\n"),
    "eject is empty in lines": (
        "files:\n  eject: [\n    # none yet\n  ]\n",
        "files:\n  eject: [Dockerfile\n    # none yet\n  ]\n",
    ),
    "brackets": ("files: {eject: [Makefile]}  # mine\n", "files: {eject: [Makefile, Dockerfile]}  # mine\n"),
    "brackets, a comma last": ("files: {eject: [ Makefile, ]}\n", "files: {eject: [ Makefile, Dockerfile, ]}\n"),
    "brackets, quotes": ("files: {'eject': ['Makefile']}\n", "files: {'eject': ['Makefile', Dockerfile]}\n"),
    "brackets in lines": (
        "files:\n  eject: [\n    Makefile,  # ours\n    README.md  # theirs\n  ]\n",
        "files:\n  eject: [\n    Makefile,  # ours\n    README.md,  # theirs\n    Dockerfile\n  ]\n",
    ),
    "brackets in lines, a comma last": (
        "files:\n  eject: [\n    Makefile,\n    README.md,  # theirs\n    # the end\n  ]\n",
        "files:\n  eject: [\n    Makefile,\n    README.md,  # theirs\n    Dockerfile,\n    # the end\n  ]\n",
    ),
    "brackets in crowded lines": (
        "files:\n  eject: [Makefile,\n    README.md]\n",
        "files:\n  eject: [Makefile,\n    README.md, Dockerfile]\n",
    ),
    "dashes": (
        "files:\n  # yours\n  eject:\n    - Makefile  # we have our own\n    # next\nci: {}\n",
        "files:\n  # yours\n  eject:\n    - Makefile  # we have our own\n    - Dockerfile\n    # next\nci: {}\n",
    ),
    "dashes at the key": ("files:\n  eject:\n  - Makefile\n", "files:\n  eject:\n  - Makefile\n  - Dockerfile\n"),
    "dashes far out": (
        "files:\n    eject:\n      -   Makefile\n",
        "files:\n    eject:\n      -   Makefile\n      -   Dockerfile\n",
    ),
    "dashes, no line end": ('files:\n  eject:\n    - "Makefile"', 'files:\n  eject:\n    - "Makefile"\n    - Dockerfile\n'),
    "dashes below an empty line": (
        "files:\n  eject:\n    - Makefile\n\n    - README.md\n\n\nci: {}\n",
        "files:\n  eject:\n    - Makefile\n\n    - README.md\n    - Dockerfile\n\n\nci: {}\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "BOM"])
def test_the_manifest_after(case: str, ends: str, mark: str) -> None:
    before, after = ((mark + MINIMAL + text).replace("\n", ends).encode() for text in FORMS[case])
    found = eject.add(before, "Dockerfile")
    assert found is not None
    assert found.decode() == after.decode()
    assert generated(found).manifest.files.eject[-1] == "Dockerfile"


WHOLE: dict[str, tuple[str, str]] = {
    "one mapping in braces": (
        "{version: 1, name: churn, model: {framework: sklearn}}",
        "{version: 1, name: churn, model: {framework: sklearn}, files: {eject: [Dockerfile]}}",
    ),
    "braces in lines": (
        "{\n  version: 1,\n  name: churn, # a name\n  model: {framework: sklearn}, # a model\n}\n",
        "{\n  version: 1,\n  name: churn, # a name\n  model: {framework: sklearn}, files: {eject: [Dockerfile]}, # a model\n}\n",
    ),
    "a document's begin": (f"--- # mine\n{MINIMAL}", f"--- # mine\n{MINIMAL}files: {{eject: [Dockerfile]}}\n"),
    "all indented": (
        "  version: 1\n  name: churn\n  model:\n      framework: sklearn\n",
        "  version: 1\n  name: churn\n  model:\n      framework: sklearn\n  files: {eject: [Dockerfile]}\n",
    ),
    "files first": (f"files: {{eject: [Makefile]}}\n{MINIMAL}", f"files: {{eject: [Makefile, Dockerfile]}}\n{MINIMAL}"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_whole_manifest_after(case: str) -> None:
    before, after = WHOLE[case]
    found = eject.add(before.encode(), "Dockerfile")
    assert found is not None
    assert found.decode() == after


@pytest.mark.parametrize("path", ["a b.txt", "a: b", "#x", "[x]", "é", "true", "1", "-", "x,y", "*a", "'", '"', "\\"])
def test_a_path_that_is_no_plain_text(path: str) -> None:
    found = eject.add(MINIMAL.encode(), path)
    assert found is not None
    parsed, _ = source.parse(found, "")
    assert parsed is not None
    assert parsed.value["files"]["eject"] == [path]


def test_a_form_that_cannot_be_added_to() -> None:
    """It is refused rather than written wrongly: a block text that keeps the empty lines behind it."""
    assert eject.add((MINIMAL + "description: |+\n  text\n\n").encode(), "Dockerfile") is None
    assert eject.add(b"", "Dockerfile") is None


def commented(draw: st.DrawFn, text: str) -> str:
    """Put comments and empty lines between and behind the lines of a text."""
    lines = []
    for line in text.splitlines():
        lines += draw(st.lists(st.sampled_from(["", "# why", "      # far"]), max_size=2))
        lines.append(line + draw(st.sampled_from(["", "  # so", "   "])))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n", "\n# the end", "\n  # the end\n"]))


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """Any form of the list, anywhere among other fields, with comments all over."""
    paths = draw(st.lists(st.sampled_from(["Makefile", '"README.md"', "'serving.toml'"]), unique=True, max_size=3))
    brackets = f"[{', '.join(paths)}{draw(st.sampled_from(['', ',']) if paths else st.just(''))}]"
    lines = f"[\n    {','.join(f'{chr(10)}    {path}' for path in paths)}\n  ]"
    dashes = "".join(f"\n  {draw(st.just('  '))}- {path}" for path in paths)
    block = draw(st.sampled_from([f" {brackets}", f" {lines}" if paths else " []", dashes]))
    files = draw(
        st.sampled_from(
            ["", "files:\n", "files: {}\n", f"files: {{eject: {brackets}}}\n", f"files:\n  eject:{block}\n"]
        )
    )
    fields = ["version: 1\n", "name: churn\n", "model:\n  framework: sklearn\n", "tags: {a: b}\n", files]
    return commented(draw, "".join(draw(st.permutations(fields))))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(manifests())
def test_any_form_keeps_every_comment(text: str) -> None:
    old, found = source.parse(text.encode(), "")
    assert old is not None
    assert found == []
    after = eject.add(text.encode(), "Dockerfile")
    assert after is not None
    new, found = source.parse(after, "")
    assert new is not None
    assert found == []
    before = (old.value.get("files") or {}).get("eject") or []
    assert new.value == old.value | {"files": {"eject": [*before, "Dockerfile"]}}
    kept = difflib.SequenceMatcher(None, text, after.decode(), autojunk=False)
    gone = [text[one:other] for what, one, other, _, _ in kept.get_opcodes() if what in ("delete", "replace")]
    assert gone == []  # nothing was taken out, so every comment and every style is there
    tokens = [str(token.value) for token in yaml.scan(after.decode()) if isinstance(token, yaml.ScalarToken)]
    assert tokens.count("Dockerfile") == 1


# ---- the command

EJECTED = "Makefile is yours now: byocgen leaves it as it is, and never writes it again\n"


def test_eject(run: Callable[..., Shown], project: Path, make_project: Callable[..., Path]) -> None:
    before = on_disk(project)
    assert run("eject", "./Makefile") == Shown(0, "", EJECTED)
    manifest = MINIMAL + "files: {eject: [Makefile]}\n"
    assert on_disk(project) == {**before, "byocgen.yaml": manifest, "byocgen.lock": lock_of(project)}
    assert on_disk(project) == on_disk(make_project(project.parent / "fresh", manifest))
    (project / "Makefile").write_text("# mine\n", "utf-8")
    assert run("check").code == 0
    assert run("sync").code == 0
    assert (project / "Makefile").read_text("utf-8") == "# mine\n"


def test_an_edited_file_can_be_ejected(run: Callable[..., Shown], project: Path) -> None:
    """And nothing else is brought up to date by the way."""
    (project / "Makefile").write_text("# mine\n", "utf-8")
    (project / "serving.toml").unlink()
    assert run("eject", "Makefile", "-C", ".") == Shown(0, "", EJECTED)
    assert run("check").err.splitlines()[0] == "create   serving.toml"
    assert run("sync") == Shown(0, "", "create   serving.toml\n")
    assert (project / "Makefile").read_text("utf-8") == "# mine\n"


def test_without_a_lock(run: Callable[..., Shown], project: Path) -> None:
    (project / "byocgen.lock").unlink()
    assert run("eject", "Makefile").code == 0
    assert not (project / "byocgen.lock").exists()
    assert run("sync") == Shown(0, "", "create   byocgen.lock\n")


def test_dry_run(run: Callable[..., Shown], project: Path) -> None:
    before = on_disk(project)
    shown = run("eject", "Makefile", "--dry-run")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith(
        "--- a/byocgen.yaml\n+++ b/byocgen.yaml\n@@ -1,3 +1,4 @@\n version: 1\n name: churn\n model: {framework: sklearn}\n"
        "+files: {eject: [Makefile]}\n--- a/byocgen.lock\n"
    )
    data = json.loads(run("eject", "Makefile", "--dry-run", "--json").out)
    assert [(one["action"], one["path"]) for one in data["actions"]] == [
        ("update", "byocgen.yaml"),
        ("update", "byocgen.lock"),
    ]
    assert (data["project"], data["dry_run"], data["diagnostics"]) == (".", True, [])
    assert on_disk(project) == before


REFUSED: dict[str, tuple[str, str]] = {
    "README.md": ("", "README.md is yours already: files.eject of byocgen.yaml names it"),
    "inference.py": ("", "inference.py is yours already: byocgen wrote it once and never writes it again"),
    "byocgen.yaml": ("", "byocgen.yaml is yours already: byocgen wrote it once and never writes it again"),
    "byocgen.lock": ("", "byocgen.lock is byocgen's own record, and cannot be given away"),
    "dockerfile": ('did you mean "Dockerfile"?', '"dockerfile" is no file that byocgen manages'),
    "serving": ('did you mean "serving.toml"?', '"serving" is no file that byocgen manages'),
    "../churn/Makefile": ("", '"../churn/Makefile" is no file that byocgen manages'),
    "/etc/passwd": ("", '"/etc/passwd" is no file that byocgen manages'),
    "": ("", '"." is no file that byocgen manages'),
}


@pytest.mark.parametrize("path", REFUSED)
def test_what_cannot_be_ejected(run: Callable[..., Shown], project: Path, path: str) -> None:
    (project / "byocgen.yaml").write_text(MINIMAL + "files: {eject: [README.md]}\n", "utf-8")
    hint, message = REFUSED[path]
    before = on_disk(project)
    shown = run("eject", path)
    assert (shown.code, shown.out, shown.err.splitlines()[0]) == (2, "", f"error: {message}")
    assert hint in shown.err
    assert on_disk(project) == before


@pytest.mark.parametrize("what", ["a link", "a form"])
def test_a_manifest_that_the_command_cannot_edit(run: Callable[..., Shown], project: Path, what: str) -> None:
    if what == "a link":
        (project / "byocgen.yaml").rename(project / "real.yaml")
        (project / "byocgen.yaml").symlink_to("real.yaml")
    else:
        (project / "byocgen.yaml").write_text(MINIMAL + 'tags:\n  a: "b"\n  ? c\n  : |+\n    d\n\n', "utf-8")
    before = on_disk(project)
    shown = run("eject", "Makefile")
    assert shown.code in (1, 2)
    assert on_disk(project) == before
    if what == "a link":
        assert shown.err == (
            "error: byocgen.yaml is a symbolic link\n  = help: add it by hand, as in: files: {eject: [Makefile]}\n"
        )


def test_the_full_manifest() -> None:
    after = eject.add(FULL.encode(), "README.md")
    assert after is not None
    lines = [line for line in difflib.ndiff(FULL.splitlines(), after.decode().splitlines()) if line[0] in "+-"]
    assert len([line for line in lines if line[0] == "-"]) <= 1
