"""What a stack shows to whoever lives with it: addresses, variables and outputs; and what of a release's is missing today.

Rules: addresses are those of the root stack, without instance keys; a module is read where its call says it lies.
Terraform's own `moved` blocks are the only way from an old address to a new one, so nothing here guesses one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.terraform import hcl

_KEY = re.compile(r"\[[^\]]*\]")
ONE, COUNT, FOR_EACH = "one", "count", "for_each"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the root stack. What a person sets in `*.auto.tfvars` must go on meaning the same."""

    type: str
    default: bool
    """Whether it may be left out."""
    read: bool = True
    """Whether anything reads it: an alias that nothing reads takes a value and ignores it."""


@dataclass(frozen=True, slots=True)
class Surface:
    """A stack as others see it."""

    addresses: Mapping[str, str]
    """Resources and module calls: address -> how often it is made (one, count, for_each)."""
    variables: Mapping[str, Variable]
    outputs: tuple[str, ...]
    """`name` of the root, `module.x.name` of the modules that it calls: a person's own .tf files can name both."""
    moved: Mapping[str, str]
    """Old address -> new address, keys left out."""
    rekeyed: frozenset[str] = frozenset()
    """Addresses that a `moved` block takes from one instance key to another."""
    let_go: frozenset[str] = frozenset()
    """Addresses that a `removed` block forgets without destroying them."""


def read(folder: Path) -> Surface:
    """Read the root stack in `folder`, and the modules that it calls."""
    root = _merged(folder)
    modules = dict(_modules(folder, root, ""))
    moves = [move for prefix, body in modules.items() for move in _moves(prefix, body)]
    return Surface(
        addresses=dict(sorted(one for prefix, body in modules.items() for one in _addresses(prefix, body))),
        variables=_variables(root),
        outputs=tuple(sorted(_outputs(modules))),
        moved={_bare(old): _bare(new) for old, new in moves if _bare(old) != _bare(new)},
        rekeyed=frozenset(_bare(new) for old, new in moves if _KEY.findall(old) != _KEY.findall(new)),
        let_go=frozenset(one for prefix, body in modules.items() for one in _let_go(prefix, body)),
    )


def to_data(surface: Surface) -> dict[str, Any]:
    """Write what a record keeps of it."""
    variables = {name: {"type": one.type, "default": one.default} for name, one in surface.variables.items()}
    kept = {key: value for key, value in asdict(surface).items() if key not in ("rekeyed", "let_go")}
    return {**kept, "variables": variables, "outputs": list(surface.outputs)}


def from_data(data: Mapping[str, Any]) -> Surface:
    """Read that again."""
    variables = {name: Variable(one["type"], one["default"]) for name, one in data["variables"].items()}
    return Surface(data["addresses"], variables, tuple(data["outputs"]), data["moved"])


def _merged(folder: Path) -> dict[str, list[Any]]:
    """All files of one module as one: the blocks of each kind in a list."""
    blocks: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for kind, entries in hcl.read(path).items():
            blocks.setdefault(kind, []).extend(entries)
    return blocks


def _modules(folder: Path, body: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The module in `folder` and all those below it, each with the start of its addresses."""
    yield prefix, body
    for name, call in _named(body, "module"):
        below = folder / call["source"]
        yield from _modules(below, _merged(below), f"{prefix}module.{name}.")


def _named(body: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in body.get(kind, ()):
        yield from entry.items()


def _addresses(prefix: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for type_, named in _named(body, "resource"):
        for name, resource in named.items():
            yield f"{prefix}{type_}.{name}", _times(resource)
    for name, call in _named(body, "module"):
        yield f"{prefix}module.{name}", _times(call)


def _times(body: Mapping[str, Any]) -> str:
    return COUNT if "count" in body else FOR_EACH if "for_each" in body else ONE


def _variables(root: Mapping[str, Any]) -> dict[str, Variable]:
    readers = json.dumps({kind: entries for kind, entries in root.items() if kind != "variable"})
    return {
        name: Variable(
            type=re.sub(r"\s+", " ", _expression(body["type"])),
            default="default" in body,
            read=re.search(rf"\bvar\.{name}\b", readers) is not None,
        )
        for name, body in sorted(_named(root, "variable"))
    }


def _outputs(modules: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for prefix, body in modules.items():
        if prefix.count("module.") <= 1:
            yield from (f"{prefix}{name}" for name, _ in _named(body, "output"))


def _moves(prefix: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for move in body.get("moved", ()):
        yield prefix + _expression(move["from"]), prefix + _expression(move["to"])


def _let_go(prefix: str, body: Mapping[str, Any]) -> Iterator[str]:
    for entry in body.get("removed", ()):
        if any(lifecycle.get("destroy") is False for lifecycle in entry.get("lifecycle", ())):
            yield prefix + _expression(entry["from"])


def _expression(text: str) -> str:
    return text.removeprefix("${").removesuffix("}") if text.startswith("${") else text


def _bare(address: str) -> str:
    return _KEY.sub("", address)
