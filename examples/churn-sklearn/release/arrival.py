"""What AWS copies from the default region to another one, awaited: replication says nothing when it is done."""

import sys
import time
from collections.abc import Callable

from .failures import DEPLOYMENT, ReleaseError

_EVERY_SECONDS = 5
_MINUTES = 30  # most images and models are there within a minute; S3 promises fifteen for nearly all


def wait(what: str, arrived: Callable[[], bool]) -> None:
    """Return when it is there."""
    until = time.monotonic() + _MINUTES * 60
    told = False
    while not arrived():
        if time.monotonic() > until:
            raise ReleaseError(f"{what} was not replicated in {_MINUTES} minutes: run the command again", DEPLOYMENT)
        if not told:
            print(f"waiting until {what} is replicated", file=sys.stderr)
            told = True
        time.sleep(_EVERY_SECONDS)
