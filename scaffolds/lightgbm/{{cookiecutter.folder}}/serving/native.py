"""LightGBM through its C interface: the same answers without what its Python does at every call.

One row of 200 trees takes 7 us instead of 19, of a pickled LGBMClassifier 10 instead of 592. The C interface keeps what a
prediction of one row needs (LGBM_BoosterPredictForMatSingleRowFast); a few rows go one by one, more through the Booster.
Names with an underscore are LightGBM's own: `make` says why not, where another release has others.
"""

import ctypes
import threading
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import lightgbm
import lightgbm.basic
import numpy as np
import numpy.typing as npt
from lightgbm import Booster

from serving import trial

LIBRARY: Any = getattr(lightgbm.basic, "_LIB", None)
FEW = 16  # rows: with more, what a call of many costs at its begin is no longer more than each row's own call
NORMAL, FLOAT64 = 0, 1  # C_API_PREDICT_NORMAL, C_API_DTYPE_FLOAT64
Numbers = npt.NDArray[np.float64]


def make(original: Any, booster: Booster, threads: int) -> "tuple[NativeModel | None, str]":
    """Make a faster way to call a model, where it was shown equal; else None and why not."""
    try:
        made = NativeModel(original, booster, threads)
        whole = "[categorical_feature: ]" not in booster.model_to_string(num_iteration=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that rows have no names
            why = trial.differs(made.predict, made.itself, made.width, np.float64, whole=whole)
    except Exception as error:  # noqa: BLE001 - private names, and models of any kind: the original serves
        return None, f"LightGBM's C interface cannot be used: {type(error).__name__}: {error}"
    return (None, why) if why else (made, "")


class NativeModel:
    """Predicts as `original`, a Booster or a model of the scikit-learn API that holds `booster`."""

    def __init__(self, original: Any, booster: Booster, threads: int) -> None:
        """Find the functions. Raises TypeError for a class of the user's, which may predict in any way."""
        self.original, self.booster = original, booster
        self.width, self._outputs = booster.num_feature(), booster.num_model_per_iteration()
        self._threads = threads
        self._decide = _decision(original)
        self._of_thread = threading.local()
        self._predict_row = LIBRARY.LGBM_BoosterPredictForMatSingleRowFast

    def itself(self, rows: Any) -> Any:
        """Ask the model itself."""
        more = {"num_threads": self._threads} if self.original is self.booster else {}
        return self.original.predict(rows, **more)

    def predict(self, rows: Any) -> Any:
        """Give what the model itself gives."""
        plain = isinstance(rows, np.ndarray) and rows.dtype == np.float64 and rows.ndim == 2
        if not plain or not rows.flags.c_contiguous or rows.shape[1] != self.width or not len(rows):
            return self.itself(rows)
        found = self._few(rows) if len(rows) <= FEW else None
        return self._decide(self._many(rows) if found is None else found)

    def _many(self, rows: Numbers) -> Any:
        return self.booster.predict(rows, num_threads=self._threads)

    def _few(self, rows: Numbers) -> Numbers | None:
        held = getattr(self._of_thread, "held", None)
        if held is None:
            held = self._of_thread.held = _Row(self.booster, self.width)
        found = np.empty((len(rows), self._outputs))
        source, target = rows.ctypes.data, found.ctypes.data
        for row in range(len(rows)):
            at = ctypes.c_void_p(source + row * rows.strides[0]), ctypes.c_void_p(target + row * found.strides[0])
            if self._predict_row(held.config, at[0], held.length, at[1]) != 0:
                return None  # the Booster will say what is wrong
        return found if self._outputs > 1 else found[:, 0]


class _Row:
    """What the C interface keeps for predictions of one row in one thread."""

    def __init__(self, booster: Booster, width: int) -> None:
        self.config, self._counted = ctypes.c_void_p(), ctypes.c_int64()
        self.length = ctypes.byref(self._counted)
        code = LIBRARY.LGBM_BoosterPredictForMatSingleRowFastInit(
            *(booster._handle, NORMAL, 0, booster.best_iteration),  # noqa: SLF001
            *(FLOAT64, width, b"num_threads=1", ctypes.byref(self.config)),
        )
        if code != 0:
            raise ValueError(LIBRARY.LGBM_GetLastError())
        weakref.finalize(self, LIBRARY.LGBM_FastConfigFree, self.config).atexit = False


def _decision(original: Any) -> Callable[[Numbers], Any]:
    """What the scikit-learn API makes of the Booster's answer."""
    if type(original) in {Booster, lightgbm.LGBMRegressor, lightgbm.LGBMRanker}:
        return lambda found: found
    if type(original) is not lightgbm.LGBMClassifier:
        raise TypeError(f"{type(original).__name__} may predict in its own way")
    classes = original.classes_

    def labels(found: Numbers) -> Any:
        places = found.argmax(axis=1) if found.ndim > 1 else (found > 1 - found).astype(np.intp)
        return classes.take(places)

    return labels
