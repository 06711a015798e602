"""PyTorch: how its models are found, loaded, described and called. The rest of the server knows no framework.

    .pt2                 a program of torch.export: brings its code, and says what it takes (`programs`)
    .pt                  TorchScript: brings its code (`programs`)
    .safetensors, .pt    weights, for the module that build_model() of inference.py makes (`weights`)

A model answers in evaluation mode and without gradients. What it returns for a batch becomes one entry a row: of a
tensor its row, of a dict of tensors an object, of a tuple a list.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from serving import accelerator, entries, errors, model_files, programs, shapes, weights
from serving.columns import Schema
from serving.errors import StartError
from serving.inputs import Inputs, Parameter, Tensors
from serving.programs import Exported
from serving.settings import ModelSettings

# On a CPU and with one thread, loading starts none that a fork would lose.
SHARE_BY_FORK = True
SUFFIXES = (".pt2", ".pt", ".pth", ".safetensors")
FAVOURITES = ("model.pt2", "model.safetensors", "model.pt", "model.pth")  # the first that is there


def load(settings: ModelSettings) -> torch.nn.Module:
    """Load the model, onto the GPU where there is one. Raises StartError that says what to change."""
    device = accelerator.prepare(settings.native_threads)
    path = model_files.find(settings.folder, SUFFIXES, FAVOURITES)
    try:
        module = _load(path, device).to(device)
    except MemoryError:
        raise model_files.does_not_fit(path) from None
    return module if isinstance(module, Exported) else module.eval()  # a program was exported in its mode


def _load(path: Path, device: torch.device) -> torch.nn.Module:
    if path.suffix == ".safetensors":
        return weights.load(path)
    # Names of files say little: .pt may be anything. An archive's members tell what wrote it.
    members = _members(path)
    if any(member.startswith("data/aotinductor/") for member in members):
        raise StartError(f"{path.name} was compiled for one machine (AOTInductor): save it with torch.export.save")
    if "archive_format" in members:
        return programs.load_exported(path, device)
    if "constants.pkl" in members:
        return programs.load_scripted(path, device)
    return weights.load(path)


def _members(path: Path) -> set[str]:
    if not zipfile.is_zipfile(path):
        return set()
    try:
        with zipfile.ZipFile(path) as archive:
            return {member.partition("/")[2] for member in archive.namelist()}
    except (zipfile.BadZipFile, OSError) as error:
        raise programs.unreadable(path, error) from None


def check(model: object) -> None:
    """Refuse a model that this module cannot call. Raises StartError."""
    if not isinstance(model, torch.nn.Module):
        raise StartError(f"model_fn returned a {type(model).__name__}, no module: define predict_fn in inference.py")
    names = [] if isinstance(model, Exported) else shapes.arguments(model)
    if len(names) > 1:
        raise StartError(
            f"the TorchScript model takes {', '.join(names)}, and does not say of which shapes: save it with torch.export, "
            "or define input_fn and predict_fn in inference.py"
        )


def inputs(model: object) -> Inputs:
    """Tell what a request holds: one tensor of [batch, numbers] is a table, anything else is tensors by name."""
    if isinstance(model, Exported):
        return _described(model)
    if isinstance(model, torch.nn.Module) and len(shapes.arguments(model)) == 1:
        return shapes.find(model)
    return Schema()


def to_input(model: object, data: Any, names: tuple[str, ...]) -> Any:  # noqa: ARG001 - names are of data frames
    """Make tensors of the types that the model computes with, on its device."""
    if not isinstance(model, torch.nn.Module):
        return data
    own = shapes.number_type(model)
    place = next((value.device for value in model.parameters()), None)
    if not isinstance(data, Mapping):
        return torch.as_tensor(data, dtype=model.types[0] if isinstance(model, Exported) else own, device=place)
    tensors = {name: torch.from_numpy(np.ascontiguousarray(value)).to(place) for name, value in data.items()}
    if isinstance(model, Exported):
        kinds = zip(model.tensors, model.types, strict=True)
        return {tensor.name: tensors[tensor.name].to(kind) for tensor, kind in kinds}
    return {name: value.to(own) if value.is_floating_point() else value for name, value in tensors.items()}


def parameters(model: object) -> tuple[Parameter, ...]:  # noqa: ARG001 - the same for every model
    """Tell what "parameters" of a request may say: nothing."""
    return ()


def predict(data: Any, model: Any, parameters: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """Call the model with a tensor, a dict of them by name, or a tuple of them (from input_fn). One entry a row."""
    with torch.inference_mode():
        if isinstance(model, Exported):
            return _in_batches(data, model)
        if isinstance(data, Mapping):
            # One tensor has the name that a request calls it by, which need not be the name in forward().
            output = model(*data.values()) if len(data) == 1 else model(**data)
        elif isinstance(data, tuple):
            output = model(*data)
        else:
            output = model(torch.as_tensor(data))
        return entries.of(output)


def _described(model: Exported) -> Inputs:
    first = model.tensors[0]
    if len(model.tensors) == 1 and len(first.shape) == 1 and getattr(torch, first.dtype).is_floating_point:
        return Schema(width=first.shape[0])
    return Tensors(model.tensors)


def _in_batches(data: Any, model: Exported) -> Any:
    """Call an exported program with batches of the sizes it was exported for: cut, or filled up with the last row."""
    named = dict(data) if isinstance(data, Mapping) else {model.tensors[0].name: torch.as_tensor(data)}
    rows = len(next(iter(named.values())))
    size = max(min(rows, model.largest or rows), model.smallest)
    try:
        if size == rows:
            return entries.of(model(named))
        parts = [entries.of(model(_part(named, start, size))) for start in range(0, rows, size)]
    except AssertionError as error:
        # What torch.export was told of lengths, and of how they belong together, is checked by the program.
        problem = f"the model takes no such lengths: {error}"[:300]
        raise errors.quoting(errors.RequestError(400, "invalid_input", problem)) from error
    return [entry for part in parts for entry in part][:rows]


def _part(named: Mapping[str, torch.Tensor], start: int, size: int) -> dict[str, torch.Tensor]:
    part = {name: value[start : start + size] for name, value in named.items()}
    return {
        name: torch.cat([value, value[-1:].expand(size - len(value), *value.shape[1:])]) for name, value in part.items()
    }
