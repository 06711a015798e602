"""feature-extraction: a vector for each text (an embedding), or one for each of its tokens.

How the tokens' vectors become one (pooling) is the model's: sentence-transformers writes it beside the model, in
1_Pooling/config.json, and whether vectors have length 1 in modules.json. Without these files it is their mean.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from serving.columns import ColumnType
from serving.encoder import Encoder, Values
from serving.errors import StartError
from serving.inputs import Parameter
from serving.padding import TRUNCATION, Batch, batches, encode

POOLINGS = ("mean", "cls", "max", "last", "none")
STORED = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
}


def parameters(encoder: Encoder) -> tuple[Parameter, ...]:
    """Tell what a request may ask for."""
    return (
        Parameter(
            "pooling",
            ColumnType.STRING,
            values=POOLINGS,
            description="mean of the tokens' vectors, the first's (cls), their maximum, the last's; none: one a token",
            default=_pooling(encoder.folder),
        ),
        Parameter(
            "normalize",
            ColumnType.BOOLEAN,
            description="bring vectors to length 1",
            default="Normalize" in _modules(encoder.folder),
        ),
        TRUNCATION,
    )


def check(encoder: Encoder) -> None:
    """Refuse a model that needs more than pooling. Raises StartError."""
    _pooling(encoder.folder)
    more = [name for name in _modules(encoder.folder) if name not in {"Transformer", "Pooling", "Normalize"}]
    if more:
        raise StartError(
            f"modules.json names {', '.join(more)}, which this server does not apply: use the sentence-transformers package "
            "in model_fn and predict_fn of inference.py"
        )


def predict(encoder: Encoder, data: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]) -> list[Any]:
    """Give a list of numbers for each text; with pooling none a list of such lists, as transformers' pipeline."""
    encoded = encode(encoder, [row["text"] for row in data], truncation=parameters["truncation"])
    answers: list[Any] = [None] * len(data)
    for batch in batches(encoder, encoded, side="right"):
        vectors = encoder.run(batch.tensors)[0]
        if parameters["pooling"] == "none":
            lengths = [len(encoded[row]["input_ids"]) for row in batch.rows]
            pooled = [of_text[:length] for of_text, length in zip(vectors, lengths, strict=True)]
        else:
            pooled = list(_pool(vectors, batch, parameters["pooling"]))
        for row, vector in zip(batch.rows, pooled, strict=True):
            answers[row] = (_of_length_1(vector) if parameters["normalize"] else vector).tolist()
    return answers


def _of_length_1(vectors: Values) -> Values:
    found: Values = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-12))
    return found


def _pool(vectors: Values, batch: Batch, pooling: str) -> Values:
    mask = batch.tensors["attention_mask"][..., None].astype(vectors.dtype)
    found: Values
    if pooling == "cls":
        found = vectors[:, 0]
    elif pooling == "last":
        found = vectors[np.arange(len(vectors)), batch.tensors["attention_mask"].sum(1) - 1]
    elif pooling == "max":
        found = np.where(mask == 0, np.float32(-np.inf), vectors).max(1)
    else:
        found = (vectors * mask).sum(1) / mask.sum(1)
    return found


def _pooling(folder: Path) -> str:
    stored = _read(folder / "1_Pooling" / "config.json", {})
    named = stored.get("pooling_mode")
    found = [name for key, name in STORED.items() if stored.get(key)] + ([named] if isinstance(named, str) else [])
    if stored and (len(found) != 1 or found[0] not in POOLINGS):
        raise StartError(
            f"1_Pooling/config.json asks for {', '.join(found) or 'a pooling'}, which this server does not know alone: use the "
            "sentence-transformers package in model_fn and predict_fn of inference.py"
        )
    return found[0] if found else "mean"


def _modules(folder: Path) -> list[str]:
    modules = _read(folder / "modules.json", [])
    return [str(module["type"]).rpartition(".")[2] for module in modules]


def _read(path: Path, default: Any) -> Any:
    if not path.exists():
        return default
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StartError(f"{path.name} cannot be read: {error}") from None
