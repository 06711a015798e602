"""`byocgen inspect`, and `byocgen new --artifact`: exit code, stdout and stderr together, and the manifest written."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.unit.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("folder")

VERSION = version("scikit-learn")
KNOWN = "byocgen reads joblib, pickle, XGBoost json and ubj, LightGBM text, ONNX, safetensors, PyTorch and transformers"
STRANGE = b"\x80\x04cbuiltins\neval\n)R."


def brought(pickled: tuple[Path, dict[str, Any]], name: str) -> str:
    """Put a model into the folder to be in."""
    shutil.copy(pickled[0] / name, name)
    return name


def test_a_report(run: Callable[..., Shown], pickled: tuple[Path, dict[str, Any]]) -> None:
    shown = run("inspect", brought(pickled, "columns.joblib"))
    size = (pickled[0] / "columns.joblib").stat().st_size
    assert (shown.code, shown.err) == (0, "")
    assert (
        shown.out.rpartition("  memory")[0]
        == f"""\
columns.joblib
  format     joblib, {size / 1024:.1f} KiB
  framework  sklearn {VERSION}, by `_sklearn_version` of Pipeline
  python     3.8 or newer, by pickle protocol 5
  model      sklearn.pipeline.Pipeline
  steps      ColumnTransformer, DecisionTreeRegressor
  kind       regressor
  columns    4
             tenure  float
             fee     float
             plan    string: basic, pro, team
             flag    type not said
"""
    )


def test_json(run: Callable[..., Shown], pickled: tuple[Path, dict[str, Any]]) -> None:
    found = json.loads(run("inspect", "--json", brought(pickled, "booster.ubj")).out)
    assert (found["format"], found["framework"]) == ("XGBoost UBJSON", "xgboost")
    assert found["framework_version"] == {"version": version("xgboost-cpu"), "how": "`version` of the model"}
    assert found["columns"][2] == {"name": "plan", "type": "string", "values": ["basic", "pro", "team"]}
    assert {"suspicious", "warnings", "network"} & found.keys() == set()


def test_what_no_model_needs_is_an_error(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "m.pkl").write_bytes(STRANGE)
    shown = run("inspect", "m.pkl")
    assert shown.code == 1
    assert shown.err.endswith(
        "error: loading it runs what no model needs: builtins.eval\n"
        "  = help: do not load it; ask who made it for safetensors, ONNX, or the library's own format\n"
    )
    assert run("inspect", "m.pkl", "--json").code == 1


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, "there is no m.pkl\n  = help: ARTIFACT is a model file, a folder or a .tar.gz"),
        (
            b"\x80\x04",
            "m.pkl cannot be read: it ends in the middle\n  = help: copy it again, or save it again where it was made",
        ),
        (
            b"\x80\x04N.",
            f"m.pkl is no model that byocgen knows: it is a pickle of plain values, and no model\n  = help: {KNOWN}",
        ),
    ],
)
def test_what_cannot_be_read(run: Callable[..., Shown], folder: Path, content: bytes | None, error: str) -> None:
    if content is not None:
        (folder / "m.pkl").write_bytes(content)
    assert run("inspect", "m.pkl") == Shown(2, "", f"error: {error}\n")


def test_names_cannot_move_the_cursor(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "m.pkl").write_bytes(b"\x80\x04cmy\x1b[2J\nThing\n)\x81.")
    shown = run("inspect", "m.pkl")
    assert "\x1b" not in shown.out + shown.err


def model_of(folder: Path, name: str = "churn") -> dict[str, Any]:
    """Read `model` of the manifest that was written."""
    values = yaml.safe_load((folder / name / "byocgen.yaml").read_text("utf-8"))
    assert isinstance(values, dict)
    return dict(values["model"])


def test_new_takes_from_the_model_what_was_not_asked_for(
    run: Callable[..., Shown], folder: Path, pickled: tuple[Path, dict[str, Any]]
) -> None:
    shown = run("new", "churn", "--artifact", brought(pickled, "pipeline.joblib"))
    assert shown.code == 0
    assert (
        shown.err.partition("churn is made")[0]
        == f"""\
From pipeline.joblib, into byocgen.yaml:
  model.framework          sklearn  (sklearn.pipeline.Pipeline)
  model.framework_version  {VERSION}  (`_sklearn_version` of Pipeline)
  model.inputs             2 columns  (tenure, fee)

"""
    )
    assert model_of(folder) == {
        "framework": "sklearn",
        "framework_version": VERSION,
        "artifact": "pipeline.joblib",
        "inputs": [{"name": "tenure", "type": "float"}, {"name": "fee", "type": "float"}],
    }
    assert run("check", "-C", "churn").code == 0


def test_new_and_a_booster(run: Callable[..., Shown], folder: Path, pickled: tuple[Path, dict[str, Any]]) -> None:
    done = run("new", "churn", "--artifact", brought(pickled, "lightgbm.joblib"), "--json")
    filled = {one["key"]: one["value"] for one in json.loads(done.out)["filled"]}
    assert filled.keys() == {"model.framework", "model.requirements", "model.inputs"}
    assert filled["model.requirements"] == [f"scikit-learn=={VERSION}"]
    assert model_of(folder)["inputs"][2] == {"name": "plan", "type": "string", "values": ["basic", "pro", "team"]}


def test_options_come_first(run: Callable[..., Shown], folder: Path, pickled: tuple[Path, dict[str, Any]]) -> None:
    name = brought(pickled, "pipeline.joblib")
    options = ("--framework", "python", "--set", "model.inputs=[]")
    assert run("new", "churn", "--artifact", name, *options).code == 0
    assert model_of(folder) == {"framework": "python", "artifact": name, "inputs": []}
    inputs = 'model.inputs=[{name: tenure, type: float}, {name: "fees", type: float}]'
    shown = run("new", "other", "--artifact", name, "--set", inputs)
    assert shown.code == 1
    assert "error[BYO315]: column 2 of the model is fee; fees is not among them" in shown.err
    assert '= help: did you mean "fee"?' in shown.err


def test_columns_without_types_are_left_out(
    run: Callable[..., Shown], folder: Path, pickled: tuple[Path, dict[str, Any]]
) -> None:
    shown = run("new", "churn", "--artifact", brought(pickled, "columns.joblib"))
    assert "model.inputs is left out: the file does not say the type of every column" in shown.err
    assert model_of(folder).keys() == {"framework", "framework_version", "artifact", "requirements"}
    assert model_of(folder)["requirements"] == ["pandas"]


def test_a_version_that_the_catalogue_lacks(run: Callable[..., Shown], folder: Path, pickled: Any) -> None:
    data = (pickled[0] / "pipeline.4.pkl").read_bytes()
    (folder / "m.pkl").write_bytes(data.replace(VERSION.encode(), b"0.2.9"))
    shown = run("new", "churn", "--artifact", "m.pkl")
    assert (shown.code, list(folder.iterdir())) == (1, [folder / "m.pkl"])
    assert "error[BYO305]: scikit-learn 0.2.9 is not in the catalogue" in shown.err


def test_a_model_that_tells_nothing(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "m.bin").write_bytes(b"anything")
    why = "m.bin is no model that byocgen knows: it begins as none of them does"
    assert run("new", "churn", "--artifact", "m.bin") == Shown(
        2, "", f"error: --framework is missing: {why}\n  = help: for example: --framework sklearn\n"
    )
    shown = run("new", "churn", "--artifact", "m.bin", "--framework", "python")
    assert shown.err.startswith(f"note: {why}; nothing was taken from it\nchurn is made: ")


def test_a_large_model_says_its_size(run: Callable[..., Shown], folder: Path) -> None:
    header = b'{"a":{"dtype":"F16","shape":[1000,100000],"data_offsets":[0,200000000]}}'
    with (folder / "m.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 200_000_000)
    assert run("new", "churn", "--artifact", "m.safetensors", "--dry-run", "--json").code == 0
    filled = json.loads(run("new", "churn", "--artifact", "m.safetensors", "--dry-run", "--json").out)["filled"]
    assert {one["key"]: one["value"] for one in filled} == {"model.framework": "pytorch", "model.size_gib": 0.19}
