"""The project in memory: the same everywhere, and hostile texts stay texts in every language they land in."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.asking import contents, findings, generated
from tests.unit.examples import HEAD, MINIMAL

import byocgen
from byocgen.render.tree import Ownership

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


def test_every_file_has_its_hash() -> None:
    for path, file in generated(MINIMAL).tree.items():
        assert (file.path, file.sha256) == (path, hashlib.sha256(file.content).hexdigest())
        assert file.ownership in Ownership
