"""PyTorch models: every format that is served answers as PyTorch itself."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file, save_model
from tests.frameworks.layer import Layer
from tests.frameworks.networks import (
    ANY,
    BATCH,
    ROWS,
    Digit,
    Image,
    Several,
    Table,
    Tied,
    Words,
    answer,
    close,
    expected,
    export,
    load,
    made,
    script,
)
from torch import nn


@pytest.fixture(scope="module")
def layer() -> Layer:
    return Layer("pytorch")


@pytest.fixture
def inference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An inference.py as the server imports it."""
    module = ModuleType("inference")
    monkeypatch.setitem(sys.modules, "inference", module)
    return module


def test_an_exported_program_of_a_table(layer: Layer, tmp_path: Path) -> None:
    module = made(Table)
    export(module, tmp_path / "churn.pt2", torch.zeros(2, 4), dynamic=ANY)

    model = load(layer, tmp_path)

    assert layer.framework.inputs(model) == layer.columns.Schema(width=4)
    wanted = expected(module, torch.tensor(ROWS, dtype=torch.float32))
    assert answer(layer, model, ROWS) == wanted.tolist()
    assert answer(layer, model, ROWS[:1]) == close(wanted[:1])


def test_an_exported_program_of_several_tensors(layer: Layer, tmp_path: Path) -> None:
    module = made(Several)
    dynamic = {"ids": {0: BATCH, 1: torch.export.Dim("length", max=16)}, "scale": {0: BATCH}}
    export(module, tmp_path / "model.pt2", torch.ones(2, 5, dtype=torch.long), scale=torch.ones(2, 2), dynamic=dynamic)
    ids, scale = np.array([[1, 2, 0], [3, 3, 3]]), np.array([[0.5, 1.0], [2.0, 3.0]], dtype=np.float32)

    model = load(layer, tmp_path)

    Tensor, Tensors = layer.inputs.Tensor, layer.inputs.Tensors  # noqa: N806 - they are classes
    tensors = (Tensor("ids", "int64", (None,)), Tensor("scale", "float32", (2,)))
    assert layer.framework.inputs(model) == Tensors(tensors)
    wanted = expected(module, torch.tensor(ids), scale=torch.tensor(scale))
    assert answer(layer, model, {"ids": ids, "scale": scale}) == [
        {"vector": wanted["vector"][row].tolist(), "length": wanted["length"][row].item()} for row in range(2)
    ]
    with pytest.raises(layer.errors.RequestError, match=r"ids.*<= 16") as error:
        answer(layer, model, {"ids": np.ones((2, 17), dtype=int), "scale": scale})
    assert error.value.status == 400


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_a_program_that_was_exported_for_one_size_of_batch(layer: Layer, tmp_path: Path, batch: int) -> None:
    module = made(Table)
    export(module, tmp_path / "model.pt2", torch.zeros(batch, 4))

    wanted = expected(module, torch.tensor(ROWS, dtype=torch.float32))
    got = answer(layer, load(layer, tmp_path), ROWS)
    assert len(got) == len(ROWS)
    assert got == close(wanted)


def test_torchscript(layer: Layer, tmp_path: Path) -> None:
    module = made(Table).train()  # a model that was saved in training mode answers in evaluation mode
    script(module, tmp_path / "model.pt")

    model = load(layer, tmp_path)

    assert layer.framework.inputs(model) == layer.columns.Schema(width=4)
    wanted = expected(module.eval(), torch.tensor(ROWS, dtype=torch.float32))
    assert answer(layer, model, ROWS) == close(wanted)


@pytest.mark.parametrize(
    ("kind", "name", "dtype", "shape"),
    [
        (Image, "image", "float32", (3, None, None)),
        (Digit, "image", "float32", (1, 28, 28)),
        (Words, "ids", "int64", (None,)),
    ],
)
def test_torchscript_takes_what_its_first_layer_takes(
    layer: Layer, tmp_path: Path, *, kind: type[nn.Module], name: str, dtype: str, shape: tuple[int | None, ...]
) -> None:
    module = made(kind)
    script(module, tmp_path / "model.pt")
    value = np.ones([2, *(length or 40 for length in shape)], dtype=dtype)

    model = load(layer, tmp_path)

    assert layer.framework.inputs(model) == layer.inputs.Tensors((layer.inputs.Tensor(name, dtype, shape),))
    wanted = expected(module, torch.tensor(value))
    assert answer(layer, model, {name: value}) == close(wanted)


@pytest.mark.parametrize("name", ["model.safetensors", "model.pt", "model.pth", "old.pth", "checkpoint.pt"])
def test_weights_for_a_module_of_inference_py(
    layer: Layer, tmp_path: Path, inference: SimpleNamespace, name: str
) -> None:
    module = made(Table)
    inference.build_model = Table
    if name == "model.safetensors":
        save_file(module.state_dict(), tmp_path / name)
    elif name == "checkpoint.pt":
        torch.save({"epoch": 3, "state_dict": module.state_dict()}, tmp_path / name)
    else:
        torch.save(module.state_dict(), tmp_path / name, _use_new_zipfile_serialization=name != "old.pth")

    wanted = expected(module, torch.tensor(ROWS, dtype=torch.float32))
    assert answer(layer, load(layer, tmp_path), ROWS) == wanted.tolist()


def test_tied_weights_are_stored_once_and_stay_tied(layer: Layer, tmp_path: Path, inference: SimpleNamespace) -> None:
    module = made(Tied)
    inference.build_model = Tied
    save_model(module, str(tmp_path / "model.safetensors"))

    model = load(layer, tmp_path)

    assert model.first.weight.data_ptr() == model.second.weight.data_ptr()
    assert answer(layer, model, ROWS) == expected(module, torch.tensor(ROWS, dtype=torch.float32)).tolist()


def test_weights_of_half_the_precision(layer: Layer, tmp_path: Path, inference: SimpleNamespace) -> None:
    module = made(Table).to(torch.bfloat16)
    inference.build_model = Table
    save_file(module.state_dict(), tmp_path / "model.safetensors")

    wanted = expected(module, torch.tensor(ROWS, dtype=torch.bfloat16))
    assert answer(layer, load(layer, tmp_path), ROWS) == wanted.float().tolist()


@pytest.mark.parametrize(
    ("output", "rows"),
    [
        (lambda x: (x, x.sum(1)), [[[1.0, 2.0], 3.0]]),
        (lambda x: {"a": x, "none": None}, [{"a": [1.0, 2.0]}]),
        (lambda x: x.sum(1), [3.0]),
        (lambda x: x.bool(), [[True, True]]),
    ],
)
def test_each_row_has_its_part_of_what_the_model_returns(layer: Layer, output: Any, rows: Any) -> None:
    module = nn.Linear(2, 2)
    module.forward = output  # type: ignore[method-assign]

    assert answer(layer, module, np.array([[1.0, 2.0]])) == rows


@pytest.mark.parametrize("output", [lambda x: x.sum(), lambda x: (x, x[:1]), lambda _: "text"])
def test_an_answer_that_has_no_rows_is_an_error_of_the_model(layer: Layer, output: Any) -> None:
    module = nn.Linear(2, 2)
    module.forward = output  # type: ignore[method-assign]

    with pytest.raises(layer.errors.RequestError) as error:
        answer(layer, module, np.ones((2, 2)))
    assert error.value.status == 500


def test_threads_are_those_of_the_settings(layer: Layer, tmp_path: Path) -> None:
    script(made(Table), tmp_path / "model.pt")
    before = torch.get_num_threads()
    try:
        layer.framework.load(layer.settings.ModelSettings("a", "pytorch", "2", tmp_path, native_threads=2))
        assert (torch.get_num_threads(), torch.get_num_interop_threads()) == (2, 1)
    finally:
        torch.set_num_threads(before)
