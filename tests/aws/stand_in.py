"""A running stand-in: starts the server as its own process, hands out clients and environments, stops it.

Rules: an object of this class is a server that listens; nothing of the machine's own AWS configuration reaches it.
"""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from . import ecr, runtime
from .faults import Fault

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT_ID = "123456789012"  # moto's


@dataclass(frozen=True)
class StandIn:
    """The address of a server that listens, and how to speak to it."""

    url: str

    def environment(self) -> dict[str, str]:
        """The machine's environment with every AWS setting replaced, for a child process that speaks to AWS."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return kept | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client that gives up soon; typed `Any` because boto3 makes its classes as it runs."""
        session = boto3.Session("testing", "testing", region_name=region)
        config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
        return session.client(service, endpoint_url=self.url, config=config)

    def order(self, fault: Fault) -> None:
        """Make the next deployment of that kind end badly."""
        request = urllib.request.Request(f"{self.url}/_stand_in/{fault}", method="POST")  # noqa: S310 - http on the loopback device
        urllib.request.urlopen(request).close()  # noqa: S310 - as above


@contextmanager
def started(*, registry: str | None = None, container: str | None = None) -> Iterator[StandIn]:
    """A server on a free port until the block ends.

    `registry` ("localhost:5000") is where ECR repositories are said to be; `container` ("http://127.0.0.1:8080")
    answers invocations.
    """
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    for variable, value in ((ecr.VARIABLE, registry), (runtime.VARIABLE, container)):
        environment.pop(variable, None)
        if value:
            environment[variable] = value
    command = [sys.executable, "-m", "tests.aws.server", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                message = f"the AWS stand-in did not start (exit status {process.wait()}); what it printed stands above"
                raise RuntimeError(message)
            yield StandIn(url)
        finally:
            process.terminate()
            process.wait(timeout=10)
