"""ONNX models: every form of graph is described and answers as onnxruntime itself; what cannot be served says what to do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.frameworks.layer import Layer

FLOAT, DOUBLE, INT64, INT8, BOOL, TEXT = (
    TensorProto.FLOAT,
    TensorProto.DOUBLE,
    TensorProto.INT64,
    TensorProto.INT8,
    TensorProto.BOOL,
    TensorProto.STRING,
)
ROWS = np.array([[0.5, -1.0, 2.0, 0.0], [1.5, 0.25, -2.0, 3.0], [9.0, 8.0, 7.0, 6.0]])
WEIGHTS = np.arange(12, dtype=np.float32).reshape(4, 3) / 10
LABELS = ["setosa", "versicolor", "virginica"]


def tensor(name: str, kind: int, *shape: int | str | None) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def node(operator: str, inputs: str, output: str, **options: Any) -> Any:
    return helper.make_node(operator, inputs.split(), [output], **options)


def model(
    nodes: Sequence[Any], inputs: Sequence[Any], outputs: Sequence[Any], opset: int = 21, ir_version: int = 10
) -> onnx.ModelProto:
    constants = [
        numpy_helper.from_array(WEIGHTS, "w"),
        numpy_helper.from_array(np.array(LABELS, dtype=object), "names"),
    ]
    used = {name for each in nodes for name in each.input}
    graph = helper.make_graph(nodes, "g", inputs, outputs, [each for each in constants if each.name in used])
    domains = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("com.acme", 1)]
    return helper.make_model(graph, opset_imports=domains, ir_version=ir_version)


def echo(*inputs: Any) -> onnx.ModelProto:
    """Give each input back as an output `out_NAME`."""
    nodes = [node("Identity", each.name, f"out_{each.name}") for each in inputs]
    outputs = [onnx.ValueInfoProto.FromString(each.SerializeToString()) for each in inputs]
    for each in outputs:
        each.name = f"out_{each.name}"
    return model(nodes, inputs, outputs)


SCORES = (node("MatMul", "x w", "scores"), node("Softmax", "scores", "probabilities", axis=1))
CHOICE = (node("ArgMax", "scores", "place", axis=1, keepdims=0), node("Gather", "names place", "label"))
X = tensor("x", FLOAT, "rows", 4)
PROBABILITIES, LABEL = tensor("probabilities", FLOAT, "rows", 3), tensor("label", TEXT, "rows")
ONE_OUTPUT = model(SCORES, [X], [PROBABILITIES])
TWO_OUTPUTS = model([*SCORES, *CHOICE], [X], [LABEL, PROBABILITIES])


@pytest.fixture(scope="module")
def layer() -> Layer:
    return Layer("onnx")


def put(folder: Path, content: onnx.ModelProto, name: str = "model.onnx") -> Path:
    (folder / name).write_bytes(content.SerializeToString())
    return folder


def load(layer: Layer, folder: Path, threads: int = 1) -> Any:
    session = layer.framework.load(layer.settings.ModelSettings("iris", "onnx", "", folder, native_threads=threads))
    layer.framework.check(session)
    return session


def served(layer: Layer, session: Any, data: Any, **parameters: str) -> Any:
    """Predict as the server does with what it decoded."""
    return layer.framework.predict(layer.framework.to_input(session, data, ()), session, parameters)


def refusal(layer: Layer, folder: Path) -> str:
    with pytest.raises(layer.errors.StartError) as error:
        load(layer, folder)
    return str(error.value)


@pytest.mark.parametrize("name", ["model.onnx", "churn.onnx"])
def test_one_input_of_numbers_is_a_table_and_one_output_a_list(layer: Layer, tmp_path: Path, name: str) -> None:
    put(tmp_path, ONE_OUTPUT, name)
    session = load(layer, tmp_path)
    (expected,) = onnxruntime.InferenceSession(tmp_path / name).run(None, {"x": ROWS.astype(np.float32)})

    assert layer.framework.inputs(session) == layer.columns.Schema(width=4)
    assert np.array_equal(served(layer, session, ROWS), expected)


@pytest.mark.parametrize(
    ("kind", "dtype"), [(FLOAT, "float32"), (DOUBLE, "float64"), (TensorProto.FLOAT16, "float16"), (INT64, "int64")]
)
@pytest.mark.parametrize("width", [1, 4, None])
def test_a_table_has_the_graphs_type_and_width(
    layer: Layer, tmp_path: Path, kind: int, dtype: str, width: int | None
) -> None:
    session = load(layer, put(tmp_path, echo(tensor("x", kind, None, width or "features"))))
    rows = np.array([[1.0, 2.0, 3.0, 4.0]])[:, : width or 4]

    assert layer.framework.inputs(session) == layer.columns.Schema(width=width)
    answer = served(layer, session, rows)
    assert answer.dtype == dtype
    assert answer.tolist() == rows.tolist()


@pytest.mark.parametrize("shape", [("rows", 1), ("rows",)])
def test_inputs_of_one_value_a_row_are_columns_with_names(
    layer: Layer, tmp_path: Path, shape: tuple[str | int, ...]
) -> None:
    kinds = {"fee": FLOAT, "months": INT64, "plan": TEXT, "active": BOOL}
    session = load(layer, put(tmp_path, echo(*(tensor(name, kind, *shape) for name, kind in kinds.items()))))
    rows = np.array([[1.5, 3, "pro", True], [np.nan, 4, "basic", False]], dtype=object)
    types = layer.columns.ColumnType

    assert layer.framework.inputs(session).columns == (
        layer.columns.Column("fee", types.FLOAT),
        layer.columns.Column("months", types.INTEGER),
        layer.columns.Column("plan", types.STRING),
        layer.columns.Column("active", types.BOOLEAN),
    )
    first, second = served(layer, session, rows)
    wrapped = [[value] for value in (1.5, 3, "pro", True)] if len(shape) == 2 else [1.5, 3, "pro", True]
    assert list(first.values()) == wrapped
    assert np.isnan(second["out_fee"]).all()


def test_a_table_of_text_has_columns_by_number(layer: Layer, tmp_path: Path) -> None:
    session = load(layer, put(tmp_path, echo(tensor("word", TEXT, "rows", 2))))

    assert layer.framework.inputs(session).names == ("word_0", "word_1")
    rows = np.array([["a", "b"], ["c", "d"]], dtype=object)
    assert served(layer, session, rows).tolist() == rows.tolist()


def test_anything_else_is_tensors_by_name(layer: Layer, tmp_path: Path) -> None:
    image, mask = tensor("image", FLOAT, "rows", 3, "height", 2), tensor("mask", BOOL, "rows", "length")
    session = load(layer, put(tmp_path, echo(image, mask)))
    data = {"image": np.ones((2, 3, 5, 2)), "mask": np.array([[True], [False]])}

    kind = layer.inputs.Tensor
    expected = (kind("image", "float32", (3, None, 2)), kind("mask", "bool", (None,)))
    assert layer.framework.inputs(session) == layer.inputs.Tensors(expected)
    rows = served(layer, session, data)
    assert [row["out_mask"] for row in rows] == [[True], [False]]
    assert np.array(rows[0]["out_image"]).shape == (3, 5, 2)


def test_several_outputs_are_an_object_a_row_and_a_request_may_choose_one(layer: Layer, tmp_path: Path) -> None:
    session = load(layer, put(tmp_path, TWO_OUTPUTS))
    labels, probabilities = session.run(None, {"x": ROWS.astype(np.float32)})

    assert served(layer, session, ROWS) == [
        {"label": label, "probabilities": row}
        for label, row in zip(labels.tolist(), probabilities.tolist(), strict=True)
    ]
    assert served(layer, session, ROWS, output="label").tolist() == labels.tolist()
    (parameter,) = layer.framework.parameters(session)
    assert (parameter.name, parameter.values) == ("output", ("label", "probabilities"))


def test_the_dicts_of_a_zipmap_are_objects(layer: Layer, tmp_path: Path) -> None:
    zipped = node("ZipMap", "probabilities", "z", domain="ai.onnx.ml", classlabels_strings=LABELS)
    kind = helper.make_map_type_proto(TEXT, helper.make_tensor_type_proto(FLOAT, None))
    output = helper.make_value_info("z", helper.make_sequence_type_proto(kind))
    alone = load(layer, put(tmp_path, model([*SCORES, zipped], [X], [output])))
    rows = served(layer, alone, ROWS)
    assert [list(row) for row in rows] == [LABELS] * 3

    both = load(layer, put(tmp_path, model([*SCORES, *CHOICE, zipped], [X], [LABEL, output])))
    assert [row["z"] for row in served(layer, both, ROWS)] == rows
    assert layer.framework.parameters(alone) == ()


def test_a_graph_for_one_row_is_run_row_by_row(layer: Layer, tmp_path: Path) -> None:
    one = model(SCORES, [tensor("x", FLOAT, 1, 4)], [tensor("probabilities", FLOAT, 1, 3)])
    whole = load(layer, put(tmp_path, ONE_OUTPUT))
    session = load(layer, put(tmp_path, one))

    assert np.allclose(served(layer, session, ROWS), served(layer, whole, ROWS), rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ((8, 4), "its input x takes exactly 8 rows: export it with a dynamic first dimension"),
        ((), "its input x has no dimension for the rows of a request"),
    ],
)
def test_a_graph_without_free_rows_is_refused(
    layer: Layer, tmp_path: Path, shape: tuple[int, ...], problem: str
) -> None:
    assert problem in refusal(layer, put(tmp_path, echo(tensor("x", FLOAT, *shape))))


@pytest.mark.parametrize("value", [1.5, 300.0])
def test_an_integer_input_takes_only_what_it_can_hold(layer: Layer, tmp_path: Path, value: float) -> None:
    session = load(layer, put(tmp_path, echo(tensor("x", INT8, "rows", 1))))

    with pytest.raises(layer.errors.RequestError, match="input x takes a whole number from -128 to 127") as error:
        layer.framework.to_input(session, np.array([[value]]), ())
    assert error.value.status == 400


@pytest.mark.parametrize("kind", [INT64, BOOL])
def test_a_missing_value_is_refused_where_it_cannot_be_said(layer: Layer, tmp_path: Path, kind: int) -> None:
    session = load(layer, put(tmp_path, echo(tensor("x", kind, "rows", 1), tensor("y", kind, "rows", 1))))

    with pytest.raises(layer.errors.RequestError, match="this value is missing: the model's input y takes") as error:
        layer.framework.to_input(session, np.array([[1.0, 0.0], [1.0, np.nan]]), ())
    assert (error.value.status, error.value.path) == (400, "instances[1][1]")


def test_text_must_be_text_and_there(layer: Layer, tmp_path: Path) -> None:
    session = load(layer, put(tmp_path, echo(tensor("x", TEXT, "rows", 2))))

    with pytest.raises(layer.errors.RequestError, match="this value is missing: the model's input x takes") as error:
        layer.framework.to_input(session, np.array([["a", np.nan]], dtype=object), ())
    assert error.value.path == "instances[0][1]"
    with pytest.raises(layer.errors.RequestError, match="input x takes text"):
        layer.framework.to_input(session, np.array([["a", 1.0]], dtype=object), ())


def test_missing_numbers_go_to_the_model(layer: Layer, tmp_path: Path) -> None:
    session = load(layer, put(tmp_path, echo(X)))

    assert np.isnan(served(layer, session, np.full((1, 4), np.nan))).all()


def test_weights_in_files_beside_the_model(layer: Layer, tmp_path: Path) -> None:
    copy = onnx.ModelProto.FromString(ONE_OUTPUT.SerializeToString())  # saving this way changes what it saves
    onnx.save_model(copy, tmp_path / "model.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert len(served(layer, load(layer, tmp_path), ROWS)) == 3

    (tmp_path / "weights.bin").unlink()
    assert refusal(layer, tmp_path) == (
        "model.onnx keeps weights in weights.bin, which is missing: put it into the model's folder too"
    )


HERE = f"ONNX Runtime {onnxruntime.__version__} of this image"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (model(SCORES, [X], [PROBABILITIES], opset=99), f"model.onnx uses opset 99 of ai.onnx, {HERE} reads up to "),
        (model(SCORES, [X], [PROBABILITIES], ir_version=99), f"model.onnx has IR version 99, {HERE} reads up to "),
        (
            model([node("Magic", "x", "probabilities", domain="com.acme")], [X], [PROBABILITIES]),
            f"model.onnx uses the operator com.acme:Magic, which {HERE} does not have: ",
        ),
    ],
    ids=["opset", "IR version", "operator"],
)
def test_a_model_that_this_onnxruntime_cannot_run(
    layer: Layer, tmp_path: Path, content: onnx.ModelProto, message: str
) -> None:
    assert refusal(layer, put(tmp_path, content)).startswith(message)


@pytest.mark.parametrize("content", [b"", b"hello", ONE_OUTPUT.SerializeToString()[:60]], ids=["empty", "text", "cut"])
def test_a_damaged_model_is_named(layer: Layer, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.onnx").write_bytes(content)

    message = refusal(layer, tmp_path)
    assert message.startswith(f"{tmp_path / 'model.onnx'} cannot be read: ")
    assert message.endswith("; is it complete, and is it an ONNX model")
    assert "ONNXRuntimeError" not in message


def test_two_models_are_one_too_many(layer: Layer, tmp_path: Path) -> None:
    put(tmp_path, ONE_OUTPUT, "a.onnx")
    put(tmp_path, ONE_OUTPUT, "b.onnx")

    assert "found a.onnx, b.onnx" in refusal(layer, tmp_path)


def test_a_session_takes_the_threads_that_are_free_and_leaves_the_others_alone(layer: Layer, tmp_path: Path) -> None:
    options = load(layer, put(tmp_path, ONE_OUTPUT), threads=3).get_session_options()

    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (3, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.graph_optimization_level == onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL


def test_what_is_no_session_is_refused(layer: Layer) -> None:
    with pytest.raises(layer.errors.StartError, match="the model is a str and no InferenceSession: define predict_fn"):
        layer.framework.check("a text")
    assert layer.framework.inputs("a text") == layer.columns.Schema()


BUILT_FOR = {"cpu": ["CPUExecutionProvider"], "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"]}


@pytest.mark.parametrize(
    ("gpu", "build", "wanted"),
    [(0, "cuda", "cuda"), (None, "cuda", "cpu"), (0, "cpu", "cpu")],
)
def test_a_gpu_computes_where_there_are_one_and_a_build_for_it(
    layer: Layer, monkeypatch: pytest.MonkeyPatch, gpu: int | None, build: str, wanted: str
) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(layer.session.gpus, "mine", lambda: gpu)
    monkeypatch.setattr(layer.session.onnxruntime, "get_available_providers", lambda: BUILT_FOR[build])
    monkeypatch.setattr(layer.session.onnxruntime, "preload_dlls", lambda: loaded.append("CUDA"))
    assert layer.session.providers() == BUILT_FOR[wanted]
    assert loaded == (["CUDA"] if wanted == "cuda" else [])
