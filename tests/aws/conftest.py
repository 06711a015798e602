"""Fixtures of the stand-in's own tests: stock moto in this process, and clients of it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from moto import mock_aws

from .patching import Replace

Client = Callable[[str], Any]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """`client("s3")` of an empty account in moto as it is shipped, until the test applies a patch."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "STAND_IN_REGISTRY", "STAND_IN_CONTAINER"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield lambda service: boto3.client(service, region_name="us-east-1")


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """What a patch is applied with, here for one test; moto may lack the method altogether."""
    return partial(monkeypatch.setattr, raising=False)
