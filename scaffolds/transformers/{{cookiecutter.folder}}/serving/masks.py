"""fill-mask: the likeliest tokens for each mask of a text."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving import errors
from serving.columns import ColumnType
from serving.encoder import Encoder, Values, largest, softmax
from serving.errors import StartError
from serving.inputs import Parameter
from serving.padding import TRUNCATION, batches, encode
from serving.rows import row_path


def parameters(encoder: Encoder) -> tuple[Parameter, ...]:
    """Tell what a request may ask for."""
    most = min(1000, encoder.config.vocab_size)
    return (
        Parameter("top_k", ColumnType.INTEGER, 1, most, description="how many tokens for a mask", default=min(5, most)),
        TRUNCATION,
    )


def check(encoder: Encoder) -> None:
    """Refuse a tokenizer without a mask. Raises StartError."""
    if encoder.tokenizer.mask_token_id is None:
        raise StartError("the tokenizer has no mask token, so fill-mask cannot be asked: set another model.task")


def predict(encoder: Encoder, data: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]) -> list[Any]:
    """Give for each text the best {"score", "token", "token_str", "sequence"}; a list of these for several masks."""
    tokenizer = encoder.tokenizer
    encoded = encode(encoder, [row["text"] for row in data], truncation=parameters["truncation"])
    for index, tokens in enumerate(encoded):
        if tokenizer.mask_token_id not in tokens["input_ids"]:
            cut = f" within the first {encoder.limit} tokens" if len(tokens["input_ids"]) == encoder.limit else ""
            raise errors.bad_value(
                row_path(index), f"no {tokenizer.mask_token}{cut}; write it where a word is to be found"
            )
    answers: list[Any] = [None] * len(data)
    for batch in batches(encoder, encoded, side="right"):
        # The numbers of masks alone: those of all tokens would be as many as the vocabulary has, for each.
        rows, places = np.nonzero(batch.tensors["input_ids"] == tokenizer.mask_token_id)
        scores = softmax(encoder.run(batch.tensors, (rows, places))[0])
        for place, row in enumerate(batch.rows):
            answers[row] = _answer(tokenizer, encoded[row]["input_ids"], scores[rows == place], parameters["top_k"])
    return answers


def _answer(tokenizer: Any, ids: list[int], scores: Values, top_k: int) -> list[Any]:
    masked = [index for index, token in enumerate(ids) if token == tokenizer.mask_token_id]
    tokens = largest(scores, top_k)
    values = np.take_along_axis(scores, tokens, axis=-1)
    found = [
        [
            {
                "score": score,
                "token": token,
                "token_str": tokenizer.decode([token]),
                "sequence": tokenizer.decode(
                    [*ids[:place], token, *ids[place + 1 :]], skip_special_tokens=len(masked) == 1
                ),
            }
            for score, token in zip(best, chosen, strict=True)
        ]
        for place, best, chosen in zip(masked, values.tolist(), tokens.tolist(), strict=True)
    ]
    return found[0] if len(found) == 1 else found
