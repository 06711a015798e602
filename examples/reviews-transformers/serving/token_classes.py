"""token-classification: the entities of a text, token by token or put together, as transformers' pipeline gives them.

aggregation_strategy says how: `none` a token each; `simple` neighbours of one kind together; `first`, `average` and `max`
first settle what each word is, by its first token, the mean of its tokens, or the surest one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from serving.columns import ColumnType
from serving.encoder import Encoder, softmax
from serving.inputs import Parameter
from serving.padding import TRUNCATION, batches, encode

STRATEGIES = ("none", "simple", "first", "average", "max")
OUTSIDE = "O"  # the label of what is no entity

Entity = dict[str, Any]


def parameters(encoder: Encoder) -> tuple[Parameter, ...]:
    """Tell what a request may ask for."""
    # Words are found by where tokens stand in the text, which Python's own tokenizers do not tell.
    known = STRATEGIES if encoder.tokenizer.is_fast else STRATEGIES[:2]
    return (
        Parameter(
            "aggregation_strategy",
            ColumnType.STRING,
            values=known,
            description="none: a token each; simple, first, average, max: tokens put together",
            default="none",
        ),
        TRUNCATION,
    )


def predict(encoder: Encoder, data: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]) -> list[Any]:
    """Give for each text a list of {"entity" or "entity_group", "score", "word", "start", "end", ...}."""
    texts = [row["text"] for row in data]
    options = {"return_special_tokens_mask": True, "return_offsets_mapping": encoder.tokenizer.is_fast}
    encoded = encode(encoder, texts, truncation=parameters["truncation"], **options)
    answers: list[Any] = [None] * len(data)
    for batch in batches(encoder, encoded, side="right"):
        scores = softmax(encoder.run(batch.tensors)[0])
        for row, of_text in zip(batch.rows, scores, strict=True):
            tokens = list(_tokens(encoder, texts[row], encoded[row], of_text))
            answers[row] = _entities(encoder, tokens, parameters["aggregation_strategy"])
    return answers


def _entities(encoder: Encoder, tokens: list[Entity], strategy: str) -> list[Entity]:
    labels = encoder.config.id2label
    if strategy in {"none", "simple"}:
        found = [_labelled(labels, token) for token in tokens]
    else:
        found = [_word(encoder, labels, word, strategy) for word in _words(tokens)]
    key = "entity"
    if strategy != "none":
        found, key = [_group(encoder, group) for group in _groups(found)], "entity_group"
    return [entity for entity in found if entity[key] != OUTSIDE]


def _tokens(encoder: Encoder, text: str, row: Mapping[str, Any], scores: Any) -> Iterator[Entity]:
    tokenizer = encoder.tokenizer
    backend = getattr(tokenizer, "backend_tokenizer", None)
    marks_parts = bool(getattr(getattr(backend, "model", None), "continuing_subword_prefix", None))
    for index, token in enumerate(row["input_ids"]):
        if row["special_tokens_mask"][index]:
            continue
        word, start, end, is_part = tokenizer.convert_ids_to_tokens(token), None, None, False
        if "offset_mapping" in row:
            start, end = row["offset_mapping"][index]
            # A tokenizer that marks parts of words writes them longer than the text; others leave it to the spaces.
            is_part = len(word) != end - start if marks_parts else start > 0 and " " not in text[start - 1 : start + 1]
            if token == tokenizer.unk_token_id:
                word, is_part = text[start:end], False
        yield {"word": word, "scores": scores[index], "start": start, "end": end, "index": index, "is_part": is_part}


def _labelled(labels: Mapping[int, str], token: Entity) -> Entity:
    best = int(token["scores"].argmax())
    kept = {name: token[name] for name in ("index", "word", "start", "end")}
    return {"entity": labels[best], "score": float(token["scores"][best]), **kept}


def _words(tokens: Sequence[Entity]) -> Iterator[list[Entity]]:
    word: list[Entity] = []
    for token in tokens:
        if word and not token["is_part"]:
            yield word
            word = []
        word.append(token)
    if word:
        yield word


def _word(encoder: Encoder, labels: Mapping[int, str], tokens: Sequence[Entity], strategy: str) -> Entity:
    if strategy == "average":
        scores = np.mean([token["scores"] for token in tokens], axis=0)
    else:
        token = tokens[0] if strategy == "first" else max(tokens, key=lambda token: float(token["scores"].max()))
        scores = token["scores"]
    best = int(scores.argmax())
    word = encoder.tokenizer.convert_tokens_to_string([token["word"] for token in tokens])
    place = {"start": tokens[0]["start"], "end": tokens[-1]["end"]}
    return {"entity": labels[best], "score": float(scores[best]), "word": word, **place}


def _groups(entities: Sequence[Entity]) -> Iterator[list[Entity]]:
    """Put neighbours of one kind together. B-PER begins a new entity, I-PER or PER goes on with one."""
    group: list[Entity] = []
    for entity in entities:
        name = entity["entity"]
        if group and (name.startswith("B-") or _kind(name) != _kind(group[-1]["entity"])):
            yield group
            group = []
        group.append(entity)
    if group:
        yield group


def _kind(name: str) -> str:
    return name[2:] if name.startswith(("B-", "I-")) else name


def _group(encoder: Encoder, entities: Sequence[Entity]) -> Entity:
    return {
        "entity_group": entities[0]["entity"].split("-", 1)[-1],
        "score": float(np.mean([entity["score"] for entity in entities])),
        "word": encoder.tokenizer.convert_tokens_to_string([entity["word"] for entity in entities]),
        "start": entities[0]["start"],
        "end": entities[-1]["end"],
    }
