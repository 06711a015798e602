"""Gaps of stock moto in Application Auto Scaling, and what the patches make of them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from . import sagemaker, scaling
from .conftest import Client
from .patching import Replace
from .test_sagemaker import configuration, hosting, serves

VARIANT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/endpoint/variant/primary",
    "ScalableDimension": scaling.INSTANCES,
}


WARM = {**VARIANT, "ScalableDimension": scaling.WARM, "MinCapacity": 1, "MaxCapacity": 2}


def registered(client: Client, **more: Any) -> tuple[Any, str]:
    api = client("application-autoscaling")
    return api, api.register_scalable_target(**VARIANT, MinCapacity=1, MaxCapacity=4, **more)["ScalableTargetARN"]


def test_stock_moto_cannot_scale_what_a_serverless_variant_keeps_warm(client: Client) -> None:
    with pytest.raises(ClientError, match="DesiredProvisionedConcurrency' at 'scalableDimension' failed"):
        client("application-autoscaling").register_scalable_target(**WARM)


def test_what_a_serverless_variant_keeps_warm_is_scaled(client: Client, replace: Replace) -> None:
    scaling.scale_what_is_kept_warm(replace)
    api = client("application-autoscaling")
    api.register_scalable_target(**WARM)
    [target] = api.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["ScalableDimension"] == scaling.WARM


def test_stock_moto_knows_no_tags_of_a_target(client: Client) -> None:
    api, arn = registered(client)
    with pytest.raises(NotImplementedError):
        api.list_tags_for_resource(ResourceARN=arn)


def test_tags_of_a_target_can_be_given_changed_and_taken_away(client: Client, replace: Replace) -> None:
    scaling.tag_scalable_targets(replace)
    api, arn = registered(client, Tags={"team": "growth"})
    api.tag_resource(ResourceARN=arn, Tags={"cost": "1"})
    assert api.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "growth", "cost": "1"}
    api.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert api.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"cost": "1"}


def test_a_scaled_variant_keeps_its_machine_until_it_is_deregistered(client: Client, replace: Replace) -> None:
    """Stock moto has no UpdateEndpoint at all, which `test_sagemaker` shows."""
    sagemaker.update_endpoints(replace)
    scaling.keep_the_machine_of_a_scaled_variant(replace)
    api = hosting(client)
    scaler, _ = registered(client)
    configuration(api, "larger", "ml.m5.2xlarge")
    api.update_endpoint(EndpointName="endpoint", EndpointConfigName="second")
    with pytest.raises(ClientError, match="must be deregistered as scalable targets"):
        api.update_endpoint(EndpointName="endpoint", EndpointConfigName="larger")
    assert serves(api) == "second"
    scaler.deregister_scalable_target(**VARIANT)
    api.update_endpoint(EndpointName="endpoint", EndpointConfigName="larger")
    assert serves(api) == "larger"
