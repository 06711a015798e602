"""What of a released surface today's breaks, each with what to add.

Rules: new addresses, variables and outputs are fine. A sentence says what would happen to a project that has the release.
"""

import re
from collections.abc import Iterator

from derive.surface import FOR_EACH, Surface, Variable

_MOVED = "add to templates/terraform/base/{}moved.tf:\n  moved {{\n    from = {}\n    to   = {}\n  }}"
_REGION = re.compile(r"module\.[a-z]{3,}[0-9]\.")
"""A region's module call, such as `module.euw1`: what is moved in one is moved in all, by a block inside of the module."""


def broken(released: Surface, today: Surface) -> list[str]:
    """Every promise of `released` that `today` does not keep."""
    return [*_addresses(released, today), *_variables(released, today), *_outputs(released, today)]


def follow(address: str, today: Surface) -> str | None:
    """Where `moved` blocks, one after another, take an address; None where they end nowhere.

    A block about a module takes along everything in it.
    """
    seen: set[str] = set()
    while address not in today.addresses:
        step = next((old for old in sorted(today.moved, reverse=True) if f"{address}.".startswith(f"{old}.")), None)
        if step is None or address in seen:
            return None
        seen.add(address)
        address = today.moved[step] + address[len(step) :]
    return address


def _addresses(released: Surface, today: Surface) -> Iterator[str]:
    # A project may skip releases, so what an earlier one moved must still be taken along.
    known = {**dict.fromkeys(released.moved, ""), **released.addresses}
    found = {address: follow(address, today) for address in sorted(known)}
    lost = {address for address, new in found.items() if new is None and address not in today.let_go}
    for address in sorted(_told_once(lost, known)):
        move = _move(address, _likely(address, released, today))
        yield f"{address} is gone, and Terraform would destroy it; where it only has another name, {move}"
    for address, new in found.items():
        if new is not None and _other_keys(known[address], today.addresses[new]) and new not in today.rekeyed:
            move = _move(f"{address}[OLD KEY]", f"{new}[NEW KEY]")
            times = f"was made by {known[address]} and is by {today.addresses[new]}"
            yield f"{new} {times}, and Terraform would make it anew; {move}"


def _move(old: str, new: str) -> str:
    """The block to add, and where."""
    inside = _REGION.match(old)
    place = "modules/region/" if inside else ""
    return _MOVED.format(place, _REGION.sub("", old, count=1), _REGION.sub("", new, count=1))


def _other_keys(old: str, new: str) -> bool:
    """Whether instances lose their keys. Between one and `count`, Terraform itself takes the one for [0]."""
    return bool(old) and old != new and FOR_EACH in (old, new)


def _told_once(lost: set[str], known: dict[str, str]) -> Iterator[str]:
    """Of a lost module only the call, and only where something in it is lost."""
    for address in lost:
        inside = {other for other in known if other.startswith(f"{address}.")}
        above = any(address.startswith(f"{other}.") for other in lost)
        if not above and (not _is_module(address) or inside & lost or not inside):
            yield address


def _is_module(address: str) -> bool:
    return address.split(".")[-2] == "module"


def _likely(address: str, released: Surface, today: Surface) -> str:
    """The one new address of the same type, if there is one."""
    kind = address.split(".")[-2]
    new = [one for one in today.addresses if one not in released.addresses and one.split(".")[-2] == kind]
    return new[0] if len(new) == 1 else "THE NEW ADDRESS"


def _variables(released: Surface, today: Surface) -> Iterator[str]:
    for name, old in released.variables.items():
        new = today.variables.get(name)
        if new is None:
            yield (
                f"variable {name} is gone, and a value that a person sets for it would be ignored; keep it beside the new "
                f"one, and read both:\n"
                f'  variable "{name}" {{\n    description = "Former name of THE NEW NAME"\n    type        = {old.type}\n'
                f"    default     = null\n  }}\n"
                f"  ... coalesce(var.{name}, var.THE_NEW_NAME)"
            )
        else:
            yield from (f"variable {name} {problem}" for problem in _changed(old, new, name))


def _changed(old: Variable, new: Variable, name: str) -> Iterator[str]:
    if new.type != old.type:
        yield f"was {old.type} and is {new.type}: keep its type, or add a variable of another name"
    if old.default and not new.default:
        yield "could be left out and no longer can: give it a default"
    if old.read and not new.read:
        yield f"is read by nothing, so a value for it would be ignored: read var.{name}"


def _outputs(released: Surface, today: Surface) -> Iterator[str]:
    for name in released.outputs:
        module, _, last = name.rpartition(".")
        new = follow(module, today) if module else ""
        kept = f"{new}.{last}" if new else last
        if new is None or kept not in today.outputs:
            yield f"output {name} is gone, and whatever reads it would fail; keep it"
