"""What a model's graph takes and gives, and which form of request fits it.

- One input [rows, features] of numbers: a table without names.
- Inputs of one value a row each, as skl2onnx writes a data frame ([rows, 1] or [rows]): a table with their names.
- One input [rows, features] of text: a table of text, its columns called by the input's name and their number.
- Anything else: tensors by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from onnxruntime import InferenceSession

from serving.columns import Column, ColumnType, Schema, named
from serving.inputs import Inputs, Tensor, Tensors

TEXT = "str"
BOOLEAN = "bool"
DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(string)": TEXT,
    "tensor(bool)": BOOLEAN,
    **{f"tensor({kind})": kind for kind in ("float16", "int8", "int16", "int32", "int64")},
    **{f"tensor({kind})": kind for kind in ("uint8", "uint16", "uint32", "uint64")},
}


@dataclass(frozen=True, slots=True)
class Graph:
    """The inputs and outputs of a session, read once: asking it takes as long as a small prediction."""

    tensors: tuple[Tensor, ...]  # the inputs
    batches: tuple[int | None, ...]  # their first dimension; None is any number of rows
    outputs: tuple[str, ...]
    problems: tuple[str, ...]  # why it cannot be served, if so

    @property
    def is_table(self) -> bool:
        """True for one input of numbers or text, [rows, features]."""
        only = self.tensors[0]
        if len(self.tensors) != 1 or len(only.shape) != 1 or only.dtype == BOOLEAN:
            return False
        return only.dtype != TEXT or only.shape[0] is not None  # columns of text need a name each

    @property
    def is_columns(self) -> bool:
        """True where every input has one value a row."""
        return all(tensor.shape in {(), (1,)} for tensor in self.tensors)

    @property
    def row_by_row(self) -> bool:
        """True where the model was exported for a single row."""
        return 1 in self.batches

    def inputs(self) -> Inputs:
        """Tell what a request holds."""
        only = self.tensors[0]
        if self.is_table and only.dtype != TEXT and (only.shape != (1,) or len(self.tensors) == 1):
            return Schema(width=only.shape[0])
        if self.is_columns:
            return named(tuple(Column(tensor.name, _type(tensor.dtype)) for tensor in self.tensors))
        if self.is_table:
            names = (f"{only.name}_{index}" for index in range(only.shape[0] or 0))
            return named(tuple(Column(name, ColumnType.STRING) for name in names))
        return Tensors(self.tensors)


def read(session: InferenceSession) -> Graph:
    """Read the graph of a session."""
    nodes = session.get_inputs()
    return Graph(
        tensors=tuple(Tensor(node.name, DTYPES.get(node.type, ""), _lengths(node.shape[1:])) for node in nodes),
        batches=tuple(_lengths(node.shape[:1])[0] if node.shape else None for node in nodes),
        outputs=tuple(node.name for node in session.get_outputs()),
        problems=tuple(problem for node in nodes if (problem := _problem(node))),
    )


def _problem(node: Any) -> str:
    if node.type not in DTYPES:
        return f"its input {node.name} is {node.type}, which no request can hold"
    if not node.shape:
        return f"its input {node.name} has no dimension for the rows of a request"
    if isinstance(node.shape[0], int) and node.shape[0] != 1:
        return (
            f"its input {node.name} takes exactly {node.shape[0]} rows: export it with a dynamic first dimension "
            "(dynamic_axes, dynamic_shapes)"
        )
    return ""


def _lengths(shape: Sequence[int | str | None]) -> tuple[int | None, ...]:
    # A dimension that has a name, or nothing at all, has any length.
    return tuple(length if isinstance(length, int) else None for length in shape)


def _type(dtype: str) -> ColumnType:
    if dtype == TEXT:
        return ColumnType.STRING
    if dtype == BOOLEAN:
        return ColumnType.BOOLEAN
    return ColumnType.FLOAT if dtype.startswith("float") else ColumnType.INTEGER
