"""The user's code: inference.py and the functions in it, under the names that SageMaker users know. Each is optional.

    model_fn(model_dir) -> model
    input_fn(request_body, request_content_type) -> input_data
    predict_fn(input_data, model) -> prediction
    output_fn(prediction, accept) -> bytes | str | (body, content_type)

Each may take one more parameter, `context`, as SageMaker's own containers allow; it is None here. What is wrong with
the file is said at start (StartError), not at the first request.
"""

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from serving.errors import StartError

PARAMETERS = {
    "model_fn": ("model_dir",),
    "input_fn": ("request_body", "request_content_type"),
    "predict_fn": ("input_data", "model"),
    "output_fn": ("prediction", "accept"),
}


@dataclass(frozen=True, slots=True)
class Hooks:
    """The functions that inference.py defines; None for the server's own way."""

    model_fn: Callable[[str], Any] | None = None
    input_fn: Callable[[bytes | str, str], Any] | None = None
    predict_fn: Callable[[Any, Any], Any] | None = None
    output_fn: Callable[[Any, str], Any] | None = None


def load(project: Path) -> Hooks:
    """Import `project`/inference.py and check its functions. Without the file there are no hooks."""
    path = project / "inference.py"
    if not path.exists():
        return Hooks()
    if str(project) not in sys.path:
        sys.path.insert(0, str(project))
    module = _import(path)
    if hasattr(module, "transform_fn"):
        raise StartError(
            "inference.py defines transform_fn, which is not called here: use input_fn, predict_fn and output_fn"
        )
    return Hooks(**{name: _checked(name, getattr(module, name)) for name in PARAMETERS if hasattr(module, name)})


def _import(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("inference", path)
    if spec is None or spec.loader is None:
        raise StartError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules["inference"] = module  # a pickled model may name classes of this file
    try:
        spec.loader.exec_module(module)
    except BaseException as error:  # it may raise anything, SystemExit included
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
        where = f" at line {line}" if line else ""
        hint = ""
        if isinstance(error, ModuleNotFoundError):
            hint = "; packages of your own go into model.requirements of byocgen.yaml"
        raise StartError(f"inference.py raised {type(error).__name__}{where}: {error}{hint}") from error
    return module


def _checked(name: str, function: object) -> Callable[..., Any]:
    """Give the function in the form with the documented parameters."""
    parameters = PARAMETERS[name]
    wanted = f"{name}({', '.join(parameters)})"
    if not callable(function):
        raise StartError(f"inference.py: {name} is no function; expected {wanted}")
    if inspect.iscoroutinefunction(function):
        raise StartError(f"inference.py: {name} is an async function; expected a plain one, {wanted}")
    try:
        signature = inspect.signature(function)
    except ValueError:  # functions written in C may have none
        return function
    if _takes(signature, len(parameters)):
        return function
    if _takes(signature, len(parameters) + 1):
        return lambda *arguments: function(*arguments, None)
    raise StartError(f"inference.py: {name}{signature} cannot be called as {wanted}")


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True
