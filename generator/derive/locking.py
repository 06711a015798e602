"""The settings every resolution shares: which uv, as of which day.

``locking.json`` records both, so that a resolution can be repeated. A package released after ``exclude_newer`` does not
exist for it; moving the day forward is how locks are refreshed.
"""

import json
import sys
from dataclasses import dataclass

from derive.outputs import CATALOG

DATA = CATALOG / "data" / "locking.json"
UV = (sys.executable, "-m", "uv")


@dataclass(frozen=True, slots=True)
class Settings:
    """``exclude_newer`` is an RFC 3339 time."""

    uv_version: str
    exclude_newer: str


def read_settings() -> Settings:
    """The committed settings."""
    document = json.loads(DATA.read_text("utf-8"))
    return Settings(document["uv_version"], document["exclude_newer"])
