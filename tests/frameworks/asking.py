"""How the tests ask a transformers model: loaded and asked as the server does, or by transformers itself."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from tests.frameworks.layer import Layer

LONG = "peter works at the harbour of new york , " * 8
TEXTS = [
    "anna lives in oslo",
    "",
    "peter",
    LONG,
    "peterhof and maria !",
    "maria",
    "new york , " * 6,
    "anna lives in oslo",
]
PROMPTS = ["once upon a time", "a", "the harbour of new york", "once upon a time", "åse"]


class Asking:
    """The layer, and what a server does with it."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    def load(self, folder: Path, task: str = "", **limits: int) -> Any:
        model = self.layer.framework.load(
            self.layer.settings.ModelSettings("churn", "transformers", "5.23.0", folder, task, **limits)
        )
        self.layer.framework.check(model)
        return model

    def ask(self, model: Any, data: list[Any], **parameters: Any) -> Any:
        """Ask with parameters that are checked and have their defaults."""
        framework = self.layer.framework
        field = framework.inputs(model).fields[0]
        rows = [{field: row} if isinstance(row, str) else row for row in data]
        return framework.predict(rows, model, self.layer.parameters.checked(parameters, framework.parameters(model)))

    def refused(self, model: Any, data: list[Any], **parameters: Any) -> tuple[int, str]:
        with pytest.raises(self.layer.errors.RequestError) as error:
            self.ask(model, data, **parameters)
        return error.value.status, error.value.message


def near(value: Any) -> Any:
    """Equal but for the rounding that another size of batch brings; also inside lists and objects."""
    if isinstance(value, dict):
        return {name: near(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [near(inner) for inner in value]
    return pytest.approx(float(value), abs=1e-4) if isinstance(value, float | np.floating) else value


def pipeline(task: str, folder: Path) -> Any:
    make: Any = transformers.pipeline  # its overloads list the tasks one by one
    return make(task, model=str(folder), device="cpu")
