"""`byocgen new`: exit code, stdout and stderr together, and what is on disk after."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.unit.asking import contents, generated
from tests.unit.examples import MINIMAL
from tests.unit.shown import Shown, lock_of, on_disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("folder")

WARNING = """\
warning[BYO351]: scikit-learn does not use the T4 of ml.g4dn.xlarge, and you pay for it
  --> byocgen.yaml:11:18
   |
11 |   instance_type: ml.g4dn.xlarge
   |                  ^^^^^^^^^^^^^^
   = help: a CPU type such as ml.m5.xlarge costs a fraction
   = docs: DOCS#byo351

1 warning

"""
OPTIONS = (
    *("--framework", "sklearn", "--instance-type", "ml.g4dn.xlarge", "--region", "eu-west-1", "--mode", "realtime"),
    *("--set", "serving.workers=2", "--set", 'tags={team: growth, since: "2026"}', "--set", 'description="a: b"'),
)
MANIFEST = """\
version: 1
name: churn
description: 'a: b'
model:
  framework: sklearn
serving:
  workers: 2
endpoint:
  mode: realtime
  instance_type: ml.g4dn.xlarge
regions:
- eu-west-1
tags:
  team: growth
  since: '2026'
"""


def next_steps(name: str, count: int, lock: str = "") -> str:
    """Return what is said when a project is made."""
    return (
        f"{name} is made: {count} files. Next, in it:\n"
        f"  try it here      {lock}make setup model serve, then make invoke in another terminal\n"
        "  put it on AWS    make infra, then make release\n"
        "  understand it    README.md; byocgen explain shows each choice with its reason\n"
    )


def test_new_from_options(run: Callable[..., Shown], folder: Path) -> None:
    shown = run("new", "churn", *OPTIONS)
    written = (folder / "churn" / "byocgen.yaml").read_text("utf-8")
    head, _, values = written.partition("version")
    assert all(line.startswith("#") for line in head.splitlines())
    assert "version" + values == MANIFEST
    assert shown == Shown(0, "", WARNING + next_steps("churn", len(contents(written)) + 1))
    assert on_disk(folder / "churn") == {**contents(written), "byocgen.lock": lock_of(folder / "churn")}


def test_new_from_a_manifest(run: Callable[..., Shown], folder: Path) -> None:
    text = "# mine\r\n" + MINIMAL + "\n\n"
    (folder / "m.yaml").write_bytes(text.encode())
    count = len(contents(text)) + 1
    assert run("new", "--manifest", "m.yaml") == Shown(0, "", next_steps("churn", count))
    assert (folder / "churn" / "byocgen.yaml").read_bytes() == text.encode()
    (folder / "there").mkdir()
    assert run("new", "other", "--manifest", "m.yaml", "--output", "there") == Shown(
        0, "", next_steps("there/other", count)
    )
    assert on_disk(folder / "there" / "other") == on_disk(folder / "churn")


def test_new_dry(run: Callable[..., Shown], folder: Path) -> None:
    shown = run("new", "churn", "--framework", "sklearn", "--dry-run")
    paths = [*generated(MINIMAL).tree, "byocgen.lock"]
    assert shown == Shown(0, "".join(f"create   {path}\n" for path in paths))
    assert list(folder.iterdir()) == []


def test_new_as_json(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "m.yaml").write_text(MINIMAL + "endpoint: {instance_type: ml.g4dn.xlarge}\n", "utf-8")
    made = generated((folder / "m.yaml").read_text("utf-8"))
    actions = [{"action": "create", "path": path, "ownership": file.ownership} for path, file in made.tree.items()]
    for dry in (True, False):
        shown = run("new", "--manifest", "m.yaml", "--json", *["--dry-run"] * dry)
        data = json.loads(shown.out)
        assert (shown.code, shown.err) == (0, "")
        assert [(one["code"], one["path"], one["line"]) for one in data.pop("diagnostics")] == [("BYO351", "m.yaml", 4)]
        assert data == {
            "project": "churn",
            "dry_run": dry,
            "filled": [],
            "actions": [*actions, {"action": "create", "path": "byocgen.lock", "ownership": "managed"}],
        }
    assert (folder / "churn").is_dir()


def test_new_with_a_model(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "m #1.joblib").write_bytes(b"model")
    shown = run("new", "churn", "--framework", "sklearn", "--artifact", "./out/../out/m #1.joblib")
    assert (shown.code, shown.out) == (0, "")
    assert (folder / "churn" / "out" / "m #1.joblib").read_bytes() == b"model"
    assert not (folder / "churn" / "train.py").exists()


@pytest.mark.parametrize("where", ["absolute", "outside", "serving/model.joblib"])
def test_a_model_from_elsewhere_lies_in_artifacts(run: Callable[..., Shown], folder: Path, where: str) -> None:
    work = folder / "work"
    (work / "serving").mkdir(parents=True)
    source = work / where if where.startswith("serving") else folder / "model.joblib"
    source.write_bytes(b"model")
    os.chdir(work)
    given = {"absolute": str(source), "outside": "../model.joblib"}.get(where, where)
    assert run("new", "churn", "--framework", "sklearn", "--artifact", given).code == 0
    assert (work / "churn" / "artifacts" / "model.joblib").read_bytes() == b"model"
    assert "artifact: artifacts/model.joblib\n" in (work / "churn" / "byocgen.yaml").read_text("utf-8")


def test_the_model_beside_a_manifest_is_copied(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "models" / "artifacts").mkdir(parents=True)
    (folder / "models" / "artifacts" / "m").write_bytes(b"model")
    text = MINIMAL.replace("sklearn", "sklearn, artifact: ./artifacts//m")
    (folder / "models" / "m.yaml").write_text(text, "utf-8")
    assert run("new", "--manifest", "models/m.yaml").code == 0
    assert (folder / "churn" / "artifacts" / "m").read_bytes() == b"model"


def test_new_with_packages_says_to_lock_them(run: Callable[..., Shown]) -> None:
    shown = run("new", "churn", "--framework", "sklearn", "--set", "model.requirements=[pandas]")
    assert shown == Shown(0, "", next_steps("churn", len(contents(MINIMAL)) + 1, "make lock && "))


@pytest.mark.parametrize("name", ["08", "1e5", "0x1F", "true", "null", "no", "a", "A--b"])
def test_any_name_may_be_given_without_quotes(run: Callable[..., Shown], folder: Path, name: str) -> None:
    assert run("new", name, "--framework", "sklearn").code == 0
    assert run("check", "-C", str(folder / name)).code == 0


REFUSED: dict[str, tuple[list[str], Shown]] = {
    "no name": (
        ["new"],
        Shown(2, "", "error: NAME is missing\n  = help: for example: byocgen new my-model --framework sklearn\n"),
    ),
    "no framework off a terminal": (
        ["new", "churn"],
        Shown(2, "", "error: --framework is missing\n  = help: for example: --framework sklearn\n"),
    ),
    "a name that is none": (
        ["new", "churn_score", "--framework", "sklearn"],
        Shown(
            1,
            "",
            "error[BYO206]: `name`: letters, digits and hyphens are wanted, a letter or digit at both ends\n"
            " --> byocgen.yaml:3:7\n  |\n3 | name: churn_score\n  |       ^^^^^^^^^^^\n  = docs: DOCS#byo206\n\n1 error\n",
        ),
    ),
    "a name that is a path": (
        ["new", "../churn", "--manifest", "m.yaml"],
        Shown(
            2,
            "",
            'error: "../churn" is no folder name\n  = help: NAME is one folder; --output names the folder around it\n',
        ),
    ),
    "an occupied folder": (
        ["new", "full", "--manifest", "m.yaml"],
        Shown(2, "", "error: full is not empty\n  = help: choose another name, or --output another folder\n"),
    ),
    "an occupied folder, dry": (
        ["new", "full", "--manifest", "m.yaml", "--dry-run"],
        Shown(2, "", "error: full is not empty\n  = help: choose another name, or --output another folder\n"),
    ),
    "no folder to make it in": (
        ["new", "--manifest", "m.yaml", "--output", "a/b"],
        Shown(2, "", "error: the folder a/b does not exist\n  = help: make it first: mkdir -p a/b\n"),
    ),
    "a manifest and options": (
        ["new", "--manifest", "m.yaml", "--region", "eu-west-1"],
        Shown(
            2,
            "",
            "error: --manifest is kept byte for byte, so it excludes options that set fields\n  = help: edit the file\n",
        ),
    ),
    "a manifest that is not there": (
        ["new", "--manifest", "n.yaml"],
        Shown(
            2,
            "",
            "error: there is no manifest at n.yaml\n"
            "  = help: --manifest names a file to start from; without it, options do\n",
        ),
    ),
    "a model that is not there": (
        ["new", "churn", "--framework", "sklearn", "--artifact", "m.joblib"],
        Shown(2, "", "error: there is no m.joblib\n  = help: --artifact names a model file or folder\n"),
    ),
    "a setting without a value": (
        ["new", "churn", "--framework", "sklearn", "--set", "serving.workers"],
        Shown(
            2,
            "",
            'error: --set "serving.workers" is not of the form key.path=value\n'
            "  = help: for example: --set serving.workers=2\n",
        ),
    ),
    "a setting without a name": (
        ["new", "churn", "--framework", "sklearn", "--set", "serving.=2"],
        Shown(
            2,
            "",
            'error: --set "serving.=2" is not of the form key.path=value\n  = help: for example: --set serving.workers=2\n',
        ),
    ),
    "a setting below a text": (
        ["new", "churn", "--framework", "sklearn", "--set", "name.first=x"],
        Shown(2, "", 'error: --set "name.first=x": name already has a value of its own\n'),
    ),
    "a setting that is not YAML": (
        ["new", "churn", "--framework", "sklearn", "--set", "regions=[eu-west-1"],
        Shown(
            2,
            "",
            'error: --set "regions=[eu-west-1": the value is not YAML\n  = help: put a text in quotes: \'"[text"\'\n',
        ),
    ),
    "a setting that does not exist": (
        ["new", "churn", "--framework", "sklearn", "--set", "serving.worker=2", "--json"],
        Shown(
            1,
            json.dumps(
                {
                    "diagnostics": [
                        {
                            "code": "BYO202",
                            "severity": "error",
                            "message": 'there is no field "worker" in `serving`',
                            "help": 'did you mean "workers"?',
                            "key": "serving.worker",
                            "path": "byocgen.yaml",
                            "line": 7,
                            "column": 3,
                            "docs": "DOCS#byo202",
                        }
                    ]
                },
                indent=2,
            )
            + "\n",
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(run: Callable[..., Shown], folder: Path, case: str) -> None:
    (folder / "m.yaml").write_text(MINIMAL, "utf-8")
    (folder / "full" / "inside").mkdir(parents=True)
    arguments, expected = REFUSED[case]
    assert run(*arguments) == expected
    assert sorted(path.name for path in folder.iterdir()) == ["full", "m.yaml"]
