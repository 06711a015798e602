"""Questions answered from a context: the likeliest span, as trying them all finds it."""

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tests.frameworks.asking import LONG, Asking, near
from tests.frameworks.checkpoints import LIMIT, of_bert
from tests.frameworks.layer import Layer


@pytest.fixture(scope="module")
def asking() -> Asking:
    return Asking(Layer("transformers"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def reader(folder: Path) -> Path:
    return of_bert("ForQuestionAnswering", folder / "question-answering")


def best_span(folder: Path, question: str, context: str, longest: int) -> dict[str, Any]:
    """The likeliest span by trying them all, of a context that fits the model at once."""
    model = transformers.AutoModelForQuestionAnswering.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokens = tokenizer(question, context, return_offsets_mapping=True)
    offsets = tokens.pop("offset_mapping")
    with torch.inference_mode():
        output = model(**{name: torch.tensor([values]) for name, values in tokens.items()})
    parts = tokens.sequence_ids(0)
    kept = [index for index, part in enumerate(parts) if part == 1 or index == 0]
    starts = dict(zip(kept, output.start_logits[0][kept].softmax(0).tolist(), strict=True))
    ends = dict(zip(kept, output.end_logits[0][kept].softmax(0).tolist(), strict=True))
    spans = [(starts[a] * ends[b], a, b) for a in kept[1:] for b in kept[1:] if a <= b < a + longest]
    score, first, last = max(spans)
    start, end = offsets[first][0], offsets[last][1]
    return {"score": score, "start": start, "end": end, "answer": context[start:end]}


def test_question_answering(reader: Path, asking: Asking) -> None:
    asked = [
        {"question": "who lives in oslo ?", "context": "Anna lives in Oslo, Peter at the harbour."},
        {"question": "anna ?", "context": "maria"},
        {"question": "", "context": "new york , since may"},
    ]
    model = asking.load(reader)

    for longest in (1, 3, 15):
        expected = [best_span(reader, row["question"], row["context"], longest) for row in asked]
        assert asking.ask(model, asked, max_answer_len=longest) == near(expected)


def test_a_long_context_is_read_in_windows(reader: Path, asking: Asking) -> None:
    model = asking.load(reader)
    context = " ".join(f"{word} {LONG}" for word in ("anna", "maria", "oslo"))
    row = {"question": "who ?", "context": context}

    [answers] = asking.ask(model, [row], top_k=50)
    assert len(answers) == 50
    assert [answer["score"] for answer in answers] == sorted((answer["score"] for answer in answers), reverse=True)
    assert all(context[answer["start"] : answer["end"]] == answer["answer"] for answer in answers)
    assert max(answer["start"] for answer in answers) > len(context) / 2
    assert len({(answer["start"], answer["end"]) for answer in answers}) == 50


def test_no_answer_may_be_the_answer(reader: Path, asking: Asking) -> None:
    row = {"question": "who ?", "context": "anna lives in oslo"}

    [answers] = asking.ask(asking.load(reader), [row], top_k=100, handle_impossible_answer=True)
    empty = [answer for answer in answers if not answer["answer"]]
    assert [answer.keys() for answer in empty] == [{"score", "start", "end", "answer"}]
    [answers] = asking.ask(asking.load(reader), [row], top_k=100)
    assert all(answer["answer"] for answer in answers)


def test_a_question_that_leaves_no_room_is_refused(reader: Path, asking: Asking) -> None:
    status, message = asking.refused(asking.load(reader), [{"question": LONG, "context": "anna"}])

    assert status == 400
    assert message.startswith("instances[0].question: ")
    assert message.endswith(f"question and context are read {LIMIT} tokens at a time")
