"""Weights: a state_dict without code. The module that they belong to is made by build_model() of inference.py.

Nothing of a file is ever run: safetensors cannot hold code, and .pt/.pth files are read with weights_only=True, which
refuses pickled modules. Weights are mapped from the file where the module takes them as they are, not copied.
"""

import pickle
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from serving.errors import StartError
from serving.programs import unreadable

INSIDE = ("state_dict", "model_state_dict")  # where training scripts and Lightning keep the weights of a checkpoint
SHOWN = 5  # names that a message lists


def load(path: Path) -> torch.nn.Module:
    """Build the module and give it the file's weights. Raises StartError, and whatever build_model raises."""
    build = _builder(path)
    state = read(path)
    module = build()
    if not isinstance(module, torch.nn.Module):
        raise StartError(f"build_model in inference.py returned a {type(module).__name__}; expected a torch.nn.Module")
    _share(module, state)
    try:
        wrong = module.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        raise StartError(f"{path.name} does not fit the module of build_model: {_shapes(error)}") from None
    if wrong.missing_keys or wrong.unexpected_keys:
        differences = [
            f"{what} {', '.join(names[:SHOWN])}{' ...' if len(names) > SHOWN else ''}"
            for what, names in (("it lacks", wrong.missing_keys), ("the module has no", wrong.unexpected_keys))
            if names
        ]
        raise StartError(f"{path.name} does not fit the module of build_model: {'; '.join(differences)}")
    return module.requires_grad_(requires_grad=False)


def read(path: Path) -> dict[str, torch.Tensor]:
    """Read the weights by name, mapped into memory where the format allows. Raises StartError."""
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise unreadable(path, error) from None
    try:
        # Only the zip form, PyTorch's own since 1.6, can be mapped.
        held = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        raise StartError(_pickled(path, error)) from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a file that is none of its kind raises anything
        raise unreadable(path, error) from None
    return _state(path, held)


def _state(path: Path, held: object) -> dict[str, torch.Tensor]:
    for key in INSIDE:
        if isinstance(held, Mapping) and isinstance(held.get(key), Mapping):
            held = held[key]
    if isinstance(held, Mapping) and held and all(isinstance(value, torch.Tensor) for value in held.values()):
        return {str(name): value for name, value in held.items()}
    raise StartError(f"{path.name} holds no weights by name: write it with torch.save(model.state_dict(), ...)")


def _builder(path: Path) -> Callable[[], Any]:
    build = getattr(sys.modules.get("inference"), "build_model", None)
    if callable(build):
        return build  # type: ignore[no-any-return]
    raise StartError(
        f"{path.name} holds weights, not code: define build_model() in inference.py, which returns the module that they "
        "belong to; or save the model with torch.export"
    )


def _share(module: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
    """Fill in tied weights, which safetensors stores under one of their names only."""
    names: dict[int, list[str]] = {}
    for name, value in module.state_dict(keep_vars=True).items():
        names.setdefault(id(value), []).append(name)
    for same in names.values():
        stored = [name for name in same if name in state]
        if stored:
            state.update(dict.fromkeys(set(same) - set(stored), state[stored[0]]))


def _pickled(path: Path, error: Exception) -> str:
    if "Unsupported" not in str(error) and "GLOBAL" not in str(error):
        return str(unreadable(path, error))
    return (
        f"{path.name} holds pickled objects, a whole module most likely: loading it would run code of the file, so it is "
        'refused. Save the weights instead, safetensors.torch.save_file(model.state_dict(), "model.safetensors"), and '
        "define build_model() in inference.py; or save a program with torch.export"
    )


def _shapes(error: RuntimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines()[1 : SHOWN + 1]]
    return " ".join(lines) or str(error)[:300]
