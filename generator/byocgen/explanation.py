"""One decision as a person reads it: what it is, why, and all that it follows from, each a step further in."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from byocgen import present
from byocgen.plan.chain import page, walk
from byocgen.plan.decision import Fact

if TYPE_CHECKING:
    from byocgen.plan.chain import Link
    from byocgen.plan.plan import Plan

STEP = 4
WIDEST = 100
"""Columns after which a sentence is hard to follow, however wide the terminal is."""


def chain(plan: Plan, key: str, width: int) -> str:
    """Word the chain of `key` for a terminal of `width` columns."""
    links = list(walk(plan, key))
    lines = [line for link in links for line in _lines(link, min(width, WIDEST))]
    return "\n".join([*lines, f"docs: {page(key)}"]) + "\n"


def _lines(link: Link, width: int) -> list[str]:
    indent = " " * STEP * link.depth
    if isinstance(link.what, Fact):
        return [*_wrapped(link.what.text, indent, width), *_wrapped(f"from {link.what.source}", indent + "  ", width)]
    head = f"{link.key} = {present.short(present.plain(link.what.value))}"
    if link.shown:
        return _wrapped(f"{head} (above)", indent, width)
    return [
        *_wrapped(head, indent, width),
        *_wrapped(link.what.reason, indent + "  ", width),
        *_wrapped(f"from {link.what.source}", indent + "  ", width),
    ]


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, len(indent) + 20),
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
