"""What is locked: the direct dependencies of a project's image and of its checks, with the reason for each bound.

It becomes ``requirements.in`` and ``requirements-dev.in`` of a generated project, so it is written for its reader.
"""

from dataclasses import dataclass

from derive.locking import read_settings

SERVING = """\
# The server: Litestar on uvicorn; uvloop and httptools make it five times as fast as uvicorn's defaults.
litestar
msgspec
uvicorn
uvloop
httptools
"""

SKLEARN = """\
# The model: a pickle is read by the version that wrote it, so the version is exact.
scikit-learn=={version}
joblib
numpy{numpy}
scipy{scipy}
"""

DEV = f"""\
# What this project's own checks and its release need, beside what the image needs (requirements.in).
boto3
httpx
mypy
pytest
ruff
# Makes the locks (make lock): the version that made the ones of this project.
uv=={read_settings().uv_version}
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The newest numpy and scipy series that a scikit-learn was released with; later ones may break it."""

    numpy: str = ""
    scipy: str = ""


SKLEARN_BOUNDS = {
    "1.5.2": Bounds(numpy="<2.2", scipy="<1.15"),
    "1.6.1": Bounds(numpy="<2.3", scipy="<1.16"),
    "1.7.2": Bounds(numpy="<2.4", scipy="<1.17"),
    "1.8.0": Bounds(numpy="<2.5", scipy="<1.18"),
}


def requirements_text(framework: str, version: str) -> str:
    """``requirements.in`` of a framework version. Raises KeyError for a framework without an entry here."""
    return {"sklearn": _sklearn}[framework](version) + SERVING


def _sklearn(version: str) -> str:
    bounds = SKLEARN_BOUNDS.get(version, Bounds())
    return SKLEARN.format(version=version, numpy=bounds.numpy, scipy=bounds.scipy)
