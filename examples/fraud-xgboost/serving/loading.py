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
    # Both optional, of a framework's module: give a faster equal, or None and why not.
    load_equal, faster = (getattr(framework, name, None) for name in ("load_equal", "faster"))
    if load_equal is None and faster is None:
        return framework.load(settings), {}
    if why := _why_itself(server, own):
        return framework.load(settings), {"optimized": False, "reason": why}
    equal, why = load_equal(settings) if load_equal else (None, "")
    if equal is None:
        model: Any = framework.load(settings)
        equal, why = faster(model, settings) if faster else (None, why)
        if equal is None:
            return model, {"optimized": False, "reason": why}
    return equal, {"optimized": True}


def _why_itself(server: ServerSettings, own: Hooks) -> str:
    if own.predict_fn or own.transform_fn:
        return "inference.py calls the model itself"
    return "" if server.optimize else "serving.optimize is off"
