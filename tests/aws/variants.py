"""Kinds of endpoints: shadow variants, and the updates from one kind to another that SageMaker refuses."""

from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.responses import SageMakerResponse

from .patching import Replace


def remember_shadow_variants(replace: Replace) -> None:
    """Moto drops `ShadowProductionVariants`, so Terraform would see its block vanish."""
    create, describe = SageMakerResponse.create_endpoint_config, SageMakerResponse.describe_endpoint_config

    def create_endpoint_config(self: SageMakerResponse) -> ActionResult:
        answer = create(self)
        configuration = self.sagemaker_backend.endpoint_configs[self._get_param("EndpointConfigName")]
        vars(configuration)["stand_in_shadows"] = self._get_param("ShadowProductionVariants")
        return answer

    def describe_endpoint_config(self: SageMakerResponse) -> ActionResult:
        result: Any = describe(self).result
        configuration = self.sagemaker_backend.endpoint_configs[self._get_param("EndpointConfigName")]
        shadows = getattr(configuration, "stand_in_shadows", None)
        return ActionResult({**result, **({"ShadowProductionVariants": shadows} if shadows else {})})

    replace(SageMakerResponse, "create_endpoint_config", create_endpoint_config)
    replace(SageMakerResponse, "describe_endpoint_config", describe_endpoint_config)


def keep_the_kind_of_an_endpoint(replace: Replace) -> None:
    """No endpoint becomes serverless, and none becomes or stops being asynchronous. Comes after `update_endpoints`."""
    update = SageMakerResponse.update_endpoint  # type: ignore[attr-defined]  # moto has none

    def update_endpoint(self: SageMakerResponse) -> ActionResult:
        configurations = self.sagemaker_backend.endpoint_configs
        endpoint = self.sagemaker_backend.endpoints.get(self._get_param("EndpointName"))
        before = configurations.get(endpoint.endpoint_config_name) if endpoint else None
        after = configurations.get(self._get_param("EndpointConfigName"))
        if before and after:
            if bool(before.async_inference_config) != bool(after.async_inference_config):
                message = "The AsyncInferenceConfig parameter cannot be added to or removed from this endpoint."
                raise AWSValidationException(message)
            if _serverless(after) and not _serverless(before):
                message = "Cannot update an endpoint with instances to a serverless endpoint."
                raise AWSValidationException(message)
        answer: ActionResult = update(self)
        return answer

    replace(SageMakerResponse, "update_endpoint", update_endpoint)


def _serverless(configuration: Any) -> bool:
    return any("ServerlessConfig" in variant for variant in configuration.production_variants)
