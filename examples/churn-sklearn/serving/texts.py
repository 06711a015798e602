"""Texts as JSON has them: an instance is an object by field name, or a string where the model needs one field.

There it may be a list of that string too, as a row of a table is.
"""

from typing import Any, TypeAlias

from serving import cells, errors
from serving.columns import guess
from serving.inputs import Texts
from serving.instances import Namer, Way
from serving.rows import key_path

Instance: TypeAlias = dict[str, str]


class TextReader:
    """Reads the instances of one model."""

    noun = "instance"
    numbers = None

    def __init__(self, texts: Texts) -> None:
        """Prepare the fast way."""
        self._texts = texts
        self._fields = set(texts.fields)
        self._required = set(texts.needed)
        self._alone = texts.needed[0] if len(texts.needed) == 1 else None
        self.lone: tuple[type, ...] = (str, dict) if self._alone else (dict,)
        by_name: Any = dict[str, str]
        self.ways = (Way(str | by_name if str in self.lone else by_name, self._convert),)

    def exact(self, instances: list[Any], name: Namer) -> list[Instance]:
        """Read value by value. Raises RequestError with the path of the first bad value."""
        return [self._instance(name(index), value) for index, value in enumerate(instances)]

    @staticmethod
    def columns(_value: object) -> None:
        """Texts come by instances only."""
        return

    def settled(self, _data: list[Instance]) -> "TextReader":
        """Every instance stands alone."""
        return self

    def _convert(self, instances: list[Any]) -> list[Instance] | None:
        if not instances:
            return None
        if self._alone:
            instances = [{self._alone: value} if isinstance(value, str) else value for value in instances]
        fits = all(self._required <= instance.keys() <= self._fields for instance in instances)
        return instances if fits else None

    def _instance(self, path: str, value: object) -> Instance:
        fields = self._texts.fields
        if self._alone and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
            path, value = f"{path}[0]", value[0]  # a row of a table with one column
        if isinstance(value, str) and self._alone:
            return {self._alone: _text(path, value)}
        if not isinstance(value, dict):
            form = f"an object with {', '.join(map(cells.shown, fields))}" if len(fields) > 1 else "a string"
            form = f"a string or {form}" if self._alone and len(fields) > 1 else form
            raise errors.bad_value(path, f"expected {form}, got {cells.shown(value)}")
        for key in value:
            if key not in fields:
                raise errors.bad_value(key_path(path, key), f"unknown field{guess(key, fields)}")
        instance = {}
        for field in fields:
            text = value.get(field)
            if field not in value or (text is None and field in self._texts.optional):
                if field in self._required:
                    raise errors.bad_value(key_path(path, field), "this field is missing")
                continue
            instance[field] = _text(key_path(path, field), text)
        return instance


def _text(path: str, value: object) -> str:
    if not isinstance(value, str) or not cells.is_text(value):
        raise errors.bad_value(path, f"expected a string, got {cells.shown(value)}")
    return value
