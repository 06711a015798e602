"""What is known of a model artifact: the one value that every reader gives.

Rules: frozen values; None (or nothing in a tuple) is "the file does not say", never a guess. Sizes are bytes, counts are
whole numbers, names are those of the file. Words of the manifest (framework, task, column types) are written as there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Format(StrEnum):
    """How the file is written; the value is what people call it."""

    PICKLE = "pickle"
    JOBLIB = "joblib"
    XGBOOST_JSON = "XGBoost JSON"
    XGBOOST_UBJ = "XGBoost UBJSON"
    LIGHTGBM_TEXT = "LightGBM text"
    ONNX = "ONNX"
    SAFETENSORS = "safetensors"
    TORCHSCRIPT = "TorchScript"
    TORCH_EXPORT = "torch.export program"
    TORCH_WEIGHTS = "PyTorch state dict"
    TORCH_MODULE = "pickled PyTorch module"
    TRANSFORMERS = "transformers folder"


class Kind(StrEnum):
    """What a model does with its input."""

    CLASSIFIER = "classifier"
    REGRESSOR = "regressor"
    RANKER = "ranker"
    CLUSTERER = "clusterer"
    OUTLIERS = "outlier detector"
    TRANSFORMER = "transformer"


@dataclass(frozen=True, slots=True)
class Said:
    """A version, and how it is known: `1.9.1`, "`_sklearn_version` of RandomForestClassifier"."""

    version: str
    how: str


@dataclass(frozen=True, slots=True)
class Python:
    """The Python that wrote the file: exactly, or between two bounds (`3.8` and no newer bound), and how that is known."""

    exact: str | None = None
    least: str | None = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `type` is the manifest's word for it: float, integer, string, boolean."""

    name: str
    type: str | None = None
    values: tuple[str, ...] | None = None
    """The only values that the model knows, of type string."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input or output. A length that varies is None, or has the name that the file gives it; no shape: not said."""

    name: str
    dtype: str | None = None
    shape: tuple[int | str | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights of one type: `float32`, how many numbers, how many bytes they take in memory."""

    dtype: str
    count: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What a transformers model's config.json says; the numbers are those that a KV cache is made of."""

    architecture: str | None = None
    """Such as LlamaForCausalLM."""
    task: str | None = None
    context_length: int | None = None
    """Tokens."""
    layers: int | None = None
    """Those that keep keys and values: of the decoder, where there are an encoder and a decoder."""
    attention_heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    hidden_size: int | None = None
    vocabulary: int | None = None
    quantization: str | None = None
    """Such as gptq or bitsandbytes, where the weights are quantized."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known of one artifact."""

    path: str
    """As it was named; a member of an archive is `model.tar.gz: model.joblib`."""
    format: Format
    file_bytes: int
    """Of all files that belong to the model, as they lie on disk."""
    framework: str | None = None
    """The manifest's word: sklearn, xgboost, lightgbm, pytorch, transformers, onnx."""
    framework_version: Said | None = None
    python: Python = Python()
    packages: dict[str, Said] = field(default_factory=dict)
    """Versions of distributions that the file names beside the framework's own: torch, scikit-learn."""
    model: str | None = None
    """The class, such as sklearn.pipeline.Pipeline."""
    kind: Kind | None = None
    steps: tuple[str, ...] = ()
    """Of a pipeline: class names in order."""
    objective: str | None = None
    classes: tuple[str, ...] = ()
    """Labels of a classifier, where the file has them."""
    columns: tuple[Column, ...] = ()
    """Feature names in order, where the file has them."""
    column_count: int | None = None
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    opset: int | None = None
    producer: str | None = None
    parameters: tuple[Parameters, ...] = ()
    """By type, most bytes first."""
    memory_bytes: int | None = None
    """What the model holds once it is loaded as it is saved: arrays exactly, other objects of a pickle by CPython's sizes."""
    network: Network | None = None
    imports: tuple[str, ...] = ()
    """Everything that a pickle imports, sorted: `module.name`."""
    suspicious: tuple[str, ...] = ()
    """Those imports that no model needs, os.system for one: loading the file may run them."""
    foreign: tuple[str, ...] = ()
    """Those imports that belong to no library that byocgen knows: code that the image must have, and that loading runs."""
    requires: tuple[str, ...] = ()
    """Distributions that loading or calling the model needs beside the framework: `pandas`, `xgboost-cpu==3.2.0`."""
    warnings: tuple[str, ...] = ()
    """What a person should know, a sentence each."""
