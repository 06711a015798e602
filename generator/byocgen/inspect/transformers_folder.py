"""The folder that `save_pretrained` writes, as facts: config.json, and the headers of its weights.

Rules: what config.json does not say is None: the defaults of a configuration class are not known here. Names of fields
differ by architecture; the lists below hold those of transformers' configurations.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from byocgen.inspect import safetensors_file, torch_file
from byocgen.inspect.damage import HEADER, Damaged
from byocgen.inspect.facts import Facts, Format, Network, Said
from byocgen.inspect.weights import by_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from byocgen.inspect.trees import Tree

CONFIG = "config.json"
TASKS = (
    ("text-classification", ("ForSequenceClassification",)),
    ("token-classification", ("ForTokenClassification",)),
    ("question-answering", ("ForQuestionAnswering", "ForQuestionAnsweringSimple")),
    ("fill-mask", ("ForMaskedLM", "WithLMHeadModel")),
    ("text-generation", ("ForCausalLM", "LMHeadModel")),
    ("text2text-generation", ("ForConditionalGeneration", "MTModel")),
    ("feature-extraction", ("Model",)),
)
"""Endings of architectures, each with what it is for; `serving/tasks.py` of the transformers scaffold has the same."""
_CONTEXT = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length", "max_sequence_length")
_LAYERS = ("decoder_layers", "num_decoder_layers", "num_hidden_layers", "n_layers", "n_layer", "num_layers")
_HEADS = ("decoder_attention_heads", "num_attention_heads", "n_heads", "n_head", "num_heads")
_KV_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num")
_HEAD_DIM = ("head_dim", "d_kv", "kv_channels", "attention_head_dim")
_HIDDEN = ("hidden_size", "n_embd", "d_model", "dim")
_SHARDS = 2000


def is_one(config: Any) -> bool:
    """Whether a config.json is that of a transformers model."""
    return isinstance(config, dict) and ("model_type" in config or "architectures" in config)


def document(tree: Tree, name: str) -> Any:
    """Read a JSON file of a folder. Raises Damaged."""
    if tree.sizes[name] > HEADER:
        raise Damaged(f"{name} is longer than any model's")
    with tree.opener(name) as file:
        try:
            return json.loads(file.read())
        except (ValueError, RecursionError) as error:
            raise Damaged(f"{name} is no JSON") from error


def read(tree: Tree, config: dict[str, Any], path: str) -> Facts:
    """Read a folder. Raises Damaged."""
    names, warnings = _weights(tree)
    tensors: list[tuple[str, int]] = []
    suspicious: set[str] = set()
    for name in names:
        found = _tensors(tree, name)
        tensors += found[0]
        suspicious.update(found[1])
    parameters = by_type(tensors)
    version = str(config.get("transformers_version") or "")
    return Facts(
        path=path,
        format=Format.TRANSFORMERS,
        file_bytes=sum(tree.sizes.values()),
        framework="transformers",
        framework_version=Said(version[:32], "`transformers_version` of config.json") if version else None,
        model=_architecture(config),
        classes=_labels(config),
        parameters=parameters,
        memory_bytes=sum(one.bytes for one in parameters) or None,
        network=_network(config),
        suspicious=tuple(sorted(suspicious)),
        warnings=(*warnings, *_about(tree, config)),
    )


def _weights(tree: Tree) -> tuple[list[str], list[str]]:
    """Name the files of the weights: safetensors before pickles, shards by their index."""
    for single in ("model.safetensors", "pytorch_model.bin"):
        if single in tree.sizes:
            return [single], []
        index = f"{single}.index.json"
        if index not in tree.sizes:
            continue
        listed = document(tree, index)
        places = listed.get("weight_map") if isinstance(listed, dict) else None
        shards = sorted({str(name) for name in places.values()}) if isinstance(places, dict) else []
        missing = [name for name in shards if name not in tree.sizes]
        said = [f"{index} names {', '.join(missing[:3])}, which {'is' if len(missing) == 1 else 'are'} not there"]
        return [name for name in shards[:_SHARDS] if name in tree.sizes], said if missing else []
    return [], ["it has no weights: no model.safetensors, no pytorch_model.bin, and no index of either"]


def _tensors(tree: Tree, name: str) -> tuple[Iterable[tuple[str, int]], Iterable[str]]:
    with tree.opener(name) as file:
        try:
            if name.endswith(".safetensors"):
                return safetensors_file.header(file).tensors, ()
            old = file.peek(len(torch_file.OLD)).startswith(torch_file.OLD)
            facts = (torch_file.read_old if old else torch_file.read)(file, name)
        except Damaged as error:
            raise type(error)(f"{name}: {error}") from error
    return [(one.dtype, one.count) for one in facts.parameters], facts.suspicious


def _about(tree: Tree, config: dict[str, Any]) -> Iterable[str]:
    if not {"tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json", "spiece.model"} & tree.sizes.keys():
        yield "it has no tokenizer: save that into the folder too, with tokenizer.save_pretrained"
    if "auto_map" in config:
        yield "it brings code of its own (auto_map), which the server does not run"
    endings = {name.rpartition(".")[2] for name in tree.sizes}
    if "bin" in endings and "safetensors" not in endings:
        yield "its weights are pickles: save_pretrained writes safetensors, which cannot hold code"


def _architecture(config: dict[str, Any]) -> str | None:
    listed = config.get("architectures")
    return str(listed[0])[:128] if isinstance(listed, list) and listed else None


def _labels(config: dict[str, Any]) -> tuple[str, ...]:
    labels = config.get("id2label")
    return tuple(str(label) for label in list(labels.values())[:1000]) if isinstance(labels, dict) else ()


def task_of(architecture: str | None) -> str | None:
    """Tell what an architecture is for, by its ending; None: it does not say."""
    return next((task for task, endings in TASKS if architecture and architecture.endswith(endings)), None)


def _network(config: dict[str, Any]) -> Network:
    """Read the numbers; those of a model of several kinds stand under its text_config."""
    text = config.get("text_config")
    inner = {**config, **text} if isinstance(text, dict) else config
    architecture = _architecture(config)
    heads, hidden = _first(inner, _HEADS), _first(inner, _HIDDEN)
    kv_heads = _first(inner, _KV_HEADS) or (1 if inner.get("multi_query") is True else None)
    head_dim = _first(inner, _HEAD_DIM)
    if head_dim is None and heads and hidden and hidden % heads == 0:
        head_dim = hidden // heads
    quantized = config.get("quantization_config")
    return Network(
        architecture=architecture,
        task=task_of(architecture),
        context_length=_first(inner, _CONTEXT),
        layers=_first(inner, _LAYERS),
        attention_heads=heads,
        kv_heads=kv_heads or heads,
        head_dim=head_dim,
        hidden_size=hidden,
        vocabulary=_first(inner, ("vocab_size",)),
        quantization=str(quantized.get("quant_method"))[:32] if isinstance(quantized, dict) else None,
    )


def _first(config: dict[str, Any], names: tuple[str, ...]) -> int | None:
    found = (config.get(name) for name in names)
    return next((value for value in found if type(value) is int and 0 < value < 1 << 32), None)
