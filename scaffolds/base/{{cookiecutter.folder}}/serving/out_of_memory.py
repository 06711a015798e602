"""Running out of memory, of the machine or of the GPU: told by the exception, eased by freeing caches and smaller batches.

No library is imported for it: its errors are known by name or by text, its cache is freed if it is loaded.
"""

import gc
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from serving import errors, instances, logs

Result = TypeVar("Result")

# torch.OutOfMemoryError (torch.cuda.OutOfMemoryError before 2.5) and its likes.
NAMES = {"OutOfMemoryError"}
# What runtimes raise as a plain error: torch on the CPU, CUDA and cuBLAS, onnxruntime's arena, C++ itself, XGBoost.
TEXTS = re.compile(
    r"out of memory|can't allocate memory|not enough memory|failed to allocate memory|bad_alloc|bad allocation"
    r"|CUBLAS_STATUS_ALLOC_FAILED|cudaErrorMemoryAllocation|memory allocation (error|failed)",
    re.IGNORECASE,
)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an exception means that memory ran out."""
    if isinstance(error, MemoryError) or any(kind.__name__ in NAMES for kind in type(error).__mro__):
        return True
    # A message of user code may quote anything: only what runtimes raise counts, and they raise no ValueErrors.
    return isinstance(error, RuntimeError | OSError) or _is_native(error) if TEXTS.search(str(error)) else False


def free() -> None:
    """Give back what nobody uses: Python's cycles, and the GPU memory that torch keeps for later."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def in_parts(function: str, predict: Callable[[Any, int], Result], data: Any) -> list[Result]:
    """Predict the whole batch; where memory runs out, in ever smaller parts down to one instance.

    `predict` gets a part and the number of its first instance. Gives the results in order. Raises RequestError
    (out_of_memory) when one instance is too much, and what else `predict` raises.
    """
    size = instances.count(data)
    results: list[Result] = []
    start, step, freed = 0, size, False
    while start < size:
        part = data if step >= size else instances.cut(data, start, start + step)
        done, result = _attempt(predict, part, start)
        if done:
            results.append(result)
            start += step
        elif step <= 1 and freed:
            raise errors.out_of_memory(function)
        else:
            free()
            freed, step = True, max(1, (step + 1) // 2)
            logs.warning("out_of_memory", function=function, instances=instances.count(part), retry_instances=step)
    return results


def _attempt(predict: Callable[[Any, int], Any], data: Any, start: int) -> tuple[bool, Any]:
    # The exception must be gone before memory is freed: its traceback holds the frames that hold the arrays.
    try:
        return True, predict(data, start)
    except errors.RequestError as refusal:
        if refusal.code != errors.OUT_OF_MEMORY:
            raise
    return False, None


def _is_native(error: BaseException) -> bool:
    module = type(error).__module__
    return module.startswith(("onnxruntime", "xgboost", "lightgbm"))
