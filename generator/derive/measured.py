"""``measured.json``: what each tuning rule of the plan is worth, from the committed run of the benchmarks.

A row is byocgen as the plan has it beside byocgen with that one setting changed, under the same load in the same rounds.
"""

import json
import sys
from pathlib import Path
from typing import Any

from derive.outputs import CATALOG, Output, rows_document, run

DATA = CATALOG / "data" / "measured.json"
REPORT = Path(__file__).parents[2] / "benchmarks" / "report" / "results.json"
FRAMEWORKS = {
    "logistic": "sklearn",
    "forest": "sklearn",
    "xgboost": "xgboost",
    "classifier": "transformers",
}
"""The framework of each of the benchmarks' models."""


def derive(derived: str) -> list[Output]:
    """One output: the rows of the run in its order."""
    report = json.loads(REPORT.read_text("utf-8"))
    source = f"benchmarks/REPORT.md, tuning: {report['machine']}, {report['day']}"
    return [Output(DATA, rows_document(source, derived, tuning=[_row(one) for one in report["tuning"]]))]


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "rule": one["rule"],
        "framework": FRAMEWORKS[one["workload"].partition(",")[0]],
        "load": f"{one['workload']}, {one['connections']} connection{'s' * (one['connections'] > 1)}",
        "chosen": one["chosen"],
        "other": one["other"],
        "ratio": float(f"{one['chosen_rps'] / one['other_rps']:.2g}"),
    }


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
