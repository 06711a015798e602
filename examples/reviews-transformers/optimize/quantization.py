"""The same graph with the weights of its products in 8 bits, and what these are multiplied with.

dynamic     each call measures the numbers of its texts and takes one scale for all: the texts of a call depend on each other
static      scales measured once, on sample texts: no text depends on another, so that texts share calls; and faster
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from optimize.graph import quiet, save
from serving.compiled import GRAPH
from serving.encoder import Tensors

MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators
LEVELS = 255  # steps of an unsigned byte
MARGIN = 1.2  # how much further than on the samples a number may lie before it is cut off


def dynamic(source: Path, home: Path, _: Iterable[Tensors]) -> None:
    """Write the graph of the folder `source` into `home`, with scales that are measured at each call.

    One scale a column of weights; 7 of the bits, since processors without VNNI add up pairs of products in 16.
    """
    with quiet():
        quantize_dynamic(
            source / GRAPH,
            home / GRAPH,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
    save(home / GRAPH)


def static(source: Path, home: Path, samples: Iterable[Tensors]) -> None:
    """Write it with scales measured on `samples`, calls of the graph in `source`."""
    dynamic(source, home, samples)
    model = onnx.load(home / GRAPH)
    measured = [node for node in model.graph.node if node.op_type == "DynamicQuantizeLinear"]
    ranges = _ranges(source, [node.input[0] for node in measured], samples)
    for node in measured:
        _fix(model.graph, node, *ranges[node.input[0]])
    _join_products(model.graph)
    model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
    onnx.save(model, home / GRAPH)
    save(home / GRAPH)


def _ranges(source: Path, names: list[str], samples: Iterable[Tensors]) -> dict[str, tuple[float, float]]:
    """Find between which numbers these values of the graph lie, 0 among them."""
    model = onnx.load(source / GRAPH, load_external_data=False)
    model.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    beside = source / "measured.onnx"  # the weights are in the same folder
    onnx.save(model, beside)
    try:
        session = onnxruntime.InferenceSession(beside, providers=["CPUExecutionProvider"])
    finally:
        beside.unlink()
    taken = {node.name for node in session.get_inputs()}
    low, high = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for tensors in samples:
        found = session.run(names, {name: of for name, of in tensors.items() if name in taken})
        for name, values in zip(names, found, strict=True):
            low[name], high[name] = min(low[name], float(values.min())), max(high[name], float(values.max()))
    return {name: (low[name], high[name]) for name in names}


def _fix(graph: Any, node: Any, low: float, high: float) -> None:
    """Make a node that measures numbers one that knows where they lie."""
    scale = np.float32((high - low) * MARGIN / LEVELS or 1.0)
    zero = np.uint8(round(-low * MARGIN / float(scale)))
    _, scale_name, zero_name = node.output
    graph.initializer.append(numpy_helper.from_array(np.array(scale), scale_name))
    graph.initializer.append(numpy_helper.from_array(np.array(zero), zero_name))
    node.op_type = "QuantizeLinear"
    node.input.extend([scale_name, zero_name])
    del node.output[1:]


def _join_products(graph: Any) -> None:
    """Make one operator of a product, its scales and what is added to it.

    ONNX Runtime does so itself only where the scales are measured at each call.
    """
    found = _Nodes(graph)
    joined: dict[int, Any] = {}
    gone: set[int] = set()
    for node in [node for node in graph.node if node.op_type == "MatMulInteger"]:
        whole = found.user(node)
        scaled = found.user(whole)
        scales = found.maker(*(name for name in scaled.input if name != whole.output[0]))
        last, added = scaled, list[str]()
        after = found.user(scaled)
        if after is not None and after.op_type == "Add":
            bias = found.vector(*(name for name in after.input if name != scaled.output[0]))
            last, added = (after, [bias]) if bias else (scaled, [])
        values, weights, value_zero, weight_zero = node.input
        given = [values, weights, *scales.input, value_zero, weight_zero, *added]
        made = helper.make_node(
            "MatMulIntegerToFloat", given, [last.output[0]], f"{node.name}_to_float", domain=MICROSOFT
        )
        joined[id(last)] = made
        gone |= {id(one) for one in (node, whole, scaled, scales)}
    kept = [joined.get(id(node), node) for node in graph.node if id(node) not in gone or id(node) in joined]
    del graph.node[:]
    graph.node.extend(kept)


class _Nodes:
    """Who makes and who uses which value of a graph."""

    def __init__(self, graph: Any) -> None:
        self._makers = {name: node for node in graph.node for name in node.output}
        self._users: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in node.input:
                self._users.setdefault(name, []).append(node)
        self._vectors = {one.name for one in graph.initializer if len(one.dims) == 1}

    def user(self, node: Any) -> Any:
        """The only user of a node's value; None where there are more."""
        users = self._users.get(node.output[0], [])
        return users[0] if len(users) == 1 else None

    def maker(self, name: str) -> Any:
        """The node that makes a value."""
        return self._makers[name]

    def vector(self, name: str) -> str:
        """The constant vector that a value is, "" where it is none."""
        while name in self._makers and self._makers[name].op_type == "Identity":
            name = self._makers[name].input[0]
        return name if name in self._vectors else ""


WAYS: Mapping[str, Any] = {"static": static, "dynamic": dynamic}
"""The better first."""
