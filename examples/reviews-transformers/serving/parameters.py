"""`parameters` of a request: checked against what the model knows, so that a typo is an error and not a default."""

from collections.abc import Mapping
from typing import Any

from serving import cells, errors
from serving.columns import Column, ColumnType, Value, guess
from serving.inputs import Parameter


def checked(given: Mapping[str, Any], known: tuple[Parameter, ...]) -> dict[str, Any]:
    """Give the parameters with their defaults. Raises RequestError with a path as `parameters.top_k`."""
    names = tuple(parameter.name for parameter in known)
    for name in given:
        if name not in names:
            takes = f"this model takes {', '.join(names)}" if names else "this model takes none"
            raise errors.bad_value(f"parameters.{name}", f"unknown parameter{guess(name, names) or '; ' + takes}")
    values = {}
    for parameter in known:
        value = _checked(given[parameter.name], parameter) if parameter.name in given else parameter.default
        if value is not None:
            values[parameter.name] = value
    return values


def _checked(raw: object, parameter: Parameter) -> Value | None:
    path = f"parameters.{parameter.name}"
    if raw is None:
        return parameter.default
    value = cells.from_json(raw, Column(parameter.name, parameter.type, parameter.values))
    if isinstance(value, cells.Wrong):
        raise errors.bad_value(path, value.problem)
    if parameter.type in {ColumnType.FLOAT, ColumnType.INTEGER} and isinstance(value, int | float):
        least, most = parameter.minimum, parameter.maximum
        if (least is not None and value < least) or (most is not None and value > most):
            limits = [f"at least {least:g}"] if least is not None else []
            limits += [f"at most {most:g}"] if most is not None else []
            raise errors.bad_value(path, f"expected {' and '.join(limits)}, got {cells.shown(value)}")
    return value
