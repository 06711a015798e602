"""PyTorch modules of the tests, how they are saved, and how the layer is asked."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.frameworks.layer import Layer
from torch import nn

ROWS = np.array([[0.5, -1.0, 2.0, 0.0], [1.5, 0.25, -2.0, 3.0], [9.0, 8.0, 7.0, 6.0]])


class Table(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.layers(rows).softmax(dim=1)  # type: ignore[no-any-return]


class Image(nn.Module):
    """Takes images of any size."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.layers(image)  # type: ignore[no-any-return]


class Digit(Image):
    """Takes images of 28 by 28 only."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 26 * 26, 2))


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(10, 4)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.words(ids).mean(1)  # type: ignore[no-any-return]


class Several(nn.Module):
    """Takes two tensors and gives a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.words = Words()
        self.layer = nn.Linear(2, 4)

    def forward(self, ids: torch.Tensor, *, scale: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"vector": self.words(ids) + self.layer(scale), "length": (ids > 0).sum(1)}


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4, bias=False)
        self.second = nn.Linear(4, 4, bias=False)
        self.second.weight = self.first.weight

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(rows))  # type: ignore[no-any-return]


def made(kind: type[nn.Module]) -> nn.Module:
    torch.manual_seed(0)
    return kind().eval()


def expected(module: nn.Module, *values: Any, **named: Any) -> Any:
    with torch.inference_mode():
        return module(*values, **named)


def close(wanted: torch.Tensor) -> Any:
    """Equal but for the rounding that another size of batch brings."""
    return [pytest.approx(row, abs=1e-6) for row in wanted.tolist()]


def settings(layer: Layer, folder: Path) -> Any:
    return layer.settings.ModelSettings("churn", "pytorch", "2.13.0", folder)


def load(layer: Layer, folder: Path) -> Any:
    model = layer.framework.load(settings(layer, folder))
    layer.framework.check(model)
    return model


def answer(layer: Layer, model: Any, data: Any) -> Any:
    framework = layer.framework
    prediction = framework.predict(framework.to_input(model, data, ()), model, {})
    return prediction.tolist() if isinstance(prediction, np.ndarray) else prediction


def refusal(layer: Layer, folder: Path) -> str:
    with pytest.raises(layer.errors.StartError) as error:
        load(layer, folder)
    return str(error.value)


def script(module: nn.Module, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(module).save(str(path))  # type: ignore[no-untyped-call]


def export(module: nn.Module, path: Path, *values: Any, **shapes: Any) -> None:
    named = {name: value for name, value in shapes.items() if isinstance(value, torch.Tensor)}
    torch.export.save(torch.export.export(module, values, named, dynamic_shapes=shapes.get("dynamic")), path)


BATCH = torch.export.Dim("batch")
ANY = {"rows": {0: BATCH}}
