"""Instance types as text and as plain data: a table as wide as it must be, and a line for each that was ruled out.

Rules: pure; numbers to the right, columns dropped from the right where the terminal is narrow. A price that no source
states is a dash.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from byocgen.plan.decision import counted
from byocgen.plan.demand import gib

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byocgen.catalog import Instance
    from byocgen.plan.listing import Found, RuledOut, Wanted

_NUMBERS = ("vCPUs", "memory", "disk", "$/hour", "workers")
_FIRST_TO_GO = ("disk", "arch")
_GAP = "  "


def text(found: Sequence[Found], width: int) -> str:
    """Write the table."""
    if not found:
        return ""
    rows = [_cells(one) for one in found]
    columns = [name for name in rows[0] if any(row[name] for row in rows)]
    for name in _FIRST_TO_GO:
        if _width(rows, columns) > width:
            columns = [other for other in columns if other != name]
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in columns}
    lines = [dict.fromkeys(columns, "") | {name: name for name in columns}, *rows]
    return "".join(_line(row, columns, widths) for row in lines)


def _cells(one: Found) -> dict[str, str]:
    instance, price = one.offer.instance, one.offer.price
    return {
        "type": instance.name,
        "vCPUs": str(instance.vcpus),
        "memory": gib(instance.memory_mib),
        "GPU": _gpu(instance),
        "arch": instance.architecture,
        "disk": f"{instance.nvme_gb:,} GB" if instance.nvme_gb else "",
        "$/hour": f"{price.usd:.3f}" if price else "-",
        "workers": "" if one.workers is None else str(one.workers),
    }


def _gpu(instance: Instance) -> str:
    gpu = instance.gpu
    return f"{gpu.count} x {gpu.model}, {gib(gpu.memory_mib_each)}" if gpu else ""


def _width(rows: Sequence[dict[str, str]], columns: Sequence[str]) -> int:
    return sum(max(len(name), *(len(row[name]) for row in rows)) for name in columns) + len(_GAP) * (len(columns) - 1)


def _line(row: dict[str, str], columns: Sequence[str], widths: dict[str, int]) -> str:
    cells = [row[name].rjust(widths[name]) if name in _NUMBERS else row[name].ljust(widths[name]) for name in columns]
    return _GAP.join(cells).rstrip() + "\n"


def reasons(ruled_out: Sequence[RuledOut], width: int, *, after: bool) -> str:
    """Write why each type was ruled out, a paragraph each."""
    if not ruled_out:
        return ""
    margin = max(len(one.instance.name) for one in ruled_out) + len(_GAP)
    written = (
        textwrap.fill(
            one.instance.name.ljust(margin) + "; ".join(one.reasons),
            width,
            subsequent_indent=" " * margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for one in ruled_out
    )
    return ("\n" if after else "") + "ruled out:\n" + "".join(line + "\n" for line in written)


def summary(found: Sequence[Found], ruled_out: Sequence[RuledOut], wanted: Wanted, *, why: bool) -> str:
    """Say in a line what the table cannot: how many were left out, and what is known of prices."""
    said = counted(len(found), "type") if found else "no type"
    said += f" of {len(found) + len(ruled_out)}"
    if ruled_out and not why:
        said += "; --why says what rules out each of the others"
    known = sum(one.offer.price is not None for one in found)
    if found and known < len(found):
        prices = f"prices of {known} of them are" if known else "none of their prices is"
        said += f"; {prices} known in {wanted.region}: byocgen catalog refresh fetches them"
    return said


def row_data(one: Found) -> dict[str, Any]:
    """Give a type as plain data."""
    instance, price = one.offer.instance, one.offer.price
    gpu = instance.gpu
    return {
        "name": instance.name,
        "family": instance.family,
        "vcpus": instance.vcpus,
        "memory_gib": instance.memory_mib / 1024,
        "architecture": instance.architecture,
        "gpu": gpu and {"model": gpu.model, "count": gpu.count, "memory_gib_each": gpu.memory_mib_each / 1024},
        "nvme_gb": instance.nvme_gb,
        "usd_per_hour": price and str(price.usd),
        "price_as_of": price and price.as_of,
        "price_source": price and price.source,
        "workers": one.workers,
    }
