"""Results for people and machines: a table, JSON, JUnit."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from .rule import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .rule import Result, Rule

WORDS = {Status.PASSED: "ok", Status.FAILED: "FAILED", Status.WARNED: "warning", Status.SKIPPED: "skipped"}
FORMATS = ("table", "json", "junit")
WIDTH = 120
INDENT = " " * 15


def exit_code(results: Sequence[Result]) -> int:
    """Give 1 where a rule is broken, else 0; warnings break nothing."""
    return int(any(one.status is Status.FAILED for one in results))


def summary(results: Sequence[Result]) -> str:
    """Count in one line."""
    counts = Counter(one.status for one in results)
    said = ", ".join(f"{counts[status]} {WORDS[status].lower()}" for status in Status if counts[status])
    return f"{len(results)} checks in {sum(one.seconds for one in results):.0f} s: {said or 'nothing to do'}"


def visible(text: str) -> str:
    """Give text from outside without what moves a cursor; line ends stay."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def table(results: Sequence[Result]) -> str:
    """Give one line a check, what was seen below those that are not well, and the skipped ones together by reason."""
    text = "".join(f"{line}\n" for one in results for line in lines(one))
    return f"{text}{skips(results)}\n{summary(results)}\n"


def lines(one: Result) -> list[str]:
    """Word one result; nothing for one that was skipped."""
    if one.status is Status.SKIPPED:
        return []
    head = f"{one.rule.code}  {WORDS[one.status]:<8} {one.rule.title}"
    below = [("seen", one.seen)]
    if one.status is not Status.PASSED:
        below += [("rule", str(one.rule.source)), ("fix ", one.rule.fix)]
    return [head, *(part for name, text in below for part in _folded(name, visible(text)))]


def skips(results: Sequence[Result]) -> str:
    """Name the checks that were skipped, each reason once."""
    codes: dict[str, list[str]] = {}
    for one in results:
        if one.status is Status.SKIPPED:
            codes.setdefault(visible(one.seen), []).append(one.rule.code)
    folded = [_folded("skipped", f"{', '.join(found)}: {why}") for why, found in codes.items()]
    return "".join(f"{line.removeprefix(INDENT)}\n" for lines in folded for line in lines)


def _folded(name: str, text: str) -> list[str]:
    first, *rest = text.splitlines() or [""]
    indent = INDENT
    options: dict[str, Any] = {"subsequent_indent": indent + "  ", "break_long_words": False, "break_on_hyphens": False}
    folded = textwrap.wrap(f"{name}: {first}", WIDTH, initial_indent=indent, **options)
    return [*folded, *(f"{indent}  {line}" for line in rest)]


def listing(rules: Sequence[Rule]) -> str:
    """List rules: code, severity, title, source."""
    return "".join(f"{one.code}  {one.severity.value:<8} {one.title}\n{' ' * 15}{one.source}\n" for one in rules)


def rule_data(one: Rule) -> dict[str, Any]:
    """Give a rule as plain data."""
    return {
        "code": one.code,
        "title": one.title,
        "severity": one.severity.value,
        "source": {"kind": one.source.kind, "text": one.source.text, "url": one.source.url},
        "fix": one.fix,
        "needs": sorted(need.value for need in one.needs),
        "modes": sorted(mode.value for mode in one.modes),
    }


def data(results: Sequence[Result]) -> dict[str, Any]:
    """Give results as plain data."""
    checks = [
        {**rule_data(one.rule), "status": one.status.value, "seen": one.seen, "seconds": round(one.seconds, 3)}
        for one in results
    ]
    return {"passed": not exit_code(results), "summary": summary(results), "checks": checks}


def junit(results: Sequence[Result]) -> str:
    """Give results as JUnit's XML: a warning is a test that passed and has something to say."""
    counts = Counter(one.status for one in results)
    root = ET.Element(
        "testsuite",
        name="byocgen verify",
        tests=str(len(results)),
        failures=str(counts[Status.FAILED]),
        skipped=str(counts[Status.SKIPPED]),
        time=f"{sum(one.seconds for one in results):.3f}",
    )
    for one in results:
        title = f"{one.rule.code} {one.rule.title}"
        case = ET.SubElement(root, "testcase", classname="byocgen.verify", name=title, time=f"{one.seconds:.3f}")
        if one.status is Status.FAILED:
            ET.SubElement(case, "failure", message=_xml(one.seen)).text = _xml(one.explain())
        elif one.status is Status.SKIPPED:
            ET.SubElement(case, "skipped", message=_xml(one.seen))
        elif one.status is Status.WARNED:
            ET.SubElement(case, "system-out").text = _xml(one.explain())
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return "".join(
        char if char in "\t\n" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" else "?" for char in text
    )


def document(results: Sequence[Result], form: str) -> str:
    """Give results in one of FORMATS. Raises KeyError for another."""
    if form == "json":
        return json.dumps(data(results), indent=2) + "\n"
    return {"table": table, "junit": junit}[form](results)


def write(path: Path, text: str) -> None:
    """Write a document to a file. Raises OSError."""
    path.write_text(text, "utf-8")
