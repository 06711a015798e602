"""What the image is: how it starts, who it runs as, what is in it and what is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from tests.image.container import engine
from tests.image.images import DESCRIPTION, FRAMEWORKS, Image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

PROGRAMS = ("pip", "pip3", "uv", "gcc", "cc", "g++", "make", "git")
MODULES = ("pip", "setuptools", "uv")
PRESENT = """
import importlib.util, json, shutil
print(json.dumps([p for p in {programs} if shutil.which(p)] + [m for m in {modules} if importlib.util.find_spec(m)]))
"""
APP_FILES = """
import json, pathlib
print(json.dumps(sorted(str(p) for p in pathlib.Path("/opt/app").rglob("*") if p.is_file())))
"""
ACCESS = """
import json, os, pathlib
paths = [p for root in ("/opt/app", "/opt/venv") for p in (pathlib.Path(root), *pathlib.Path(root).rglob("*"))]
unreadable = [str(p) for p in paths if not os.access(p, os.R_OK | (os.X_OK if p.is_dir() else 0))]
writable = [str(p) for p in paths if not p.is_symlink() and os.access(p, os.W_OK)]
print(json.dumps({"unreadable": unreadable, "writable": writable, "seen": len(paths)}))
"""
PACKAGES = """
import glob, importlib.metadata, json
found = importlib.metadata.distributions(path=glob.glob("/opt/venv/lib/*/site-packages"))
print(json.dumps(sorted(f"{d.name.lower().replace('_', '-')}=={d.version}" for d in found)))
"""


@pytest.fixture(scope="session")
def config(image: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(engine("image", "inspect", "--format", "{{json .Config}}", image))
    return found


@pytest.fixture(params=FRAMEWORKS)
def built(request: pytest.FixtureRequest, images: Mapping[str, Future[Image]]) -> Image:
    """Return one image after another: what is in them differs by the libraries' wheels."""
    return images[request.param].result()


def run_python(image: str, code: str, user: str = "10001:10001") -> Any:
    """Run code in the image, as `user`, and return the JSON that it prints."""
    options = ("--rm", "--network", "none", "--user", user, "--entrypoint", "python")
    return json.loads(engine("run", *options, image, "-I", "-c", code))


def test_it_starts_as_the_platform_starts_it(config: dict[str, Any]) -> None:
    start = {key: config[key] for key in ("Entrypoint", "Cmd", "WorkingDir", "ExposedPorts", "User")}
    assert start == {
        "Entrypoint": ["python", "-m", "serving"],
        "Cmd": ["serve"],
        "WorkingDir": "/opt/app",
        "ExposedPorts": {"8080/tcp": {}},
        "User": "10001:10001",
    }


def test_its_labels_say_what_it_is_and_keep_every_character_of_the_description(config: dict[str, Any]) -> None:
    assert config["Labels"] == {
        "org.opencontainers.image.title": "churn",
        "org.opencontainers.image.description": DESCRIPTION,
        "org.opencontainers.image.base.name": "public.ecr.aws/docker/library/python:3.12-slim-bookworm",
        "com.amazonaws.sagemaker.capabilities.accept-bind-to-port": "true",
    }


def test_its_environment_holds_no_more_than_it_needs(config: dict[str, Any]) -> None:
    of_the_base = ("LANG=", "GPG_KEY=", "PYTHON_")
    ours = dict(one.split("=", 1) for one in config["Env"] if not one.startswith(of_the_base))
    assert ours.pop("PATH").startswith("/opt/venv/bin:")
    in_tmp = {name: ours.pop(name) for name in ("HF_HOME", "HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    assert [name for name, value in in_tmp.items() if not f"{value}/".startswith("/tmp/")] == []  # noqa: S108 - what it is about
    assert ours == {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


def test_it_has_no_compiler_and_no_installer(built: Image) -> None:
    assert run_python(built.tag, PRESENT.format(programs=PROGRAMS, modules=MODULES)) == []


def test_it_holds_the_app_and_nothing_else_of_the_project(image: str, project: Path) -> None:
    files = [path for path in run_python(image, APP_FILES) if not path.endswith(".pyc")]
    of_the_project = [project / "inference.py", project / "serving.toml", *(project / "serving").rglob("*.*")]
    assert files == sorted(f"/opt/app/{path.relative_to(project)}" for path in of_the_project)


def test_every_module_of_the_app_is_compiled(image: str) -> None:
    files = run_python(image, APP_FILES)
    modules = [Path(path) for path in files if path.endswith(".py")]
    compiled = [str(path.parent / "__pycache__" / f"{path.stem}.cpython-312.pyc") for path in modules]
    assert sorted(compiled) == [path for path in files if path.endswith(".pyc")]


@pytest.mark.parametrize("user", ["10001:10001", "12345:12345"])
def test_every_file_can_be_read_and_none_written_by_any_uid(built: Image, user: str) -> None:
    found = run_python(built.tag, ACCESS, user)
    assert (found["unreadable"], found["writable"]) == ([], [])
    assert found["seen"] > 1000


def test_it_has_exactly_the_locked_packages(built: Image) -> None:
    lines = re.findall(r"^([^ #\n]+==.*?) \\$", (built.project / "requirements.lock").read_text(), re.MULTILINE)
    requirements = [Requirement(line) for line in lines]
    here = {
        "python_full_version": "3.12.0",
        "python_version": "3.12",
        "sys_platform": "linux",
        "platform_machine": "x86_64",
    }
    locked = [f"{one.name}{one.specifier}" for one in requirements if one.marker is None or one.marker.evaluate(here)]
    assert run_python(built.tag, PACKAGES) == sorted(locked)
