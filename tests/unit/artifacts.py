"""Real models of real libraries, small, each made once: what `byocgen inspect` is held to."""

from __future__ import annotations

import pickle
import tarfile
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 150
COLUMNS = ["tenure", "fee", "plan", "flag"]


def frame() -> Any:
    """A table of numbers, categories and booleans."""
    counted, pd = np.arange(ROWS), import_module("pandas")
    return pd.DataFrame(
        {
            "tenure": counted % 37 * 1.5,
            "fee": counted * 7 % 40,
            "plan": pd.Categorical(np.array(["basic", "pro", "team"])[counted % 3]),
            "flag": counted % 2 == 0,
        }
    )


def target() -> Any:
    """Three classes."""
    return np.arange(ROWS) * 7 % 40 // 14


def numbers() -> Any:
    """The columns that any estimator takes."""
    return frame()[["tenure", "fee"]].astype(float)


def _pipeline() -> Any:
    make, scale = import_module("sklearn.pipeline").make_pipeline, import_module("sklearn.preprocessing")
    linear = import_module("sklearn.linear_model")
    return make(scale.StandardScaler(), linear.LogisticRegression()).fit(numbers(), np.array(["a", "b", "c"])[target()])


def _columns() -> Any:
    make, scale = import_module("sklearn.pipeline").make_pipeline, import_module("sklearn.preprocessing")
    choose, trees = import_module("sklearn.compose").make_column_transformer, import_module("sklearn.tree")
    chosen = choose((scale.OneHotEncoder(), ["plan"]), (scale.StandardScaler(), ["tenure", "fee"]))
    return make(chosen, trees.DecisionTreeRegressor(max_depth=2)).fit(frame().astype({"plan": str}), target())


def _search() -> Any:
    search, linear = import_module("sklearn.model_selection"), import_module("sklearn.linear_model")
    return search.GridSearchCV(linear.Ridge(), {"alpha": [1.0, 2.0]}, cv=2).fit(numbers().to_numpy(), target())


def _forest() -> Any:
    return import_module("sklearn.ensemble").RandomForestClassifier(20, random_state=0).fit(numbers(), target())


def _xgboost() -> Any:
    return import_module("xgboost").XGBClassifier(n_estimators=3, enable_categorical=True).fit(frame(), target())


def _lightgbm() -> Any:
    return import_module("lightgbm").LGBMClassifier(n_estimators=3, verbosity=-1).fit(frame(), target())


def pickles(folder: Path) -> dict[str, Any]:
    """Write the pickles and the boosters' own files; return the models by their files' names."""
    models = {"pipeline": _pipeline(), "columns": _columns(), "search": _search(), "forest": _forest()}
    models |= {"xgboost": _xgboost(), "lightgbm": _lightgbm()}
    for name, model in models.items():
        joblib.dump(model, folder / f"{name}.joblib")
        for protocol in range(6):
            (folder / f"{name}.{protocol}.pkl").write_bytes(pickle.dumps(model, protocol))
    for method in ("zlib", "gzip", "bz2", "lzma", "xz"):
        joblib.dump(models["pipeline"], folder / f"pipeline.{method}.joblib", compress=(method, 3))
    models["xgboost"].save_model(folder / "booster.json")
    models["xgboost"].save_model(folder / "booster.ubj")
    (folder / "booster.pkl").write_bytes(pickle.dumps(models["xgboost"].get_booster()))
    models["lightgbm"].booster_.save_model(folder / "booster.txt")
    archive(folder / "pipeline.tar.gz", folder / "pipeline.joblib")
    return models


def archive(path: Path, *members: Path, mode: str = "w:gz") -> Path:
    """Pack files as SageMaker wants a model."""
    with tarfile.open(path, mode) as packed:  # type: ignore[call-overload]
        for member in members:
            packed.add(member, member.name)
    return path


def onnx(folder: Path) -> Any:
    """Write an ONNX model, and the same with its weights beside it; return it."""
    helper, proto = import_module("onnx.helper"), import_module("onnx").TensorProto
    weight = import_module("onnx.numpy_helper").from_array(np.ones((4, 3), "f4"), "W")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "W"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", proto.FLOAT, ["rows", 4])],
        [helper.make_tensor_value_info("y", proto.FLOAT, [None, 3])],
        [weight],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 21)], producer_name="test", producer_version="1.2"
    )
    save = import_module("onnx").save
    save(model, folder / "m.onnx")
    save(model, folder / "outside.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    columns = helper.make_graph(
        [helper.make_node("Identity", ["age"], ["y"])],
        "g",
        [
            helper.make_tensor_value_info("age", proto.FLOAT, [None, 1]),
            helper.make_tensor_value_info("city", proto.STRING, [None, 1]),
            helper.make_tensor_value_info("count", proto.INT64, [None, 1]),
        ],
        [helper.make_tensor_value_info("y", proto.FLOAT, [None, 1])],
    )
    save(helper.make_model(columns, opset_imports=[helper.make_opsetid("", 21)]), folder / "columns.onnx")
    return model


def torch(folder: Path) -> Any:
    """Write a module in every form of PyTorch's; return it."""
    library: Any = import_module("torch")
    module = library.nn.Sequential(library.nn.Linear(4, 8), library.nn.Linear(8, 3)).eval()
    rows = library.zeros(2, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, and models of it are there
        library.save(module.state_dict(), folder / "weights.pt")
        library.save(module, folder / "module.pt")
        library.save(module.state_dict(), folder / "old.pt", _use_new_zipfile_serialization=False)
        library.save({name: one.half() for name, one in module.state_dict().items()}, folder / "half.pt")
        library.jit.save(library.jit.trace(module, rows), folder / "traced.pt")
        program = library.export.export(module, (rows,), dynamic_shapes=({0: library.export.Dim("rows")},))
        library.export.save(program, folder / "program.pt2")
    import_module("safetensors.torch").save_file(module.state_dict(), folder / "weights.safetensors")
    archive(folder / "weights.tar.gz", folder / "weights.pt")
    return module


def checkpoint(folder: Path, config: Any, tensors: dict[str, tuple[int, ...]], dtype: str = "float16") -> Path:
    """Write a transformers folder: the library's own configuration, and weights of these shapes."""
    config.save_pretrained(folder)
    arrays = {name: np.zeros(shape, dtype) for name, shape in tensors.items()}
    import_module("safetensors.numpy").save_file(arrays, folder / "model.safetensors")
    (folder / "tokenizer.json").write_text("{}")
    return folder
