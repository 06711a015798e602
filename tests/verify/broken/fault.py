"""Starts one broken server: `python fault.py NAME serve`. Each is `reference.py` with one thing changed."""

from __future__ import annotations

import sys
from typing import Any

import answers
import endpoints
import life
import reference

FAULTS: dict[str, Any] = {
    name: thing
    for module in (life, answers, endpoints)
    for name, thing in vars(module).items()
    if callable(thing) and getattr(thing, "__module__", "") == module.__name__
}


def main() -> None:
    """Run the fault that the first argument names."""
    fault = FAULTS[sys.argv.pop(1)]
    if isinstance(fault, type):
        reference.serve(fault)
    else:
        fault()


if __name__ == "__main__":
    main()
