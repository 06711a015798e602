"""What reads a text: a tokenizer and a model of one forward pass, whichever library computes it.

`checkpoint` has it with PyTorch, `compiled` with ONNX Runtime. The code of the tasks sees numpy's arrays only.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from serving.tasks import Task

Tensors: TypeAlias = Mapping[str, npt.NDArray[np.int64]]
Values: TypeAlias = npt.NDArray[np.float32]
Places: TypeAlias = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder(ABC):
    """A model's task, its tokenizer, and the number of tokens that it takes at most (None: any).

    `config` is transformers' configuration of the model, or what of it the tasks read.
    """

    task: Task
    config: Any
    tokenizer: Any
    limit: int | None
    folder: Path
    # Tokenizers keep their settings in an object that two threads must not change at once.
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def alone(self) -> bool:
        """True where every text needs a call of its own."""
        return False

    @property
    def batch_tokens(self) -> int:
        """The most tokens of a call, padding included: enough to keep a processor busy, little enough for its caches."""
        return 8192

    @abstractmethod
    def run(self, tensors: Tensors, at: Places | None = None) -> list[Values]:
        """Call the model; give the outputs that its task names.

        Their shapes begin with [texts, tokens], or [texts] where the model gives a vector a text; with `at`, rows and
        tokens, they are those of these tokens alone.
        """


def softmax(values: Values) -> Values:
    """Give probabilities over the last axis."""
    exponents = np.exp(values - values.max(axis=-1, keepdims=True))
    found: Values = exponents / exponents.sum(axis=-1, keepdims=True)
    return found


def sigmoid(values: Values) -> Values:
    """Give a probability for each number."""
    with np.errstate(over="ignore"):  # of a large negative number it is 0
        found: Values = (1 / (1 + np.exp(-values))).astype(np.float32)
    return found


def largest(values: Values, count: int) -> npt.NDArray[np.intp]:
    """Give the places of the largest numbers on the last axis, the largest first."""
    most = min(count, values.shape[-1])
    some = np.argpartition(values, -most, axis=-1)[..., -most:]
    order = np.argsort(-np.take_along_axis(values, some, axis=-1), axis=-1, kind="stable")
    found: npt.NDArray[np.intp] = np.take_along_axis(some, order, axis=-1)
    return found
