"""Stands in for the package `sagemaker_inference` where that is not installed, as far as files written for it import it.

Its modules have the names and the documented behaviour of that package's; where it is installed, it is used. So does
`decoder_encoder` of `sagemaker_huggingface_inference_toolkit`. Of older packages there is nothing: INSTEAD says what to
import.
"""

import sys
from importlib import import_module
from importlib.util import find_spec

PACKAGE = "sagemaker_inference"
MODULES = (
    "content_types", "errors", "decoder", "encoder", "logging", "utils", "parameters", "environment", "transformer",
    "default_inference_handler", "default_handler_service",
)  # fmt: skip
HUGGING_FACE = "sagemaker_huggingface_inference_toolkit"
OF_TOOLKIT = "import content_types, decoder, encoder and errors from sagemaker_inference instead"
INSTEAD = {
    PACKAGE: f"of this package there are {', '.join(MODULES)}",
    HUGGING_FACE: "of this package there is decoder_encoder",
    "sagemaker_containers": OF_TOOLKIT,
    "sagemaker_xgboost_container": "make a numpy array with sagemaker_inference.decoder instead, or import xgboost itself",
    "sagemaker_sklearn_container": OF_TOOLKIT,
    "sagemaker_pytorch_serving_container": OF_TOOLKIT,
    "sagemaker_pytorch_container": OF_TOOLKIT,
}


def register() -> None:
    """Make `import sagemaker_inference` work, and the other one."""
    if PACKAGE not in sys.modules and find_spec(PACKAGE) is None:
        sys.modules[PACKAGE] = sys.modules[__name__]
        for name in MODULES:
            sys.modules[f"{PACKAGE}.{name}"] = import_module(f"{__name__}.{name}")
    if HUGGING_FACE not in sys.modules and find_spec(HUGGING_FACE) is None:
        package = import_module(f"{__name__}.hugging_face")
        sys.modules |= {HUGGING_FACE: package, f"{HUGGING_FACE}.decoder_encoder": package.decoder_encoder}


def instead(module: str | None) -> str:
    """Say what to import in place of a module that is not here; "" for one that has nothing to do with these."""
    return INSTEAD.get((module or "").partition(".")[0], "")
