"""Texts in, labels or numbers out: a batch of any lengths is answered as transformers answers each text alone."""

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tests.frameworks import checkpoints
from tests.frameworks.asking import LONG, PROMPTS, TEXTS, Asking, near, pipeline
from tests.frameworks.checkpoints import LABELS, LIMIT, of_bert
from tests.frameworks.layer import Layer


@pytest.fixture(scope="module")
def asking() -> Asking:
    return Asking(Layer("transformers"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def classifier(folder: Path) -> Path:
    labels = {"id2label": {0: "bad", 1: "fair", 2: "good"}, "label2id": {"bad": 0, "fair": 1, "good": 2}}
    return of_bert("ForSequenceClassification", folder / "text-classification", **labels)


@pytest.mark.parametrize(
    "parameters", [{}, {"top_k": 2}, {"function_to_apply": "sigmoid"}, {"function_to_apply": "none"}]
)
def test_text_classification(classifier: Path, asking: Asking, parameters: dict[str, Any]) -> None:
    theirs = pipeline("text-classification", classifier)
    expected = [theirs(text, truncation=True, **parameters) for text in TEXTS]
    if "top_k" not in parameters:
        expected = [answer[0] for answer in expected]

    assert asking.ask(asking.load(classifier), TEXTS, **parameters) == near(expected)


def test_requests_are_joined_as_far_as_memory_is_planned_for_where_texts_are_written(
    classifier: Path, folder: Path, asking: Asking
) -> None:
    framework = asking.layer.framework
    models = [asking.load(classifier), asking.load(checkpoints.of_gpt(folder / "writer"), sequences=5)]
    assert [(framework.joins_requests(model), framework.requests_at_once(model)) for model in models] == [
        (True, None),
        (True, 5),
    ]


def test_text_classification_gives_every_label(classifier: Path, asking: Asking) -> None:
    theirs = pipeline("text-classification", classifier)

    answers = asking.ask(asking.load(classifier), TEXTS[:2], return_all=True)
    assert answers == near([theirs(text, top_k=None) for text in TEXTS[:2]])


def test_labels_that_do_not_exclude_each_other(folder: Path, asking: Asking) -> None:
    path = of_bert("ForSequenceClassification", folder / "multi", problem_type="multi_label_classification")

    expected = [pipeline("text-classification", path)(text, top_k=None) for text in TEXTS[:3]]
    assert asking.ask(asking.load(path), TEXTS[:3], return_all=True) == near(expected)


def test_a_classifier_without_padding_reads_texts_one_by_one(folder: Path, asking: Asking) -> None:
    tokenizer = checkpoints.byte_tokens(64)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer), n_positions=64, n_embd=16, n_layer=1, n_head=2, initializer_range=0.5
    )
    config.num_labels = 3
    path = folder / "gpt-classifier"
    torch.manual_seed(0)
    transformers.GPT2ForSequenceClassification(config).save_pretrained(path)
    tokenizer.save_pretrained(path)

    expected = [pipeline("text-classification", path)(text)[0] for text in PROMPTS]
    assert asking.ask(asking.load(path), PROMPTS) == near(expected)


@pytest.fixture(scope="module")
def tagger(folder: Path) -> Path:
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: number for number, label in enumerate(LABELS)}}
    return of_bert("ForTokenClassification", folder / "token-classification", **labels)


@pytest.mark.parametrize("strategy", ["none", "simple", "first", "average", "max"])
def test_token_classification(tagger: Path, asking: Asking, strategy: str) -> None:
    theirs = pipeline("token-classification", tagger)
    texts = [*TEXTS, "Peterhof   XYZ ☃ Anna", "newyork"]
    expected = [theirs(text, aggregation_strategy=strategy) for text in texts]

    answers = asking.ask(asking.load(tagger), texts, aggregation_strategy=strategy)
    assert answers == near(expected)
    assert any(len(entities) > 1 for entities in answers)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Path:
    return of_bert("Model", folder / "feature-extraction")


def test_vectors_of_tokens(encoder: Path, asking: Asking) -> None:
    theirs = pipeline("feature-extraction", encoder)
    expected = [theirs(text, truncation=True)[0] for text in TEXTS]

    assert asking.ask(asking.load(encoder), TEXTS, pooling="none") == near(expected)


@pytest.mark.parametrize(
    ("pooling", "pool"),
    [
        ("mean", lambda vectors: vectors.mean(0)),
        ("cls", lambda vectors: vectors[0]),
        ("max", lambda vectors: vectors.amax(0)),
        ("last", lambda vectors: vectors[-1]),
    ],
)
def test_embeddings(encoder: Path, asking: Asking, pooling: str, pool: Any) -> None:
    theirs = pipeline("feature-extraction", encoder)
    expected = [pool(torch.tensor(theirs(text, truncation=True)[0])) for text in TEXTS]
    model = asking.load(encoder)

    assert asking.ask(model, TEXTS, pooling=pooling) == near([vector.tolist() for vector in expected])
    length_one = [(vector / vector.norm()).tolist() for vector in expected]
    assert asking.ask(model, TEXTS, pooling=pooling, normalize=True) == near(length_one)


def test_the_pooling_that_sentence_transformers_stored_is_the_default(folder: Path, asking: Asking) -> None:
    path = of_bert("Model", folder / "sentences")
    (path / "1_Pooling").mkdir()
    (path / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}'
    )
    modules = (
        '[{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Normalize"}]'
    )
    (path / "modules.json").write_text(modules)
    model = asking.load(path)

    assert asking.ask(model, TEXTS) == near(asking.ask(model, TEXTS, pooling="cls", normalize=True))
    (path / "modules.json").write_text('[{"type": "sentence_transformers.models.Dense"}]')
    with pytest.raises(asking.layer.errors.StartError, match="names Dense, which this server does not apply"):
        asking.load(path)


@pytest.fixture(scope="module")
def filler(folder: Path) -> Path:
    return of_bert("ForMaskedLM", folder / "fill-mask")


def test_fill_mask(filler: Path, asking: Asking) -> None:
    theirs = pipeline("fill-mask", filler)
    texts = [
        "anna lives in [MASK]",
        "[MASK]",
        "[MASK] lives in [MASK] , new york",
        "peter [MASK] at the harbour of oslo !",
    ]

    assert asking.ask(asking.load(filler), texts) == near([theirs(text) for text in texts])
    assert asking.ask(asking.load(filler), texts, top_k=2) == near([theirs(text, top_k=2) for text in texts])


def test_a_text_without_a_mask_is_refused(filler: Path, asking: Asking) -> None:
    model = asking.load(filler)

    message = "instances[1]: no [MASK]; write it where a word is to be found"
    assert asking.refused(model, ["[MASK]", "anna"]) == (400, message)
    message = f"instances[0]: no [MASK] within the first {LIMIT} tokens; write it where a word is to be found"
    assert asking.refused(model, [LONG + "[MASK]"]) == (400, message)


def test_a_text_that_is_too_long_is_refused_where_it_must_not_be_cut(classifier: Path, asking: Asking) -> None:
    message = (
        f"instances[1]: 74 tokens, where the model takes at most {LIMIT}; shorten it, or let it be cut with "
        '"truncation": true'
    )
    assert asking.refused(asking.load(classifier), ["anna", LONG], truncation=False) == (400, message)
