"""A compiled equal of a scikit-learn model: what is compiled answers bit for bit alike, and nothing else is served."""

import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking import limits
from sklearn import ensemble, impute, linear_model, neural_network, pipeline, preprocessing, svm, tree
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import KNeighborsClassifier

from conftest import LAYERS
from serving import compiled, framework, loading
from serving.hooks import Hooks
from serving.settings import ModelSettings

sys.path.append(str(LAYERS[1]))

from optimize import compiling, estimators, proof, speed

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(200, 5)) * [1, 10, 100, 1, 1]
GAPS = np.where(RANDOM.random(ROWS.shape) < 0.1, np.nan, ROWS)
NUMBERS = ROWS[:, 0] * 3 + ROWS[:, 1] ** 2
WORDS = np.array(["a", "bb", "c"])[np.digitize(NUMBERS, [10, 100])]
SIDES = (NUMBERS > 50).astype(int)
piped = pipeline.make_pipeline

COMPILED: dict[str, tuple[Any, Any, Any]] = {
    "scaled, three classes": (piped(preprocessing.StandardScaler(), linear_model.LogisticRegression()), ROWS, WORDS),
    "clipped, two classes": (
        piped(preprocessing.MinMaxScaler(clip=True), linear_model.LogisticRegression()),
        ROWS,
        SIDES,
    ),
    "labels as objects": (piped(preprocessing.RobustScaler(), svm.LinearSVC()), ROWS, WORDS.astype(object)),
    "filled gaps": (piped(impute.SimpleImputer(), preprocessing.MaxAbsScaler(), linear_model.Ridge()), GAPS, NUMBERS),
    "a tree": (tree.DecisionTreeRegressor(random_state=0), ROWS, NUMBERS),
    "a forest": (ensemble.RandomForestClassifier(9, random_state=0), ROWS, WORDS),
    "a forest with gaps": (ensemble.RandomForestClassifier(9, random_state=0), GAPS, SIDES),
    "a forest of numbers": (ensemble.ExtraTreesRegressor(9, random_state=0), ROWS, NUMBERS),
    "boosting, three classes": (ensemble.GradientBoostingClassifier(n_estimators=5), ROWS, WORDS),
    "boosting, two classes": (ensemble.GradientBoostingClassifier(n_estimators=5), ROWS, SIDES),
    "boosting of numbers": (ensemble.GradientBoostingRegressor(n_estimators=5), ROWS, NUMBERS),
    "histograms, two classes": (ensemble.HistGradientBoostingClassifier(max_iter=5), GAPS, SIDES),
    "histograms, three classes": (ensemble.HistGradientBoostingClassifier(max_iter=5), ROWS, WORDS),
    "histograms of numbers": (ensemble.HistGradientBoostingRegressor(max_iter=5), GAPS, NUMBERS),
    "a network of three classes": (
        piped(preprocessing.StandardScaler(), neural_network.MLPClassifier((5, 4), max_iter=5)),
        ROWS,
        WORDS,
    ),
    "a network of two classes": (neural_network.MLPClassifier((5,), "logistic", max_iter=5), ROWS, SIDES),
    "a network of numbers": (
        neural_network.MLPRegressor(hidden_layer_sizes=(5,), activation="tanh", max_iter=5),
        ROWS,
        NUMBERS,
    ),
    "a scaled forest": (piped(preprocessing.StandardScaler(), ensemble.RandomForestRegressor(9)), ROWS, NUMBERS),
}


def compile_model(model: Any) -> tuple[compiled.Compiled, dict[str, Any], dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        facts, arrays = estimators.compile_model(model)
        made = compiled.Compiled(facts, arrays)
        proof.prove(model, made, facts, arrays)
    return made, facts, arrays


@pytest.mark.parametrize("case", COMPILED)
def test_a_compiled_model_answers_bit_for_bit_as_the_model_does(case: str) -> None:
    model, rows, target = COMPILED[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(rows, target)
    made, _, _ = compile_model(model)
    for count in (1, 2, len(rows)):
        answers = made.predict(rows[:count])
        assert answers.tolist() == model.predict(rows[:count]).tolist()


class Own(linear_model.Ridge):  # type: ignore[misc]
    """A class of the user's, which may predict in any way."""


NOT_COMPILED: dict[str, tuple[Any, str]] = {
    "another step": (
        piped(preprocessing.PolynomialFeatures(), linear_model.Ridge()),
        "PolynomialFeatures is not compiled",
    ),
    "another model": (KNeighborsClassifier(), "KNeighborsClassifier is not compiled"),
    "a class of the user's": (Own(), "Own is not compiled"),
    "several outputs": (tree.DecisionTreeRegressor(), "a model with several outputs is not compiled"),
    "a start of its own": (
        ensemble.GradientBoostingRegressor(init=linear_model.Ridge(), n_estimators=2),
        "gradient boosting that starts from a model of its own is not compiled",
    ),
    "an imputer that adds columns": (
        piped(impute.SimpleImputer(add_indicator=True), linear_model.Ridge()),
        "this SimpleImputer is not compiled: it does more than fill in numbers for NaN",
    ),
}


@pytest.mark.parametrize("case", NOT_COMPILED)
def test_what_is_not_compiled_is_named(case: str) -> None:
    model, why = NOT_COMPILED[case]
    target = np.stack([NUMBERS, NUMBERS], axis=1) if case == "several outputs" else SIDES
    model.fit(ROWS, target)
    with pytest.raises(compiled.UnusableError, match=f"^{why}"):
        compile_model(model)


def test_a_model_that_answers_otherwise_is_not_used() -> None:
    model = linear_model.Ridge().fit(ROWS, NUMBERS)
    made, facts, arrays = compile_model(model)
    model.intercept_ += 1e-3
    with pytest.raises(compiled.UnusableError, match="its answers are not the same on 2000 sample rows"):
        proof.prove(model, made, facts, arrays)


# ---- in a project


@pytest.fixture(scope="module")
def trained(rendered: Path, iris_model: Path) -> Path:
    assert (iris_model / compiled.FILE).is_file()
    return rendered


def settings(folder: Path, version: str = "1.9.1") -> ModelSettings:
    return ModelSettings("churn", "sklearn", version, folder)


Broken = Callable[[Path], object]
UNUSABLE: dict[str, tuple[Broken, str, str]] = {
    "missing": (
        lambda folder: (folder / compiled.FILE).unlink(),
        "1.9.1",
        "there is no optimized.npz beside the model",
    ),
    "cut off": (
        lambda folder: (folder / compiled.FILE).write_bytes((folder / compiled.FILE).read_bytes()[:500]),
        "1.9.1",
        "optimized.npz cannot be used",
    ),
    "of another model": (
        lambda folder: (folder / "model.joblib").write_bytes(b"another"),
        "1.9.1",
        "optimized.npz was made of another model",
    ),
    "of another release": (lambda _: None, "1.8.0", "optimized.npz was made of another model, or by another release"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_equal_that_is_not_of_this_model_is_left(trained: Path, tmp_path: Path, case: str) -> None:
    spoil, version, why = UNUSABLE[case]
    folder = Path(shutil.copytree(trained / "model", tmp_path / "model"))
    spoil(folder)
    found, reason = framework.load_equal(settings(folder, version))
    assert (found, reason[: len(why)]) == (None, why)


def test_the_sample_rows_are_asked_again_where_it_serves(trained: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained / "model", tmp_path / "model"))
    path = folder / compiled.FILE
    with np.load(path) as file:
        arrays = dict(file)
    arrays["coef"] = -arrays["coef"]
    np.savez(path, **arrays)
    found, reason = framework.load_equal(settings(folder))
    assert (found, reason) == (None, "optimized.npz answers otherwise on this machine than where it was made")


SERVE = """
import sys
from serving.hooks import Hooks
from serving.invocation import Invocation
from serving.predictor import Predictor
from serving import hooks, settings
predictor = Predictor.load(settings.load({"SM_MODEL_DIR": sys.argv[1]}))
print(predictor.answer(Invocation(b"[[5.1, 3.5, 1.4, 0.2]]", "application/json", "")).body.decode(), "sklearn" in sys.modules)
"""


def serve(project: Path, model: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", SERVE, str(model)], cwd=project, check=True, capture_output=True, text=True, timeout=300
    )
    return ran.stdout.strip()


def test_the_server_never_imports_scikit_learn(trained: Path) -> None:
    assert serve(trained, trained / "model") == '{"predictions":["setosa"]} False'


OWN = "def predict_fn(data, model): return model.predict_proba(data).round(3)\n"


CHOICES: dict[str, tuple[Hooks, bool, dict[str, object]]] = {
    "auto": (Hooks(), True, {"optimized": True}),
    "off": (Hooks(), False, {"optimized": False, "reason": "serving.optimize is off"}),
    "own code": (
        Hooks(predict_fn=lambda data, model, _: model.predict_proba(data)),
        True,
        {"optimized": False, "reason": "inference.py calls the model itself"},
    ),
}


@pytest.mark.parametrize("case", CHOICES)
def test_the_log_says_which_model_answers(trained: Path, case: str) -> None:
    own, optimize, choice = CHOICES[case]
    model, said = loading.load(settings(trained / "model"), limits(optimize=optimize), own)
    assert (isinstance(model, compiled.Compiled), said) == (choice["optimized"], choice)


@pytest.fixture
def workshop(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose model can be packed again."""
    project = Path(shutil.copytree(trained, tmp_path / "project"))
    monkeypatch.setattr(compiling, "PROJECT", project)
    return project


def told(project: Path, capsys: pytest.CaptureFixture[str]) -> str:
    compiling.add_equal(project / "model")
    return capsys.readouterr().out.partition("optimized.npz: ")[2].strip()


def test_packing_tells_what_answers(workshop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (workshop / "model" / compiled.FILE).read_bytes()
    assert told(workshop, capsys).startswith("answers as Pipeline does, on 2000 sample rows; rows in time: 1 in ")
    assert (workshop / "model" / compiled.FILE).read_bytes() == before  # the same model is no new release


def test_where_scikit_learn_is_faster_with_many_rows_it_answers_these(
    workshop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "measure", lambda *_: times(0.1, 0.2, 3))
    assert told(workshop, capsys).endswith("; for more than 10 rows the model itself serves")
    found, why = framework.load_equal(settings(workshop / "model"))
    assert found is not None, why
    found.original.named_steps["logisticregression"].classes_ = np.array(["itself"] * 3)
    rows = np.ones((11, 4))
    assert set(framework.predict(rows[:10], found, {})) != {"itself"}
    assert set(framework.predict(rows, found, {})) == {"itself"}


def test_an_equal_that_is_no_faster_is_not_made(
    workshop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "measure", lambda *_: times(1.6))
    why = "not made, scikit-learn itself serves: its equal is no faster; rows in time: 1 in 1.6 ms instead of 1 ms"
    assert told(workshop, capsys) == why
    assert not (workshop / "model" / compiled.FILE).exists()


def times(*shares: float) -> list[speed.Times]:
    """So many times as long as scikit-learn takes an equal of it."""
    return [speed.Times(count, 0.001, 0.001 * share) for count, share in zip(speed.COUNTS, shares, strict=False)]


@pytest.mark.parametrize(
    ("shares", "most"), [((0.1, 0.2, 1.4, 1.4), None), ((0.1, 0.2, 1.4, 1.6), 100), ((0.1, 2), 1), ((2, 0.1), 0)]
)
def test_up_to_how_many_rows_it_answers(shares: tuple[float, ...], most: int | None) -> None:
    assert speed.most_rows(times(*shares)) == most


def test_both_are_measured() -> None:
    found = speed.measure(lambda rows: rows, lambda rows: rows, ROWS)
    assert [one.count for one in found] == list(speed.COUNTS)
    assert all(0 < one.itself < 1 and 0 < one.equal < 1 for one in found)


NOT_MADE: dict[str, tuple[str, Callable[[str], str], str]] = {
    "off": (
        "serving.toml",
        lambda text: text.replace('optimize = "auto"', 'optimize = "off"'),
        "serving.optimize is off",
    ),
    "own code": ("inference.py", lambda text: text + OWN, "inference.py has a model_fn, predict_fn or transform_fn"),
    "broken code": ("inference.py", lambda text: text + "1 / 0\n", "inference.py raised ZeroDivisionError"),
}


@pytest.mark.parametrize("case", NOT_MADE)
def test_packing_tells_why_the_model_itself_answers(
    workshop: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    name, change, why = NOT_MADE[case]
    (workshop / name).write_text(change((workshop / name).read_text(encoding="utf-8")), encoding="utf-8")
    assert told(workshop, capsys).startswith(f"not made, scikit-learn itself serves: {why}")
    assert not (workshop / "model" / compiled.FILE).exists()
