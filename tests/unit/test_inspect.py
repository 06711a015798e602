"""`inspect`: each fact of a real model is what the library that wrote it says; nothing is unpickled or imported."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit import artifacts

from byocgen.inspect.artifact import inspect
from byocgen.inspect.facts import Column, Format, Kind, Parameters, Python, Tensor

if TYPE_CHECKING:
    from byocgen.inspect.facts import Facts

SCAFFOLDS = Path(__file__).parents[2] / "scaffolds"


@pytest.fixture(name="torch", scope="module")
def _torch(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("torch")
    return folder, artifacts.torch(folder)


PIPELINES = [
    *("pipeline.joblib", "pipeline.tar.gz", *(f"pipeline.{number}.pkl" for number in range(6))),
    *(f"pipeline.{method}.joblib" for method in ("zlib", "gzip", "bz2", "lzma", "xz")),
]


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_of_scikit_learn_in_every_form(pickled: tuple[Path, dict[str, Any]], name: str) -> None:
    folder, models = pickled
    model = models["pipeline"]
    facts = inspect(folder / name)
    assert facts.format is (Format.PICKLE if name.endswith("pkl") else Format.JOBLIB)
    assert (facts.framework, facts.model) == ("sklearn", "sklearn.pipeline.Pipeline")
    assert facts.framework_version is not None
    assert facts.framework_version.version == version("scikit-learn")
    assert facts.steps == tuple(type(step).__name__ for _, step in model.steps)
    assert facts.kind is Kind.CLASSIFIER
    assert facts.classes == tuple(model.classes_)
    assert [column.name for column in facts.columns] == list(model.feature_names_in_)
    assert {column.type for column in facts.columns} == {"float"}
    assert facts.column_count == model.n_features_in_
    assert facts.file_bytes == (folder / name).stat().st_size
    assert (facts.suspicious, facts.foreign, facts.requires, facts.warnings) == ((), (), (), ())


def test_columns_of_a_column_transformer(pickled: tuple[Path, dict[str, Any]]) -> None:
    folder, models = pickled
    facts = inspect(folder / "columns.joblib")
    assert facts.columns == (
        Column("tenure", "float"),
        Column("fee", "float"),
        Column("plan", "string", ("basic", "pro", "team")),
        Column("flag"),  # dropped by the transformer: the file does not say what it was
    )
    assert list(models["columns"].feature_names_in_) == [column.name for column in facts.columns]
    assert (facts.kind, facts.requires) == (Kind.REGRESSOR, ("pandas",))


def test_a_search_is_its_best_estimator(pickled: tuple[Path, dict[str, Any]]) -> None:
    folder, models = pickled
    facts = inspect(folder / "search.joblib")
    assert (facts.columns, facts.column_count) == ((), models["search"].best_estimator_.n_features_in_)
    assert (facts.kind, facts.classes) == (Kind.REGRESSOR, ())


@pytest.mark.parametrize("protocol", [2, 5])
def test_estimators_in_estimators(tmp_path: Path, protocol: int) -> None:
    """A model that wraps another has its labels; a booster at the end of a pipeline is a requirement of its version."""
    linear, search = import_module("sklearn.linear_model"), import_module("sklearn.model_selection")
    make, boosted = (
        import_module("sklearn.pipeline").make_pipeline,
        import_module("xgboost").XGBClassifier(n_estimators=2),
    )
    two = artifacts.target() > 0
    wrapped = search.FixedThresholdClassifier(linear.LogisticRegression()).fit(artifacts.numbers(), two)
    piped = make(import_module("sklearn.preprocessing").StandardScaler(), boosted).fit(artifacts.numbers(), two)
    (tmp_path / "wrapped.pkl").write_bytes(pickle.dumps(wrapped, protocol))
    (tmp_path / "piped.pkl").write_bytes(pickle.dumps(piped, protocol))
    assert inspect(tmp_path / "wrapped.pkl").classes == tuple(map(str, wrapped.classes_))
    facts = inspect(tmp_path / "piped.pkl")
    assert (facts.framework, facts.kind, facts.column_count) == ("sklearn", Kind.CLASSIFIER, 2)
    assert facts.requires == (f"xgboost-cpu=={version('xgboost-cpu')}",)
    assert (facts.suspicious, facts.foreign) == ((), ())


def test_the_memory_of_a_forest_is_that_of_its_arrays(pickled: tuple[Path, dict[str, Any]]) -> None:
    folder, models = pickled
    states = [tree.tree_.__getstate__() for tree in models["forest"].estimators_]
    arrays = sum(state["nodes"].nbytes + state["values"].nbytes for state in states)
    held = inspect(folder / "forest.joblib").memory_bytes
    assert held is not None
    assert arrays < held < arrays + 21 * 8192  # beside them the attributes of the forest and its twenty trees


@pytest.mark.parametrize("name", ["xgboost.joblib", "xgboost.2.pkl", "booster.json", "booster.ubj", "booster.pkl"])
def test_xgboost_in_every_form(pickled: tuple[Path, dict[str, Any]], name: str) -> None:
    folder, models = pickled
    booster = models["xgboost"].get_booster()
    facts = inspect(folder / name)
    assert facts.framework == "xgboost"
    assert facts.framework_version is not None
    assert facts.framework_version.version == version("xgboost-cpu")
    assert [column.name for column in facts.columns] == booster.feature_names
    assert booster.feature_types == ["float", "int", "c", "i"]
    assert facts.columns == (
        Column("tenure", "float"),
        Column("fee", "integer"),
        Column("plan", "string", ("basic", "pro", "team")),
        Column("flag", "boolean"),
    )
    assert (facts.column_count, facts.kind) == (booster.num_features(), Kind.CLASSIFIER)
    assert facts.objective == json.loads(booster.save_config())["learner"]["objective"]["name"]
    assert facts.requires == (("scikit-learn",) if name.startswith("xgboost") else ())


@pytest.mark.parametrize("name", ["lightgbm.joblib", "lightgbm.5.pkl", "booster.txt"])
def test_lightgbm_in_every_form(pickled: tuple[Path, dict[str, Any]], name: str) -> None:
    folder, models = pickled
    booster = models["lightgbm"].booster_
    facts = inspect(folder / name)
    assert (facts.framework, facts.framework_version) == ("lightgbm", None)
    assert [column.name for column in facts.columns] == booster.feature_name()
    assert facts.columns[2] == Column("plan", "string", tuple(booster.pandas_categorical[0]))
    assert {column.type for column in facts.columns} == {"float", "string"}
    assert (facts.column_count, facts.kind) == (booster.num_feature(), Kind.CLASSIFIER)
    assert facts.requires == (() if name == "booster.txt" else ("scikit-learn",))


def test_onnx(tmp_path: Path) -> None:
    model = artifacts.onnx(tmp_path)
    for name in ("m.onnx", "outside.onnx"):
        facts = inspect(tmp_path / name)
        assert (facts.framework, facts.framework_version) == ("onnx", None)
        assert facts.inputs == (Tensor("x", "float32", ("rows", 4)),)
        assert facts.outputs == (Tensor("y", "float32", (None, 3)),)
        assert facts.opset == model.opset_import[0].version
        assert facts.producer == f"{model.producer_name} {model.producer_version}"
        assert facts.parameters == (Parameters("float32", 12, 48),)
        assert (facts.column_count, facts.warnings) == (4, ())
    assert facts.file_bytes == sum((tmp_path / one).stat().st_size for one in ("outside.onnx", "weights.bin"))
    assert inspect(tmp_path / "columns.onnx").columns == (
        Column("age", "float"),
        Column("city", "string"),
        Column("count", "integer"),
    )
    (tmp_path / "weights.bin").unlink()
    assert inspect(tmp_path / "outside.onnx").warnings == ("its weights lie in weights.bin, which is not beside it",)


FORMS = {
    "weights.pt": Format.TORCH_WEIGHTS,
    "weights.tar.gz": Format.TORCH_WEIGHTS,
    "old.pt": Format.TORCH_WEIGHTS,
    "half.pt": Format.TORCH_WEIGHTS,
    "module.pt": Format.TORCH_MODULE,
    "traced.pt": Format.TORCHSCRIPT,
    "program.pt2": Format.TORCH_EXPORT,
    "weights.safetensors": Format.SAFETENSORS,
}


@pytest.mark.parametrize("name", FORMS)
def test_pytorch_in_every_form(torch: tuple[Path, Any], name: str) -> None:
    folder, module = torch
    count = sum(one.numel() for one in module.parameters())
    dtype, width = ("float16", 2) if name == "half.pt" else ("float32", 4)
    facts = inspect(folder / name)
    assert (facts.framework, facts.format) == ("pytorch", FORMS[name])
    assert facts.parameters == (Parameters(dtype, count, count * width),)
    assert facts.memory_bytes == count * width
    assert facts.suspicious == ()


def test_an_exported_program_says_what_it_takes_and_what_wrote_it(torch: tuple[Path, Any]) -> None:
    facts = inspect(torch[0] / "program.pt2")
    assert facts.inputs == (Tensor("input", "float32", (None, 4)),)
    assert [(one.dtype, one.shape) for one in facts.outputs] == [("float32", (None, 3))]
    assert facts.framework_version is not None
    assert facts.framework_version.version == version("torch").partition("+")[0]
    assert [one.name for one in inspect(torch[0] / "traced.pt").inputs] == ["input"]


def network(folder: Path, name: str, **settings: Any) -> Facts:
    """Inspect a folder with the library's own configuration, and weights of 12 numbers."""
    library: Any = import_module("transformers")
    config = getattr(library, f"{name}Config")(**settings)
    return inspect(artifacts.checkpoint(folder / name, config, {"a": (2, 3), "b": (6,)}))


def test_transformers(tmp_path: Path) -> None:
    llama = {"vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 8}
    facts = network(
        tmp_path,
        "Llama",
        architectures=["LlamaForCausalLM"],
        num_key_value_heads=2,
        max_position_embeddings=512,
        **llama,
    )
    found = facts.network
    assert found is not None
    assert (facts.framework, facts.model) == ("transformers", "LlamaForCausalLM")
    assert facts.framework_version is not None
    assert facts.framework_version.version == version("transformers")
    assert (found.task, found.context_length) == ("text-generation", 512)
    assert (found.layers, found.attention_heads, found.kv_heads, found.head_dim) == (3, 8, 2, 8)
    assert facts.parameters == (Parameters("float16", 12, 24),)
    assert facts.warnings == ()


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("GPT2", {"n_layer": 2, "n_head": 4, "n_embd": 32, "n_positions": 64}, (64, 2, 4, 8)),
        ("T5", {"num_layers": 2, "num_decoder_layers": 3, "num_heads": 4, "d_kv": 16, "d_model": 32}, (None, 3, 4, 16)),
        ("DistilBert", {"n_layers": 2, "n_heads": 4, "dim": 32}, (512, 2, 4, 8)),
        (
            "Bart",
            {"decoder_layers": 5, "encoder_layers": 2, "d_model": 64, "decoder_attention_heads": 8},
            (1024, 5, 8, 8),
        ),
    ],
)
def test_each_architecture_has_names_of_its_own(
    tmp_path: Path, name: str, settings: dict[str, int], expected: tuple[int | None, ...]
) -> None:
    found = network(tmp_path, name, **settings).network
    assert found is not None
    assert (found.context_length, found.layers, found.kv_heads, found.head_dim) == expected


def test_shards_are_added_up_and_a_missing_one_is_told(tmp_path: Path) -> None:
    save = import_module("safetensors.numpy").save_file
    zeros = import_module("numpy").zeros
    (tmp_path / "config.json").write_text('{"architectures": ["BertForMaskedLM"], "model_type": "bert"}')
    (tmp_path / "vocab.txt").write_text("a")
    places = {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-3.safetensors"}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    for name in ("a", "b"):
        save({name: zeros(5, "f4")}, tmp_path / places[name])
    facts = inspect(tmp_path)
    assert facts.parameters == (Parameters("float32", 10, 40),)
    assert facts.warnings == ("model.safetensors.index.json names model-3.safetensors, which is not there",)
    assert facts.network is not None
    assert facts.network.task == "fill-mask"


def test_tasks_are_those_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    from byocgen.inspect.transformers_folder import TASKS  # noqa: PLC0415

    for scaffold in ("base", "transformers"):
        monkeypatch.syspath_prepend(next((SCAFFOLDS / scaffold).glob("*cookiecutter*")))
    namespace: dict[str, Any] = {}
    source = next((SCAFFOLDS / "transformers").glob("*/serving/tasks.py")).read_text("utf-8")
    start, end = source.index("@dataclass"), source.index("def choose")
    exec("from dataclasses import dataclass\n" + source[start:end], namespace)  # noqa: S102 - our own file
    served = [(task.name, task.architectures) for task in namespace["TASKS"].values() if task.architectures]
    assert list(TASKS) == served


def test_python_is_known_where_a_module_is_of_one_version_only(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(b"\x80\x04cpathlib._local\nPosixPath\n(X\x01\x00\x00\x00atR.")
    how = "it imports pathlib._local, which only Python 3.13 has"
    assert inspect(tmp_path / "m.pkl").python == Python("3.13", "3.13", how)


def test_no_library_is_imported(pickled: tuple[Path, dict[str, Any]]) -> None:
    names = ["pipeline.xz.joblib", "xgboost.joblib", "lightgbm.joblib", "booster.ubj"]
    program = (
        "import sys; from pathlib import Path; from byocgen.inspect.artifact import inspect\n"
        "for name in sys.argv[1:]: inspect(Path(name))\n"
        "print([name for name in ('numpy', 'sklearn', 'joblib', 'xgboost', 'lightgbm', 'pickle') if name in sys.modules])"
    )
    paths = [str(pickled[0] / name) for name in names]
    done = subprocess.run([sys.executable, "-c", program, *paths], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
