"""What only some modes and features have: values of the stack's variables, and `release.toml`, which the release flow reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from byocgen.render.encode import MANAGED, comment, toml_value
from byocgen.render.tree import File, text_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from byocgen.plan.decision import Decision
    from byocgen.plan.plan import Plan, ScalingPlan

MIB = 1024 * 1024
_JOB = ("content_type", "split", "strategy", "join_input", "encrypt_volume")


def values(plan: Plan) -> Mapping[str, Decision[Any]]:
    """Return what the plan has of them, by the variable's name."""
    found: dict[str, Decision[Any]] = {}
    if plan.serverless is not None:
        found |= {
            "memory_mib": plan.serverless.memory_mib,
            "max_concurrency": plan.serverless.max_concurrency,
            "provisioned_concurrency": plan.serverless.provisioned_concurrency,
        }
    if plan.async_ is not None:
        found |= {
            "max_concurrent_per_instance": plan.async_.max_concurrent_per_instance,
            "notify_email": plan.async_.notify_email,
        }
    if plan.batch is not None:
        found |= {"transform_input": plan.batch.reads, "transform_output": plan.batch.writes}
    if plan.variants is not None:
        found |= {"variants": plan.variants.further}
    if plan.shadow is not None:
        found |= {"shadow_instance_type": plan.shadow.instance_type, "shadow_percent": plan.shadow.sample_percent}
    if plan.containers is not None:
        found |= {"containers_before": plan.containers.before, "containers_after": plan.containers.after}
    return {**found, **_scaling(plan.scaling), "artifact": plan.model.artifact}


def _scaling(scaling: ScalingPlan | None) -> dict[str, Decision[Any]]:
    if scaling is None:
        return {}
    return {
        "min_capacity": scaling.min,
        "max_capacity": scaling.max,
        "scaling_target": scaling.target,
        "scale_out_cooldown_seconds": scaling.scale_out_cooldown_seconds,
        "scale_in_cooldown_seconds": scaling.scale_in_cooldown_seconds,
        "scaling_schedule": scaling.schedule,
    }


def release(plan: Plan) -> Iterator[File]:
    """Encode what the release flow is told beside the stack's outputs, where the mode or the artifact asks for it."""
    artifact, batch = plan.model.artifact, plan.batch
    lines = [f"# {MANAGED}", ""]
    if plan.stack.mode.value == "multi-model" or artifact.value.startswith("s3://"):
        lines += [_line("artifact", artifact), ""]
    if batch is not None:
        payload = plan.serving.max_payload_bytes
        lines += [
            "[transform]",
            _line("instance_type", plan.stack.instance_type),
            _line("instance_count", plan.stack.instance_count),
            *([_line("ami_version", plan.stack.ami_version)] if plan.stack.ami_version.value else []),
            *(_line(name, getattr(batch, name)) for name in _JOB),
            f"max_concurrent = {batch.max_concurrent.value or 0}  # {comment(batch.max_concurrent.reason)}",
            f"max_payload_mib = {payload.value // MIB}  # {comment(payload.reason)}",
            _line("timeout_seconds", batch.timeout_seconds),
        ]
    names = [*(plan.variants.further.value if plan.variants else ()), *(("shadow",) if plan.shadow else ())]
    if names:
        lines += ["[candidates]", f"variants = {toml_value(names)}  # beside primary; `make candidate` knows them", ""]
    if len(lines) > 2:
        yield text_file("release.toml", "\n".join(lines).rstrip("\n") + "\n")


def _line(name: str, decision: Decision[Any]) -> str:
    return f"{name} = {toml_value(decision.value)}  # {comment(decision.reason)}"
