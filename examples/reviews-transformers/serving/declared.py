"""What a request holds: as the manifest declares it, where that fits the model, else as the model says."""

from serving.columns import Column, ColumnType, named
from serving.errors import StartError
from serving.inputs import Inputs, Tensors, Texts

LISTS = "model.inputs in byocgen.yaml lists"


def reconcile(declared: tuple[Column, ...], fitted: Inputs, *, own_code: bool) -> Inputs:
    """Choose. `own_code`: inference.py stands between request and model, so what they hold may differ.

    Raises StartError for a manifest that says otherwise than the model.
    """
    if not declared:
        return fitted
    if isinstance(fitted, Texts):
        _check_texts(declared, fitted)
        return fitted
    if isinstance(fitted, Tensors):
        if own_code:
            return named(declared)
        shapes = ", ".join(f"{tensor.name} ({tensor.dtype})" for tensor in fitted.tensors)
        raise StartError(
            f"{LISTS} columns; this model takes tensors: {shapes}. Leave model.inputs out, or define predict_fn"
        )
    schema = named(declared)
    if own_code:
        return schema
    if fitted.names and fitted.names != schema.names:
        theirs, ours = ", ".join(fitted.names), ", ".join(schema.names)
        raise StartError(f"{LISTS} {ours}; the model was fitted with {theirs}, in that order")
    if fitted.width not in {None, schema.width}:
        raise StartError(f"{LISTS} {schema.width} columns; the model was fitted with {fitted.width}")
    return schema


def _check_texts(declared: tuple[Column, ...], texts: Texts) -> None:
    required = {field for field in texts.fields if field not in texts.optional}
    names = {column.name for column in declared}
    fits = required <= names <= set(texts.fields) and all(column.type is ColumnType.STRING for column in declared)
    if not fits:
        ours = ", ".join(f"{column.name} ({column.type})" for column in declared)
        theirs = ", ".join(f"{field} (string)" for field in texts.fields)
        raise StartError(f"{LISTS} {ours}; this model takes {theirs}")
