"""fill-mask: the likeliest tokens for each mask of a text."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from serving import errors
from serving.checkpoint import Checkpoint
from serving.columns import ColumnType
from serving.errors import StartError
from serving.inputs import Parameter
from serving.padding import TRUNCATION, batches, encode, forward
from serving.rows import row_path


def parameters(checkpoint: Checkpoint) -> tuple[Parameter, ...]:
    """Tell what a request may ask for."""
    most = min(1000, checkpoint.model.config.vocab_size)
    return (
        Parameter("top_k", ColumnType.INTEGER, 1, most, description="how many tokens for a mask", default=min(5, most)),
        TRUNCATION,
    )


def check(checkpoint: Checkpoint) -> None:
    """Refuse a tokenizer without a mask. Raises StartError."""
    if checkpoint.tokenizer.mask_token_id is None:
        raise StartError("the tokenizer has no mask token, so fill-mask cannot be asked: set another model.task")


def predict(checkpoint: Checkpoint, data: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]) -> list[Any]:
    """Give for each text the best {"score", "token", "token_str", "sequence"}; a list of these for several masks."""
    tokenizer = checkpoint.tokenizer
    encoded = encode(checkpoint, [row["text"] for row in data], truncation=parameters["truncation"])
    for index, tokens in enumerate(encoded):
        if tokenizer.mask_token_id not in tokens["input_ids"]:
            cut = f" within the first {checkpoint.limit} tokens" if len(tokens["input_ids"]) == checkpoint.limit else ""
            raise errors.bad_value(
                row_path(index), f"no {tokenizer.mask_token}{cut}; write it where a word is to be found"
            )
    answers: list[Any] = [None] * len(data)
    for batch in batches(checkpoint, encoded, side="right"):
        logits = forward(checkpoint, batch).logits
        for row, of_text in zip(batch.rows, logits, strict=True):
            answers[row] = _answer(tokenizer, encoded[row]["input_ids"], of_text, parameters["top_k"])
    return answers


def _answer(tokenizer: Any, ids: list[int], logits: torch.Tensor, top_k: int) -> list[Any]:
    masked = [index for index, token in enumerate(ids) if token == tokenizer.mask_token_id]
    values, tokens = logits[masked].float().softmax(dim=-1).topk(top_k)
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
            for score, token in zip(scores, best, strict=True)
        ]
        for place, scores, best in zip(masked, values.tolist(), tokens.tolist(), strict=True)
    ]
    return found[0] if len(found) == 1 else found
