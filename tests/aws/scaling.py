"""Application Auto Scaling: tags of scalable targets, and the rule that ties a scaled variant to its machine."""

import json
from enum import Enum
from typing import Any

from moto.applicationautoscaling import models, responses
from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.responses import SageMakerResponse

from .patching import Replace

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
WARM = "sagemaker:variant:DesiredProvisionedConcurrency"


def scale_what_is_kept_warm(replace: Replace) -> None:
    """Moto's dimensions end before that of serverless variants."""
    known = {one.name: one.value for one in models.ScalableDimensionValueSet}
    extended = Enum("ScalableDimensionValueSet", {**known, "SAGEMAKER_VARIANT_PROVISIONED_CONCURRENCY": WARM})  # type: ignore[misc]
    for module in (models, responses):
        replace(module, "ScalableDimensionValueSet", extended)


def tag_scalable_targets(replace: Replace) -> None:
    """Moto has no ListTagsForResource, which the provider calls for every target, and forgets the tags given."""
    tags: dict[str, dict[str, str]] = {}
    register = ApplicationAutoScalingResponse.register_scalable_target

    def register_scalable_target(self: ApplicationAutoScalingResponse) -> str:
        answer = register(self)
        tags.setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
        return answer

    def list_tags_for_resource(self: ApplicationAutoScalingResponse) -> str:
        return json.dumps({"Tags": tags.get(self._get_param("ResourceARN"), {})})

    def tag_resource(self: ApplicationAutoScalingResponse) -> str:
        tags.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self: ApplicationAutoScalingResponse) -> str:
        for key in self._get_param("TagKeys"):
            tags.get(self._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    for method in (register_scalable_target, list_tags_for_resource, tag_resource, untag_resource):
        replace(ApplicationAutoScalingResponse, method.__name__, method)


def keep_the_machine_of_a_scaled_variant(replace: Replace) -> None:
    """AWS refuses another instance type for a variant that is a scalable target. Comes after `update_endpoints`."""
    update = SageMakerResponse.update_endpoint  # type: ignore[attr-defined]  # moto has none

    def update_endpoint(self: SageMakerResponse) -> ActionResult:
        backend, name = self.sagemaker_backend, self._get_param("EndpointName")
        now = backend.endpoints[name].endpoint_config_name if name in backend.endpoints else None
        if now in backend.endpoint_configs:
            before, after = (_machines(backend, one) for one in (now, self._get_param("EndpointConfigName")))
            scaled = _scaled(self, name)
            changed = [variant for variant in before if variant in scaled and after.get(variant) != before[variant]]
            if changed:
                message = (
                    f"The variant(s) {changed} must be deregistered as scalable targets with AWS Auto Scaling prior to "
                    "removal or update."
                )
                raise AWSValidationException(message)
        answer: ActionResult = update(self)
        return answer

    replace(SageMakerResponse, "update_endpoint", update_endpoint)


def _machines(backend: Any, configuration: str) -> dict[str, str | None]:
    variants = backend.describe_endpoint_config(configuration)["ProductionVariants"]
    return {variant["VariantName"]: variant.get("InstanceType") for variant in variants}


def _scaled(response: SageMakerResponse, endpoint: str) -> set[str]:
    backend = applicationautoscaling_backends[response.current_account][response.region]
    targets = backend.describe_scalable_targets("sagemaker", None, INSTANCES)
    parts = [target.resource_id.split("/") for target in targets]  # endpoint/NAME/variant/VARIANT
    return {variant for _, name, _, variant in parts if name == endpoint}
