"""How the release flow fails: one exception, worded where the cause is known, printed by `__main__` as one line."""

USAGE = 2  # something has to be installed, made, permitted or run first
DEPLOYMENT = 1  # everything was in order, and the deployment itself failed
INTERRUPTED = 130  # as a shell reports SIGINT


class ReleaseError(Exception):
    """The message says what to change; `status` becomes the exit status."""

    def __init__(self, message: str, status: int = USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class ApplyError(ReleaseError):
    """Terraform began to change things and did not get to the end."""


class RefusedError(Exception):
    """What the container answered instead of a prediction, in its own words."""
