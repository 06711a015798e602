"""From the model in a folder to its equal beside it, or to the reason why there is none."""

import sys
import tomllib
import warnings
from pathlib import Path

from optimize import estimators, proof, speed
from serving import compiled, hooks, model_files
from serving.errors import StartError
from serving.framework import FAVOURITE

PROJECT = Path(__file__).resolve().parent.parent


def add_equal(folder: Path) -> None:
    """Make `folder`/optimized.npz, unless nothing equal can be made; then remove one that is there."""
    target = folder / compiled.FILE
    target.unlink(missing_ok=True)
    try:
        sys.stdout.write(f"{target}: {_compile(folder, target)}\n")
    except compiled.UnusableError as reason:
        sys.stdout.write(f"{target}: not made, scikit-learn itself serves: {reason}\n")
    except Exception as error:  # noqa: BLE001 - a model may be anything, and is packed whether this works or not
        sys.stdout.write(f"{target}: not made, scikit-learn itself serves: {type(error).__name__}: {error}\n")


def _compile(folder: Path, target: Path) -> str:
    settings = tomllib.loads((PROJECT / "serving.toml").read_text(encoding="utf-8"))
    if settings["server"].get("optimize", "auto") == "off":
        raise compiled.UnusableError("serving.optimize is off")
    try:
        own = hooks.load(PROJECT)
        if own.model_fn or own.predict_fn or own.transform_fn:
            raise compiled.UnusableError("inference.py has a model_fn, predict_fn or transform_fn")
        source = model_files.find(folder, model_files.PICKLES, [FAVOURITE])
        model = model_files.unpickle(source, "serve it with scikit-learn {}")
    except StartError as error:
        raise compiled.UnusableError(str(error)) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        facts, arrays = estimators.compile_model(model)
        equal = compiled.Compiled(facts, arrays, model)
        rows = proof.prove(model, equal, facts, arrays)
        times = speed.measure(proof.as_served(model, facts), equal.predict, rows)
        facts["most_rows"] = speed.most_rows(times)
    if facts["most_rows"] == 0:
        raise compiled.UnusableError(f"its equal is no faster; {speed.told(times)}")
    facts |= {"source": compiled.digest(source), "framework_version": settings["model"]["framework_version"]}
    compiled.write(target, facts, arrays)
    share = "" if facts["most_rows"] is None else f"; for more than {facts['most_rows']} rows the model itself serves"
    if facts["kind"] == "rest":
        share += f"; what comes before {type(compiled.chain(model)[facts['skip']]).__name__} is compiled"
    return f"answers as {type(model).__name__} does, on {len(rows)} sample rows; {speed.told(times)}{share}"
