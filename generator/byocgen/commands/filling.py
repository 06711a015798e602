"""Fields of a new manifest that the model file tells: what was not asked for is filled in, and said.

Rules: pure. The manifest carries the values because git ignores the model: a project must follow from what is committed.
Nothing is filled in that the file does not say; a column without a type leaves the columns out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from byocgen.manifest.contradictions import STREAMING_TASKS
from byocgen.manifest.kinds import PythonVersion
from byocgen.plan.agreement import KEPT, PICKLES, order
from byocgen.plan.decision import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from byocgen.catalog import Framework
    from byocgen.inspect.facts import Facts, Format

SMALLEST_MIB = 64
"""A model below this does not change how many workers fit: each takes more without any (catalogue: memory.json)."""
CONTEXT_TOKENS = 8192
"""At most: the longest answer of the server (4,096 tokens) and a prompt of that length. Many a model could take 128,000."""
SEQUENCES = 4
_COLUMNS = 200
_NAME = 512
"""Characters that a column's name may have (`manifest.kinds.Line`)."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One field of `model`: its value, what to show of it, and how the file says so."""

    field: str
    value: Any
    shown: str
    how: str


def fill(model: dict[str, Any], facts: Facts, frameworks: Mapping[str, Framework]) -> list[Filled]:
    """Put what the file tells into the manifest's `model`, where nothing stands yet; return what was put there."""
    if "framework" not in model and facts.framework is not None:
        what = facts.model or facts.format.value
        framework = [Filled("framework", facts.framework, facts.framework, what)]
    else:
        framework = []
    if model.get("framework", facts.framework) != facts.framework:
        return []
    told = [*framework, *_told(facts, frameworks.get(str(facts.framework)))]
    filled = [one for one in told if one.field not in model]
    model |= {one.field: one.value for one in filled}
    return filled


def _told(facts: Facts, framework: Framework | None) -> Iterator[Filled]:
    if facts.framework_version is not None and framework is not None:
        version = _version(facts.format, facts.framework_version.version, framework)
        if version:
            yield Filled("framework_version", version, version, facts.framework_version.how)
    if facts.python.exact in get_args(PythonVersion):
        yield Filled("python", facts.python.exact, str(facts.python.exact), facts.python.how)
    if facts.network is not None and facts.network.task is not None:
        yield Filled("task", facts.network.task, facts.network.task, f"architecture {facts.network.architecture}")
    if facts.memory_bytes is not None and facts.memory_bytes >= SMALLEST_MIB << 20:
        size = math.ceil(facts.memory_bytes / (1 << 30) * 100) / 100
        yield Filled("size_gib", size, f"{size:g}", "what its weights and objects take")
    block = generation(facts)
    if block is not None:
        shown = f"{block['context_tokens']:,} tokens, {block['sequences']} texts at one time"
        yield Filled("generation", block, shown, "layers, heads and context of its config.json")
    if facts.requires:
        needs = _requirements(facts)
        yield Filled("requirements", needs, ", ".join(needs), "libraries that it needs beside the framework")
    if facts.columns and _writable(facts):
        names = ", ".join(column.name for column in facts.columns[:3]) + (", ..." if len(facts.columns) > 3 else "")
        yield Filled("inputs", _inputs(facts), counted(len(facts.columns), "column"), names)


def generation(facts: Facts) -> dict[str, Any] | None:
    """What a model that writes texts keeps of each token, and how much of its context to plan memory for.

    Keys and values of every layer and KV head, in the type of the weights, or of 2 bytes where those are quantized.
    """
    network = facts.network
    if network is None or network.task not in STREAMING_TASKS or not facts.parameters:
        return None
    parts = (network.layers, network.kv_heads, network.head_dim)
    if None in parts or not network.context_length:
        return None
    weights = facts.parameters[0]
    of_number = 2 if network.quantization else round(weights.bytes / weights.count)
    kib = 2 * math.prod(part for part in parts if part is not None) * of_number / 1024
    return {
        "kv_kib_per_token": round(kib, 3),
        "context_tokens": min(network.context_length, CONTEXT_TOKENS),
        "sequences": SEQUENCES,
    }


def _version(form: Format, written: str, framework: Framework) -> str:
    """Choose the version: a pickle's own; else the catalogue's first that is not older; an empty text is the default."""
    if form in PICKLES or written in framework.versions:
        return written
    if form not in KEPT:
        return ""
    newer = [version for version in framework.versions if order(version) >= order(written)]
    return "" if not newer or framework.default_version in newer else newer[-1]


def _requirements(facts: Facts) -> list[str]:
    """Pin what the file says the version of."""
    pins = {name: said.version for name, said in facts.packages.items()}
    return [f"{name}=={pins[name]}" if name in pins else name for name in facts.requires]


def _writable(facts: Facts) -> bool:
    """Whether every column has a type, and a name that a manifest can hold."""
    names = [column.name for column in facts.columns]
    texts = [*names, *(value for column in facts.columns for value in column.values or ())]
    return (
        len(names) <= _COLUMNS
        and all(names)
        and len(set(names)) == len(names)
        and all(column.type for column in facts.columns)
        and all(text.isprintable() and len(text) <= _NAME for text in texts)
    )


def _inputs(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"name": column.name, "type": column.type, **({"values": list(column.values)} if column.values else {})}
        for column in facts.columns
    ]
