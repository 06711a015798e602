"""`byocgen upgrade`, shown with two versions that never were: -1 and 0, each with a step to the next.

In -1 a block was called `machine`, in 0 its field was `count`; `workers: default` was what `auto` is today.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.asking import findings, said
from tests.unit.examples import MINIMAL
from tests.unit.shown import Shown

from byocgen import apply
from byocgen.errors import ToolError
from byocgen.manifest import edit, migrations, source, upgrade

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def blocks(text: str) -> str:
    """Version -1 to 0."""
    return edit.rename(text, ("machine",), "endpoint")


def fields(text: str) -> str:
    """Version 0 to 1."""
    text = edit.rename(text, ("endpoint", "count"), "instance_count")
    return edit.replace(text, ("serving", "workers"), "default", "auto")


@pytest.fixture
def _steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "STEPS", (blocks, fields))


stepped = pytest.mark.usefixtures("_steps")

OLD = """\
# count: 2 and version: -1, but in a remark
version:   -1   # the first that we had

"name" : 'churn'
model: {framework: "sklearn"}   # count: none here
serving:
    workers: "default"  # let it choose
    environment: {count: "-1", machine: default, "version": "-1"}


'machine':              # what it runs on
    instance_type:  ml.m5.xlarge
    # two zones
    "count": 2
tags: {count: machine}
# the end: -1"""
NEW = """\
# count: 2 and version: -1, but in a remark
version:   1   # the first that we had

"name" : 'churn'
model: {framework: "sklearn"}   # count: none here
serving:
    workers: auto  # let it choose
    environment: {count: "-1", machine: default, "version": "-1"}


'endpoint':              # what it runs on
    instance_type:  ml.m5.xlarge
    # two zones
    "instance_count": 2
tags: {count: machine}
# the end: -1"""
DIFF = """\
--- a/byocgen.yaml
+++ b/byocgen.yaml
@@ -1,16 +1,16 @@
 # count: 2 and version: -1, but in a remark
-version:   -1   # the first that we had
+version:   1   # the first that we had
 
 "name" : 'churn'
 model: {framework: "sklearn"}   # count: none here
 serving:
-    workers: "default"  # let it choose
+    workers: auto  # let it choose
     environment: {count: "-1", machine: default, "version": "-1"}
 
 
-'machine':              # what it runs on
+'endpoint':              # what it runs on
     instance_type:  ml.m5.xlarge
     # two zones
-    "count": 2
+    "instance_count": 2
 tags: {count: machine}
 # the end: -1
\\ No newline at end of file
"""  # noqa: W293 - an empty line in a diff is a space
ZERO = "version: 0\nname: churn\nmodel: {framework: sklearn}\nendpoint: {count: 2}\n"


@stepped
def test_only_what_changed_changes(folder: Path, run: Callable[..., Shown]) -> None:
    (folder / "byocgen.yaml").write_bytes(OLD.encode())
    assert run("upgrade", "--dry-run") == Shown(0, DIFF)
    assert (folder / "byocgen.yaml").read_bytes() == OLD.encode()
    assert run("upgrade") == Shown(0, "", "byocgen.yaml was version -1 and is version 1 now\n")
    assert (folder / "byocgen.yaml").read_bytes() == NEW.encode()
    assert [path.name for path in folder.iterdir()] == ["byocgen.yaml"]
    assert run("upgrade") == Shown(0, "", "byocgen.yaml has version 1 already\n")


@stepped
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_line_ends_and_a_byte_order_mark_stay(start: str, end: str) -> None:
    old, new = ((start + text.replace("\n", end)).encode() for text in (OLD, NEW))
    assert upgrade.upgrade(old, "byocgen.yaml") == upgrade.Upgraded(-1, new)


@stepped
def test_an_older_version_takes_the_steps_that_are_left() -> None:
    expected = "version: 1\nname: churn\nmodel: {framework: sklearn}\nendpoint: {instance_count: 2}\n"
    assert upgrade.upgrade(ZERO.encode(), "byocgen.yaml") == upgrade.Upgraded(0, expected.encode())


def test_steps_are_taken_in_their_order_from_the_version_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "STEPS", tuple(lambda text, one=one: f"{text}# {one}\n" for one in "abc"))
    taken = {was: upgrade.upgrade(f"version: {was}\n".encode(), "byocgen.yaml") for was in (-3, -2, -1, 0, 1, 2)}
    assert {was: done and done.content.decode() for was, done in taken.items()} == {
        -3: None,
        -2: "version: 1\n# a\n# b\n# c\n",
        -1: "version: 1\n# b\n# c\n",
        0: "version: 1\n# c\n",
        1: None,
        2: None,
    }


WORDS = st.text("aü🜲 :#'\"-", max_size=8)


@stepped
@given(remark=WORDS, value=WORDS, indent=st.integers(1, 6), before=st.booleans())
def test_whatever_stands_around_a_field_stays(remark: str, value: str, indent: int, before: bool) -> None:  # noqa: FBT001 - drawn
    block = f"machine: # {remark}\n{' ' * indent}count: 2 #{remark}\n"
    about = f"description: {json.dumps(value, ensure_ascii=False)}\n"
    old = f"version: -1\nname: churn\n{block + about if before else about + block}model: {{framework: sklearn}}\n"
    new = upgrade.upgrade(old.encode(), "byocgen.yaml")
    assert new is not None
    expected = old.replace("version: -1", "version: 1", 1)
    expected = expected.replace(block, block.replace("machine", "endpoint", 1).replace("count", "instance_count", 1))
    assert new.content.decode() == expected


@stepped
def test_as_json(folder: Path, run: Callable[..., Shown]) -> None:
    (folder / "byocgen.yaml").write_text(OLD, "utf-8")
    shown = run("upgrade", "--dry-run", "--json")
    row = {"action": "update", "path": "byocgen.yaml", "ownership": "seeded", "diff": DIFF, "message": "", "help": ""}
    expected = {"manifest": "byocgen.yaml", "dry_run": True, "from": -1, "to": 1, "actions": [row], "diagnostics": []}
    assert (shown.code, json.loads(shown.out), shown.err) == (0, expected, "")
    shown = run("upgrade", "--json")
    assert json.loads(shown.out) == {**expected, "dry_run": False}
    assert json.loads(run("upgrade", "--json").out) == {**expected, "dry_run": False, "from": 1, "actions": []}


@stepped
@pytest.mark.parametrize("command", ["check", "diff", "sync", "explain"])
def test_every_command_names_the_one_that_helps(folder: Path, run: Callable[..., Shown], command: str) -> None:
    (folder / "byocgen.yaml").write_text(ZERO, "utf-8")
    expected = """\
error[BYO108]: the manifest has version 0; this byocgen reads version 1
 --> byocgen.yaml:1:10
  |
1 | version: 0
  |          ^
  = help: byocgen upgrade rewrites it, comments kept
  = docs: DOCS#byo108

1 error
"""
    assert run(command) == Shown(1, "", expected)


@stepped
def test_also_of_a_manifest_that_is_in_no_project(folder: Path, run: Callable[..., Shown]) -> None:
    (folder / "my old.yaml").write_text(ZERO, "utf-8")
    shown = run("new", "--manifest", "my old.yaml")
    assert (shown.code, shown.out) == (1, "")
    assert "  = help: byocgen upgrade --manifest 'my old.yaml' rewrites it, comments kept\n" in shown.err
    assert run("upgrade", "--manifest", "my old.yaml").code == 0
    assert run("new", "--manifest", "my old.yaml").code == 0
    assert (folder / "churn" / "byocgen.yaml").read_bytes() == (folder / "my old.yaml").read_bytes()


@stepped
def test_in_a_project_elsewhere(folder: Path, run: Callable[..., Shown]) -> None:
    (folder / "churn").mkdir()
    (folder / "churn" / "byocgen.yaml").write_text(ZERO, "utf-8")
    assert "= help: byocgen upgrade --manifest churn/byocgen.yaml rewrites" in run("check", "-C", "churn").err
    assert run("upgrade", "-C", "churn") == Shown(0, "", "churn/byocgen.yaml was version 0 and is version 1 now\n")


@stepped
def test_a_result_that_would_be_wrong_is_not_written(folder: Path, run: Callable[..., Shown]) -> None:
    (folder / "byocgen.yaml").write_text(ZERO.replace("2", "two"), "utf-8")
    expected = """\
error[BYO204]: `endpoint.instance_count` must be a whole number, not "two"
 --> byocgen.yaml (as version 1):4:28
  |
4 | endpoint: {instance_count: two}
  |                            ^^^
  = docs: DOCS#byo204

1 error
"""
    assert run("upgrade") == run("upgrade", "--dry-run") == Shown(1, "", expected)
    assert (folder / "byocgen.yaml").read_text("utf-8") == ZERO.replace("2", "two")


NO_VERSION = {
    "none": ("", "BYO201"),
    "0": ("version: 0\n", "BYO203"),
    "a text": ('version: "1"\n', "BYO203"),
    "a text of an older one": ('version: "0"\n', "BYO203"),
    "a fraction": ("version: 2.5\n", "BYO203"),
    "one as a fraction": ("version: 1.0\n", "BYO203"),
    "true": ("version: true\n", "BYO203"),
    "nothing": ("version:\n", "BYO203"),
}


@pytest.mark.parametrize(("line", "code"), NO_VERSION.values(), ids=NO_VERSION)
def test_what_is_no_version_is_told_as_any_wrong_value(
    folder: Path, run: Callable[..., Shown], line: str, code: str
) -> None:
    text = line + MINIMAL.partition("\n")[2]
    (folder / "byocgen.yaml").write_text(text, "utf-8")
    assert [one.code for one in findings(text)] == [code]
    assert run("upgrade") == Shown(1, "", said(text) + "\n")


def test_of_a_newer_version_nothing_else_is_said(folder: Path, run: Callable[..., Shown]) -> None:
    text = "version: 3\nmodels: [{colour: red}]\n"
    (folder / "byocgen.yaml").write_text(text, "utf-8")
    expected = Shown(
        1,
        "",
        """\
error[BYO108]: the manifest has version 3; this byocgen reads version 1
 --> byocgen.yaml:1:10
  |
1 | version: 3
  |          ^
  = help: byocgen is older than the manifest, so update byocgen: pip install --upgrade byocgen
  = docs: DOCS#byo108

1 error
""",
    )
    assert [run(command) for command in ("upgrade", "check", "sync")] == [expected] * 3


@stepped
def test_a_text_that_is_no_yaml_is_told_as_such(folder: Path, run: Callable[..., Shown]) -> None:
    (folder / "byocgen.yaml").write_text("version: 0\nname: *x\n", "utf-8")
    shown = run("upgrade")
    assert (shown.code, shown.out, shown.err[:14]) == (1, "", "error[BYO104]:")


@pytest.mark.usefixtures("folder")
def test_without_a_manifest(run: Callable[..., Shown]) -> None:
    shown = run("upgrade")
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith(
        "error: there is no manifest at byocgen.yaml\n  = help: run this in a generated project"
    )


@stepped
def test_a_link_is_not_replaced_by_a_file(folder: Path, run: Callable[..., Shown]) -> None:
    (folder / "shared.yaml").write_text(ZERO, "utf-8")
    (folder / "byocgen.yaml").symlink_to("shared.yaml")
    expected = (
        "error: byocgen.yaml is a symbolic link\n"
        "  = help: byocgen rewrites plain files only: put the manifest itself there\n"
    )
    assert run("upgrade") == Shown(2, "", expected)
    assert (folder / "byocgen.yaml").is_symlink()
    assert (folder / "shared.yaml").read_text("utf-8") == ZERO


@stepped
def test_a_full_disk_leaves_the_old_text(
    folder: Path, run: Callable[..., Shown], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ToolError("nothing was changed: No space left on device")

    monkeypatch.setattr(apply, "change", full)
    (folder / "byocgen.yaml").write_text(ZERO, "utf-8")
    assert run("upgrade") == Shown(2, "", "error: nothing was changed: No space left on device\n")
    assert (folder / "byocgen.yaml").read_text("utf-8") == ZERO


def test_there_is_one_version_today() -> None:
    assert (migrations.VERSION, migrations.STEPS) == (1, ())
    parsed, _ = source.parse(MINIMAL.encode(), "byocgen.yaml")
    assert parsed is not None
    assert upgrade.refuse(parsed) is None


def test_edits_of_what_is_not_there_change_nothing() -> None:
    text = "a: {b: [c, {d: 1}]}\ne:\n"
    missing: list[tuple[str | int, ...]] = [("x",), ("a", "x"), ("a", "b", 5), ("a", "b", "c"), ("e", "f"), ()]
    assert [edit.rename(text, key, "new") for key in missing] == [text] * len(missing)
    assert [edit.replace(text, key, "1", "2") for key in [*missing, ("a",)]] == [text] * (len(missing) + 1)
    assert edit.replace(text, ("a", "b", 1, "d"), "3", "2") == text
    assert edit.rename(text, ("a", "b", 1, "d"), "new") == "a: {b: [c, {new: 1}]}\ne:\n"
    assert edit.replace(text, ("a", "b", 1, "d"), "1", "2") == "a: {b: [c, {d: 2}]}\ne:\n"
