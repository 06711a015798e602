"""A model's graph in ONNX's form, for any number of texts of any length."""

import logging
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

import onnx
import torch

from serving.checkpoint import Checkpoint, outputs
from serving.compiled import GRAPH, WEIGHTS

OPSET = 18
TOKENS = 11  # of the texts that the model is traced with


class Graph(torch.nn.Module):
    """The model, called with what a batch has and giving what its task answers with."""

    def __init__(self, checkpoint: Checkpoint, names: Sequence[str]) -> None:
        """Take the model. `names` are its inputs."""
        super().__init__()
        self.model = checkpoint.model
        self._task = checkpoint.task
        self._names = names
        uses_cache = "use_cache" in signature(checkpoint.model.forward).parameters
        self._extra = {"use_cache": False} if uses_cache else {}

    def forward(self, *values: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Call it."""
        output = self.model(**dict(zip(self._names, values, strict=True)), **self._extra)
        return tuple(value.float() for value in outputs(self._task, output))


def write(checkpoint: Checkpoint, names: Sequence[str], home: Path) -> None:
    """Write the graph and its weights into `home`. Raises what PyTorch raises for a model that it cannot write."""
    graph = Graph(checkpoint, names).eval()
    given = _example(checkpoint, names)
    with torch.inference_mode():
        answers = graph(*given)
    several = len(answers) > 1  # starts and ends of answers, a number a token
    lengths = {0: "texts", 1: "tokens"}
    outputs_named = {f"output_{place}": answer for place, answer in enumerate(answers)}
    axes = {name: lengths if several or of.dim() == 3 else {0: "texts"} for name, of in outputs_named.items()}
    with quiet(), torch.no_grad():
        torch.onnx.export(
            graph,
            given,
            str(home / GRAPH),
            input_names=list(names),
            output_names=list(outputs_named),
            dynamic_axes={**dict.fromkeys(names, lengths), **axes},
            opset_version=OPSET,
            dynamo=False,  # the other way needs packages of its own, and is a few times slower
        )
    save(home / GRAPH)


def _example(checkpoint: Checkpoint, names: Sequence[str]) -> tuple[torch.Tensor, ...]:
    """Two texts of which one is padded, so that the graph heeds the mask."""
    length = min(TOKENS, checkpoint.limit or TOKENS)
    made: dict[str, Any] = dict.fromkeys(names, torch.zeros(2, length, dtype=torch.int64))
    made["input_ids"] = torch.arange(2 * length).reshape(2, length) % int(checkpoint.config.vocab_size)
    if "attention_mask" in made:
        made["attention_mask"] = torch.ones(2, length, dtype=torch.int64)
        made["attention_mask"][1, length // 2 :] = 0
    return tuple(made[name].to(checkpoint.device) for name in names)


def save(path: Path) -> None:
    """Write the weights into a file of their own, which ONNX Runtime maps into memory."""
    model = onnx.load(path)
    for beside in set(path.parent.iterdir()) - {path}:
        beside.unlink()
    onnx.save_model(model, path, save_as_external_data=True, location=WEIGHTS)
    (path.parent / WEIGHTS).chmod(0o644)  # written for its owner alone, and a container runs as somebody else


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the exporters' warnings off the screen."""
    # They tell of a newer way to export, of shapes that a trace takes for fixed, which the proof finds out, and of steps
    # that only models of images need.
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def remove(home: Path) -> None:
    """Delete a folder, if it is there."""
    shutil.rmtree(home, ignore_errors=True)
