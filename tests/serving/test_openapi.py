"""The OpenAPI document, in process: it is valid, and every example in it is answered."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from asking import Shows, ask, limits, predictor
from openapi_spec_validator import OpenAPIV31SpecValidator

from serving import framework, media, openapi
from serving.columns import Column, ColumnType, Schema, named
from serving.hooks import Hooks
from serving.inputs import Inputs, Parameter, Tensor, Tensors, Texts
from serving.settings import ModelSettings, Settings

CONFIG = Settings(ModelSettings("churn", "sklearn", "1.9.1", Path("/opt/ml/model")), limits(), ())
PARAMETERS = (
    Parameter("top_k", ColumnType.INTEGER, 1, 10, description="how many", default=3),
    Parameter("mode", ColumnType.STRING, values=("a", "b")),
)
KINDS: dict[str, Inputs] = {
    "names": named((Column("a"), Column("plan", ColumnType.STRING, ("x", "y")), Column("on", ColumnType.BOOLEAN))),
    "width": Schema(width=3),
    "own types": named((Column("a", None, sample="x"), Column("b", None))),
    "text": Texts(samples=("good",)),
    "texts": Texts(("question", "context"), ("context",)),
    "tensor": Tensors((Tensor("x", "float32", (2, None)),)),
    "tensors": Tensors((Tensor("ids", "int64", (None,)), Tensor("words", "object", (1,)))),
}


@pytest.fixture(autouse=True)
def parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framework, "parameters", lambda _model: PARAMETERS)


def document(inputs: Inputs, **server: bool) -> Any:
    """Make it, and read it back from JSON as a client does."""
    config = dataclasses.replace(CONFIG, server=limits(**server))
    return json.loads(json.dumps(openapi.document(config, predictor(inputs, None, None, **server))))


@pytest.mark.parametrize("inputs", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("stream", [False, True])
def test_it_is_valid(inputs: Inputs, *, stream: bool) -> None:
    made = document(inputs, stream=stream)

    assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []
    assert set(made["paths"]) == {"/ping", "/invocations", "/execution-parameters"}
    assert {"405", "414", "507"} <= set(made["paths"]["/invocations"]["post"]["responses"])
    answers = made["paths"]["/invocations"]["post"]["responses"]["200"]["content"]
    assert (media.EVENTS in answers) == stream


@pytest.mark.parametrize("inputs", KINDS.values(), ids=KINDS)
def test_every_example_is_answered_and_fits_its_schema(inputs: Inputs) -> None:
    asked = predictor(inputs, Shows())
    content = document(inputs)["paths"]["/invocations"]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]

    for name, example in content["application/json"]["examples"].items():
        assert ask(asked, json.dumps(example["value"])).status == 200, name
        jsonschema.Draft202012Validator(schema).validate(example["value"])
    for content_type in set(content) - {"application/json"}:
        if "example" in content[content_type]:
            assert ask(asked, content[content_type]["example"], content_type).status == 200, content_type
    assert set(content) == set(asked.content_types)


@pytest.mark.parametrize(
    "body", [{"instances": []}, {"instances": 3}, {"inputs": [{"nothing": 1}], "parameters": {"top_k": 0}}]
)
@pytest.mark.parametrize("inputs", [KINDS["names"], KINDS["text"], KINDS["tensor"]])
def test_what_the_schema_refuses_the_server_refuses(inputs: Inputs, body: Any) -> None:
    schema = document(inputs)["paths"]["/invocations"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert not jsonschema.Draft202012Validator(schema).is_valid(body)
    assert ask(predictor(inputs), json.dumps(body)).status == 400


def test_a_decoder_of_the_users_own_is_not_described() -> None:
    own = Hooks(input_fn=lambda *_: 1)
    made = openapi.document(CONFIG, predictor(Schema(), None, own))

    assert list(made["paths"]["/invocations"]["post"]["requestBody"]["content"]) == ["*/*"]
    assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []
