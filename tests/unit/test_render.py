"""The project in memory: the same everywhere, and hostile texts stay texts in every language they land in."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.unit.asking import contents, findings, generated
from tests.unit.examples import HEAD, MINIMAL

import byocgen
from byocgen import catalog as catalogs
from byocgen.manifest.pending import GENERATED_TASKS
from byocgen.render import template
from byocgen.render.render import context
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


FRAMEWORKS = list(catalogs.load().frameworks)


def project(framework: str, **model: str) -> dict[str, str]:
    """Return the generated files of a framework as texts."""
    fields = "".join(f", {key}: {value}" for key, value in model.items())
    return contents(HEAD + f"model: {{framework: {framework}{fields}}}\n")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_framework_has_its_layer_its_locks_and_its_sample(framework: str) -> None:
    made = project(framework)
    layer = {"serving/framework.py", "inference.py", "train.py", "payload.json", "requirements.lock"}
    assert layer - made.keys() == set()
    assert f'framework = "{framework}"\n' in made["serving.toml"]
    torch = {"requirements-torch.in", "requirements-torch.lock"}
    assert torch & made.keys() == (torch if framework in ("pytorch", "transformers") else set())
    assert "\ntorch==" not in made["requirements.lock"]
    assert ("task" in tomllib.loads(made["serving.toml"])["model"]) is (framework == "transformers")


@pytest.mark.parametrize("framework", [name for name in FRAMEWORKS if name != "sklearn"])
def test_no_other_framework_speaks_of_scikit_learn(framework: str) -> None:
    made = project(framework)
    said = {path for path in ("README.md", "Makefile", "Dockerfile", "serving.toml") if "scikit" in made[path]}
    assert said == set()


def test_torch_is_the_exact_cpu_build_of_pytorchs_own_index() -> None:
    pins = (
        "--index-url https://download.pytorch.org/whl/cpu\n"
        "torch==2.13.0+cpu ; sys_platform == 'linux'\ntorch==2.13.0 ; sys_platform == 'darwin'\n"
    )
    made = project("transformers")
    assert made["requirements-torch.in"].endswith(pins)
    assert made["requirements-torch.lock"].endswith(pins)
    assert owners(HEAD + "model: {framework: pytorch}\n")["requirements-torch.lock"] == "seeded"


REQUESTS = {
    "text-classification": list,
    "token-classification": list,
    "feature-extraction": list,
    "fill-mask": list,
    "text-generation": str,
    "question-answering": dict,
    "text2text-generation": list,
    "summarization": list,
    "translation": list,
}


def test_every_task_of_the_server_is_generated_and_has_a_request() -> None:
    assert tuple(REQUESTS) == GENERATED_TASKS
    server = project("transformers")["serving/tasks.py"]
    assert set(re.findall(r"^        Task\(\s*\"([a-z0-9-]+)\"", server, re.MULTILINE)) == set(GENERATED_TASKS)


@pytest.mark.parametrize("task", REQUESTS)
def test_the_request_of_a_task(task: str) -> None:
    request = json.loads(project("transformers", artifact="m", task=task)["payload.json"])
    assert isinstance(request["inputs"], REQUESTS[task])
    assert ("parameters" in request) is (task == "text-generation")


def test_what_a_model_of_no_known_task_takes_is_the_users_to_write() -> None:
    assert "payload.json" not in project("transformers", artifact="m")


def test_the_suite_of_a_project_is_the_package_s_own() -> None:
    source = Path(byocgen.__file__).parent / "verify"
    suite = {
        f"verify/{path.relative_to(source).as_posix()}": path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    made = generated(MINIMAL).tree
    assert "verify/__main__.py" in suite
    assert {path: made[path].content for path in made if path.startswith("verify/")} == suite
    assert {made[path].ownership for path in suite} == {Ownership.MANAGED}


MULTI_MODEL = 'com.amazonaws.sagemaker.capabilities.multi-models="true"'


@pytest.mark.parametrize(("mode", "there"), [("realtime", False), ("multi-model", True)])
def test_the_multi_model_label_is_of_that_mode_only(mode: str, there: bool) -> None:  # noqa: FBT001 - a table's column
    made = generated(MINIMAL)
    values = {**context(made.manifest, made.plan, catalogs.load(), has_payload=True), "mode": mode}
    texts = {file.path: file.content.decode() for file in template.texts(values, "none")}
    assert (MULTI_MODEL in texts["Dockerfile"]) is there


def test_modules_beside_inference_are_in_the_image_and_those_that_make_the_model_are_not() -> None:
    made = contents(MINIMAL)
    assert "COPY *.py serving.toml /opt/app/\n" in made["Dockerfile"]
    rules = [line for line in made[".dockerignore"].splitlines() if not line.startswith("#")]
    assert rules.index("!*.py") < rules.index("train.py")
    assert rules.index("!*.py") < rules.index("package.py")


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
        owners(MINIMAL + "files: {eject: [Dockerfile, serving/app.py, terraform/outputs.tf]}\n"),
    )
    assert {path: owner for path, owner in after.items() if before[path] != owner} == {
        "Dockerfile": "seeded",
        "serving/app.py": "seeded",
        "terraform/outputs.tf": "seeded",
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
