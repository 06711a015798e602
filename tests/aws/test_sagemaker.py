"""Each gap of stock moto in SageMaker hosting, and what the patch makes of it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from . import sagemaker
from .conftest import Client
from .faults import ORDERS, Fault
from .patching import Replace

ROLE = "arn:aws:iam::123456789012:role/execution"
DEPLOYMENT = {
    "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300}},
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


def model(api: Any, name: str) -> None:
    api.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})


def configuration(api: Any, name: str, instance_type: str = "ml.m5.xlarge") -> None:
    variant = {"VariantName": "primary", "ModelName": "model", "InstanceType": instance_type, "InitialInstanceCount": 1}
    api.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])


def hosting(client: Client) -> Any:
    """An account with a model, the configurations `first` and `second`, and an endpoint that serves the first."""
    api = client("sagemaker")
    model(api, "model")
    configuration(api, "first")
    configuration(api, "second")
    api.create_endpoint(EndpointName="endpoint", EndpointConfigName="first", DeploymentConfig=DEPLOYMENT)
    return api


def serves(api: Any) -> str:
    return str(api.describe_endpoint(EndpointName="endpoint")["EndpointConfigName"])


def test_stock_moto_invents_empty_blocks(client: Client) -> None:
    api = hosting(client)
    assert api.describe_model(ModelName="model")["VpcConfig"] == {}
    assert "DataCaptureConfig" in api.describe_endpoint(EndpointName="endpoint")


def test_empty_blocks_are_left_out(client: Client, replace: Replace) -> None:
    sagemaker.describe_without_empty_blocks(replace)
    api = hosting(client)
    assert "VpcConfig" not in api.describe_model(ModelName="model")
    assert "DataCaptureConfig" not in api.describe_endpoint(EndpointName="endpoint")


def isolated(client: Client) -> bool:
    api = client("sagemaker")
    container = {"Image": "image"}
    api.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer=container, EnableNetworkIsolation=True)
    return bool(api.describe_model(ModelName="model")["EnableNetworkIsolation"])


def test_stock_moto_isolates_no_model(client: Client) -> None:
    assert not isolated(client)


def test_a_model_is_isolated(client: Client, replace: Replace) -> None:
    sagemaker.isolate_models(replace)
    assert isolated(client)


def test_stock_moto_refuses_machines_that_exist(client: Client) -> None:
    with pytest.raises(ClientError, match="failed to satisfy constraint"):
        configuration(client("sagemaker"), "first", "ml.m6g.xlarge")


@pytest.mark.parametrize("instance_type", ["ml.m6g.xlarge", "ml.g6.2xlarge", "ml.p5.48xlarge"])
def test_machines_that_exist_are_accepted(client: Client, replace: Replace, instance_type: str) -> None:
    sagemaker.accept_every_hosting_instance_type(replace)
    api = client("sagemaker")
    model(api, "model")
    configuration(api, "first", instance_type)
    [variant] = api.describe_endpoint_config(EndpointConfigName="first")["ProductionVariants"]
    assert variant["InstanceType"] == instance_type


def test_machines_that_do_not_exist_are_refused(client: Client, replace: Replace) -> None:
    sagemaker.accept_every_hosting_instance_type(replace)
    with pytest.raises(ClientError, match=r"ml\.m7g\.xlarge.*failed to satisfy constraint"):
        configuration(client("sagemaker"), "first", "ml.m7g.xlarge")


def test_stock_moto_takes_a_name_twice(client: Client) -> None:
    api = hosting(client)
    model(api, "model")
    configuration(api, "first")


def test_a_name_that_is_taken_is_refused(client: Client, replace: Replace) -> None:
    sagemaker.refuse_names_that_are_taken(replace)
    api = hosting(client)
    with pytest.raises(ClientError, match="Cannot create already existing model model"):
        model(api, "model")
    with pytest.raises(ClientError, match="Cannot create already existing endpoint configuration first"):
        configuration(api, "first")


def test_stock_moto_forgets_the_deployment_configuration(client: Client) -> None:
    assert "LastDeploymentConfig" not in hosting(client).describe_endpoint(EndpointName="endpoint")


def test_the_deployment_configuration_is_described(client: Client, replace: Replace) -> None:
    sagemaker.remember_the_deployment_configuration(replace)
    described = hosting(client).describe_endpoint(EndpointName="endpoint")
    assert described["LastDeploymentConfig"] == DEPLOYMENT


def test_an_endpoint_fails_to_start_when_that_was_ordered(client: Client, replace: Replace) -> None:
    sagemaker.remember_the_deployment_configuration(replace)
    ORDERS.place(Fault.FAIL_CREATION)
    described = hosting(client).describe_endpoint(EndpointName="endpoint")
    assert described["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in described["FailureReason"]


def test_stock_moto_cannot_update_an_endpoint(client: Client) -> None:
    api = hosting(client)
    with pytest.raises(NotImplementedError):
        api.update_endpoint(EndpointName="endpoint", EndpointConfigName="second")


def test_an_update_changes_what_the_endpoint_serves(client: Client, replace: Replace) -> None:
    sagemaker.update_endpoints(replace)
    api = hosting(client)
    api.update_endpoint(EndpointName="endpoint", EndpointConfigName="second")
    assert serves(api) == "second"


@pytest.mark.parametrize("deleted", ["first", "second"])
def test_an_update_needs_both_configurations(client: Client, replace: Replace, deleted: str) -> None:
    sagemaker.update_endpoints(replace)
    api = hosting(client)
    api.delete_endpoint_config(EndpointConfigName=deleted)
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        api.update_endpoint(EndpointName="endpoint", EndpointConfigName="second")


def test_an_ordered_rollback_is_silent_and_happens_once(client: Client, replace: Replace) -> None:
    sagemaker.update_endpoints(replace)
    api = hosting(client)
    ORDERS.place(Fault.ROLL_BACK_UPDATE)
    api.update_endpoint(EndpointName="endpoint", EndpointConfigName="second")
    assert serves(api) == "first"
    api.update_endpoint(EndpointName="endpoint", EndpointConfigName="second")
    assert serves(api) == "second"
