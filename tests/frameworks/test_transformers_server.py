"""transformers over HTTP: the sample that train.py makes, and code written for Hugging Face's containers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from app_under_test import Server
from tests.frameworks.checkpoints import of_bert
from tests.frameworks.projects import train

Serve = Callable[..., Server]

FOR_AWS = """
from transformers import pipeline

def model_fn(model_dir):
    return pipeline("fill-mask", model=model_dir)

def predict_fn(data, model):
    inputs = data.pop("inputs", data)
    return model(inputs, top_k=1)
"""


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return serve("transformers", train("transformers", tmp_path_factory.mktemp("train") / "sample"))


TEXTS = ["The soup was cold and the waiter rude.", "Lovely bread, and a friendly service!"]
LABELS = ["negative", "positive"]


def test_the_sample_answers_in_every_form(server: Server) -> None:
    expected = server.post(json.dumps({"inputs": TEXTS})).json()

    assert [answer["label"] for answer in expected["predictions"]] == LABELS
    assert server.post(json.dumps({"instances": TEXTS})).json() == expected
    assert server.post(json.dumps({"instances": [{"text": text} for text in TEXTS]})).json() == expected
    lines = "".join(json.dumps(text) + "\n" for text in TEXTS)
    answers = server.post(lines, "application/jsonlines").text.splitlines()
    assert [json.loads(line)["label"] for line in answers] == LABELS
    table = "text\n" + "".join(f'"{text}"\n' for text in TEXTS)
    assert server.post(table, "text/csv").json() == expected
    assert server.post(json.dumps({"inputs": TEXTS[0]})).json()["predictions"][0]["label"] == "negative"


def test_parameters_of_a_request(server: Server) -> None:
    [answer] = server.post(json.dumps({"inputs": TEXTS[:1], "parameters": {"top_k": 2}})).json()["predictions"]
    assert [entry["label"] for entry in answer] == LABELS

    refusal = server.post(json.dumps({"inputs": TEXTS, "parameters": {"top_k": 99}}))
    assert (refusal.status_code, refusal.json()["error"]["path"]) == (400, "parameters.top_k")


def test_empty_and_very_long_texts_are_answered(server: Server) -> None:
    answers = server.post(json.dumps({"inputs": ["", "cold soup " * 20_000]})).json()["predictions"]
    assert [answer.keys() for answer in answers] == [{"label", "score"}] * 2


def test_every_line_of_the_log_is_json(server: Server) -> None:
    assert "model_loaded" in {line.get("event") for line in server.log_lines()}


def test_code_written_for_hugging_face_containers_runs_unchanged(serve: Serve, tmp_path: Path) -> None:
    server = serve("transformers", of_bert("ForMaskedLM", tmp_path / "model"), FOR_AWS)

    [answer] = server.post(json.dumps({"inputs": ["anna lives in [MASK]"]})).json()["predictions"]
    assert answer.keys() == {"score", "token", "token_str", "sequence"}
