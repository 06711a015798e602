"""What people and machines see: diagnostics, tables, actions.

Rules: data goes to stdout, the rest to stderr. Text from outside is never handed to Rich as markup. Everything reads
the same without colour. JSON is one document a command.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from byocgen.diagnostics import Diagnostic, Severity, dotted
from byocgen.patch import difference
from byocgen.plan.chain import page
from byocgen.plan.decision import Fact
from byocgen.reconcile import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from byocgen.plan.plan import Plan
    from byocgen.reconcile import Action

WIDTH_OFF_TERMINAL = 160
NARROWEST_TABLE = 140
"""Columns below which the four columns of a table would break words; a terminal has 80 by default."""


def say(text: str = "") -> None:
    """Write a line for a person to stderr."""
    sys.stderr.write(text + "\n")


def progress(text: str) -> None:
    """Write a line to stderr where somebody watches."""
    if sys.stderr.isatty():
        say(text)


def put(text: str) -> None:
    """Write data to stdout as it is."""
    sys.stdout.write(text)


def put_json(value: Any) -> None:
    """Write one JSON document to stdout. Bytes of a file that are no UTF-8 stand in it as escapes."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    put(text.encode(errors="backslashreplace").decode() + "\n")


def failure(message: str, hint: str = "") -> str:
    """Word a failure that has no place in the manifest."""
    return f"error: {_visible(message)}" + (f"\n  = help: {_visible(hint)}" if hint else "")


def note(message: str, hint: str = "") -> str:
    """Word what a person should know and need not act on."""
    return "note" + failure(message, hint).removeprefix("error")


def diagnostics(found: Sequence[Diagnostic]) -> str:
    """Word findings, each with its line, and count them."""
    errors = sum(one.severity is Severity.ERROR for one in found)
    counts = [f"{errors} error{'s' * (errors != 1)}"] if errors else []
    counts += [f"{len(found) - errors} warning{'s' * (len(found) - errors != 1)}"] if len(found) > errors else []
    return "\n\n".join([*(one_diagnostic(one) for one in found), ", ".join(counts)])


def warn(found: Sequence[Diagnostic]) -> None:
    """Show findings that stop nothing, ahead of a command's own answer; nothing where there are none."""
    if found:
        say(diagnostics(found) + "\n")


def one_diagnostic(one: Diagnostic) -> str:
    """Word one finding: what, where with a caret, the way out, the page."""
    number = str(one.line)
    margin = " " * len(number)
    lines = [f"{one.severity}[{one.code}]: {_visible(one.message)}"]
    if one.path:
        lines.append(f"{margin}--> {_visible(one.path)}:{one.line}:{one.column}")
    if one.snippet.strip():
        snippet, before = _visible(one.snippet), _visible(one.snippet[: one.column - 1])
        room = max(1, min(one.width, len(snippet) - len(before)))
        lines += [f"{margin} |", f"{number} | {snippet}", f"{margin} | {' ' * len(before)}{'^' * room}"]
    lines += [f"{margin} = help: {_visible(one.help)}"] if one.help else []
    return "\n".join([*lines, f"{margin} = docs: {one.docs}"])


def visible(text: str) -> str:
    """Make a text of somebody else's harmless to a terminal."""
    return _visible(text)


def _visible(text: str) -> str:
    """A tab is one arrow wide, so that the caret stands where the tab does; nothing else moves the cursor."""
    return "".join(char if char.isprintable() else "\u2192" if char == "\t" else "\ufffd" for char in text)


def diagnostics_data(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Give findings as plain data."""
    return [
        {
            "code": one.code,
            "severity": one.severity.value,
            "message": one.message,
            "help": one.help,
            "key": dotted(one.key),
            "path": one.path,
            "line": one.line,
            "column": one.column,
            "docs": one.docs,
        }
        for one in found
    ]


def actions_data(actions: Iterable[Action]) -> list[dict[str, str]]:
    """Give actions as plain data."""
    return [{"action": one.kind.value, "path": one.path, "ownership": one.ownership.value} for one in actions]


def changes_data(actions: Sequence[Action], said: Sequence[tuple[str, str] | None]) -> list[dict[str, str]]:
    """Give actions as plain data, each with its difference and, where there is one, a word for a person."""
    words = [one or ("", "") for one in said]
    return [
        {**row, "diff": "" if one.kind is Kind.ORPHAN else difference(one), "message": message, "help": way}
        for one, row, (message, way) in zip(actions, actions_data(actions), words, strict=True)
    ]


def actions(listed: Sequence[Action]) -> str:
    """List actions, one a line, those that change nothing left out."""
    return "".join(f"{one.kind.value:<9}{_visible(one.path)}\n" for one in listed if one.kind is not Kind.KEEP)


def explain_data(plan: Plan, key: str = "") -> dict[str, dict[str, Any]]:
    """Give decisions as plain data: those at `key` or below it, or all."""
    return {
        name: {
            "value": plain(one.value),
            "reason": one.reason,
            "source": one.source,
            "because": [cause for cause in one.because if isinstance(cause, str)],
            "facts": [{"text": fact.text, "source": fact.source} for fact in one.because if isinstance(fact, Fact)],
            "docs": page(name),
        }
        for name, one in plan.decisions()
        if not key or name == key or name.startswith(f"{key}.")
    }


def plain(value: Any) -> Any:
    """Give a decided value as plain data."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None:
        return {name: plain(getattr(value, name)) for name in fields if getattr(value, name) is not None}
    return value


def explain(rows: dict[str, dict[str, Any]]) -> None:
    """Write decisions to stdout: a table where the terminal is wide enough for one, else a paragraph each."""
    width = table_width()
    if width < NARROWEST_TABLE:
        put("\n".join(_paragraph(key, one, width) for key, one in rows.items()))
    else:
        _table(rows, width)


def _paragraph(key: str, one: dict[str, Any], width: int) -> str:
    lines = [f"{key} = {short(one['value'])}", one["reason"], f"from {one['source']}"]
    wrapped = [
        textwrap.fill(line, width, initial_indent=indent, subsequent_indent="    ", break_long_words=False)
        for line, indent in zip(lines, ("", "    ", "    "), strict=True)
    ]
    return "\n".join(wrapped) + "\n"


def _table(rows: dict[str, dict[str, Any]], width: int) -> None:
    from rich import box  # noqa: PLC0415 - a tenth of a second that only this command needs
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("key", "value", "why", "from"):
        table.add_column(Text(name), overflow="fold", no_wrap=name == "key")
    for key, one in rows.items():
        table.add_row(Text(key), Text(short(one["value"])), Text(one["reason"]), Text(one["source"]))
    Console(highlight=False, width=width, soft_wrap=False).print(table)


def short(value: Any) -> str:
    """Write a decided value in a line."""
    if value is None:
        return "-"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return ", ".join(f"{one['name']} ({one['type']})" for one in value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else "-"
    return str(value)


def pairs(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Write names with their texts to stdout, one pair a line, the texts below each other."""
    width = max(len(name) for name, _ in rows) + 2
    put(f"{_visible(title)}\n" + "".join(f"  {name:<{width}}{_visible(text)}\n" for name, text in rows))


def findings(rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Write a table of checks to stdout: code, result, rule, what was seen and what to do. Off a terminal it is wide."""
    from rich import box  # noqa: PLC0415 - a tenth of a second that only this command needs
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("code", "result", "check", "seen"):
        table.add_column(Text(name), overflow="fold", no_wrap=name in ("code", "result"), ratio=_RATIOS.get(name))
    for row in rows:
        table.add_row(*(Text("\n".join(_visible(line) for line in cell.split("\n"))) for cell in row))
    Console(highlight=False, width=table_width(), soft_wrap=False).print(table)


_RATIOS = {"check": 2, "seen": 3}


def table_width() -> int:
    """Give the columns that a table has; fewer than NARROWEST_TABLE are too few for one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH_OFF_TERMINAL
