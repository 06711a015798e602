"""Encryption at rest in each of the three ways, as planned; the life of a stack applies the first."""

from collections.abc import Mapping
from typing import Any

from tests.aws.stand_in import StandIn

from .conftest import NewStack

REPOSITORY, BUCKET, LOGS = (
    "module.use1.module.ecr.aws_ecr_repository.this",
    "module.use1.module.s3.aws_s3_bucket_server_side_encryption_configuration.this",
    "module.use1.aws_cloudwatch_log_group.this",
)
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def encryption(planned: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Of the images, the models and the logs."""
    [images] = planned[REPOSITORY]["encryption_configuration"]
    [models] = planned[BUCKET]["rule"]
    [default] = models["apply_server_side_encryption_by_default"]
    return (
        (images["encryption_type"], images.get("kms_key")),
        (default["sse_algorithm"], default.get("kms_master_key_id"), models["bucket_key_enabled"]),
        planned[LOGS].get("kms_key_id"),
    )


def test_keys_that_aws_owns(new_stack: NewStack, aws: StandIn) -> None:
    planned = new_stack(aws.environment(), security={"kms": "aws"}).planned()
    assert "module.use1.aws_kms_key.this[0]" not in planned
    # the provider plans "" for no key of a bucket
    assert encryption(planned) == (("AES256", None), ("AES256", "", False), None)


def test_a_key_that_exists(new_stack: NewStack, aws: StandIn) -> None:
    planned = new_stack(aws.environment(), security={"kms": KEY}).planned()
    assert "module.use1.aws_kms_key.this[0]" not in planned
    assert encryption(planned) == (("KMS", KEY), ("aws:kms", KEY, True), KEY)
