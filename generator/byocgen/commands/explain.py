"""`byocgen explain`: the plan, with the reason and the source of each value; of one value, all that it follows from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen import disk, explanation, lock, present, workflow
from byocgen.diagnostics import did_you_mean
from byocgen.errors import UsageError
from byocgen.render.render import MANIFEST

if TYPE_CHECKING:
    from pathlib import Path


def run(project: Path, key: str, *, as_json: bool) -> None:
    """Show the decisions at `key`, or all of them.

    Raises:
        UsageError: no decision is called `key`.
    """
    path = project / MANIFEST
    pins = lock.pins(disk.read_lock(project))
    made = workflow.generate(disk.read_manifest(path), str(path), project, disk.read_prices(project), pins=pins)
    rows = present.explain_data(made.plan, key)
    if not rows:
        known = list(present.explain_data(made.plan))
        hint = did_you_mean(key, known) or f"the keys are: {', '.join(known)}"
        raise UsageError(f'there is no decision "{key}"', hint)
    if as_json:
        present.put_json({"decisions": rows, "diagnostics": present.diagnostics_data(made.warnings)})
        return
    present.warn(made.warnings)
    if key in rows:
        present.put(explanation.chain(made.plan, key, present.table_width()))
    else:
        present.explain(rows)
