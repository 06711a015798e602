"""``docs/decisions.md``: every decision of a plan, what it is, and how it came out for the examples.

What a decision is stands beside its field in ``byocgen.plan.plan``; values, reasons and sources are those of the plans
of ``examples/``, so that the page says nothing that the code does not do.
"""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_type_hints

from byocgen import present, workflow
from byocgen.plan import plan as subjects
from byocgen.plan.chain import anchor
from byocgen.plan.decision import Decision
from byocgen.plan.plan import Plan

EXAMPLES = Path(__file__).parents[2] / "examples"
MOST_EXAMPLES = 3
LONGEST_VALUE = 60
INTRODUCTION = """`byocgen explain` shows these for your project: one row each, or with a key all that the value follows from.
`byocgen explain --json` has them as `decisions`, by key: `value`, `reason`, `source`, the keys in `because` and the
`facts` (`text`, `source`) that it follows from, and the section of this page as `docs`. Below: what each one is, and what
became of it in the projects of [examples](../examples).
"""


def page(generated: str) -> str:
    """The whole page."""
    plans = example_plans()
    parts = [f"# Decisions\n\n{generated}\n{INTRODUCTION}"]
    for subject in fields(Plan):
        of, name = kind(get_type_hints(Plan)[subject.name]), subject.name.rstrip("_")
        described = descriptions(of)
        parts.append(f"## {name}\n\n{inspect.getdoc(of)}\n")
        parts += [section(f"{name}.{field.name}", described.get(field.name, ""), plans) for field in fields(of)]
    return "\n".join(parts)


def kind(hint: Any) -> type:
    """The subject's own type, also of one that some plans lack."""
    named = [one for one in get_args(hint) if one is not type(None)] or [hint]
    of: type = getattr(subjects, named[0].__name__)
    return of


def example_plans() -> dict[str, dict[str, Decision[Any]]]:
    """The decisions of every example that makes a plan, by its name."""
    manifests = sorted([*EXAMPLES.glob("*/byocgen.yaml"), *EXAMPLES.glob("manifests/*.yaml")])
    return {str(path): dict(workflow.generate(path.read_bytes(), path.name).plan.decisions()) for path in manifests}


def descriptions(subject: type) -> dict[str, str]:
    """The text that stands below each field of a subject, where there is one."""
    found: dict[str, str] = {}
    for definition in ast.parse(inspect.getsource(subject)).body:
        lines = definition.body if isinstance(definition, ast.ClassDef) else []
        for field, text in pairwise(lines):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                found[field.target.id] = " ".join(str(ast.literal_eval(text.value)).split())
    return found


def section(key: str, what: str, plans: dict[str, dict[str, Decision[Any]]]) -> str:
    """One decision: what it is, what it follows from, how it came out."""
    decisions = [known[key] for known in plans.values() if key in known]
    causes = dict.fromkeys(cause for one in decisions for cause in one.because if isinstance(cause, str))
    lines = [f"### `{key}`\n"]
    lines += [f"{what}\n"] if what else []
    if causes:
        lines.append(f"Follows from {', '.join(f'[`{cause}`](#{anchor(cause)})' for cause in causes)}.\n")
    lines += [f"- {line}" for line in dict.fromkeys(outcomes(decisions))]
    return "\n".join(lines) + "\n"


def outcomes(decisions: list[Decision[Any]]) -> Iterator[str]:
    """The first values with another reason than those before, each with its source."""
    reasons: set[str] = set()
    for one in decisions:
        if one.reason not in reasons and len(reasons) < MOST_EXAMPLES:
            reasons.add(one.reason)
            value = present.short(present.plain(one.value))
            shown = value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}..."
            yield (f"`{shown}`: " if shown else "empty: ") + f"{one.reason} (from {one.source})".replace("|", "\\|")
