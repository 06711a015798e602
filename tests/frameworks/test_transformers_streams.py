"""Text generation in pieces: the same text, ended by a hang-up within a token, and its errors raised to the reader."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from app_under_test import Server, launch
from tests.frameworks.checkpoints import of_bart, of_bert, of_gpt
from tests.frameworks.layer import Layer
from tests.frameworks.projects import assemble

PROMPTS = ["once upon a time", "åse", ""]
POSITIONS = 8192  # of the model that is left alone in the middle of a text: minutes of work
ALL_DAY = {"max_new_tokens": 4000, "return_full_text": False}


@pytest.fixture(scope="module")
def layer() -> Layer:
    return Layer("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def writer(layer: Layer, folder: Path) -> Any:
    return loaded(layer, of_gpt(folder / "writer"))


def loaded(layer: Layer, folder: Path) -> Any:
    return layer.framework.load(layer.settings.ModelSettings("churn", "transformers", "5.23.0", folder))


def stream(layer: Layer, model: Any, text: str, **parameters: Any) -> Iterator[Any]:
    checked = layer.parameters.checked(parameters, layer.framework.parameters(model))
    pieces: Iterator[Any] = layer.framework.stream([{"text": text}], model, checked)
    return pieces


def whole(layer: Layer, model: Any, text: str, **parameters: Any) -> str:
    checked = layer.parameters.checked(parameters, layer.framework.parameters(model))
    if "return_full_text" in checked:
        checked["return_full_text"] = False
    [answer] = layer.framework.predict([{"text": text}], model, checked)
    return str(answer["generated_text"])


def generating() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "generate"]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("parameters", [{}, {"temperature": 2, "seed": 5}, {"temperature": 3, "seed": 6}])
def test_the_pieces_are_the_text(layer: Layer, writer: Any, prompt: str, parameters: dict[str, Any]) -> None:
    pieces = list(stream(layer, writer, prompt, max_new_tokens=20, **parameters))

    assert "".join(piece["text"] for piece in pieces) == whole(layer, writer, prompt, max_new_tokens=20, **parameters)
    assert len(pieces) > 3
    assert all(piece.keys() == {"text"} for piece in pieces[:-1])
    assert pieces[-1].keys() == {"text", "finish_reason", "generated_tokens"}
    assert generating() == []


def test_what_is_written_anew_is_streamed_too(layer: Layer, folder: Path) -> None:
    model = loaded(layer, of_bart(folder / "bart"))

    pieces = list(stream(layer, model, "anna lives in oslo", max_new_tokens=12))
    assert "".join(piece["text"] for piece in pieces).strip() == whole(
        layer, model, "anna lives in oslo", max_new_tokens=12
    )


def test_the_last_piece_says_why_it_ended(layer: Layer, writer: Any) -> None:
    *_, last = stream(layer, writer, "a", max_new_tokens=5)
    assert (last["finish_reason"], last["generated_tokens"]) == ("length", 5)

    first = whole(layer, writer, "a", max_new_tokens=1)
    own = writer.model.generation_config
    before, own.eos_token_id = own.eos_token_id, writer.tokenizer(first)["input_ids"][0]
    try:
        *_, last = stream(layer, writer, "a", max_new_tokens=5)
    finally:
        own.eos_token_id = before
    assert (last["finish_reason"], last["generated_tokens"]) == ("end_of_text", 1)


@pytest.mark.parametrize("length", [1, 2, 4])
def test_nothing_of_the_stop_text_is_sent(layer: Layer, writer: Any, length: int) -> None:
    for seed in range(6):
        drawn = {"temperature": 2, "seed": seed, "max_new_tokens": 24}
        text = whole(layer, writer, "a", **drawn)
        stop = text[len(text) // 2 :][:length]
        if "\ufffd" in stop:
            continue  # half a character: nobody can send that
        pieces = list(stream(layer, writer, "a", stop=stop, **drawn))
        assert "".join(piece["text"] for piece in pieces) == text.partition(stop)[0]
        assert pieces[-1]["finish_reason"] == "stop"


def test_closing_ends_the_generation(layer: Layer, folder: Path) -> None:
    model = loaded(layer, of_gpt(folder / "endless", POSITIONS))
    model.model.generation_config.eos_token_id = None
    calls: list[None] = []
    model.model.register_forward_hook(lambda *_: calls.append(None))
    pieces = stream(layer, model, "a", **ALL_DAY)

    next(pieces)
    assert generating() == ["generate"]
    pieces.close()  # type: ignore[attr-defined]

    assert generating() == []
    assert 0 < len(calls) < ALL_DAY["max_new_tokens"] / 2


def test_a_stream_that_nobody_reads_never_begins(layer: Layer, writer: Any) -> None:
    pieces = stream(layer, writer, "a")
    pieces.close()  # type: ignore[attr-defined]
    assert generating() == []


def test_an_error_in_the_generation_is_raised_to_the_reader(
    layer: Layer, writer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[None] = []

    def fail(*_: Any) -> None:
        calls.append(None)
        if len(calls) == 3:
            raise RuntimeError("CUDA out of memory")

    hook = writer.model.register_forward_pre_hook(fail)
    monkeypatch.setattr(writer.model.generation_config, "eos_token_id", None)
    try:
        with pytest.raises(RuntimeError, match="CUDA out of memory"):
            list(stream(layer, writer, "a", max_new_tokens=9))
    finally:
        hook.remove()
    assert generating() == []


def test_what_is_wrong_with_a_request_is_raised_before_the_stream(layer: Layer, writer: Any) -> None:
    with pytest.raises(layer.errors.RequestError, match="are more than the 64 that the model takes"):
        stream(layer, writer, "b" * 80)


def test_other_tasks_answer_in_one_piece(layer: Layer, folder: Path) -> None:
    model = loaded(layer, of_bert("ForSequenceClassification", folder / "classifier"))

    [answer] = stream(layer, model, "anna")
    assert answer.keys() == {"label", "score"}


# Over HTTP, in a server of its own.


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One lane, and a model that writes for minutes; who waits for the lane gives up long before."""
    path = of_gpt(folder / "served", POSITIONS)
    generation = json.loads((path / "generation_config.json").read_text(encoding="utf-8"))
    del generation["eos_token_id"]
    (path / "generation_config.json").write_text(json.dumps(generation), encoding="utf-8")
    project = assemble(tmp_path_factory.mktemp("project"), "transformers", stream=True, timeout_seconds=3)
    with ExitStack() as stack:
        server = launch(stack, project, path, {})
        server.wait_until_loaded()
        yield server


def ask(text: str, **parameters: Any) -> bytes:
    return json.dumps({"inputs": text, "parameters": {"return_full_text": False, **parameters}}).encode()


def opened(server: Server, body: bytes) -> Any:
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    return server.http.stream("POST", "/invocations", content=body, headers=headers)


def test_events_hold_the_pieces(server: Server) -> None:
    with opened(server, ask("a", max_new_tokens=12)) as response:
        text = "".join(response.iter_text())

    assert response.headers["Content-Type"].startswith("text/event-stream")
    events = [line.removeprefix("data:").strip() for line in text.splitlines() if line.startswith("data:")]
    assert events[-1] == "{}"  # of `event: end`
    pieces = [json.loads(event) for event in events[:-1]]
    at_once = server.post(ask("a", max_new_tokens=12)).json()["predictions"][0]["generated_text"]
    assert "".join(piece["text"] for piece in pieces) == at_once
    assert pieces[-1]["generated_tokens"] == 12


def test_a_client_that_hangs_up_ends_the_generation(server: Server) -> None:
    with opened(server, ask("a", max_new_tokens=4000)) as response:
        assert response.status_code == 200
        next(response.iter_bytes())

    # The one lane is free again, which it would not be for as long as a request may wait.
    answer = server.post(ask("a", max_new_tokens=1))
    assert (answer.status_code, answer.json()["predictions"][0].keys()) == (200, {"generated_text"})


def test_a_prompt_that_is_too_long_is_refused_before_the_stream_begins(server: Server) -> None:
    with opened(server, ask("b" * (POSITIONS + 1))) as response:
        assert (response.status_code, json.loads(response.read())["error"]["code"]) == (400, "invalid_input")


def test_several_streams_at_a_time_wait_for_each_other(server: Server) -> None:
    def read() -> None:
        with httpx.Client(base_url=server.http.base_url, timeout=60) as http:
            response = http.post(
                "/invocations", content=ask("a", max_new_tokens=8), headers={"Accept": "text/event-stream"}
            )
            statuses.append((response.status_code, response.text))

    statuses: list[tuple[int, str]] = []
    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in statuses] == [200] * 3
    assert len({text for _, text in statuses}) == 1
