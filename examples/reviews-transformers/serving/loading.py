"""Which model answers: what model_fn gives, a faster equal of the artifact where one was made, or the artifact itself."""

from typing import Any

from serving import framework
from serving.context import Context
from serving.hooks import Hooks
from serving.settings import ModelSettings, ServerSettings


def load(settings: ModelSettings, server: ServerSettings, own: Hooks) -> tuple[Any, dict[str, object]]:
    """Load the model; with it, what the log shall say of the choice. Raises StartError, and whatever model_fn raises."""
    folder = str(settings.folder)
    if own.model_fn:
        return own.model_fn(folder, Context(model_name=settings.name, model_dir=folder)), {}
    # Optional, of a framework's module: gives the equal, or None and why not.
    load_equal = getattr(framework, "load_equal", None)
    if load_equal is None:
        return framework.load(settings), {}
    equal, why = None, "serving.optimize is off"
    if own.predict_fn or own.transform_fn:
        why = "inference.py calls the model itself"
    elif server.optimize:
        equal, why = load_equal(settings)
    if equal is not None:
        return equal, {"optimized": True}
    return framework.load(settings), {"optimized": False, "reason": why}
