"""What is to go wrong next. Faults are ordered from outside, over HTTP (see `server`); one request uses one up.

Rules: a fault changes how a later call ends, never what was already answered.
"""

from collections import Counter
from enum import StrEnum
from threading import Lock


class Fault(StrEnum):
    """A deployment that SageMaker itself ends badly, or a container of one variant."""

    # UpdateEndpoint succeeds; then an alarm fires, and the endpoint is InService with the old configuration.
    ROLL_BACK_UPDATE = "roll-back-update"
    # CreateEndpoint succeeds; then the container does not pass its health check.
    FAIL_CREATION = "fail-creation"
    # The next request that names a variant beside the first gets what a container says that has no model.
    FAIL_VARIANT = "fail-variant"


class Orders:
    """The faults that were ordered and have not happened yet."""

    def __init__(self) -> None:
        self._waiting: Counter[Fault] = Counter()
        self._lock = Lock()

    def place(self, fault: Fault) -> None:
        with self._lock:
            self._waiting[fault] += 1

    def take(self, fault: Fault) -> bool:
        """Use up one order of `fault`; False when there is none."""
        with self._lock:
            if not self._waiting[fault]:
                return False
            self._waiting[fault] -= 1
            return True


ORDERS = Orders()
