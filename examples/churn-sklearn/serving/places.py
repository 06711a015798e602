"""Where in its request a value stands, for what turns out to be wrong only when the model is asked.

By then a request is arrays and lists, cut into blocks and parts. A framework names a bad value by where it stands in
what it was given, `instances[2]` of this part; here that becomes the request's own row, or its line.
"""

import re
from collections.abc import Callable

from serving import errors
from serving.columns import Column, Schema
from serving.errors import RequestError
from serving.rows import cell_label, cell_path, row_path

OF_PART = re.compile(r"instances\[(\d+)\](?:\[(\d+)\]|(.+))?", re.DOTALL)  # a row, and a cell's or a key's place in it


class Places:
    """The places of one request; `instance` gives the path of an instance by its number, from 0."""

    def __init__(self, instance: Callable[[int], str] = row_path) -> None:
        """Keep the way to name instances."""
        self.instance = instance

    def cell(self, index: int, place: int, column: Column | None) -> tuple[str, str]:
        """Give the path of a cell of a table, and a label that says more."""
        path = self.instance(index)
        return cell_path(path, place), cell_label(path, place, column)

    def key(self, index: int, rest: str) -> str:
        """Give the path of a part of an instance, that of the instance and `rest`: `.question`."""
        return self.instance(index) + rest


def in_request(refusal: RequestError, first: int, places: Places, schema: Schema | None) -> RequestError:
    """Give a refusal of something in a part of a request, whose first instance is number `first`, with its true place."""
    found = OF_PART.fullmatch(refusal.path or "")
    if found is None or not refusal.problem:
        return refusal
    index = first + int(found[1])
    if found[2]:
        place = int(found[2])
        path, label = places.cell(index, place, schema.column(place) if schema else None)
        return errors.bad_value(path, refusal.problem, label)
    path = places.key(index, found[3]) if found[3] else places.instance(index)
    return errors.bad_value(path, refusal.problem)
