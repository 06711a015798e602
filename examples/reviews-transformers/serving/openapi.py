"""The OpenAPI document of this server, made from the model's inputs: what can be sent, what comes back, with examples.

Every example is a request that the server takes. Where inference.py decodes requests itself, only its author knows what
they hold, and the document says just that.
"""

from serving import examples, media, openapi_schemas
from serving.columns import Schema
from serving.inputs import Inputs, Parameter
from serving.openapi_schemas import Json, object_of
from serving.predictor import Predictor
from serving.settings import Settings

VERSION = "3.1.0"
PROBLEMS = {
    400: "the request is wrong; `path` names the value",
    405: "the method is not POST",
    406: "no format that Accept names can be written",
    408: "the body did not arrive in time",
    413: "the body is too large",
    414: "the path is too long",
    415: "the content type cannot be read",
    431: "the headers are too large",
    500: "the model or inference.py failed; the endpoint's log has the reason",
    503: "busy, loading, or out of memory; Retry-After says when to try again",
    507: "of many models in one container: no memory for this one; the platform unloads others and tries again",
}
ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "path": {"type": "string"}},
        }
    },
}


def document(config: Settings, predictor: Predictor) -> Json:
    """Make the document, as JSON values."""
    ready = {"description": "the model is loaded"}
    loading = {"description": "the model is being loaded, or cannot answer", "content": _content(media.JSON, ERROR)}
    return {
        "openapi": VERSION,
        "info": {"title": config.model.name, "version": config.model.framework_version or "1"},
        "paths": {
            "/ping": {"get": {"operationId": "ping", "responses": {"200": ready, "503": loading}}},
            "/invocations": {"post": _invocations(config, predictor)},
            "/execution-parameters": {"get": _execution_parameters()},
        },
    }


def _invocations(config: Settings, predictor: Predictor) -> Json:
    problems = {
        str(status): {"description": text, "content": _content(media.JSON, ERROR)} for status, text in PROBLEMS.items()
    }
    answer = {"type": "object", "required": ["predictions"], "properties": {"predictions": {}}}
    answers: Json = {name: {} for name in media.FORMATS} | _content(media.JSON, answer)
    if config.server.stream:
        answers[media.EVENTS] = {}
    return {
        "operationId": "invoke",
        "description": f"At most {config.server.max_payload_bytes} bytes a request.",
        "requestBody": {"required": True, "content": _requests(config, predictor)},
        "responses": {"200": {"description": "a prediction an instance, in order", "content": answers}, **problems},
    }


def _requests(config: Settings, predictor: Predictor) -> Json:
    if not predictor.content_types:
        return {"*/*": {"schema": {"description": "what inference.py takes"}}}
    content: Json = {}
    for name in predictor.content_types:
        content[name] = {}
        body = examples.body(predictor.inputs, name)
        if body is not None and name != media.JSON:
            content[name] = {"schema": {"type": "string"}, "example": body.decode()}
    content[media.JSON] = {
        "schema": _envelope(predictor.inputs, predictor.parameters, stream=config.server.stream),
        "examples": {name: {"value": value} for name, value in _examples(predictor).items()},
    }
    return content


def _examples(predictor: Predictor) -> Json:
    inputs, short = predictor.inputs, examples.instance(predictor.inputs)
    shown: Json = {"instances": {"instances": [short]}, "list": [short]}
    if isinstance(inputs, Schema) and inputs.names:
        shown["names"] = {"instances": [dict(zip(inputs.names, inputs.example(), strict=True))]}
    elif not isinstance(inputs, Schema):
        shown["names"] = {"instances": [inputs.example()]}
    given = {parameter.name: parameter.default for parameter in predictor.parameters if parameter.default is not None}
    shown["inputs"] = {"inputs": [short], **({"parameters": given} if given else {})}
    return shown


def _envelope(inputs: Inputs, parameters: tuple[Parameter, ...], *, stream: bool) -> Json:
    instances = {"type": "array", "minItems": 1, "items": openapi_schemas.instance(inputs)}
    beside: Json = {}
    if parameters:
        properties = {parameter.name: openapi_schemas.parameter(parameter) for parameter in parameters}
        beside["parameters"] = {"type": "object", "properties": properties, "additionalProperties": False}
    if stream:
        beside["stream"] = {"type": "boolean", "default": False}
    forms = [
        {"type": "object", "required": [key], "properties": {key: instances, **beside}}
        for key in ("instances", "inputs")
    ]
    return {"oneOf": [*forms, instances]}


def _execution_parameters() -> Json:
    count = {"type": "integer", "minimum": 1}
    properties = {"MaxConcurrentTransforms": count, "BatchStrategy": {"type": "string"}, "MaxPayloadInMB": count}
    answer = {"description": "what a batch transform job may do at one time", "content": {}}
    answer["content"] = _content(media.JSON, object_of(properties, list(properties)))
    return {"operationId": "executionParameters", "responses": {"200": answer}}


def _content(name: str, schema: Json) -> Json:
    return {name: {"schema": schema}}
