"""What is locked: the direct dependencies of a project's image and of its checks, with the reason for each bound.

It becomes ``requirements.in`` and ``requirements-dev.in`` of a generated project, so it is written for its reader.

PyTorch is no part of a lock for CPUs. The package index's build of it for Linux carries CUDA, gigabytes that an endpoint on
CPUs never uses; the build for CPUs lies on PyTorch's own index alone. So a project pins that build's exact version
(``requirements-torch.in``) and takes it from there; what it needs is locked by hash like everything else. Its own hashes
are recorded where that index is asked, by the project's ``make lock-torch``: none is written here unseen.

A lock for GPUs is of the package index alone: its builds of PyTorch, ONNX Runtime and XGBoost for Linux are those for
CUDA, and bring CUDA's libraries as packages. Which CUDA a version was built with is stated in ``cuda_builds.json``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from derive.locking import read_settings

SERVING = """\
# The server: Litestar on uvicorn; uvloop and httptools make it five times as fast as uvicorn's defaults.
litestar
msgspec
uvicorn
uvloop
httptools
# Requests become arrays; rows of numbers as JSON are read three times as fast by simdjson.
numpy{numpy}
pysimdjson
# GET /metrics, over all workers.
prometheus-client
"""

SKLEARN = """\
# The model: a pickle is read by the version that wrote it, so the version is exact.
scikit-learn=={version}
joblib
scipy{scipy}
"""

XGBOOST = """\
# The model. On Linux the build without CUDA, a tenth of the other's size; scikit-learn for models of its interface.
xgboost-cpu=={version} ; sys_platform == 'linux'
xgboost=={version} ; sys_platform == 'darwin'
scikit-learn
scipy
"""

LIGHTGBM = """\
# The model. scikit-learn for models of its interface.
lightgbm=={version}
scikit-learn{sklearn}
scipy{scipy}
"""

PYTORCH = """\
# The model. PyTorch itself is in requirements-torch.in; what it needs is locked here.
safetensors
"""

TRANSFORMERS = """\
# The model. PyTorch itself is in requirements-torch.in; what it needs is locked here.
transformers=={version}
safetensors
tokenizers
# Serves the compiled equal of a model that reads texts (serving.optimize).
onnxruntime
"""

ONNX = """\
# The model.
onnxruntime=={version}
"""

GPU_BUILD = "# The model. The package index's build for Linux is the one for CUDA {cuda}"

GPU = {
    "pytorch": f"""\
{GPU_BUILD}; CUDA's libraries come with it.
torch=={{version}}
safetensors
""",
    "transformers": f"""\
{GPU_BUILD}; CUDA's libraries come with PyTorch.
transformers=={{version}}
torch=={{torch}}
safetensors
tokenizers
""",
    "onnx": f"""\
{GPU_BUILD}. CUDA's libraries are packages
# beside it, all of one toolkit: the newest of each on its own would want a newer driver.
onnxruntime-gpu[cuda,cudnn]=={{version}} ; sys_platform == 'linux'
cuda-toolkit[cublas,cudart,cufft,curand,nvjitlink,nvrtc]=={{cuda}}.* ; sys_platform == 'linux'
onnxruntime=={{version}} ; sys_platform == 'darwin'
""",
    "xgboost": f"""\
{GPU_BUILD}, and has it inside; scikit-learn
# for models of its interface.
xgboost=={{version}}
scikit-learn
scipy
""",
}
"""The model's packages in an image for GPUs, in place of those of MODELS."""

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


TRAINING = {
    "onnx": """\
# Writes the sample model (train.py); the server reads it with onnxruntime alone.
onnx
""",
    "transformers": """\
# Writes the compiled equal of a model (optimize/); the server reads it with onnxruntime alone.
onnx
""",
}
"""What makes a framework's model files, beside what serves them. It is no part of the image."""

TORCH = "2.13.0"
"""The PyTorch under every version of transformers: the one whose CPU build was run."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The newest series that a version was released with; later ones may break it."""

    numpy: str = ""
    scipy: str = ""
    sklearn: str = ""


BOUNDS = {
    ("sklearn", "1.5.2"): Bounds(numpy="<2.2", scipy="<1.15"),
    ("sklearn", "1.6.1"): Bounds(numpy="<2.3", scipy="<1.16"),
    ("sklearn", "1.7.2"): Bounds(numpy="<2.4", scipy="<1.17"),
    ("sklearn", "1.8.0"): Bounds(numpy="<2.5", scipy="<1.18"),
    ("lightgbm", "4.5.0"): Bounds(numpy="<2.2", scipy="<1.15", sklearn="<1.6"),
    ("lightgbm", "4.6.0"): Bounds(numpy="<2.3", scipy="<1.16", sklearn="<1.7"),
}
MODELS = {
    "sklearn": SKLEARN,
    "xgboost": XGBOOST,
    "lightgbm": LIGHTGBM,
    "pytorch": PYTORCH,
    "transformers": TRANSFORMERS,
    "onnx": ONNX,
    "python": "",
}


CUDA_BUILDS = Path(__file__).parent / "cuda_builds.json"


@cache
def cuda_builds() -> Mapping[tuple[str, str], str]:
    """The CUDA toolkit (``"12.8"``) of each framework version that has a build for GPUs."""
    rows = json.loads(CUDA_BUILDS.read_text("utf-8"))["builds"]
    return {(row["framework"], version): row["cuda"] for row in rows for version in row["versions"]}


def gpu_requirements_text(framework: str, version: str) -> str:
    """``requirements.in`` of a framework version on GPUs. Raises KeyError for one without a build for them."""
    cuda = cuda_builds()[framework, version]
    return GPU[framework].format(version=version, cuda=cuda, torch=TORCH) + SERVING.format(numpy="")


def requirements_text(framework: str, version: str) -> str:
    """``requirements.in`` of a framework version. Raises KeyError for a framework without an entry here."""
    bounds = BOUNDS.get((framework, version), Bounds())
    model = MODELS[framework].format(version=version, scipy=bounds.scipy, sklearn=bounds.sklearn)
    return model + SERVING.format(numpy=bounds.numpy)


def torch_version(framework: str, version: str) -> str:
    """The PyTorch that a framework version runs on; empty for one that needs none."""
    return {"pytorch": version, "transformers": TORCH}.get(framework, "")


def dev_text(framework: str) -> str:
    """``requirements-dev.in`` of a framework."""
    return DEV + TRAINING.get(framework, "")
