"""text-generation and the tasks that write a new text: summarization, translation, text2text-generation.

Answers are those of transformers' generate(). A prompt is never cut: where it and the new tokens are more than the model
takes, that is an error with the numbers. A text to summarize or translate is, unless the request says otherwise.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import StoppingCriteriaList

from serving import errors, sampling
from serving.checkpoint import Checkpoint
from serving.columns import ColumnType
from serving.context import still_wanted
from serving.inputs import Parameter
from serving.padding import TRUNCATION, Batch, batches, encode
from serving.rows import row_path
from serving.sampling import Ends, Way

MOST_NEW_TOKENS = 4096  # of one answer, whatever the model could do: it has to be there within a minute
NEW_TOKENS = 256  # where neither request nor model says, as transformers' pipeline
ANSWERS = {"summarization": "summary_text", "translation": "translation_text"}


@dataclass(frozen=True, slots=True)
class Work:
    """What one batch needs: its rows, where in a row the new tokens begin, and how they are chosen."""

    batch: Batch
    begins: int
    way: Way


def parameters(checkpoint: Checkpoint) -> tuple[Parameter, ...]:
    """Tell what a request may ask for."""
    number, real, truth = ColumnType.INTEGER, ColumnType.FLOAT, ColumnType.BOOLEAN
    common = (
        Parameter("max_new_tokens", number, 1, _most(checkpoint), description="the longest answer, in tokens"),
        Parameter(
            "do_sample", truth, description="draw tokens; without it only where the model or another parameter says so"
        ),
        Parameter("temperature", real, 0, 10, description="how freely to draw; 0 takes the likeliest token"),
        Parameter("top_k", number, 1, 1000, description="draw among so many tokens"),
        Parameter("top_p", real, 0.01, 1, description="draw among the likeliest tokens of so much probability"),
        Parameter("seed", number, 0, 2**53, description="draw the same again"),
        Parameter("repetition_penalty", real, 0.1, 10, description="above 1: avoid what was said already"),
        Parameter("stop", ColumnType.STRING, description="end before this text"),
    )
    if _writes_anew(checkpoint):
        beams = Parameter(
            "num_beams", number, 1, 8, description="follow so many answers and give the best; not when drawing"
        )
        return (*common, beams, TRUNCATION)
    return (*common, Parameter("return_full_text", truth, description="the prompt and what follows", default=True))


def predict(checkpoint: Checkpoint, data: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]) -> list[Any]:
    """Give {"generated_text": ...} for each text ("summary_text", "translation_text" of those tasks)."""
    texts: list[Any] = [None] * len(data)
    encoded = prompts(checkpoint, data, parameters)
    for batch in _batches(checkpoint, encoded, parameters):
        work = prepare(checkpoint, batch, parameters)
        tokens = run(checkpoint, work, parameters.get("stop", ""), is_wanted=still_wanted)
        for row, of_text in zip(batch.rows, tokens[:, work.begins :].tolist(), strict=True):
            text = checkpoint.tokenizer.decode(of_text, skip_special_tokens=True)
            texts[row] = text.partition(parameters.get("stop") or "\0")[0]
    if parameters.get("return_full_text"):
        texts = [row["text"] + text for row, text in zip(data, texts, strict=True)]
    name = ANSWERS.get(checkpoint.task.name, "generated_text")
    return [{name: text} for text in texts]


def prompts(
    checkpoint: Checkpoint, data: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Give the tokens of each text. Raises RequestError for those that are too long with what shall follow."""
    texts = [row["text"] for row in data]
    if _writes_anew(checkpoint):
        return encode(checkpoint, [_prefix(checkpoint) + text for text in texts], truncation=parameters["truncation"])
    with checkpoint.lock:
        encoded = checkpoint.tokenizer(texts)["input_ids"]
    rows = []
    for index, tokens in enumerate(encoded):
        begin = _first_token(checkpoint)
        if not tokens and begin is None:
            raise errors.bad_value(row_path(index), "this text has no tokens; send at least a word")
        tokens = tokens or [begin]  # noqa: PLW2901 - an empty prompt: whatever the model begins with
        asked = parameters.get("max_new_tokens", 1)
        if checkpoint.limit and len(tokens) + asked > checkpoint.limit:
            raise errors.bad_value(
                row_path(index),
                f"{len(tokens)} tokens and {asked} new ones (max_new_tokens) are more than the {checkpoint.limit} that the model "
                "takes; shorten the text or ask for fewer",
            )
        rows.append({"input_ids": tokens, "attention_mask": [1] * len(tokens)})
    return rows


def prepare(checkpoint: Checkpoint, batch: Batch, parameters: Mapping[str, Any]) -> Work:
    """Settle how a batch is generated."""
    own = checkpoint.model.generation_config
    width = batch.tensors["input_ids"].shape[1]
    new = _new_tokens(checkpoint, width, parameters)
    return Work(
        batch, 1 if _writes_anew(checkpoint) else width, sampling.choose(own, parameters, _padding(checkpoint), new)
    )


def run(
    checkpoint: Checkpoint,
    work: Work,
    stop: str,
    streamer: Any = None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> torch.Tensor:
    """Generate; give the tokens of each row, prompt included. Ends within a token once `is_wanted` says no."""
    tensors = checkpoint.on_device({name: of for name, of in work.batch.tensors.items() if name != "token_type_ids"})
    ends = Ends(lambda tokens: str(checkpoint.tokenizer.decode(tokens)), work.begins, stop, is_wanted)
    with torch.inference_mode():
        tokens: torch.Tensor = checkpoint.model.generate(
            **tensors,
            generation_config=work.way.config,
            logits_processor=work.way.processors(len(work.batch.rows), checkpoint.device),
            stopping_criteria=StoppingCriteriaList([ends]),
            streamer=streamer,
        )
    return tokens


def _batches(
    checkpoint: Checkpoint, encoded: Sequence[dict[str, Any]], parameters: Mapping[str, Any]
) -> Iterator[Batch]:
    """Give texts that are written together: as many as memory is planned for, of any lengths, each with as many new tokens.

    Padding costs little beside reading all weights for each token; and no text gets fewer tokens for the one beside it.
    """
    alike: dict[int, list[int]] = {}
    for row, of_text in enumerate(encoded):
        alike.setdefault(_new_tokens(checkpoint, len(of_text["input_ids"]), parameters), []).append(row)
    # New tokens follow a prompt's last one, so its padding goes before; a text that is only read keeps its positions.
    side = "right" if _writes_anew(checkpoint) else "left"
    for rows in alike.values():
        for group in batches(checkpoint, [encoded[row] for row in rows], side=side, stretch=math.inf):
            for batch in _pieces(group, checkpoint.sequences):
                yield Batch([rows[row] for row in batch.rows], batch.tensors)


def _new_tokens(checkpoint: Checkpoint, length: int, parameters: Mapping[str, Any]) -> int:
    """Say how many tokens a text may get that has so many."""
    own, most = checkpoint.model.generation_config, _most(checkpoint)
    wanted = parameters.get("max_new_tokens") or own.max_new_tokens
    if _writes_anew(checkpoint):
        return int(min(wanted or own.max_length or NEW_TOKENS, most))
    return int(min(wanted or NEW_TOKENS, most, (checkpoint.limit or length + MOST_NEW_TOKENS) - length))


def _pieces(group: Batch, most: int) -> Iterator[Batch]:
    for start in range(0, len(group.rows), most):
        part = slice(start, start + most)
        yield Batch(group.rows[part], {name: value[part] for name, value in group.tensors.items()})


def _writes_anew(checkpoint: Checkpoint) -> bool:
    return bool(checkpoint.model.config.is_encoder_decoder)


def _most(checkpoint: Checkpoint) -> int:
    return min(MOST_NEW_TOKENS, checkpoint.limit or MOST_NEW_TOKENS)


def _prefix(checkpoint: Checkpoint) -> str:
    """What T5 and its kin were trained to read before a text of this task."""
    known = getattr(checkpoint.model.config, "task_specific_params", None) or {}
    return str((known.get(checkpoint.task.name) or {}).get("prefix") or "")


def _first_token(checkpoint: Checkpoint) -> int | None:
    tokenizer = checkpoint.tokenizer
    found: int | None = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    return found


def _padding(checkpoint: Checkpoint) -> int | None:
    own = checkpoint.model.generation_config
    ends = own.eos_token_id[0] if isinstance(own.eos_token_id, list) else own.eos_token_id
    return next(
        (token for token in (checkpoint.tokenizer.pad_token_id, own.pad_token_id, ends) if token is not None), None
    )
