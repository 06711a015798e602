"""XGBoost's files: its own formats and pickles, read by a version that fits or refused with what to change."""

import re
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import xgboost
from xgboost import Booster

from serving import model_files
from serving.errors import StartError

NATIVE = (".ubj", ".json")
NAMELESS = "xgboost-model"  # what SageMaker's own XGBoost container calls the file: native or a pickle
FAVOURITES = ("model.ubj", "model.json", NAMELESS, "model.joblib", "model.pkl")
PICKLED = b"\x80"  # how a pickle begins
# "version": [3, 2, 0] as JSON and as UBJSON write it. Read with regular expressions: a model may have gigabytes.
VERSIONS = (
    re.compile(rb'"version"\s*:\s*\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]'),
    re.compile(rb"version\[#L\x00{7}\x03i(.)i(.)i(.)", re.DOTALL),
)
SAVE_AGAIN = "save it with save_model as model.ubj, which newer releases read too"


def read(folder: Path) -> Any:
    """Find the model in a folder and read it: a Booster, or a model of the scikit-learn API. Raises StartError."""
    path = model_files.find(folder, {*NATIVE, *model_files.PICKLES}, FAVOURITES)
    pickled = path.suffix in model_files.PICKLES or (path.name == NAMELESS and _begins(path) == PICKLED)
    return unpickle(path) if pickled else read_native(path)


def read_native(path: Path) -> Booster:
    """Read what `save_model` wrote. Raises StartError."""
    written_by = _written_by(path)
    here = _numbers(xgboost.__version__)
    if written_by[:2] > here[:2]:
        found = ".".join(map(str, written_by))
        raise StartError(
            f"{path.name} was written by XGBoost {found}, this image has {xgboost.__version__}, which is older: set "
            f'model.framework_version to "{found}" in byocgen.yaml and run `byocgen sync`'
        )
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*Unknown file format")  # a file without a suffix
            return Booster(model_file=path)
    except MemoryError:
        raise model_files.does_not_fit(path) from None
    except xgboost.core.XGBoostError as error:
        # The first line is the cause, after a time and a place in XGBoost's source; then comes a native traceback.
        cause = re.sub(r"^\[[\d:]+\] \S+: ", "", str(error).splitlines()[0])
        hint = "is it complete, and was it written by save_model as .ubj or .json"
        raise model_files.unreadable(path, cause, hint) from None


def unpickle(path: Path) -> Any:
    """Read a pickle, of a Booster or of the scikit-learn API. Raises StartError."""
    written_by = _written_by(path)
    if written_by and written_by != _numbers(xgboost.__version__):
        found = ".".join(map(str, written_by))
        raise StartError(
            f"{path.name} was written by XGBoost {found}, this image has {xgboost.__version__}: set "
            f'model.framework_version to "{found}" in byocgen.yaml and run `byocgen sync`, or {SAVE_AGAIN}'
        )
    model = model_files.unpickle(path, 'set "scikit-learn=={}" under model.requirements in byocgen.yaml')
    if isinstance(model, xgboost.XGBModel) and find_spec("sklearn") is None:
        raise StartError(
            f"{path.name} holds a {type(model).__name__}, which needs scikit-learn: add it to model.requirements of "
            f"byocgen.yaml, or {SAVE_AGAIN}"
        )
    return model


def _written_by(path: Path) -> tuple[int, ...]:
    """Find the version that wrote a file; () where it does not show, as in a compressed pickle."""
    with path.open("rb") as file:
        if path.suffix in NATIVE:
            file.seek(max(0, path.stat().st_size - 200))  # it is the last key there
        content = file.read()
    text, binary = (pattern.search(content) for pattern in VERSIONS)
    if text:
        return tuple(int(number) for number in text.groups())
    return tuple(number[0] for number in binary.groups()) if binary else ()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1)
