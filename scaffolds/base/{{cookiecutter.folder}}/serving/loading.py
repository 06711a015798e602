"""Which model answers: what model_fn gives, a faster equal of the artifact where one was made, or the artifact itself."""

from typing import Any

from serving import framework, logs
from serving.context import Context
from serving.hooks import Hooks
from serving.settings import ModelSettings, ServerSettings


def load(settings: ModelSettings, server: ServerSettings, own: Hooks) -> Any:
    """Load the model. Raises StartError, and whatever model_fn raises."""
    folder = str(settings.folder)
    if own.model_fn:
        return own.model_fn(folder, Context(model_name=settings.name, model_dir=folder))
    # Optional, of a framework's module: gives the equal, or None and why not.
    equal = getattr(framework, "load_equal", None)
    if equal is None:
        return framework.load(settings)
    found, why = None, "serving.optimize is off"
    if own.predict_fn or own.transform_fn:
        why = "inference.py calls the model itself"
    elif server.optimize:
        found, why = equal(settings)
    if found is not None:
        logs.info("model_optimized", message="a faster equal of the model answers, shown equal on sample rows")
        return found
    logs.info("model_not_optimized", reason=why)
    return framework.load(settings)
