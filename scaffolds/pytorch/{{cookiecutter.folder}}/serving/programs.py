"""Programs: models that bring their own code, so that nothing of yours is needed. torch.export (.pt2), TorchScript (.pt).

An exported program says what it takes, names, types and shapes, and how large a batch may be. A TorchScript one does
not: see `shapes`.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree  # the only way to learn how a program's inputs are nested

from serving.errors import StartError
from serving.inputs import Tensor

REMEDY = (
    "; is it complete, and was it written by the PyTorch of this image, {version}? If not, set model.framework_version"
)


class Exported(torch.nn.Module):
    """A program of torch.export as a module. Called with a dict of tensors by name, or with the program's arguments."""

    def __init__(self, program: torch.export.ExportedProgram) -> None:
        """Read off the program what it takes. Raises StartError where that is no plain list of tensors."""
        super().__init__()
        self.module = program.module()
        self.tensors, self.types, self.smallest, self.largest = _signature(program)
        self._spec = program.call_spec.in_spec

    def forward(self, *arguments: Any, **named: Any) -> Any:
        """Call the program; a dict of tensors is put into its order."""
        if len(arguments) == 1 and isinstance(arguments[0], dict) and not named:
            flat = [arguments[0][tensor.name] for tensor in self.tensors]
            arguments, named = pytree.tree_unflatten(flat, self._spec)
        return self.module(*arguments, **named)


def load_exported(path: Path, device: torch.device) -> Exported:
    """Load what torch.export.save wrote. Raises StartError."""
    from torch.export.passes import move_to_device_pass  # noqa: PLC0415 - seconds to import, needed for this format only

    try:
        program = torch.export.load(path)
        if device.type != "cpu":
            program = move_to_device_pass(program, device)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the archive is read by many hands
        raise unreadable(path, error) from None
    return Exported(program)


def load_scripted(path: Path, device: torch.device) -> torch.nn.Module:
    """Load what torch.jit.save wrote. Raises StartError."""
    try:
        module: torch.nn.Module = torch.jit.load(str(path), map_location=device)  # type: ignore[no-untyped-call]
    except RuntimeError as error:
        raise unreadable(path, error) from None
    return module.eval()


def unreadable(path: Path, error: Exception) -> StartError:
    """Word a file that PyTorch could not read."""
    lines = str(error).strip().splitlines() or [""]
    problem = f"{type(error).__name__}: {lines[0][:300]}"
    return StartError(f"{path.name} cannot be read: {problem}{REMEDY.format(version=torch.__version__)}")


def _signature(
    program: torch.export.ExportedProgram,
) -> tuple[tuple[Tensor, ...], tuple[torch.dtype, ...], int, int | None]:
    """Give the inputs without their batch dimension, their types, and the smallest and the largest batch (None: any)."""
    values = {node.name: node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"}
    tensors, types, batches = [], [], []
    for name in program.graph_signature.user_inputs:
        value = values.get(str(name))
        if not isinstance(value, torch.Tensor) or value.ndim == 0:
            raise StartError(
                f"the exported program takes {name!r}, which is no tensor with a batch dimension: export it with tensors "
                "alone, or define model_fn and predict_fn in inference.py"
            )
        lengths = [length if isinstance(length, int) else None for length in value.shape]
        tensors.append(Tensor(str(name), sent_as(value.dtype), tuple(lengths[1:])))
        types.append(value.dtype)
        batches.append(_range(value.shape[0], program))
    if not tensors:
        raise StartError("the exported program takes no inputs")
    largest = min((high for _, high in batches if high is not None), default=None)
    return tuple(tensors), tuple(types), max(low for low, _ in batches), largest


def sent_as(kind: torch.dtype) -> str:
    """Name the numpy type that a request's numbers are read as: numpy has none for bfloat16 and the 8-bit floats."""
    name = str(kind).removeprefix("torch.")
    return name if hasattr(np, name) else "float32"


def _range(length: int | torch.SymInt, program: torch.export.ExportedProgram) -> tuple[int, int | None]:
    if isinstance(length, int):
        return length, length
    known = program.range_constraints.get(length.node.expr)
    if known is None:
        return 1, None
    low = int(known.lower)
    # torch.export counts from 2 where it means "any number": a batch of one works, and so it says itself.
    return (low if low > 2 else 1), (int(known.upper) if known.upper < math.inf else None)
