"""The user's code: inference.py and the functions in it, under the names that SageMaker users know. Each is optional.

    model_fn(model_dir) -> model
    input_fn(request_body, request_content_type) -> input_data
    predict_fn(input_data, model) -> prediction
    output_fn(prediction, accept) -> bytes | str | (body, content_type)
    transform_fn(model, request_body, request_content_type, accept) -> as output_fn; in place of the three before

Each may take one more parameter, `context` (see `context`). Files written for the SageMaker inference toolkit work as
they are: what they import from it is there (see `toolkit`). What is wrong with the file is said at start (StartError),
not at the first request.
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

from serving import toolkit
from serving.errors import StartError

PARAMETERS = {
    "model_fn": ("model_dir",),
    "input_fn": ("request_body", "request_content_type"),
    "predict_fn": ("input_data", "model"),
    "output_fn": ("prediction", "accept"),
    "transform_fn": ("model", "request_body", "request_content_type", "accept"),
}
REPLACED = ("input_fn", "predict_fn", "output_fn")  # by transform_fn
CONTEXTS = {"context", "ctx", "_context"}  # names of a parameter with a default that is meant for the context


@dataclass(frozen=True, slots=True)
class Hooks:
    """The functions that inference.py defines, all with a context at the end; None for the server's own way."""

    model_fn: Callable[..., Any] | None = None
    input_fn: Callable[..., Any] | None = None
    predict_fn: Callable[..., Any] | None = None
    output_fn: Callable[..., Any] | None = None
    transform_fn: Callable[..., Any] | None = None


def load(project: Path) -> Hooks:
    """Import `project`/inference.py and check its functions. Without the file there are no hooks."""
    path = project / "inference.py"
    if not path.exists():
        return Hooks()
    if str(project) not in sys.path:
        sys.path.insert(0, str(project))  # modules that lie beside inference.py
    toolkit.register()
    module = _import(path)
    functions = {name: _checked(name, getattr(module, name)) for name in PARAMETERS if hasattr(module, name)}
    both = [name for name in REPLACED if name in functions]
    if "transform_fn" in functions and both:
        raise StartError(f"inference.py defines transform_fn and {', '.join(both)}: transform_fn is called alone")
    return Hooks(**functions)


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
        if isinstance(error, ImportError) and (instead := toolkit.instead(error.name)):
            hint = f"; {instead}"
        elif isinstance(error, ModuleNotFoundError):
            hint = "; packages of your own go into model.requirements of byocgen.yaml"
        raise StartError(f"inference.py raised {type(error).__name__}{where}: {error}{hint}") from error
    return module


def _checked(name: str, function: object) -> Callable[..., Any]:
    """Give the function in the form with the documented parameters and a context."""
    parameters = PARAMETERS[name]
    wanted = f"{name}({', '.join(parameters)})"
    if not callable(function):
        raise StartError(f"inference.py: {name} is no function; expected {wanted}")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise StartError(f"inference.py: {name} is an async function; expected a plain one, {wanted}")
    try:
        signature = inspect.signature(function)
    except ValueError:  # functions written in C may have none
        return lambda *arguments: function(*arguments[:-1])
    if _takes(signature, len(parameters)) and not _wants_context(signature, len(parameters)):
        return lambda *arguments: function(*arguments[:-1])
    if _takes(signature, len(parameters) + 1):
        return function
    if _takes_keyword(signature, len(parameters)):
        return lambda *arguments: function(*arguments[:-1], context=arguments[-1])
    raise StartError(f"inference.py: {name}{signature} cannot be called as {wanted}")


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True


def _takes_keyword(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count, context=None)
    except TypeError:
        return False
    return True


def _wants_context(signature: inspect.Signature, count: int) -> bool:
    """Tell whether the parameter after the documented ones is there for the context, though it has a default."""
    named = list(signature.parameters.values())
    if any(parameter.name == "context" and parameter.kind is parameter.KEYWORD_ONLY for parameter in named):
        return True
    return len(named) > count and named[count].name in CONTEXTS and named[count].kind is not named[count].VAR_KEYWORD
