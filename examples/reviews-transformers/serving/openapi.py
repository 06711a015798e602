"""The OpenAPI document of this server, made from the model's inputs: what can be sent, what comes back, with examples.

Every example is a request that the server takes. Where inference.py decodes requests itself, only its author knows what
they hold, and the document says just that.
"""

from typing import Any

from serving import examples, media
from serving.columns import Column, ColumnType, Schema
from serving.inputs import Inputs, Parameter, Tensor, Texts
from serving.predictor import Predictor
from serving.settings import Settings

Json = dict[str, Any]
VERSION = "3.1.0"
TYPES: dict[ColumnType | None, Any] = {
    None: ["number", "string", "boolean", "null"],
    ColumnType.FLOAT: ["number", "null"],
    ColumnType.INTEGER: ["integer", "null"],
    ColumnType.STRING: ["string", "null"],
    ColumnType.BOOLEAN: ["boolean", "null"],
}
ELEMENTS = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
PROBLEMS = {
    400: "the request is wrong; `path` names the value",
    406: "no format that Accept names can be written",
    408: "the body did not arrive in time",
    413: "the body is too large",
    415: "the content type cannot be read",
    431: "the headers are too large",
    500: "the model or inference.py failed; the endpoint's log has the reason",
    503: "busy, loading, or out of memory; Retry-After says when to try again",
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
    instances = {"type": "array", "minItems": 1, "items": _instance(inputs)}
    beside: Json = {}
    if parameters:
        properties = {parameter.name: _parameter(parameter) for parameter in parameters}
        beside["parameters"] = {"type": "object", "properties": properties, "additionalProperties": False}
    if stream:
        beside["stream"] = {"type": "boolean", "default": False}
    forms = [
        {"type": "object", "required": [key], "properties": {key: instances, **beside}}
        for key in ("instances", "inputs")
    ]
    return {"oneOf": [*forms, instances]}


def _instance(inputs: Inputs) -> Json:
    if isinstance(inputs, Schema):
        return _row(inputs)
    if isinstance(inputs, Texts):
        text = {"type": "string"}
        by_name = _object(dict.fromkeys(inputs.fields, text), list(inputs.needed))
        return {"anyOf": [text, by_name]} if len(inputs.needed) == 1 else by_name
    by_name = _object({tensor.name: _nested(tensor) for tensor in inputs.tensors}, list(inputs.names))
    return {"anyOf": [_nested(inputs.tensors[0]), by_name]} if len(inputs.tensors) == 1 else by_name


def _row(schema: Schema) -> Json:
    row: Json = {"type": "array", "items": {"type": TYPES[ColumnType.FLOAT]}}
    if schema.width:
        row |= {"minItems": schema.width, "maxItems": schema.width}
    if not schema.columns:
        return row
    columns = {column.name: _column(column) for column in schema.columns}
    row |= {"prefixItems": list(columns.values()), "items": False}
    return {"anyOf": [row, _object(columns, list(columns))]}


def _column(column: Column) -> Json:
    return {"enum": [*column.values, None]} if column.values else {"type": TYPES[column.type]}


def _parameter(parameter: Parameter) -> Json:
    limits = {"minimum": parameter.minimum, "maximum": parameter.maximum, "default": parameter.default}
    schema: Json = {"type": TYPES[parameter.type][0]}
    schema |= {key: value for key, value in limits.items() if value is not None}
    schema |= {"enum": list(parameter.values)} if parameter.values else {}
    return schema | ({"description": parameter.description} if parameter.description else {})


def _nested(tensor: Tensor) -> Json:
    kind = next((text for code, text in ELEMENTS.items() if _kind(tensor) == code), "string")
    schema: Json = {"type": kind}
    for length in reversed(tensor.shape):
        bounds = {"minItems": 1} if length is None else {"minItems": length, "maxItems": length}
        schema = {"type": "array", "items": schema, **bounds}
    return schema


def _kind(tensor: Tensor) -> str:
    return {"bool": "b", "int": "i", "uint": "u", "float": "f"}.get(tensor.dtype.rstrip("0123456789"), "O")


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _execution_parameters() -> Json:
    count = {"type": "integer", "minimum": 1}
    properties = {"MaxConcurrentTransforms": count, "BatchStrategy": {"type": "string"}, "MaxPayloadInMB": count}
    answer = {"description": "what a batch transform job may do at one time", "content": {}}
    answer["content"] = _content(media.JSON, _object(properties, list(properties)))
    return {"operationId": "executionParameters", "responses": {"200": answer}}


def _content(name: str, schema: Json) -> Json:
    return {name: {"schema": schema}}
