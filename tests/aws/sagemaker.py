"""SageMaker hosting: endpoints that can be updated, rolled back or fail, and descriptions that hold what was asked.

Rules: one function a gap, in the order in which a deployment meets them. Moto has no public way to its state and
parameters; its own handlers use the same private names (SLF001).
"""

from functools import cache
from typing import Any

import botocore.session
from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.models import FakeEndpoint, FakeEndpointConfig, SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from .faults import ORDERS, Fault
from .patching import Replace

UNHEALTHY = (
    "The primary container for production variant primary did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)


def describe_without_empty_blocks(replace: Replace) -> None:
    """Moto invents `VpcConfig: {}` and `DataCaptureConfig: {}`; Terraform reads blocks, and no re-plan is empty."""
    for name in ("describe_model", "describe_endpoint_config", "describe_endpoint"):
        replace(SageMakerResponse, name, _without_empty_values(getattr(SageMakerResponse, name)))


def _without_empty_values(stock: Any) -> Any:
    def describe(self: SageMakerResponse) -> ActionResult:
        result = stock(self).result
        return ActionResult({key: value for key, value in result.items() if value not in ({}, [], None)})

    return describe


def isolate_models(replace: Replace) -> None:
    """Moto says that no model is isolated, so Terraform would make an isolated one anew with every plan."""
    create = SageMakerResponse.create_model

    def create_model(self: SageMakerResponse) -> ActionResult:
        answer = create(self)
        made = self.sagemaker_backend._models[self._get_param("ModelName")]  # noqa: SLF001
        made.enable_network_isolation = bool(self._get_param("EnableNetworkIsolation"))
        return answer

    replace(SageMakerResponse, "create_model", create_model)


def accept_every_hosting_instance_type(replace: Replace) -> None:
    """Moto's list ends in 2020; the service model's enumeration is the list that AWS checks against."""

    def validate_instance_type(_self: FakeEndpointConfig, instance_type: str) -> None:
        if instance_type not in _hosting_instance_types():
            message = (
                f"Value '{instance_type}' at 'instanceType' failed to satisfy constraint: no member of the enumeration"
            )
            raise AWSValidationException(message)

    replace(FakeEndpointConfig, "validate_instance_type", validate_instance_type)


@cache
def _hosting_instance_types() -> frozenset[str]:
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape: Any = model.shape_for("ProductionVariantInstanceType")  # the stubs know no enumerations
    return frozenset(shape.enum)


def refuse_names_that_are_taken(replace: Replace) -> None:
    """Moto puts a second model or configuration of one name in the place of the first; AWS refuses it."""
    create_model, create_configuration = (
        SageMakerModelBackend.create_model,
        SageMakerModelBackend.create_endpoint_config,
    )

    def model(self: SageMakerModelBackend, model_name: str, **rest: Any) -> Any:
        _refuse(f"model {model_name}", taken=model_name in self._models)
        return create_model(self, model_name, **rest)

    def configuration(self: SageMakerModelBackend, endpoint_config_name: str, **rest: Any) -> Any:
        _refuse(f"endpoint configuration {endpoint_config_name}", taken=endpoint_config_name in self.endpoint_configs)
        return create_configuration(self, endpoint_config_name, **rest)

    replace(SageMakerModelBackend, "create_model", model)
    replace(SageMakerModelBackend, "create_endpoint_config", configuration)


def _refuse(what: str, *, taken: bool) -> None:
    if taken:
        message = f"Cannot create already existing {what}."
        raise AWSValidationException(message)


def remember_the_deployment_configuration(replace: Replace) -> None:
    """Moto drops `DeploymentConfig`, so Terraform would see its block vanish."""
    create, describe = SageMakerResponse.create_endpoint, SageMakerResponse.describe_endpoint

    def create_endpoint(self: SageMakerResponse) -> ActionResult:
        answer = create(self)
        endpoint = _endpoint(self)
        _remember(self, endpoint)
        if ORDERS.take(Fault.FAIL_CREATION):
            vars(endpoint).update(endpoint_status="Failed", failure_reason=UNHEALTHY)
        return answer

    def describe_endpoint(self: SageMakerResponse) -> ActionResult:
        result: Any = describe(self).result
        deployment = getattr(_endpoint(self), "stand_in_deployment", None)
        return ActionResult({**result, **({"LastDeploymentConfig": deployment} if deployment else {})})

    replace(SageMakerResponse, "create_endpoint", create_endpoint)
    replace(SageMakerResponse, "describe_endpoint", describe_endpoint)


def update_endpoints(replace: Replace) -> None:
    """Moto has no UpdateEndpoint. As at AWS, the update needs the configuration it leaves and the one it goes to."""

    def update_endpoint(self: SageMakerResponse) -> ActionResult:
        backend, name = self.sagemaker_backend, self._get_param("EndpointConfigName")
        backend.describe_endpoint(self._get_param("EndpointName"))
        endpoint = _endpoint(self)
        backend.describe_endpoint_config(endpoint.endpoint_config_name)
        variants = backend.describe_endpoint_config(name)["ProductionVariants"]
        if not ORDERS.take(Fault.ROLL_BACK_UPDATE):
            endpoint.endpoint_config_name = name
            endpoint.production_variants = endpoint._process_production_variants(variants)  # noqa: SLF001
            vars(endpoint).update(endpoint_status="InService", failure_reason=None)
            _remember(self, endpoint)
        return ActionResult({"EndpointArn": endpoint.arn})

    replace(SageMakerResponse, "update_endpoint", update_endpoint)


def _endpoint(response: SageMakerResponse) -> FakeEndpoint:
    return response.sagemaker_backend.endpoints[response._get_param("EndpointName")]  # noqa: SLF001


def _remember(response: SageMakerResponse, endpoint: FakeEndpoint) -> None:
    deployment = response._get_param("DeploymentConfig")  # noqa: SLF001
    if deployment:
        vars(endpoint)["stand_in_deployment"] = deployment
