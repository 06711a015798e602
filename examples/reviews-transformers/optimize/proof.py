"""Whether a compiled model answers as the original.

Of float32: the same tokens and labels, scores and numbers within 1e-3 of each other, relatively, the model's raw
output within 1e-4 of its largest number. Of int8: at least 99 of 100 labels the same, no score more than 0.05 off;
vectors at a cosine of at least 0.99.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from serving import framework, padding, parameters, spans, text_classes
from serving.compiled import TOLERANCES, Compiled, UnusableError
from serving.encoder import Encoder, Values, softmax
from serving.equality import same

Rows = Sequence[Mapping[str, str]]
RAW = 1e-4
AGREE = 0.99
FURTHEST = 0.05
CLOSE = 0.99  # cosine
# What else is asked than what a request gets that says nothing.
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "text-classification": ({"return_all": True}, {"function_to_apply": "none"}),
    "token-classification": ({"aggregation_strategy": "simple"}, {"aggregation_strategy": "max"}),
    "feature-extraction": ({"pooling": "none"}, {"pooling": "max", "normalize": True}),
    "fill-mask": (),
    "question-answering": ({"handle_impossible_answer": True, "max_answer_len": 3},),
}


def usual(encoder: Encoder) -> dict[str, Any]:
    """Give the parameters of a request that says nothing; of what may be chosen closely, the best alone."""
    given = {"top_k": 1} if encoder.task.name == "fill-mask" else {}
    return dict(parameters.checked(given, framework.parameters(encoder)))


def prove_equal(original: Encoder, equal: Compiled, rows: Rows) -> None:
    """Compare a float32 equal. Raises UnusableError where it differs."""
    for one, other in zip(encoded(original, rows), encoded(equal, rows), strict=True):
        if one != other:
            raise UnusableError("its tokenizer gives other tokens without transformers")
    for change in ({}, *VARIANTS[original.task.name]):
        given = usual(original) | change
        expected, found = (_answers(encoder, rows, given) for encoder in (original, equal))
        if not same(expected, found, *TOLERANCES["float32"]):
            raise UnusableError(f"its answers are not the same on {len(rows)} sample texts")
    for values, others in _outputs(original, equal, rows):
        if np.abs(values - others).max(initial=0) > RAW * max(1.0, float(np.abs(others).max(initial=0))):
            raise UnusableError(f"its numbers are not the same on {len(rows)} sample texts")


def prove_close(original: Encoder, equal: Compiled, rows: Rows) -> str:
    """Compare an int8 equal; say how close it is. Raises UnusableError where it is too far off."""
    agreed, furthest = [], 0.0
    for found, expected in _outputs(original, equal, rows):
        if original.task.name == "feature-extraction":
            cosines = (_unit(found) * _unit(expected)).sum(-1)
            agreed += (cosines >= CLOSE).tolist()
            furthest = max(furthest, float(1 - cosines.min()))
        else:
            scores, others = _scores(original, expected), _scores(original, found)
            agreed += _chosen(original, scores, others)
            furthest = max(furthest, float(np.abs(scores - others).max()))
    share = float(np.mean(agreed)) if agreed else 1.0
    said = f"{share:.1%} of {len(agreed)} labels agree, scores within {furthest:.3f}, on {len(rows)} sample texts"
    if share < AGREE or furthest > FURTHEST:
        raise UnusableError(f"{said}; wanted are {AGREE:.0%} and {FURTHEST}")
    return said


def _answers(encoder: Encoder, rows: Rows, given: Mapping[str, Any]) -> list[Any]:
    answers = framework.predict(rows, encoder, given)
    if given.get("return_all"):  # among labels of next to no score, which comes first says nothing
        return [sorted(answer, key=lambda one: str(one["label"])) for answer in answers]
    return answers


def encoded(encoder: Encoder, rows: Rows) -> list[dict[str, Any]]:
    """Give the tokens of each text, or of each part of a context, which is read with its question."""
    if encoder.task.name != "question-answering":
        return padding.encode(encoder, [row["text"] for row in rows], truncation=True)
    return [
        part
        for place, row in enumerate(rows)
        for part in spans.windows(encoder, place, row["question"], row["context"])
    ]


def _outputs(original: Encoder, equal: Encoder, rows: Rows) -> Iterator[tuple[Values, Values]]:
    """Give what both say of each text, and only of what is answered with: numbers on the last axis."""
    tokens = encoded(original, rows)
    for batch in padding.batches(original, tokens, alone=True, side="right"):
        at = None
        if original.task.name == "fill-mask":
            row, place = np.nonzero(batch.tensors["input_ids"] == original.tokenizer.mask_token_id)
            at = row, place
        for found, expected in zip(equal.run(batch.tensors, at), original.run(batch.tensors, at), strict=True):
            if original.task.name == "question-answering":
                kept = [True, *tokens[batch.rows[0]]["of_context"][1:]]
                yield found[:, kept], expected[:, kept]
            else:
                yield found, expected


def _scores(original: Encoder, values: Values) -> Values:
    if original.task.name == "text-classification":
        return text_classes.scores(original.config, values, {})
    return softmax(values)


def _chosen(original: Encoder, scores: Values, others: Values) -> list[bool]:
    if original.task.name == "text-classification" and text_classes.function(original.config) != "softmax":
        return list(((scores > 0.5) == (others > 0.5)).all(axis=-1))
    return list(np.ravel(scores.argmax(axis=-1) == others.argmax(axis=-1)))


def _unit(vectors: Values) -> Values:
    found: Values = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-12))
    return found
