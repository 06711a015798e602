"""Texts in, texts out: a batch is answered as transformers answers each text alone, drawn tokens included."""

import threading
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tests.frameworks.asking import PROMPTS, TEXTS, Asking, pipeline
from tests.frameworks.checkpoints import of_bart, of_gpt
from tests.frameworks.layer import Layer


@pytest.fixture(scope="module")
def asking() -> Asking:
    return Asking(Layer("transformers"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def writer(folder: Path) -> Path:
    return of_gpt(folder / "text-generation")


def test_text_generation(writer: Path, asking: Asking) -> None:
    theirs = pipeline("text-generation", writer)
    expected = [theirs(prompt, do_sample=False, max_new_tokens=12)[0] for prompt in PROMPTS]
    model = asking.load(writer)

    assert asking.ask(model, PROMPTS, max_new_tokens=12) == expected
    only_new = [
        {"generated_text": answer["generated_text"][len(prompt) :]}
        for prompt, answer in zip(PROMPTS, expected, strict=True)
    ]
    assert asking.ask(model, PROMPTS, max_new_tokens=12, return_full_text=False) == only_new


def test_so_many_texts_are_written_at_one_time_as_memory_is_planned_for(
    writer: Path, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = asking.load(writer, sequences=2)
    together: list[int] = []
    generate = model.model.generate

    def counted(**given: Any) -> Any:
        together.append(len(given["input_ids"]))
        return generate(**given)

    monkeypatch.setattr(model.model, "generate", counted)
    answers = asking.ask(model, PROMPTS[:1] * 5, max_new_tokens=3)
    assert answers == asking.ask(asking.load(writer), PROMPTS[:1] * 5, max_new_tokens=3)
    assert together == [2, 2, 1]


def test_a_text_gets_as_many_tokens_as_alone_whatever_is_beside_it(writer: Path, asking: Asking) -> None:
    model = asking.load(writer)
    prompts = ["a", "the harbour of new york and oslo", "once upon a time"]

    assert asking.ask(model, prompts) == [asking.ask(model, [prompt])[0] for prompt in prompts]


def test_a_text_is_no_longer_than_memory_is_planned_for(writer: Path, asking: Asking) -> None:
    model = asking.load(writer, context_tokens=8)
    status, message = asking.refused(model, PROMPTS[:1], max_new_tokens=8)
    assert status == 400
    assert "are more than the 8 that the model takes" in message


def test_an_answer_that_nobody_waits_for_ends_within_a_token(writer: Path, asking: Asking) -> None:
    model = asking.load(writer)
    abandoned = threading.Event()
    abandoned.set()
    context = asking.layer.context
    token = context.ABANDONED.set(abandoned)
    try:
        cut = asking.ask(model, PROMPTS[:1], max_new_tokens=12, return_full_text=False)
    finally:
        context.ABANDONED.reset(token)

    assert len(cut[0]["generated_text"]) < len(
        asking.ask(model, PROMPTS[:1], max_new_tokens=12, return_full_text=False)[0]["generated_text"]
    )


@pytest.mark.parametrize("drawing", [{}, {"temperature": 1.5, "top_k": 7}, {"top_p": 0.5, "repetition_penalty": 1.3}])
def test_drawn_tokens_are_those_of_transformers_with_the_same_seed(
    writer: Path, asking: Asking, drawing: dict[str, Any]
) -> None:
    theirs = pipeline("text-generation", writer)
    expected = []
    for prompt in PROMPTS:
        torch.manual_seed(7)
        expected += theirs(prompt, do_sample=True, max_new_tokens=12, **drawing)

    assert asking.ask(asking.load(writer), PROMPTS, do_sample=True, max_new_tokens=12, seed=7, **drawing) == expected


def test_a_seed_gives_the_same_whatever_else_is_asked(writer: Path, asking: Asking) -> None:
    model = asking.load(writer)
    alone = asking.ask(model, ["a"], temperature=1.5, seed=11, max_new_tokens=12)

    assert asking.ask(model, PROMPTS, temperature=1.5, seed=11, max_new_tokens=12)[1:2] == alone
    assert asking.ask(model, ["a"], temperature=1.5, seed=12, max_new_tokens=12) != alone
    several = {asking.ask(model, ["a"], temperature=1.5, max_new_tokens=12)[0]["generated_text"] for _ in range(5)}
    assert len(several) > 1


def test_temperature_0_takes_the_likeliest_token(writer: Path, asking: Asking) -> None:
    model = asking.load(writer)

    assert asking.ask(model, PROMPTS, temperature=0, max_new_tokens=12) == asking.ask(model, PROMPTS, max_new_tokens=12)


def test_an_answer_ends_before_the_stop_text(writer: Path, asking: Asking) -> None:
    model = asking.load(writer)
    whole = [
        answer["generated_text"] for answer in asking.ask(model, PROMPTS, max_new_tokens=12, return_full_text=False)
    ]
    longest = max(whole, key=lambda text: sum(letter.isascii() for letter in text))
    stop = next(longest[at : at + 2] for at in range(1, len(longest)) if longest[at : at + 2].isascii())

    stopped = asking.ask(model, PROMPTS, max_new_tokens=12, return_full_text=False, stop=stop)
    assert stopped == [{"generated_text": text.partition(stop)[0]} for text in whole]
    assert any(answer["generated_text"] != text for answer, text in zip(stopped, whole, strict=True))


def test_an_empty_prompt_begins_as_the_model_does(writer: Path, asking: Asking) -> None:
    theirs = pipeline("text-generation", writer)

    assert asking.ask(asking.load(writer), [""], max_new_tokens=8) == theirs("", do_sample=False, max_new_tokens=8)


def test_a_prompt_that_leaves_too_little_room_is_refused(writer: Path, asking: Asking) -> None:
    model = asking.load(writer)

    message = (
        "instances[1]: 60 tokens and 5 new ones (max_new_tokens) are more than the 64 that the model takes; shorten the text or "
        "ask for fewer"
    )
    assert asking.refused(model, ["a", "b" * 60], max_new_tokens=5) == (400, message)
    [answer] = asking.ask(model, ["b" * 60], return_full_text=False)  # without a wish: as many as there is room for
    assert answer["generated_text"]
    assert asking.refused(model, ["b" * 64])[0] == 400


@pytest.fixture(scope="module")
def summarizer(folder: Path) -> Path:
    return of_bart(folder / "summarization")


@pytest.mark.parametrize(
    ("task", "key"),
    [("", "generated_text"), ("summarization", "summary_text"), ("translation", "translation_text")],
)
@pytest.mark.parametrize("beams", [1, 3])
def test_tasks_that_write_another_text(summarizer: Path, asking: Asking, *, task: str, key: str, beams: int) -> None:
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(summarizer)
    tokenizer = transformers.AutoTokenizer.from_pretrained(summarizer)
    expected = []
    for text in TEXTS:
        tokens = tokenizer(text, truncation=True, return_tensors="pt", return_token_type_ids=False)
        written = model.generate(**tokens, max_new_tokens=10, num_beams=beams, do_sample=False)
        expected.append({key: tokenizer.decode(written[0], skip_special_tokens=True)})

    assert asking.ask(asking.load(summarizer, task), TEXTS, max_new_tokens=10, num_beams=beams) == expected
