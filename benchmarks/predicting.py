"""`python -m benchmarks.predicting [NAME ...]`: one prediction in process, by the library as a server would call it, by what
byocgen serves instead, and by ONNX Runtime where its converters are installed (skl2onnx, onnxmltools).

One thread; the best of many tries, in turn; answers are compared before anything is timed.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

SCAFFOLDS = Path(__file__).resolve().parents[1] / "scaffolds"
COUNTS = (1, 10, 100, 1000)
TRIES, TRIES_SECONDS = 30, 0.7
SPELL = 3  # calls at a time: the first finds the processor's cache full of the other way
TREES = 200


def main(names: list[str]) -> int:
    """Measure each model in a process of its own, for the layers have modules of one name; print a table."""
    sys.stdout.write(
        "| model | rows | library, us | byocgen, us | times as fast | ONNX Runtime, us |\n|---|---|---|---|---|---|\n"
    )
    sys.stdout.flush()
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for name in names or list(MODELS):
        subprocess.run([sys.executable, "-m", __spec__.name, "--alone", name], check=True, env=one_thread)
    return 0


def alone(name: str) -> None:
    """Measure one model and print its rows."""
    warnings.simplefilter("ignore")
    framework, make = MODELS[name]
    module = _layer(framework)
    model, rows, converted = make()
    library, ours = _ways(framework, module, model)
    third = _onnx(converted, model, rows) if converted else None
    expected = np.asarray(library(rows))
    same = np.array_equal if expected.dtype.kind in "OUi" else np.allclose
    if not same(expected, np.asarray(ours(rows))):
        raise ValueError(f"{name}: other answers")
    for count in COUNTS:
        ways = [one for one in (library, ours, third) if one is not None]
        times = [seconds * 1e6 for seconds in _best(ways, rows[:count])]
        onnx = f"{times[2]:,.0f}" if third else "-"
        cells = [name, str(count), f"{times[0]:,.0f}", f"{times[1]:,.0f}", f"{times[0] / times[1]:,.1f}", onnx]
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
        sys.stdout.flush()


def _layer(framework: str) -> Any:
    """Import the scaffold's `serving` where it stands."""
    sys.dont_write_bytecode = True
    folders = [str(SCAFFOLDS / layer / "{{cookiecutter.folder}}") for layer in ("base", framework)]
    sys.path[:0] = folders
    importlib.import_module("serving").__path__.append(f"{folders[1]}/serving")
    return importlib.import_module("serving.framework")


def _ways(framework: str, module: Any, model: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The library as the server calls it, and what the server calls instead."""
    names = tuple(getattr(model, "feature_names_in_", ()))

    def called(given: Any) -> Callable[[Any], Any]:
        return lambda rows: module.predict(module.to_input(given, rows, names), given, {})

    if framework == "sklearn":
        estimators, proof, compiled = (
            importlib.import_module(name) for name in ("optimize.estimators", "optimize.proof", "serving.compiled")
        )
        facts, arrays = estimators.compile_model(model)
        equal = compiled.Compiled(facts, arrays)
        proof.prove(model, equal, facts, arrays)
        return called(model), called(equal)
    settings = importlib.import_module("serving.settings").ModelSettings("", framework, "", Path(tempfile.gettempdir()))
    faster, why = module.faster(model, settings)
    if faster is None:
        raise ValueError(why)
    return called(model), called(faster)


def _onnx(converter: str, model: Any, rows: Any) -> Callable[[Any], Any] | None:
    """ONNX Runtime with the model as its converter makes it, in float32; None where there is no converter for it."""
    package, _, function = converter.partition(".")
    types = {"skl2onnx": "skl2onnx.common.data_types", "onnxmltools": "onnxmltools.convert.common.data_types"}[package]
    try:
        runtime, convert = importlib.import_module("onnxruntime"), getattr(importlib.import_module(package), function)
        shape = [("rows", importlib.import_module(types).FloatTensorType([None, rows.shape[1]]))]
        made = convert(model, initial_types=shape)
    except Exception:  # noqa: BLE001 - not installed, or a model that it does not know
        return None
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = runtime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda given: session.run(None, {"rows": given.astype(np.float32)})


def _best(ways: list[Callable[[Any], Any]], rows: Any) -> list[float]:
    best, began = [float("inf")] * len(ways), time.perf_counter()
    for _ in range(TRIES):
        for place, way in enumerate(ways):
            for _ in range(SPELL):
                before = time.perf_counter()
                way(rows)
                best[place] = min(best[place], time.perf_counter() - before)
        if time.perf_counter() - began > TRIES_SECONDS:
            break
    return best


def _data() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    rows = random.normal(size=(4000, 30))
    return rows, ((rows[:, 0] * rows[:, 1] + rows[:, 2] + 0.3 * random.normal(size=4000)) > 0).astype(int)


def _scaled() -> Any:
    from sklearn import linear_model, pipeline, preprocessing  # noqa: PLC0415

    rows, labels = _data()
    made = pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression())
    return made.fit(rows, labels), rows, "skl2onnx.convert_sklearn"


def _columns() -> Any:
    """What many a data frame goes through: gaps filled, numbers scaled, categories as columns."""
    from pandas import DataFrame  # noqa: PLC0415
    from sklearn import compose, impute, linear_model, pipeline, preprocessing  # noqa: PLC0415

    random, count = np.random.default_rng(0), 2000
    numbers = {f"number_{place}": random.normal(size=count) * 10 for place in range(6)}
    words = {f"word_{place}": random.choice(["basic", "plus", "pro", "none"], count) for place in range(4)}
    frame = DataFrame({**numbers, **words})
    scaled = pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler())
    coded = preprocessing.OneHotEncoder(handle_unknown="ignore")
    parts = compose.ColumnTransformer([("numbers", scaled, list(numbers)), ("words", coded, list(words))])
    made = pipeline.make_pipeline(parts, linear_model.LogisticRegression())
    return made.fit(frame, (frame["number_0"] > 0) & (frame["word_0"] != "pro")), frame.to_numpy(object), ""


def _sklearn(name: str, **options: Any) -> Callable[[], Any]:
    def make() -> Any:
        from sklearn import ensemble  # noqa: PLC0415

        rows, labels = _data()
        return getattr(ensemble, name)(random_state=0, **options).fit(rows, labels), rows, "skl2onnx.convert_sklearn"

    return make


def _boosted(package: str, name: str, *, booster: bool) -> Callable[[], Any]:
    def make() -> Any:
        rows, labels = _data()
        quiet = {"verbose": -1} if package == "lightgbm" else {"max_depth": 6}
        made = getattr(importlib.import_module(package), name)(n_estimators=TREES, n_jobs=1, **quiet).fit(rows, labels)
        inner = made.booster_ if package == "lightgbm" else made.get_booster()
        return (inner if booster else made), rows, "" if booster else f"onnxmltools.convert_{package}"

    return make


MODELS: dict[str, tuple[str, Callable[[], Any]]] = {
    "scaler, logistic regression": ("sklearn", _scaled),
    "data frame, logistic regression": ("sklearn", _columns),
    "forest, 200 deep trees": ("sklearn", _sklearn("RandomForestClassifier", n_estimators=TREES, n_jobs=1)),
    "gradient boosting, 100 trees": ("sklearn", _sklearn("GradientBoostingClassifier", n_estimators=100)),
    "histogram boosting, 100 trees": ("sklearn", _sklearn("HistGradientBoostingClassifier", max_iter=100)),
    "xgboost.Booster, 200 trees": ("xgboost", _boosted("xgboost", "XGBClassifier", booster=True)),
    "XGBClassifier, 200 trees": ("xgboost", _boosted("xgboost", "XGBClassifier", booster=False)),
    "lightgbm.Booster, 200 trees": ("lightgbm", _boosted("lightgbm", "LGBMClassifier", booster=True)),
    "LGBMClassifier, 200 trees": ("lightgbm", _boosted("lightgbm", "LGBMClassifier", booster=False)),
}
"""By name: the framework, and what makes a model, rows, and the name of its converter to ONNX."""


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        alone(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))
