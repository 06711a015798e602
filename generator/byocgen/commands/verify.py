"""`byocgen verify`: the conformance suite against a server, a command, an image or a generated project."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from byocgen import present
from byocgen.errors import ToolError, UsageError
from byocgen.verify import report, suite
from byocgen.verify.asked import Asked, options
from byocgen.verify.options import UnusableError
from byocgen.verify.rule import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from byocgen.verify.rule import Result


def show(*, as_json: bool) -> None:
    """List every check."""
    rules = suite.checks()
    if as_json:
        present.put_json({"checks": [report.rule_data(rule) for rule in rules]})
    else:
        present.put(report.listing(rules))


def run(given: Mapping[str, Any], form: str, output: Path | None) -> int:
    """Run the suite as the command line's options say, show the results, and return 1 where a rule is broken.

    Raises:
        UsageError: the options cannot be.
        ToolError: the server, docker or a file could not be had.
    """
    if form not in report.FORMATS:
        raise UsageError(f"--format {form}: there is none", f"one of {', '.join(report.FORMATS)}")
    try:
        results = suite.run_all(options(_asked(given)), _progress)
    except UnusableError as error:
        raise UsageError(str(error), error.hint) from error
    except OSError as error:
        raise ToolError(f"the suite could not run: {error}") from error
    if output is not None:
        _write(output, report.document(results, form))
    if form == "table" or output is not None:
        _table(results)
    else:
        present.put(report.document(results, form))
    return report.exit_code(results)


def _asked(given: Mapping[str, Any]) -> Asked:
    values = {field.name: given[field.name] for field in fields(Asked)}
    several = {name: tuple(values[name] or ()) for name in ("models", "environ", "only", "skip")}
    return Asked(**{**values, **several})


def _progress(one: Result) -> None:
    """Say on a terminal which check is done: the whole suite takes half a minute."""
    present.progress(f"{one.rule.code} {report.WORDS[one.status]}")


def _write(path: Path, text: str) -> None:
    try:
        report.write(path, text)
    except OSError as error:
        raise ToolError(f"{path} cannot be written: {error.strerror}", "--output names a file") from error


def _table(results: Sequence[Result]) -> None:
    if present.table_width() < present.NARROWEST_TABLE:
        present.put(report.table(results))
        return
    shown = [one for one in results if one.status is not Status.SKIPPED]
    if shown:
        present.findings([(one.rule.code, report.WORDS[one.status], one.rule.title, _seen(one)) for one in shown])
    present.put(f"\n{report.skips(results)}\n{report.summary(results)}\n")


def _seen(one: Result) -> str:
    return one.seen if one.status is Status.PASSED else f"{one.seen}\nfix: {one.rule.fix}\n{one.rule.source}"
