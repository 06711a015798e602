"""What a module takes that does not say so, TorchScript or of your own: its first layer tells, and a trial proves it.

A linear layer takes rows of a table, an embedding token ids, a convolution channels by pixels or steps. Each guess is
tried with zeros once, when the model is loaded, and dropped when the module refuses them.
"""

from collections.abc import Iterator
from typing import Any

import torch

from serving.columns import Schema
from serving.inputs import Inputs, Tensor, Tensors
from serving.programs import sent_as

SIZES = (224, 32, 28)  # pixels or steps that trials use: most image models were trained on one of them
STEPS = 8  # length of the sequences that trials use
CONVOLUTIONS = {"Conv1d": 1, "Conv2d": 2, "Conv3d": 3}


def arguments(module: torch.nn.Module) -> list[str]:
    """Name the arguments that a TorchScript module cannot do without; ["input"] for other modules."""
    if not isinstance(module, torch.jit.ScriptModule):
        return ["input"]
    forward: Any = module.forward
    wanted = forward.schema.arguments[1:]
    return [argument.name for argument in wanted if not argument.has_default_value()]


def find(module: torch.nn.Module) -> Inputs:
    """Tell what the module takes; a table of any width when nothing else was found to work."""
    name = arguments(module)[0]
    for kind, value in _guesses(module):
        if works(module, value):
            if kind == "table":
                return Schema(width=value.shape[1])
            shape = _shape(module, value) if kind == "grid" else (None,)
            return Tensors((Tensor(name, sent_as(value.dtype), shape),))
    return Schema()


def number_type(module: torch.nn.Module) -> torch.dtype:
    """The type of floats that the module computes with."""
    return next((value.dtype for value in module.parameters() if value.is_floating_point()), torch.float32)


def works(module: torch.nn.Module, value: torch.Tensor) -> bool:
    """Try the module with a batch of two, which most mistaken shapes do not survive."""
    try:
        with torch.inference_mode():
            module(torch.cat([value, value]))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a trial: the module may refuse in any way
        return False
    return True


def _guesses(module: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    first = next((layer for layer in module.modules() if any(True for _ in layer.parameters(recurse=False))), None)
    if first is None:
        return
    name = getattr(first, "original_name", type(first).__name__)
    weight: Any = getattr(first, "weight", None)
    numbers = torch.empty(0, dtype=number_type(module), device=next(module.parameters()).device)
    if name == "Linear":
        yield "table", numbers.new_zeros(1, weight.shape[1])
    elif name in {"Embedding", "EmbeddingBag"}:
        yield "ids", numbers.new_zeros(1, STEPS, dtype=torch.int64)
    elif name in CONVOLUTIONS:
        channels = weight.shape[1] * getattr(first, "groups", 1)
        for size in SIZES:
            yield "grid", numbers.new_zeros(1, channels, *[size] * CONVOLUTIONS[name])


def _shape(module: torch.nn.Module, value: torch.Tensor) -> tuple[int | None, ...]:
    """Give the shape of an instance: lengths that may differ are None."""
    other = value.new_zeros(1, value.shape[1], *[value.shape[2] + STEPS * 4] * (value.ndim - 2))
    lengths: list[int | None] = list(value.shape[2:])
    return (value.shape[1], *([None] * len(lengths) if works(module, other) else lengths))
