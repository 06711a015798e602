"""What a manifest may not put into the container: variables and packages that are the image's or the platform's.

Each would break the container, or be overwritten, without a word. Variables: the Dockerfile sets the paths and Python's
own; SageMaker's containers' docs name those that the platform sets. A package of the framework itself would fight the
locked one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.manifest.model import Manifest

_IMAGE = "the image sets it; delete the line"
_LOADER = "delete the line; native libraries come with a package of model.requirements"
_PLATFORM = "the platform sets it; delete the line"
_SECRET = "use the endpoint's execution role and delete the line; a key that stood in a file must be replaced"  # noqa: S105
_TAKEN = {
    "PATH": _IMAGE,
    "VIRTUAL_ENV": _IMAGE,
    "HOME": "the image sets it to /tmp, the one place that can be written; delete the line",
    **dict.fromkeys(("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"), _LOADER),
    **dict.fromkeys(
        (
            "SM_MODEL_DIR",
            "SAGEMAKER_BIND_TO_PORT",
            "SAGEMAKER_SAFE_PORT_RANGE",
            "SAGEMAKER_MULTI_MODEL",
            "SAGEMAKER_BATCH",
            "SAGEMAKER_BATCH_STRATEGY",
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB",
        ),
        _PLATFORM,
    ),
}
_PYTHON = re.compile(r"PYTHON[A-Z]+")
_CREDENTIALS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})

DISTRIBUTIONS = {
    "sklearn": ("scikit-learn", "sklearn"),
    "xgboost": ("xgboost", "xgboost-cpu"),
    "lightgbm": ("lightgbm",),
    "pytorch": ("torch",),
    "transformers": ("transformers", "torch"),
    "onnx": ("onnxruntime", "onnxruntime-gpu"),
    "python": (),
}
"""The packages that `model.framework_version` is the version of."""


def check(manifest: Manifest) -> list[Diagnostic]:
    """Find the variables and packages that the manifest may not set."""
    return [*_environment(manifest), *_requirements(manifest)]


def _environment(manifest: Manifest) -> Iterator[Diagnostic]:
    for name in manifest.serving.environment:
        message, hint = f"{name} is not the manifest's to set", _TAKEN.get(name, "")
        if name in _CREDENTIALS:
            message, hint = f"{name} does not belong in a manifest", _SECRET
        elif _PYTHON.fullmatch(name):
            hint = "the image sets up Python; delete the line; packages go into model.requirements"
        if hint:
            yield Diagnostic("BYO311", message, ("serving", "environment", name), hint, on_name=True)


def _requirements(manifest: Manifest) -> Iterator[Diagnostic]:
    own = DISTRIBUTIONS[manifest.model.framework]
    for index, requirement in enumerate(manifest.model.requirements):
        name, rest = re.fullmatch(r"([\w.-]+)(.*)", requirement, re.DOTALL).groups()  # type: ignore[union-attr]
        normal = re.sub(r"[-_.]+", "-", name).lower()
        if normal in own:
            exact = re.fullmatch(r" *== *([0-9][\w.+-]*) *", rest)
            hint = f'delete it and write: framework_version: "{exact[1]}"' if exact else "delete it"
            hint += "" if exact else "; model.framework_version names its version"
            message = f"{normal} is the framework itself, which the image has already"
            if (manifest.model.framework, normal) == ("transformers", "torch"):
                message, hint = "torch comes with the framework, which the image has already", "delete it"
            yield Diagnostic("BYO303", message, ("model", "requirements", index), hint)
