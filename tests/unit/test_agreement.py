"""The manifest against the model file: each thing that the file says otherwise, at its line, with the way out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.asking import with_value

from byocgen import catalog as catalogs
from byocgen import workflow
from byocgen.errors import ManifestError
from byocgen.inspect.facts import Column, Facts, Format, Python, Said
from byocgen.manifest.load import load
from byocgen.plan import agreement
from byocgen.plan.image import version_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.shown import Shown

CATALOG = catalogs.load()
SKLEARN = CATALOG.frameworks["sklearn"]
OLD, NEW = list(SKLEARN.versions)[-1], SKLEARN.default_version


def facts(**told: Any) -> Facts:
    """Facts of a pickled scikit-learn model, or of what is told."""
    return Facts(**{"path": "m", "format": Format.JOBLIB, "file_bytes": 1, "framework": "sklearn", **told})


def said(model: dict[str, Any], told: Facts) -> list[tuple[str, str, str]]:
    """Return each finding as its key, its message and its way out."""
    loaded = load(with_value("model", {"framework": "sklearn", "artifact": "m", **model}).encode(), "byocgen.yaml")
    assert loaded.manifest is not None
    found = agreement.check(loaded.manifest, CATALOG, told, version_for(loaded.manifest, CATALOG, None))
    return [(".".join(map(str, one.key)), one.message, one.help) for one in found]


def test_what_agrees_and_what_is_not_known() -> None:
    assert said({}, facts()) == []
    told = facts(framework_version=Said(NEW, "x"), columns=(Column("a", "float"),), column_count=1)
    assert said({"framework_version": NEW, "inputs": [{"name": "a", "type": "float"}]}, told) == []
    assert said({"inputs": [{"name": "a", "type": "float"}]}, facts()) == []
    assert said({}, facts(framework=None, model="mine.Model")) == []


@pytest.mark.parametrize(
    ("framework", "told", "message"),
    [
        ("xgboost", facts(model="sklearn.svm.SVC"), "no model of xgboost: it is joblib of sklearn, sklearn.svm.SVC"),
        ("sklearn", facts(format=Format.ONNX, framework="onnx"), "no model of sklearn: it is ONNX"),
        (
            "transformers",
            facts(format=Format.SAFETENSORS, framework="pytorch"),
            "no model of transformers: it is safetensors",
        ),
    ],
)
def test_another_framework(framework: str, told: Facts, message: str) -> None:
    own = f"write: framework: {told.framework}"
    assert said({"framework": framework}, told) == [("model.framework", f"the artifact is {message}", own)]
    assert said({"framework": "python"}, told) == []


def test_a_pickle_with_another_library_inside_or_installed() -> None:
    inside = facts(imports=("sklearn.pipeline.Pipeline", "xgboost.sklearn.XGBClassifier"))
    assert said({"framework": "xgboost"}, inside) == []
    own = facts(framework="xgboost", imports=("xgboost.sklearn.XGBClassifier",))
    assert said({"requirements": ["xgboost-cpu==3.2.0"]}, own) == []
    assert [key for key, *_ in said({}, own)] == ["model.framework"]


def test_a_pickle_of_another_version() -> None:
    rule = "a pickle is served by the version that wrote it"
    told = facts(framework_version=Said(OLD, "x"))
    message = f"scikit-learn {OLD} wrote the artifact and {NEW} would serve it: {rule}"
    way = f'write: framework_version: "{OLD}"'
    assert said({}, told) == [("model.artifact", message, way)]
    assert said({"framework_version": NEW}, told) == [("model.framework_version", message, way)]
    (unknown,) = said({}, facts(framework_version=Said("0.24.2", "x")))
    assert unknown[2] == f"train and save it again with one of: {', '.join(SKLEARN.versions)}"


def test_a_format_that_newer_versions_read() -> None:
    versions = list(CATALOG.frameworks["xgboost"].versions)
    newest, oldest = max(versions), min(versions)
    told = facts(format=Format.XGBOOST_UBJ, framework="xgboost", framework_version=Said(newest, "x"))
    ((key, message, way),) = said({"framework": "xgboost", "framework_version": oldest}, told)
    assert (key, way) == ("model.framework_version", f'write: framework_version: "{newest}"')
    assert message.endswith("an older version may not read it")
    older = facts(format=Format.XGBOOST_UBJ, framework="xgboost", framework_version=Said(oldest, "x"))
    assert said({"framework": "xgboost", "framework_version": newest}, older) == []


def test_the_version_that_serves_is_that_of_the_type_that_was_chosen(tmp_path: Path) -> None:
    """The only type that the region has has a GPU, and no driver of batch jobs runs the newest version's build for it."""
    newest = CATALOG.frameworks["xgboost"].default_version
    (tmp_path / "m.json").write_text(
        json.dumps(
            {"learner": {"gradient_booster": {"name": "gbtree"}}, "version": [int(part) for part in newest.split(".")]}
        )
    )
    text = (
        with_value("model", {"framework": "xgboost", "artifact": "m.json"})
        + "endpoint: {mode: batch, instance_type: %s}\n"
    )
    price = {"region": "us-east-1", "type": "ml.g5.xlarge", "use": "hosting", "usd_per_hour": "1.408"}
    listed = {"hourly": [{**price, "as_of": "2026-09-28", "source": "the list"}], "serverless": []}
    prices = json.dumps({"complete": ["us-east-1"], **listed}).encode()

    def served(instance_type: str) -> list[str]:
        with pytest.raises(ManifestError) as raised:
            workflow.generate((text % instance_type).encode(), "byocgen.yaml", tmp_path, prices)
        return [one.message for one in raised.value.diagnostics if one.code == "BYO315"]

    (auto,) = served("auto")
    assert re.search(rf"XGBoost {newest} wrote the artifact and 3\.\d\.\d would serve it", auto)
    assert [auto] == served("ml.g5.xlarge")


def test_another_python() -> None:
    told = facts(python=Python("3.13", "3.13", "it imports x"))
    message = "Python 3.13 wrote the artifact (it imports x) and 3.12 would serve it"
    assert said({"python": "3.12"}, told) == [("model.python", message, 'write: python: "3.13"')]
    assert said({}, told) == []
    assert said({"python": "3.13"}, told) == []


@pytest.mark.parametrize(
    ("names", "key", "message", "way"),
    [
        (["a", "c", "b"], "1.name", "column 2 of the model is b; c is elsewhere", "its columns, in order: a, b, c"),
        (
            ["a", "beta"],
            "1.name",
            "column 2 of the model is b; beta is not among them",
            "its columns, in order: a, b, c",
        ),
        (["a", "b"], "", "the model takes 3 columns, and c is not in `model.inputs`", "its columns, in order: a, b, c"),
        (
            ["a", "b", "c", "d"],
            "3.name",
            "the model takes 3 columns, and d is one more",
            "its columns, in order: a, b, c",
        ),
    ],
)
def test_other_columns(names: list[str], key: str, message: str, way: str) -> None:
    told = facts(columns=tuple(Column(name, "float") for name in "abc"))
    found = said({"inputs": [{"name": name, "type": "float"} for name in names]}, told)
    assert found == [(f"model.inputs.{key}".rstrip("."), message, way)]


def test_a_misspelt_column_and_another_number_of_them() -> None:
    inputs = [{"name": "tenur", "type": "float"}]
    assert said({"inputs": inputs}, facts(columns=(Column("tenure"),)))[0][2] == 'did you mean "tenure"?'
    message = "the model takes 7 columns, and `model.inputs` has 1"
    assert said({"inputs": inputs}, facts(column_count=7))[0][:2] == ("model.inputs", message)


def test_lightgbm_writes_names_with_underscores() -> None:
    told = facts(framework="lightgbm", format=Format.LIGHTGBM_TEXT, columns=(Column("monthly_fee", "float"),))
    assert said({"framework": "lightgbm", "inputs": [{"name": "monthly fee", "type": "float"}]}, told) == []


def test_check_looks_at_the_file_and_reads_no_more_than_it_has_time_for(
    run: Callable[..., Shown], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = project / "byocgen.yaml"
    manifest.write_text(
        manifest.read_text("utf-8").replace("framework: sklearn", "framework: sklearn, artifact: m.pkl")
    )
    strange = b"\x80\x04cbuiltins\neval\n)R."
    (project / "m.pkl").write_bytes(strange)
    assert "warning[BYO360]: loading the model runs what no model needs: builtins.eval" in run("check").err
    monkeypatch.setattr("byocgen.inspect.artifact.Effort.GLANCE._value_", (10, 1000))
    assert "BYO360" not in run("check").err
