"""Stands in for the package `sagemaker_inference` where that is not installed, as far as files written for it import it.

Its modules have the names and the documented behaviour of that package's; where it is installed, it is used.
"""

import sys
from importlib import import_module
from importlib.util import find_spec

PACKAGE = "sagemaker_inference"
MODULES = ("content_types", "errors", "decoder", "encoder", "logging", "utils", "default_inference_handler")


def register() -> None:
    """Make `import sagemaker_inference` work."""
    if PACKAGE in sys.modules or find_spec(PACKAGE) is not None:
        return
    sys.modules[PACKAGE] = sys.modules[__name__]
    for name in MODULES:
        sys.modules[f"{PACKAGE}.{name}"] = import_module(f"{__name__}.{name}")
