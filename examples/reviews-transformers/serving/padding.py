"""From texts to batches: tokens, cut to what the model takes, texts of like lengths together so that little is padding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serving import errors
from serving.columns import ColumnType
from serving.encoder import Encoder, Tensors
from serving.inputs import Parameter
from serving.rows import row_path

ROWS = 64
# Texts share a batch while the longest is at most this much longer than the shortest.
STRETCH = 1.25
SLACK = 8

TRUNCATION = Parameter(
    "truncation",
    ColumnType.BOOLEAN,
    description="cut a text that is longer than the model takes; false: such a text is an error that says both lengths",
    default=True,
)
# What models call their inputs, and what padding is there; the padding of input_ids is the tokenizer's.
PADDING = {"input_ids": 0, "attention_mask": 0, "token_type_ids": 0}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of like lengths. `rows`: where in the request they stand; `tensors`: what the model is called with."""

    rows: list[int]
    tensors: Tensors


def encode(encoder: Encoder, texts: Sequence[str], *, truncation: bool, **options: Any) -> list[dict[str, Any]]:
    """Give each text's tokens and what the tokenizer says of them. Raises RequestError for a text that is too long."""
    with encoder.lock:
        if truncation and encoder.limit:
            options |= {"truncation": True, "max_length": encoder.limit}
        encoded = encoder.tokenizer(list(texts), **options)
    rows = [{name: values[index] for name, values in encoded.items()} for index in range(len(encoded["input_ids"]))]
    for index, row in enumerate(rows):
        length = len(row["input_ids"])
        if encoder.limit and length > encoder.limit:
            raise errors.bad_value(
                row_path(index),
                f"{length} tokens, where the model takes at most {encoder.limit}; shorten it, or let it be cut with "
                '"truncation": true',
            )
        if not length:
            raise errors.bad_value(row_path(index), "this text has no tokens; send at least a word")
    return rows


def batches(
    encoder: Encoder,
    encoded: Sequence[dict[str, Any]],
    *,
    alone: bool = False,
    side: str = "",
    stretch: float = STRETCH,
) -> Iterator[Batch]:
    """Group rows by length and pad them; `alone` gives each a batch of its own, `side` says where padding goes."""
    lengths = [len(row["input_ids"]) for row in encoded]
    for rows in _groups(lengths, 1 if alone or encoder.alone else ROWS, encoder.batch_tokens, stretch):
        names = [name for name in PADDING if name in encoded[rows[0]]]
        yield Batch(rows, {name: _padded(encoder, name, [encoded[row][name] for row in rows], side) for name in names})


def _groups(lengths: Sequence[int], most: int, tokens: int, stretch: float) -> Iterator[list[int]]:
    group: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        longest = lengths[row]
        full = len(group) >= most or longest * (len(group) + 1) > tokens
        if group and (full or longest > lengths[group[0]] * stretch + SLACK):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _padded(encoder: Encoder, name: str, rows: Sequence[Sequence[int]], side: str) -> Any:
    padding = PADDING[name]
    if name == "input_ids":
        padding = encoder.tokenizer.pad_token_id or padding
    elif name == "token_type_ids":
        padding = encoder.tokenizer.pad_token_type_id
    width = max(map(len, rows))
    left = (side or encoder.tokenizer.padding_side) == "left"
    filled = [
        [padding] * (width - len(row)) + list(row) if left else list(row) + [padding] * (width - len(row))
        for row in rows
    ]
    return np.array(filled, np.int64)
