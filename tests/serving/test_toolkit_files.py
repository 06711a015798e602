"""inference.py as people wrote it for the SageMaker inference toolkit, in process: it works as it is."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from app_under_test import Assemble, Start
from asking import CSV, JSON, NPY, Answer, ask, limits, npy

from serving import errors, hooks, toolkit
from serving.columns import Schema
from serving.context import Context
from serving.errors import StartError
from serving.invocation import Invocation
from serving.predictor import Predictor

Load = Callable[..., Predictor]

# In the manner of the toolkit's own handlers: decoder and encoder by content type, its errors, a context.
FOUR = """
import os
from sagemaker_inference import content_types, decoder, default_inference_handler, encoder, errors, logging, utils
import features

logger = logging.get_logger()

def model_fn(model_dir, context):
    assert context.system_properties["model_dir"] == model_dir and context.system_properties["gpu_id"] is None
    return {"weight": 2, "name": context.model_name}

def input_fn(input_data, content_type, context=None):
    if content_type not in (content_types.CSV, content_types.JSON, content_types.NPY):
        raise errors.UnsupportedFormatError(content_type)
    return decoder.decode(input_data, content_type)

def predict_fn(data, model, context):
    if data.min() < 0:
        raise errors.GenericInferenceToolkitError(422, "negative values are not for this model")
    context.set_response_custom_attributes("seen=" + (context.get_request_header(0, "X-Amzn-SageMaker-Session-Id") or ""))
    return features.doubled(data, model["weight"])

def output_fn(prediction, accept):
    return encoder.encode(prediction, accept), accept
"""
FEATURES = "def doubled(data, weight):\n    return data * weight\n"
TRANSFORM = """
import json
from sagemaker_inference import content_types

def model_fn(model_dir):
    return lambda text: text.upper()

def transform_fn(model, input_data, content_type, accept):
    if content_type != content_types.JSON:
        raise ValueError("only JSON here")
    return json.dumps({"out": model(json.loads(input_data)["in"])}), content_types.JSON
"""
TRANSFORM_WITH_CONTEXT = """
def transform_fn(model, input_data, content_type, accept, context):
    return f"{model} {type(input_data).__name__} {accept} {context.inference_id}"
"""
HANDLER = """
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference import decoder, encoder

class Handler(DefaultInferenceHandler):
    def default_model_fn(self, model_dir, context=None):
        return 3

handler = Handler()
model_fn = handler.default_model_fn
input_fn = handler.default_input_fn
output_fn = handler.default_output_fn

def predict_fn(data, model):
    return data * model
"""
GENERATOR = """
def transform_fn(model, data, content_type, accept):
    for word in data.split():
        yield word + " "
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Load an inference.py, with a module beside it, and forget it all afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def loaded(text: str, **server: bool) -> Predictor:
        (tmp_path / "inference.py").write_text(text, encoding="utf-8")
        (tmp_path / "features.py").write_text(FEATURES, encoding="utf-8")
        own = hooks.load(tmp_path)
        context = Context(model_name="churn", model_dir="/model")
        model = own.model_fn("/model", context) if own.model_fn else "model"
        return Predictor(model, own, Schema(), limits(**server), "/model")

    yield loaded
    for name in [name for name in sys.modules if name.partition(".")[0] in {"inference", "features", *toolkit.INSTEAD}]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "answer"),
    [
        ("[[1, 2]]", JSON, JSON, (200, "[[2, 4]]")),
        ("1,2\n3,4\n", CSV, CSV, (200, "2.0,4.0\n6.0,8.0\n")),
        (npy([[1.5]]), NPY, JSON, (200, "[[3.0]]")),
        ("[[-1]]", JSON, JSON, (422, "negative values are not for this model")),
        ("x", "text/html", JSON, (415, "content type text/html is not supported here")),
        ("[[", JSON, JSON, (400, "Expecting value: line 1 column 3 (char 2)")),
        ("[[1]]", JSON, "image/png", (415, "content type image/png is not supported here")),
    ],
)
def test_four_functions_with_the_toolkits_modules(
    load: Load, body: bytes | str, content_type: str, accept: str, answer: tuple[int, str]
) -> None:
    given = ask(load(FOUR), body, content_type, accept)

    assert (given.status, given.text) == answer


def test_the_context_carries_headers_there_and_attributes_back(load: Load) -> None:
    context = Context.of_request({"x-amzn-sagemaker-session-id": "s1"}, "r1")

    assert load(FOUR).answer(Invocation(b"[[1]]", JSON, JSON, context)).custom_attributes == "seen=s1"


def test_transform_fn_alone(load: Load) -> None:
    asked = load(TRANSFORM)

    assert ask(asked, '{"in": "a"}') == Answer(200, '{"out": "A"}', JSON)
    assert (ask(asked, "a", CSV).status, ask(asked, "a", CSV).text) == (400, "only JSON here")


def test_transform_fn_with_a_context(load: Load) -> None:
    context = Context(inference_id="i1")
    answer = load(TRANSFORM_WITH_CONTEXT).answer(Invocation(b"\x00", "image/png", "text/plain", context))

    assert (answer.body, answer.content_type) == (b"model bytes text/plain i1", "text/plain")  # type: ignore[union-attr]


@pytest.mark.parametrize("stream", [True, False])
def test_a_generator_of_transform_fn(load: Load, *, stream: bool) -> None:
    answer = load(GENERATOR, stream=stream).answer(Invocation(b"a b", "text/plain", "text/plain"))

    if stream:
        assert list(answer.chunks) == [b"a ", b"b "]  # type: ignore[union-attr]
    else:
        assert answer.body == b"a b "  # type: ignore[union-attr]


def test_functions_of_a_handler_class(load: Load) -> None:
    assert json.loads(ask(load(HANDLER), "[1, 2]").text) == [3, 6]


@pytest.mark.parametrize(
    ("definition", "given"),
    [
        ("def predict_fn(data, model): return 'none'", "none"),
        ("def predict_fn(data, model, context): return context.model_dir", "/model"),
        ("def predict_fn(data, model, context=None): return context.model_dir", "/model"),
        ("def predict_fn(data, model, *, context): return context.model_dir", "/model"),
        ("def predict_fn(data, model, threshold=0.5): return threshold", 0.5),
        ("def predict_fn(*both): return len(both)", 2),
    ],
)
def test_who_gets_a_context(load: Load, definition: str, given: object) -> None:
    assert json.loads(ask(load(definition), "[[1]]").text) == {"predictions": given}


def test_transform_fn_beside_the_functions_that_it_replaces(load: Load) -> None:
    with pytest.raises(StartError) as error:
        load(TRANSFORM + "\ndef predict_fn(data, model): ...\n")

    assert str(error.value) == "inference.py defines transform_fn and predict_fn: transform_fn is called alone"


def test_an_installed_toolkit_is_the_one_used(load: Load, tmp_path: Path) -> None:
    package = tmp_path / "sagemaker_inference"
    package.mkdir()
    (package / "__init__.py").write_text("REAL = True\n", encoding="utf-8")
    asked = load("import sagemaker_inference\ndef predict_fn(data, model): return sagemaker_inference.REAL\n")

    assert ask(asked, "[[1]]").text == '{"predictions":true}'


@pytest.mark.parametrize("text", ["x" * 1025, "ä", "a\nb"])
def test_attributes_that_no_header_can_hold(text: str) -> None:
    with pytest.raises(ValueError, match="at most 1024 printable ASCII characters"):
        Context().set_response_custom_attributes(text)


def test_a_pickle_in_npy_is_refused_by_the_stand_in_too(load: Load) -> None:
    import numpy as np  # noqa: PLC0415

    body: Any = npy(np.array([[1, None]]))
    assert ask(load(FOUR), body, NPY).status == 400
    assert errors.MAX_TEXT == 500


ANSWERS = """
def transform_fn(model, data, content_type, accept, context):
    assert context.get_all_request_header(0)["x-color"] == "red" and context.get_request_id(0) == "r1"
    context.set_response_content_type(0, "text/plain; charset=utf-8")
    context.set_response_status(code=202, phrase="Accepted", idx=0)
    context.set_response_header("X-Model", "a", 0)
    context.set_response_header(0, "X-Version", "7")
    return "done"
"""


def test_the_context_says_type_status_and_headers_of_the_answer(load: Load) -> None:
    context = Context.of_request({"x-color": "red"}, "r1")
    answer = load(ANSWERS).answer(Invocation(b"", JSON, JSON, context))

    assert (answer.body, answer.content_type, answer.status) == (b"done", "text/plain; charset=utf-8", 202)  # type: ignore[union-attr]
    assert dict(answer.headers) == {"x-model": "a", "x-version": "7"}


def test_a_type_beside_the_body_wins(load: Load) -> None:
    answer = load(ANSWERS.replace('return "done"', 'return "done", "text/html"')).answer(
        Invocation(b"", JSON, JSON, Context.of_request({"x-color": "red"}, "r1"))
    )

    assert answer.content_type == "text/html"


def test_what_the_context_says_is_sent(assemble: Assemble, start: Start, iris_model: Path) -> None:
    server = start(assemble(ANSWERS.replace(' and context.get_request_id(0) == "r1"', "")), iris_model)
    server.wait_until_loaded()

    answer = server.post("x", **{"X-Color": "red"})

    assert (answer.status_code, answer.text) == (202, "done")
    assert answer.headers["x-model"] == "a"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda context: context.set_response_status(204), "status 204 cannot be set"),
        (lambda context: context.set_response_status(100), "status 100 cannot be set"),
        (lambda context: context.set_response_header("Content-Length", "5"), "it is the server's own"),
        (lambda context: context.set_response_header("a b", "5"), "that is no header's name"),
        (lambda context: context.set_response_header("a", "5\r\nb: 6"), "must be printable ASCII characters"),
        (lambda context: context.set_response_content_type(0, "text/\n"), "must be printable ASCII characters"),
    ],
)
def test_what_no_answer_can_hold(call: Callable[[Context], None], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(Context())


IMPORTS = """
from sagemaker_inference import default_handler_service, environment, parameters, transformer
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference.transformer import Transformer
from sagemaker_huggingface_inference_toolkit import decoder_encoder

assert parameters.USER_PROGRAM_ENV == "SAGEMAKER_PROGRAM" and environment.Environment().module_name == "inference"

class Service(default_handler_service.DefaultHandlerService):
    def __init__(self):
        super().__init__(transformer=Transformer(default_inference_handler=DefaultInferenceHandler()))

Service()

def transform_fn(model, data, content_type, accept):
    return decoder_encoder.encode(decoder_encoder.decode(data, content_type)["inputs"], accept), accept
"""


def test_the_other_modules_of_the_toolkits(load: Load) -> None:
    asked = load(IMPORTS)

    assert ask(asked, '{"inputs": [{"a": 1}]}').text == '[{"a": 1}]'
    assert ask(asked, "inputs\ngood film\n", CSV, JSON).text == '["good film"]'
    assert ask(asked, "question,context\nwho,me\n", CSV, CSV).text == "question,context\nwho,me\n"
    assert ask(asked, "x", NPY).status == 415


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("from sagemaker_containers.beta.framework import worker", toolkit.OF_TOOLKIT),
        (
            "from sagemaker_xgboost_container import encoder",
            "make a numpy array with sagemaker_inference.decoder instead",
        ),
        ("import sagemaker_inference.model_server", "of this package there are content_types, errors"),
    ],
)
def test_modules_that_are_not_here(load: Load, line: str, hint: str) -> None:
    with pytest.raises(StartError) as error:
        load(line + "\n")

    assert line.split()[1].partition(".")[0] in str(error.value)
    assert hint in str(error.value)


def test_an_answer_that_npy_cannot_hold_is_the_models_fault(load: Load) -> None:
    asked = load("""
from sagemaker_inference import encoder

def transform_fn(model, data, content_type, accept):
    return encoder.encode([{"a": 1}, None], accept), accept
""")

    assert ask(asked, "[]", JSON, NPY).status == 500
