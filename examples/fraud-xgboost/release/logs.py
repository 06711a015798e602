"""The end of what containers wrote, for whoever reads a pipeline's output and has no console of AWS at hand.

Rules: a log that is not there, or that these credentials may not read, is no failure of its own: nothing is shown, and the
command that reads it is told in any case.
"""

import sys
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .aws import Account
from .stack import Stack

_LINES = 20
_STREAMS = 5  # a stream a machine; those that wrote last


def of(target: Stack, job: str = "") -> str:
    """Show the end of the log on stderr, of all containers or of a job's; say the command that reads it."""
    for line in _end(target, job):
        print(line, file=sys.stderr)
    only = f" --log-stream-name-prefix {job}" if job else ""
    return f"its log: aws logs tail {target.log_group} --region {target.region} --since 1h{only}"


def _end(target: Stack, job: str) -> list[str]:
    logs, group = Account(target).client("logs"), target.log_group
    which: dict[str, Any] = {"logStreamNamePrefix": job} if job else {"orderBy": "LastEventTime", "descending": True}
    try:
        streams = logs.describe_log_streams(logGroupName=group, limit=_STREAMS, **which)["logStreams"]
        names = [stream["logStreamName"] for stream in streams]
        answers = [logs.get_log_events(logGroupName=group, logStreamName=name, limit=_LINES) for name in names]
    except (BotoCoreError, ClientError):
        return []
    lines = [(event["timestamp"], event["message"].rstrip()) for answer in answers for event in answer["events"]]
    return [message for _, message in sorted(lines)[-_LINES:]]
