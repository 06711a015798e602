"""PyTorch files that cannot be served: each says what to do, and none is run."""

import json
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file
from tests.frameworks.layer import Layer
from tests.frameworks.networks import ROWS, Several, Table, Words, export, made, refusal, script
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


@pytest.fixture(params=["new", "old"])
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with a pickled module, whose class can be imported: loading it would work, and run its code."""
    torch.save(nn.Linear(4, 3), tmp_path / "model.pt", _use_new_zipfile_serialization=request.param == "new")
    return tmp_path


def test_a_pickled_module_is_refused(layer: Layer, whole: Path, inference: SimpleNamespace) -> None:
    inference.build_model = Table

    message = refusal(layer, whole)
    assert message.startswith("model.pt holds pickled objects, a whole module most likely: loading it would run code")
    assert 'safetensors.torch.save_file(model.state_dict(), "model.safetensors")' in message
    assert "build_model()" in message


def test_weights_without_a_module(layer: Layer, tmp_path: Path) -> None:
    save_file(made(Table).state_dict(), tmp_path / "model.safetensors")

    assert refusal(layer, tmp_path).startswith(
        "model.safetensors holds weights, not code: define build_model() in inference.py"
    )


def test_weights_of_another_module(layer: Layer, tmp_path: Path, inference: SimpleNamespace) -> None:
    inference.build_model = Words
    save_file(made(Table).state_dict(), tmp_path / "model.safetensors")

    assert refusal(layer, tmp_path) == (
        "model.safetensors does not fit the module of build_model: it lacks words.weight; the module has no "
        "layers.0.bias, layers.0.weight, layers.3.bias, layers.3.weight"
    )


def test_weights_of_other_shapes(layer: Layer, tmp_path: Path, inference: SimpleNamespace) -> None:
    inference.build_model = lambda: nn.Embedding(5, 4)
    save_file(nn.Embedding(10, 4).state_dict(), tmp_path / "model.safetensors")

    message = refusal(layer, tmp_path)
    assert message.startswith("model.safetensors does not fit the module of build_model: size mismatch for weight")


@pytest.mark.parametrize("held", [{"epoch": 3}, [1, 2], {}])
def test_a_file_without_weights(layer: Layer, tmp_path: Path, inference: SimpleNamespace, held: object) -> None:
    inference.build_model = Table
    torch.save(held, tmp_path / "model.pt")

    assert refusal(layer, tmp_path).startswith("model.pt holds no weights by name")


def test_build_model_must_return_a_module(layer: Layer, tmp_path: Path, inference: SimpleNamespace) -> None:
    inference.build_model = lambda: "model"
    save_file(made(Table).state_dict(), tmp_path / "model.safetensors")

    assert refusal(layer, tmp_path) == "build_model in inference.py returned a str; expected a torch.nn.Module"


def test_no_model_names_what_was_found(layer: Layer, tmp_path: Path) -> None:
    (tmp_path / "readme.txt").touch()

    message = refusal(layer, tmp_path)
    assert message.startswith(f"no model in {tmp_path}: looked for model.pt2")
    assert "found readme.txt" in message


def test_two_models_are_one_too_many(layer: Layer, tmp_path: Path) -> None:
    for name in ("a.pt", "b.pt2"):
        (tmp_path / name).touch()

    assert "found a.pt, b.pt2" in refusal(layer, tmp_path)


@pytest.mark.parametrize("name", ["model.pt2", "model.pt", "model.pth", "model.safetensors"])
@pytest.mark.parametrize("data", [b"", b"junk" * 10, b"PK\x03\x04" + b"\0" * 40], ids=["empty", "junk", "no archive"])
def test_a_file_that_is_none_of_its_kind(
    layer: Layer, tmp_path: Path, inference: SimpleNamespace, name: str, data: bytes
) -> None:
    inference.build_model = Table
    (tmp_path / name).write_bytes(data)

    message = refusal(layer, tmp_path)
    assert message.startswith(f"{name} cannot be read: ")
    assert "is it complete, and was it written by the PyTorch of this image" in message


@pytest.mark.parametrize("kind", ["exported", "scripted", "weights", "safetensors"])
def test_a_file_that_was_cut_off(layer: Layer, tmp_path: Path, inference: SimpleNamespace, kind: str) -> None:
    module = made(Table)
    inference.build_model = Table
    path = tmp_path / {"exported": "model.pt2", "safetensors": "model.safetensors"}.get(kind, "model.pt")
    if kind == "exported":
        export(module, path, torch.zeros(2, 4))
    elif kind == "scripted":
        script(module, path)
    elif kind == "safetensors":
        save_file(module.state_dict(), path)
    else:
        torch.save(module.state_dict(), path)
    path.write_bytes(path.read_bytes()[:-200])

    assert refusal(layer, tmp_path).startswith(f"{path.name} cannot be read: ")


def test_a_program_of_another_pytorch(layer: Layer, tmp_path: Path) -> None:
    path = tmp_path / "model.pt2"
    export(made(Table), path, torch.zeros(2, 4))
    newer = tmp_path / "newer"
    newer.mkdir()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(newer / "model.pt2", "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry.endswith("models/model.json"):
                program = json.loads(data)
                program["schema_version"]["major"] += 90
                data = json.dumps(program).encode()
            new.writestr(entry, data)

    message = refusal(layer, newer)
    assert message.startswith("model.pt2 cannot be read: ")
    assert message.endswith(
        f"written by the PyTorch of this image, {torch.__version__}? If not, set model.framework_version"
    )


def test_a_torchscript_model_of_several_tensors_asks_for_code(layer: Layer, tmp_path: Path) -> None:
    script(made(Several), tmp_path / "model.pt")

    message = refusal(layer, tmp_path)
    assert message.startswith("the TorchScript model takes ids, scale, and does not say of which shapes")


def test_a_model_that_is_no_module_asks_for_predict_fn(layer: Layer) -> None:
    with pytest.raises(layer.errors.StartError, match="model_fn returned a str, no module: define predict_fn"):
        layer.framework.check("model")
    assert layer.framework.to_input("model", ROWS, ()) is ROWS
    assert layer.framework.inputs("model") == layer.columns.Schema()
