"""The model's file: which one in a folder it is, and how a pickle is read. What is inside, the framework knows.

A pickle runs code when it is read. That is as safe as where the model comes from, which is yours; no request is ever
unpickled.
"""

import pickle
import re
import warnings
from collections.abc import Collection, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from serving.errors import StartError

PICKLES = (".joblib", ".pkl", ".pickle")
# How a pickle that is not compressed stores the scikit-learn that wrote it.
WRITTEN_BY = re.compile(rb"_sklearn_version.{1,12}?(\d+\.\d+(?:\.\d+)?(?:rc\d+)?)", re.DOTALL)


def find(folder: Path, suffixes: Collection[str], favourites: Sequence[str]) -> Path:
    """Find the model: the first favourite that is there, else the only one with a suffix. Raises StartError."""
    if not folder.is_dir():
        raise StartError(
            f"there is no folder {folder}: the platform unpacks model.tar.gz there; elsewhere set SM_MODEL_DIR"
        )
    for favourite in favourites:
        if (folder / favourite).is_file():
            return folder / favourite
    files = [path for path in folder.iterdir() if path.suffix in suffixes and path.is_file()]
    if len(files) == 1:
        return files[0]
    wanted = f"{' or '.join(favourites)}, or a single file that ends in {', '.join(sorted(suffixes))}"
    names = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
    raise StartError(
        f"no model in {folder}: looked for {wanted}; found {names}. Another layout needs model_fn in inference.py"
    )


def unpickle(path: Path, remedy: str) -> Any:
    """Read a pickle that may hold scikit-learn objects. Raises StartError.

    `remedy` says how to serve with another scikit-learn, its version being `{}`: "set ... to {}". A pickle is served by
    the scikit-learn that wrote it or not at all: another version may load it and answer wrongly.
    """
    changed = _inconsistent_version()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", changed)
            return _read(path)
    except MemoryError:
        raise does_not_fit(path) from None
    except changed as warning:
        written_by = getattr(warning, "original_sklearn_version", "")
        raise StartError(_other_version(path, written_by, remedy)) from None
    except Exception as error:  # noqa: BLE001 - a pickle may raise anything
        found = WRITTEN_BY.search(path.read_bytes())
        written_by = found[1].decode() if found else ""
        if written_by and find_spec("sklearn") and written_by != version("scikit-learn"):
            raise StartError(_other_version(path, written_by, remedy)) from None
        raise unreadable(path, f"{type(error).__name__}: {error}", _hint(error)) from None


def unreadable(path: Path, problem: str, hint: str) -> StartError:
    """Word the error for a file that its library refuses: what it said, and what to look at."""
    return StartError(f"{path} cannot be read: {problem}; {hint}")


def does_not_fit(path: Path) -> StartError:
    """Word the error for a model that is too large."""
    return StartError(f"{path.name} does not fit into memory: fewer workers, or an instance with more memory")


def _read(path: Path) -> Any:
    if find_spec("joblib"):
        return import_module("joblib").load(path)  # plain pickles too
    if path.suffix == ".joblib":
        raise ModuleNotFoundError("No module named 'joblib'")
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 - the model's own file, see above


def _inconsistent_version() -> type[Warning]:
    if find_spec("sklearn") is None:
        return ImportWarning  # nothing here can have been written by it
    changed: type[Warning] = import_module("sklearn.exceptions").InconsistentVersionWarning
    return changed


def _other_version(path: Path, written_by: str, remedy: str) -> str:
    return (
        f"{path.name} was written by scikit-learn {written_by}, this image has {version('scikit-learn')}: "
        f"{remedy.format(written_by)}, or train the model again"
    )


def _hint(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return "packages of your own go into model.requirements of byocgen.yaml"
    if isinstance(error, AttributeError) and "__main__" in str(error):
        return (
            "the model uses a class of the script that trained it: move the class to inference.py and import it there"
        )
    return "is it complete, and was it written by joblib.dump or pickle.dump"
