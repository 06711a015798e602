"""A faster equal of a model that reads texts: its graph, run by ONNX Runtime. PyTorch is never imported for it.

`python -m optimize`, which packing the model runs, writes the folder `optimized` beside the model, where its answers
were shown equal on sample texts. Some of these texts and answers are kept in it and asked again here, before it serves.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # threads are the lanes' business
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # where a model is packed; workers have it from their supervisor

import onnxruntime
from tokenizers import Tokenizer

from serving import tasks
from serving.encoder import Encoder, Places, Tensors, Values
from serving.equality import ABSOLUTE, RELATIVE, same
from serving.settings import ModelSettings
from serving.words import Words

FOLDER = "optimized"
GRAPH, WEIGHTS, TOKENIZER, FACTS = "model.onnx", "model.onnx.data", "tokenizer.json", "facts.json"
FORMAT = 2
# Relative and absolute, of scores and numbers; labels and texts are identical. float32 adds up in another order.
TOLERANCES = {"float32": (1e-3, 1e-5), "int8": (0.05, 0.05)}
# One operator for an addition and the normalization behind it took ten times as long on a CPU as the two.
SLOWER = ["SkipLayerNormFusion"]
BLOCKS, BLOCK = 64, 65536  # of a file that tells it from another, bytes


class UnusableError(Exception):
    """The original model serves; `str(error)` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled(Encoder):
    """The same with a session of ONNX Runtime."""

    session: Any
    names: frozenset[str]  # of the graph's inputs: a model may have no use for some of a tokenizer's
    precision: str  # of the weights: float32 or int8
    scales: str  # of what weights of 8 bits are multiplied with: static or dynamic

    @property
    def alone(self) -> bool:
        """See Encoder: dynamic is one scale for all numbers of a call, which other texts must not change."""
        return self.scales == "dynamic"

    @property
    def batch_tokens(self) -> int:
        """See Encoder: beyond, a text of 110 tokens took a quarter longer, for what a layer makes left the CPU's cache."""
        return 1024

    @property
    def same_within(self) -> tuple[float, float]:
        """How far numbers of one text may lie apart, alone and beside others: of int8, a fifth of what it may be off."""
        return (0.01, 0.01) if self.precision == "int8" else (RELATIVE, ABSOLUTE)

    def run(self, tensors: Tensors, at: Places | None = None) -> list[Values]:
        """See Encoder."""
        found: list[Values] = self.session.run(None, {name: of for name, of in tensors.items() if name in self.names})
        return found if at is None else [values[at] for values in found]


def options(threads: int) -> Any:
    """Tell how to run: `threads` is what is free for one prediction."""
    made = onnxruntime.SessionOptions()
    made.intra_op_num_threads = threads
    made.inter_op_num_threads = 1
    # A thread that waits would spin, that is burn a CPU which another worker of this machine needs for its prediction.
    made.add_session_config_entry("session.intra_op.allow_spinning", "0")
    made.log_severity_level = 3  # errors only: what is wrong is raised as well
    return made


def open_folder(home: Path, facts: Mapping[str, Any], threads: int) -> Compiled:
    """Open what `optimize` wrote into `home`, beside the model. Raises whatever ONNX Runtime and tokenizers do."""
    config = dict(facts["config"])
    config["id2label"] = {int(number): label for number, label in config["id2label"].items()}
    session = onnxruntime.InferenceSession(
        home / GRAPH, options(threads), providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER
    )
    return Compiled(
        task=tasks.TASKS[facts["task"]],
        config=SimpleNamespace(**config),
        tokenizer=Words(Tokenizer.from_file(str(home / TOKENIZER)), facts["tokenizer"]),
        limit=facts["limit"],
        folder=home.parent,
        session=session,
        names=frozenset(node.name for node in session.get_inputs()),
        precision=facts["precision"],
        scales=facts["scales"],
    )


def read(settings: ModelSettings, predict: Callable[[Any, Encoder, Mapping[str, Any]], list[Any]]) -> Compiled:
    """Read the equal of a model. Raises UnusableError where there is none, it is another's, or answers otherwise here."""
    home = settings.folder / FOLDER
    try:
        facts = _facts(home, settings)
        model = open_folder(home, facts, settings.native_threads)
        answers = [predict([sample], model, facts["parameters"])[0] for sample in facts["samples"]]
    except UnusableError:
        raise
    except Exception as error:  # ONNX Runtime's and tokenizers' errors have nothing else in common
        raise UnusableError(f"{FOLDER}/ cannot be used ({type(error).__name__}): pack the model again") from error
    if not same(answers, facts["answers"], *TOLERANCES[model.precision]):
        raise UnusableError(f"{FOLDER}/ answers otherwise on this machine than where it was made")
    limits = [limit for limit in (model.limit, settings.context_tokens) if limit is not None]
    return replace(model, limit=min(limits, default=None))


def _facts(home: Path, settings: ModelSettings) -> dict[str, Any]:
    if not (home / FACTS).is_file():
        raise UnusableError(
            f"there is no {FOLDER}/ beside the model: pack it with `make model`, which says why it made none"
        )
    facts: dict[str, Any] = json.loads((home / FACTS).read_text(encoding="utf-8"))
    made_of = facts["format"], facts["framework_version"], facts["source"]
    if made_of != (FORMAT, settings.framework_version, digest(settings.folder)):
        raise UnusableError(f"{FOLDER}/ was made of another model, or by another release: pack the model again")
    if settings.task and tasks.choose(settings.task, ()).name != facts["task"]:
        raise UnusableError(f"{FOLDER}/ was made for {facts['task']}: pack the model again")
    return facts


def digest(folder: Path) -> str:
    """Tell a model's files from others: small ones by all bytes, large ones by blocks all over them."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".json", ".safetensors"}:
            continue
        size = path.stat().st_size
        found.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            for number in range(BLOCKS):
                file.seek(max(0, size - BLOCK) * number // (BLOCKS - 1) if size > BLOCK * BLOCKS else BLOCK * number)
                found.update(file.read(BLOCK))
    return found.hexdigest()
