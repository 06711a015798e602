"""XGBoost and LightGBM through their C interfaces: bit for bit what the library answers, or the library itself serves."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from tests.frameworks.layer import Layer

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(120, 4)) * [1, 10, 100, 1]
ROWS[RANDOM.random(ROWS.shape) < 0.1] = np.nan
NUMBERS = np.nan_to_num(ROWS[:, 0]) * 3 + np.nan_to_num(ROWS[:, 1])
SIDES = (NUMBERS > 0).astype(int)
KINDS = np.digitize(NUMBERS, [-5, 5])
WORDS = np.array(["a", "bb", "c"])[KINDS]
WHOLE = pd.DataFrame({"plan": pd.Categorical(WORDS), "fee": ROWS[:, 2], "age": ROWS[:, 3]})


@pytest.fixture(scope="module")
def xgb() -> Layer:
    return Layer("xgboost")


@pytest.fixture(scope="module")
def lgb() -> Layer:
    return Layer("lightgbm")


def boosted(target: Any, data: Any = ROWS, stop: int | None = None, **parameters: Any) -> Any:
    matrix = xgboost.DMatrix(data, target, enable_categorical=True)
    if parameters["objective"].startswith("rank"):
        matrix.set_group([60, 60])
    more = {"evals": [(matrix, "train")], "early_stopping_rounds": stop, "verbose_eval": False} if stop else {}
    return xgboost.train({"nthread": 1, "max_depth": 3, **parameters}, matrix, 8, **more)


def leaves(target: Any, data: Any = ROWS, **parameters: Any) -> Any:
    groups: dict[str, Any] = {"group": [60, 60]} if parameters["objective"] == "lambdarank" else {}
    fixed = {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, **parameters}
    return lightgbm.train(fixed, lightgbm.Dataset(data, target, **groups), 8)


QUIET: dict[str, Any] = {"n_estimators": 5, "verbose": -1, "n_jobs": 1, "min_child_samples": 5}
CASES: dict[str, tuple[str, Any]] = {
    "xgboost, two classes": ("xgb", lambda: boosted(SIDES, objective="binary:logistic")),
    "xgboost, three classes": ("xgb", lambda: boosted(KINDS, objective="multi:softprob", num_class=3)),
    "xgboost, class numbers": ("xgb", lambda: boosted(KINDS, objective="multi:softmax", num_class=3)),
    "xgboost, numbers": ("xgb", lambda: boosted(NUMBERS, objective="reg:squarederror", base_score=7.5)),
    "xgboost, ranking": ("xgb", lambda: boosted(KINDS, objective="rank:ndcg")),
    "xgboost, stopped early": ("xgb", lambda: boosted(SIDES, stop=1, objective="binary:logistic", eta=3)),
    "xgboost, categories": ("xgb", lambda: boosted(SIDES, WHOLE, objective="binary:logistic")),
    "xgboost, two targets": ("xgb", lambda: boosted(np.stack([NUMBERS, -NUMBERS], 1), objective="reg:squarederror")),
    "XGBClassifier, two": ("xgb", lambda: xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(ROWS, SIDES)),
    "XGBClassifier, three": ("xgb", lambda: xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(ROWS, KINDS)),
    "XGBRegressor": ("xgb", lambda: xgboost.XGBRegressor(n_estimators=5, n_jobs=1).fit(ROWS, NUMBERS)),
    "lightgbm, two classes": ("lgb", lambda: leaves(SIDES, objective="binary")),
    "lightgbm, three classes": ("lgb", lambda: leaves(KINDS, objective="multiclass", num_class=3)),
    "lightgbm, numbers": ("lgb", lambda: leaves(NUMBERS, objective="regression")),
    "lightgbm, ranking": ("lgb", lambda: leaves(KINDS, objective="lambdarank")),
    "lightgbm, dart": ("lgb", lambda: leaves(SIDES, objective="binary", boosting="dart")),
    "lightgbm, categories": ("lgb", lambda: leaves(SIDES, WHOLE, objective="binary")),
    "LGBMClassifier, two": ("lgb", lambda: lightgbm.LGBMClassifier(**QUIET).fit(ROWS, SIDES)),
    "LGBMClassifier, three": ("lgb", lambda: lightgbm.LGBMClassifier(**QUIET).fit(ROWS, WORDS)),
    "LGBMRegressor": ("lgb", lambda: lightgbm.LGBMRegressor(**QUIET).fit(ROWS, NUMBERS)),
}


def faster(layer: Layer, model: Any) -> tuple[Any, str]:
    settings = layer.settings.ModelSettings("churn", layer.name, "", Path())
    found: tuple[Any, str] = layer.framework.faster(model, settings)
    return found


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("case", CASES)
def test_the_faster_way_answers_bit_for_bit_as_the_library(case: str, request: pytest.FixtureRequest) -> None:
    name, train = CASES[case]
    layer: Layer = request.getfixturevalue(name)
    model = train()
    found, why = faster(layer, model)
    assert (type(found).__name__, why) == ("NativeModel", "")
    assert layer.framework.inputs(found) == layer.framework.inputs(model)
    rows = ROWS if layer.framework.inputs(model).width == 4 else WHOLE.assign(plan=KINDS).to_numpy(float)
    for count in (1, 3, 120):
        data = layer.framework.to_input(model, rows[:count], ())
        one, other = layer.framework.predict(data, found, {}), layer.framework.predict(data, model, {})
        assert (one.dtype, one.tolist()) == (other.dtype, other.tolist())


class Own(xgboost.XGBClassifier):
    """A class of the user's, which may predict in any way."""


ITSELF: dict[str, tuple[str, Any, str]] = {
    "dart": (
        "xgb",
        lambda: boosted(SIDES, objective="binary:logistic", booster="dart"),
        "only trees on a CPU have a faster way, this is dart on cpu",
    ),
    "own class": ("xgb", lambda: Own(n_estimators=2).fit(ROWS, SIDES), "Own may predict in its own way"),
    "missing": (
        "xgb",
        lambda: xgboost.XGBClassifier(n_estimators=2, missing=-1).fit(np.nan_to_num(ROWS), SIDES),
        "a number stands for missing values: -1",
    ),
    "no model": ("lgb", dict, "a dict is no model of LightGBM"),
}


@pytest.mark.parametrize("case", ITSELF)
def test_what_has_no_faster_way_is_named(case: str, request: pytest.FixtureRequest) -> None:
    name, train, reason = ITSELF[case]
    found, why = faster(request.getfixturevalue(name), train())
    assert found is None
    assert why.endswith(reason)


@pytest.mark.parametrize("name", ["xgb", "lgb"])
def test_a_way_that_answers_otherwise_is_not_used(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer: Layer = request.getfixturevalue(name)
    monkeypatch.setattr(layer.native, "_decision", lambda _: lambda found: found + 1e-6)
    model = CASES["xgboost, two classes" if name == "xgb" else "lightgbm, two classes"][1]()
    assert faster(layer, model) == (None, "its answers to a trial of 1 rows are not those of the model itself")


@pytest.mark.parametrize("name", ["xgb", "lgb"])
def test_threads_do_not_disturb_each_other(name: str, request: pytest.FixtureRequest) -> None:
    layer: Layer = request.getfixturevalue(name)
    model = CASES["xgboost, three classes" if name == "xgb" else "lightgbm, three classes"][1]()
    found, _ = faster(layer, model)
    parts = [layer.framework.to_input(model, ROWS[first : first + 2], ()) for first in range(0, 120, 2)]

    def ask(data: Any) -> Any:
        return [layer.framework.predict(data, found, {}).tolist() for _ in range(50)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, parts))
    assert answers == [[layer.framework.predict(data, model, {}).tolist()] * 50 for data in parts]


@pytest.mark.parametrize("name", ["xgb", "lgb"])
def test_data_of_the_users_own_goes_to_the_library(name: str, request: pytest.FixtureRequest) -> None:
    layer: Layer = request.getfixturevalue(name)
    model = CASES["xgboost, two classes" if name == "xgb" else "lightgbm, two classes"][1]()
    found, _ = faster(layer, model)
    data = xgboost.DMatrix(ROWS) if name == "xgb" else pd.DataFrame(ROWS)
    assert layer.framework.predict(data, found, {}).tolist() == model.predict(data).tolist()
