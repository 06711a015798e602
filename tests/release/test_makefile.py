"""The Makefile and the README of a project: every target, hostile names and texts, an environment that is not ready."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.release import project
from tests.release.project import Project

MINIMAL = "version: 1\nname: churn\nmodel: {framework: sklearn}\n"
HOSTILE = """a b/$(touch pwned) ${HOME} $HOME `touch pwned` 'q' "d" #1 %{x} é; touch pwned"""
DESCRIPTION = """# [x](http://y) <b> `c` $(touch pwned) | {{ name }} {% raw %} *e* é"""
TARGETS = {
    "help", "setup", "lock", "model", "serve", "invoke", "verify", "lint", "test", "build",
    "bootstrap", "infra", "push", "scan", "upload", "plan", "apply", "wait", "smoke", "release", "destroy",
}  # fmt: skip

# Notes its arguments, one JSON list a line, instead of running anything.
RECORDER = f"""\
#!{sys.executable}
import json, sys
with open("ran", "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
"""


@pytest.fixture
def generated(tmp_path: Path, make_project: Callable[..., Path]) -> Callable[[str], Project]:
    """A project of a manifest, in a folder with a hostile name, whose programs only note how they were called."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")

    def make(manifest: str = MINIMAL) -> Project:
        folder = make_project(tmp_path / "it's a $HOME (folder)", manifest)
        made = Project(folder, {"PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin"})
        project.with_this_python(made)
        for program in (".venv/bin/python", ".venv/bin/uv", "bin/docker", "bin/curl"):
            project.executable(made, program, RECORDER)
        return made

    return make


def make(made: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments], cwd=made.folder, env=made.environment, capture_output=True, text=True, check=False
    )


def ran(made: Project) -> list[list[str]]:
    """What the noting programs were called with."""
    return [json.loads(line) for line in made.read("ran").splitlines()]


def test_help_is_the_default_and_names_every_target(generated: Callable[..., Project]) -> None:
    made = generated()
    done = make(made)
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout == make(made, "help").stdout
    assert set(re.findall(r"^  make ([a-z]+) ", done.stdout, re.MULTILINE)) == TARGETS - {"help"}


@pytest.mark.parametrize(
    ("target", "calls"),
    [
        ("setup", []),
        ("model", [["train.py"]]),
        ("serve", [["-m", "serving", "serve"]]),
        ("lint", [["-m", "ruff", "check", "."], ["-m", "ruff", "format", "--check", "."], ["-m", "mypy"]]),
        ("test", [["-m", "pytest"]]),
        ("infra", [["-m", "release", "infra"]]),
        ("push", [["-m", "release", "push", "--image", "churn:local", "--platform", "linux/amd64"]]),
        ("upload", [["-m", "release", "upload"]]),
        ("plan", [["-m", "release", "plan"]]),
        ("apply", [["-m", "release", "apply"]]),
        ("wait", [["-m", "release", "wait"]]),
        ("smoke", [["-m", "release", "smoke"]]),
        ("destroy", [["-m", "release", "destroy"]]),
        (
            "build",
            [["buildx", "version"], [
                "build", "--provenance=false", "--sbom=false", "--platform", "linux/amd64",
                "--output", "type=docker,oci-mediatypes=false", "--tag", "churn:local", ".",
            ]],
        ),
    ],
)  # fmt: skip
def test_what_a_target_runs(generated: Callable[..., Project], target: str, calls: list[list[str]]) -> None:
    made = generated()
    made.write("ran", "")
    done = make(made, target)
    assert (0, "") == (done.returncode, done.stderr)
    assert calls == ran(made)


def test_a_variant_has_targets_of_its_own(generated: Callable[..., Project]) -> None:
    made = generated(MINIMAL + "endpoint: {variants: [{name: b, percent: 10}]}\n")
    for given in (["candidate", "MODEL=models/a/model.tar.gz"], ["promote"], ["drop"]):
        assert make(made, *given, "VARIANT=b").returncode == 0
    built = ["--image", "churn:local", "--platform", "linux/amd64", "--model", "models/a/model.tar.gz"]
    commands = (["record", "b", *built], ["promote", "b"], ["drop", "b"])
    assert ran(made) == [["-m", "release.candidate", *command] for command in commands]


def test_release_is_a_sequence_also_for_many_jobs(generated: Callable[..., Project]) -> None:
    made = generated()
    (made.folder / "model.tar.gz").touch()
    assert make(made, "-j", "8", "release").returncode == 0
    steps = [call[2] if call[0] == "-m" else call[0] for call in ran(made) if call[0] != "buildx"]
    assert ["build", "push", "upload", "apply", "wait", "smoke"] == steps


def test_release_without_a_model_builds_nothing(generated: Callable[..., Project]) -> None:
    made = generated()
    done = make(made, "release")
    assert (2, "model.tar.gz does not exist: make model\n") == (
        done.returncode,
        done.stderr.splitlines(keepends=True)[0],
    )
    assert not (made.folder / "ran").exists()


@pytest.mark.parametrize("target", ["apply", "destroy"])
@pytest.mark.parametrize(("setting", "flags"), [("YES=1", ["--yes"]), ("YES=0", []), ("YES=", []), ("YES=yes", [])])
def test_only_yes_1_deletes_without_a_question(
    generated: Callable[..., Project], target: str, setting: str, flags: list[str]
) -> None:
    made = generated()
    assert make(made, target, setting).returncode == 0
    assert [["-m", "release", target, *flags]] == ran(made)


@pytest.mark.parametrize("name", ["a", "A--b---C9", "release", "x" * 40, "0"])
def test_names(generated: Callable[..., Project], name: str) -> None:
    made = generated(MINIMAL.replace("churn", json.dumps(name)))
    for target in sorted(TARGETS):
        done = make(made, "--dry-run", target)
        assert (0, "") == (done.returncode, done.stderr)
    assert make(made, "build").returncode == 0
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*:local", ran(made)[-1][-2])


@pytest.mark.parametrize("artifact", [HOSTILE, "--help", "-", "#", "=", "a$$b", "$(shell touch pwned)", "!", "&"])
def test_an_artifact_of_any_name_is_packed_as_it_is(generated: Callable[..., Project], artifact: str) -> None:
    made = generated(f"version: 1\nname: churn\nmodel: {{framework: sklearn, artifact: {json.dumps(artifact)}}}\n")
    done = make(made, "model")
    assert (0, "") == (done.returncode, done.stderr)
    assert [["package.py", "--", artifact]] == ran(made)
    assert [] == list(made.folder.glob("**/pwned"))


def test_a_description_says_nothing_to_markdown(generated: Callable[..., Project]) -> None:
    made = generated(f"{MINIMAL}description: {json.dumps(DESCRIPTION)}\n")
    second = made.read("README.md").splitlines()[2]
    assert re.sub(r"\\(.)", r"\1", second).replace("&lt;", "<") == DESCRIPTION
    assert re.search(r"(?<!\\)[#\[\]<`|*{]", second) is None


def test_the_readme_names_every_file_and_target(generated: Callable[..., Project]) -> None:
    made = generated()
    text = made.read("README.md")
    named = set(re.findall(r"`([^`]+)`", text.partition("## Files")[2].partition("## ")[0]))
    top = {path.name + "/" * path.is_dir() for path in made.folder.iterdir()} - {".venv/", "bin/", "ran"}
    assert set() == {name for name in top if not any(name in entry or _locked(name) in named for entry in named)}
    assert set() == set(re.findall(r"\bmake ([a-z]+)", text)) - TARGETS


def _locked(name: str) -> str:
    return name.replace(".lock", ".in")


def test_packages_that_are_not_locked_stop_setup_and_build(generated: Callable[..., Project]) -> None:
    made = generated()
    made.write("requirements-extra.in", "# byocgen\npandas>=2.2\n")
    for target in ("setup", "build", "push"):
        done = make(made, target)
        assert done.returncode == 2
        assert done.stderr.startswith("requirements-extra.lock lacks what requirements-extra.in asks for: make lock\n")
    assert make(made, "lock").returncode == 0
    assert ["pip", "compile"] == ran(made)[0][:2]


CHOICE = (
    "install Python 3.12 (or name one: make setup PYTHON=...), "
    "or set model.python in byocgen.yaml and run `byocgen sync`\n"
)


@pytest.mark.parametrize(
    ("python", "first"),
    [
        ("echo no such version >&2; exit 127", "some-python does not run:\n"),
        ("exit 0", "some-python does not run:\n"),
        ("echo 3.11", "some-python is Python 3.11, and the locks are for Python 3.12:\n"),
        ("echo 3.1", "some-python is Python 3.1, and the locks are for Python 3.12:\n"),
    ],
)
def test_a_python_that_the_locks_are_not_for(generated: Callable[..., Project], python: str, first: str) -> None:
    made = generated()
    (made.folder / ".venv" / ".tools").unlink()
    project.executable(made, "bin/some-python", f"#!/bin/sh\n{python}\n")
    done = make(made, "setup", "PYTHON=some-python")
    assert (2, True) == (done.returncode, done.stderr.startswith(first + CHOICE))
    assert not (made.folder / "ran").exists()


def test_the_version_is_asked_of_python_itself(generated: Callable[..., Project]) -> None:
    """The Python of these tests, for a project of the same version and of another one."""
    version = ".".join(map(str, sys.version_info[:2]))
    for asked, status in ((version, 0), ("3.12" if version != "3.12" else "3.13", 2)):
        made = generated(MINIMAL.replace("sklearn", f'sklearn, python: "{asked}"'))
        (made.folder / ".venv" / ".tools").unlink()
        # It is asked for its version and then to make an environment, which is noted and not done.
        script = f'#!/bin/sh\n[ "$1" = -c ] && exec "{sys.executable}" "$@"\nexec .venv/bin/python "$@"\n'
        project.executable(made, "bin/some-python", script)
        assert status == make(made, "setup", "PYTHON=some-python", "UV=").returncode
        assert (status == 0) == (made.folder / "ran").exists()
        shutil.rmtree(made.folder)


@pytest.mark.parametrize(("uv", "call"), [("", ["-m", "pip"]), (".venv/bin/uv", ["pip", "install"])])
def test_a_changed_lock_is_installed_again(generated: Callable[..., Project], uv: str, call: list[str]) -> None:
    made = generated()
    (made.folder / ".venv" / ".ready").unlink()
    assert make(made, "setup", f"UV={uv}").returncode == 0
    [command] = ran(made)
    locks = ["--requirement", "requirements.lock", "--requirement", "requirements-extra.lock"]
    assert (call, ["--require-hashes", *locks]) == (command[:2], command[-5:])
    assert make(made, "setup").returncode == 0
    assert len(ran(made)) == 1


@pytest.mark.parametrize("target", ["invoke", "smoke", "release"])
def test_no_payload(generated: Callable[..., Project], target: str) -> None:
    made = generated()
    (made.folder / "payload.json").unlink()
    done = make(made, target)
    first = "payload.json does not exist: write a request that the model accepts into it\n"
    assert (2, True) == (done.returncode, done.stderr.startswith(first))
    assert not (made.folder / "ran").exists()


@pytest.mark.parametrize(
    ("model", "written"),
    [
        ("", True),
        (", artifact: model.joblib", False),
        (", artifact: model.joblib, inputs: [{name: a, type: float}]", True),
    ],
)
def test_the_readme_says_who_writes_the_payload(
    generated: Callable[..., Project], model: str, *, written: bool
) -> None:
    made = generated(MINIMAL.replace("sklearn", f"sklearn{model}"))
    text = made.read("README.md")
    assert written == (made.folder / "payload.json").exists()
    assert written != ("`payload.json` is for you to write before `make invoke` and `make release`" in text)
    assert written == ("# in a second terminal: sends payload.json" in text)


BUILDX = "this docker has no buildx, which builds the image: https://docs.docker.com/build/install-buildx/ "


@pytest.mark.parametrize(
    ("docker", "first"),
    [
        (None, "docker is not on PATH: install Docker 23 or newer: https://docs.docker.com/engine/install/\n"),
        ("echo \"docker: 'buildx' is not a docker command.\" >&2; exit 1", f"{BUILDX}(Docker 23 or newer)\n"),
    ],
)
def test_build_without_docker_or_buildx(generated: Callable[..., Project], docker: str | None, first: str) -> None:
    made = generated()
    (made.folder / "bin" / "docker").unlink()
    if docker is not None:
        project.executable(made, "bin/docker", f'#!/bin/sh\necho "$1" >>ran\n{docker}\n')
    path = made.folder / "bin"
    for program in ("make", "sh", "grep"):
        (path / program).symlink_to(str(shutil.which(program)))
    done = make(Project(made.folder, {"PATH": str(path)}), "build")
    assert (2, True) == (done.returncode, done.stderr.startswith(first))
    assert docker is None or made.read("ran") == "buildx\n"


def test_targets_of_the_user(generated: Callable[..., Project]) -> None:
    made = generated()
    made.write("local.mk", "hello:\n\t@echo hello $(IMAGE)\n")
    assert make(made, "hello").stdout == "hello churn:local\n"
    assert "make setup" in make(made).stdout
