"""What the image is: how it starts, who it runs as, what is in it and what is not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.image.conftest import DESCRIPTION
from tests.image.container import engine

if TYPE_CHECKING:
    from pathlib import Path

ABSENT = ("pip", "pip3", "uv", "gcc", "cc", "g++", "make", "git", "curl", "wget")


@pytest.fixture(scope="session")
def config(image: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(engine("image", "inspect", "--format", "{{json .Config}}", image))
    return found


def run_python(image: str, code: str, user: str = "10001:10001") -> Any:
    """Run code in the image, as `user`, and return the JSON that it prints."""
    return json.loads(
        engine("run", "--rm", "--network", "none", "--user", user, "--entrypoint", "python", image, "-I", "-c", code)
    )


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
    of_the_base = {"LANG", "GPG_KEY", "PYTHON_VERSION", "PYTHON_SHA256", "PYTHON_PIP_VERSION", "PYTHON_SETUPTOOLS_VERSION"}
    of_the_base |= {"PYTHON_GET_PIP_URL", "PYTHON_GET_PIP_SHA256"}
    ours = dict(one.split("=", 1) for one in config["Env"] if one.split("=", 1)[0] not in of_the_base)
    assert ours.pop("PATH").startswith("/opt/venv/bin:")
    assert ours == {"HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


def test_it_has_no_compiler_and_no_installer(image: str) -> None:
    programs = run_python(image, f"import json, shutil; print(json.dumps([p for p in {ABSENT!r} if shutil.which(p)]))")
    code = "import json, importlib.util as u; print(json.dumps([m for m in ('pip', 'setuptools', 'uv') if u.find_spec(m)]))"
    assert (programs, run_python(image, code)) == ([], [])


def test_it_holds_the_app_and_nothing_else_of_the_project(image: str, project: Path) -> None:
    code = "import json, pathlib; print(json.dumps(sorted(str(p) for p in pathlib.Path('/opt/app').rglob('*.*') if p.is_file())))"
    files = [path for path in run_python(image, code) if not path.endswith(".pyc")]
    of_the_project = [project / "inference.py", project / "serving.toml", *(project / "serving").rglob("*.*")]
    assert files == sorted(f"/opt/app/{path.relative_to(project)}" for path in of_the_project)


def test_every_module_of_the_app_is_compiled(image: str) -> None:
    code = (
        "import json, pathlib, importlib.util as u; print(json.dumps([str(p) for p in pathlib.Path('/opt/app').rglob('*.py')"
        " if not pathlib.Path(u.cache_from_source(p)).exists()]))"
    )
    assert run_python(image, code) == []


@pytest.mark.parametrize("user", ["10001:10001", "12345:12345"])
def test_every_file_can_be_read_and_none_written_by_any_uid(image: str, user: str) -> None:
    code = (
        "import json, os, pathlib; paths = [p for f in ('/opt/app', '/opt/venv') for p in (pathlib.Path(f), *pathlib.Path(f).rglob('*'))];"
        "print(json.dumps([str(p) for p in paths if not os.access(p, os.R_OK | (os.X_OK if p.is_dir() else 0))"
        " or os.access(p, os.W_OK)] or len(paths) > 1000))"
    )
    assert run_python(image, code, user) is True


def test_it_has_exactly_the_locked_packages(image: str, project: Path) -> None:
    code = (
        "import json, importlib.metadata as m;"
        "print(json.dumps(sorted({d.name.lower().replace('_', '-') + '==' + d.version for d in m.distributions(path=__import__('glob').glob('/opt/venv/lib/*/site-packages'))})))"
    )
    locked = re.findall(r"^([^ #]+==[^ ]+)", (project / "requirements.lock").read_text(), re.MULTILINE)
    assert run_python(image, code) == sorted(locked)
