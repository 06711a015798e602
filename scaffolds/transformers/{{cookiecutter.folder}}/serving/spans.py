"""question-answering: the span of a context that answers a question.

A long context is read in windows that overlap. The score of a span is the probability of its start times that of its
end, over a window's context and its first token, which models use to say "no answer": as transformers' pipeline had it
until version 5 dropped it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving import errors
from serving.columns import ColumnType
from serving.encoder import Encoder, Values, largest, softmax
from serving.errors import StartError
from serving.inputs import Parameter
from serving.padding import batches
from serving.rows import key_path, row_path

WINDOW = 384  # tokens, question included: what models for this task are trained with
OVERLAP = 128  # tokens that a window shares with the one before, so that no short answer is cut

Span = dict[str, Any]


def parameters(_encoder: Encoder) -> tuple[Parameter, ...]:
    """Tell what a request may ask for."""
    return (
        Parameter("top_k", ColumnType.INTEGER, 1, 100, description="how many answers; without it one, not in a list"),
        Parameter(
            "max_answer_len", ColumnType.INTEGER, 1, 512, description="the longest answer, in tokens", default=15
        ),
        Parameter(
            "handle_impossible_answer",
            ColumnType.BOOLEAN,
            description='let the answer be "" where the context has none',
            default=False,
        ),
    )


def check(encoder: Encoder) -> None:
    """Refuse a tokenizer that does not tell where tokens stand in the text. Raises StartError."""
    if not encoder.tokenizer.is_fast:
        raise StartError("question-answering needs a fast tokenizer: save one with a tokenizer.json")


def predict(encoder: Encoder, data: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]) -> list[Any]:
    """Give {"score", "start", "end", "answer"} for each question, or a list of them with top_k. Positions are characters."""
    parts: list[dict[str, Any]] = []
    for index, row in enumerate(data):
        parts += windows(encoder, index, row["question"], row["context"])
    found: list[list[Span]] = [[] for _ in data]
    nulls = [1.0] * len(data)
    for batch in batches(encoder, parts, side="right"):
        for number, starts, ends in zip(batch.rows, *encoder.run(batch.tensors), strict=True):
            window = parts[number]
            row = window["row"]
            begin, finish = _probabilities(window, starts), _probabilities(window, ends)
            nulls[row] = min(nulls[row], float(begin[0] * finish[0]))
            found[row] += _spans(window, begin, finish, data[row]["context"], parameters)
    return [_best(spans, null, parameters) for spans, null in zip(found, nulls, strict=True)]


def windows(encoder: Encoder, index: int, question: str, context: str) -> list[dict[str, Any]]:
    """Give the tokens of each part of a context, with those of the question before them. Raises RequestError."""
    size = min(WINDOW, encoder.limit or WINDOW)
    with encoder.lock:
        length = len(encoder.tokenizer(question)["input_ids"])
        room = size - length - encoder.tokenizer.num_special_tokens_to_add(pair=True)
        if room < 1:
            problem = (
                f"{length} tokens leave no room for the context: question and context are read {size} tokens at a time"
            )
            raise errors.bad_value(key_path(row_path(index), "question"), problem)
        encoded = encoder.tokenizer(
            question,
            context,
            truncation="only_second",
            max_length=size,
            stride=min(OVERLAP, room // 2),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
    parts = []
    for number in range(len(encoded["input_ids"])):
        window = {name: encoded[name][number] for name in encoded if name != "overflow_to_sample_mapping"}
        parts.append({**window, "row": index, "of_context": [part == 1 for part in encoded.sequence_ids(number)]})
    if not any(any(window["of_context"]) for window in parts):
        raise errors.bad_value(key_path(row_path(index), "context"), "this text has no tokens; send at least a word")
    return parts


def _probabilities(window: Mapping[str, Any], logits: Values) -> Values:
    """Give each token's probability. The question counts for nothing; the first token does, for "no answer"."""
    kept = np.array([True, *window["of_context"][1:]])
    return softmax(np.where(kept, logits[: len(kept)], np.float32(-np.inf)))


def _spans(
    window: Mapping[str, Any], begin: Values, finish: Values, context: str, parameters: Mapping[str, Any]
) -> list[Span]:
    inside = np.array(window["of_context"])
    # Every start with every end that follows it closely enough.
    scores = np.tril(np.triu(np.outer(begin * inside, finish * inside)), parameters["max_answer_len"] - 1).ravel()
    places = largest(scores, parameters.get("top_k", 1))
    spans = []
    for score, place in zip(scores[places].tolist(), places.tolist(), strict=True):
        first, last = divmod(place, len(inside))
        if score > 0:
            start, end = window["offset_mapping"][first][0], window["offset_mapping"][last][1]
            spans.append({"score": score, "start": start, "end": end, "answer": context[start:end]})
    return spans


def _best(spans: Sequence[Span], null: float, parameters: Mapping[str, Any]) -> Any:
    known: dict[tuple[int, int], Span] = {}
    candidates = list(spans)
    if parameters["handle_impossible_answer"] or not candidates:
        candidates.append({"score": null, "start": 0, "end": 0, "answer": ""})
    for span in sorted(candidates, key=lambda span: span["score"], reverse=True):
        known.setdefault((span["start"], span["end"]), span)  # windows overlap: the surer one stays
    best = list(known.values())
    return best[: parameters["top_k"]] if "top_k" in parameters else best[0]
