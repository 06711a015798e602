"""Gaps of stock moto in kinds of endpoints, and what the patches make of them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from . import sagemaker, variants
from .conftest import Client
from .patching import Replace
from .test_sagemaker import hosting, serves

PRIMARY = {"VariantName": "primary", "ModelName": "model", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
SHADOW = {**PRIMARY, "VariantName": "shadow", "InitialVariantWeight": 0.05}
SERVERLESS = {
    "VariantName": "primary",
    "ModelName": "model",
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
}
ASYNC = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://bucket/out"}}}


def shadowed(client: Client) -> dict[str, Any]:
    api = hosting(client)
    api.create_endpoint_config(
        EndpointConfigName="shadowed", ProductionVariants=[PRIMARY], ShadowProductionVariants=[SHADOW]
    )
    described: dict[str, Any] = api.describe_endpoint_config(EndpointConfigName="shadowed")
    return described


def test_stock_moto_forgets_shadow_variants(client: Client) -> None:
    assert "ShadowProductionVariants" not in shadowed(client)


def test_shadow_variants_are_described(client: Client, replace: Replace) -> None:
    variants.remember_shadow_variants(replace)
    assert shadowed(client)["ShadowProductionVariants"] == [SHADOW]


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ([PRIMARY, {}], [SERVERLESS, {}], "to a serverless endpoint"),
        ([PRIMARY, {}], [PRIMARY, ASYNC], "AsyncInferenceConfig"),
        ([PRIMARY, ASYNC], [PRIMARY, {}], "AsyncInferenceConfig"),
        ([SERVERLESS, {}], [PRIMARY, {}], ""),
        ([PRIMARY, ASYNC], [PRIMARY, ASYNC], ""),
    ],
)
def test_an_endpoint_keeps_its_kind(
    client: Client, replace: Replace, before: list[Any], after: list[Any], refused: str
) -> None:
    """Stock moto has no UpdateEndpoint at all, which `test_sagemaker` shows."""
    sagemaker.update_endpoints(replace)
    variants.keep_the_kind_of_an_endpoint(replace)
    api = hosting(client)
    for name, (variant, more) in (("before", before), ("after", after)):
        api.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **more)
    api.delete_endpoint(EndpointName="endpoint")
    api.create_endpoint(EndpointName="endpoint", EndpointConfigName="before")
    if not refused:
        api.update_endpoint(EndpointName="endpoint", EndpointConfigName="after")
        assert serves(api) == "after"
        return
    with pytest.raises(ClientError, match=refused):
        api.update_endpoint(EndpointName="endpoint", EndpointConfigName="after")
