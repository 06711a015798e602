"""The files of a project that are encoded values: each value with its reason beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from byocgen.render.encode import comment, hcl_string, hcl_value, toml_string, toml_value
from byocgen.render.tree import File, Ownership, text_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog
    from byocgen.manifest.model import Manifest
    from byocgen.plan.decision import Decision
    from byocgen.plan.plan import Plan

TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
"""PyTorch's own index of the builds for CPUs (pytorch.org, Get Started)."""
_MANAGED = "Written by byocgen from byocgen.yaml. Change the manifest, not this file."


def files(manifest: Manifest, plan: Plan, catalog: Catalog) -> Iterator[File]:
    """Encode every data file of the project."""
    yield text_file("serving.toml", serving_toml(manifest, plan))
    yield text_file("terraform/terraform.tfvars", tfvars(plan))
    yield text_file("terraform/versions.tf", versions_tf(plan))
    yield text_file("terraform/release.auto.tfvars.json", _release(), Ownership.SEEDED)
    yield from _requirements(manifest, plan, catalog)
    yield from _torch(plan)


def serving_toml(manifest: Manifest, plan: Plan) -> str:
    """Write what the app reads at start."""
    serving, image = plan.serving, plan.image
    lines = [
        f"# {_MANAGED}",
        "",
        "[model]",
        f"name = {toml_string(plan.names.endpoint.value)}",
        f"framework = {toml_string(manifest.model.framework)}",
        _toml_line("framework_version", image.framework_version),
        _toml_line("python", image.python),
        *([_toml_line("task", plan.model.task)] if manifest.model.framework == "transformers" else []),
        "",
        "[server]",
        *(
            _toml_line(name, getattr(serving, name))
            for name in (
                "workers", "threads", "blas_threads", "queue_size", "timeout_seconds", "max_payload_bytes",
                "drain_seconds", "stream",
            )
        ),
    ]  # fmt: skip
    if serving.inputs.value:
        lines += ["", f"# {comment(serving.inputs.reason)}"]
    for column in serving.inputs.value:
        lines += ["[[inputs]]", f"name = {toml_string(column.name)}", f'type = "{column.type}"']
        lines += [f"values = {toml_value(column.values)}"] if column.values is not None else []
        lines += [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _toml_line(name: str, decision: Decision[Any]) -> str:
    return f"{name} = {toml_value(decision.value)}  # {comment(decision.reason)}"


def tfvars(plan: Plan) -> str:
    """Write terraform.tfvars: every variable of the root stack but those of a release, each with its reason."""
    names, stack = plan.names, plan.stack
    decisions: dict[str, Decision[Any]] = {
        "name": names.endpoint,
        "repository_name": names.repository,
        "bucket_prefix": names.bucket_prefix,
        "role_name": names.role,
        "region": stack.region,
        "tags": stack.tags,
        "kms": stack.kms,
        "instance_type": stack.instance_type,
        "instance_count": stack.instance_count,
        "volume_size_gib": stack.volume_size_gib,
        "environment": plan.serving.environment,
        "startup_health_check_timeout_seconds": stack.startup_health_check_timeout_seconds,
        "model_download_timeout_seconds": stack.model_download_timeout_seconds,
        "log_retention_days": stack.log_retention_days,
    }
    blocks = [f"# {comment(one.reason)}\n{name} = {hcl_value(one.value)}" for name, one in decisions.items()]
    return f"# {_MANAGED}\n# Values of your own go into another *.auto.tfvars file.\n\n" + "\n\n".join(blocks) + "\n"


def versions_tf(plan: Plan) -> str:
    """Write the root stack's versions.tf: the provider's range follows from what the manifest uses."""
    return f"""\
# {_MANAGED}
terraform {{
  # {comment(plan.stack.terraform.reason)}
  required_version = {hcl_string(plan.stack.terraform.value)}

  required_providers {{
    # {comment(plan.stack.provider.reason)}
    aws = {{
      source  = "hashicorp/aws"
      version = {hcl_string(plan.stack.provider.value)}
    }}
  }}
}}
"""


def _release() -> str:
    return json.dumps({"image_digest": None, "model_data_url": None}, indent=2) + "\n"


def _requirements(manifest: Manifest, plan: Plan, catalog: Catalog) -> Iterator[File]:
    framework = manifest.model.framework
    version, python = plan.image.framework_version.value, plan.image.python.value
    yield text_file("requirements.in", catalog.requirements(framework, version))
    yield text_file("requirements.lock", catalog.lock_text(framework, version, python))
    yield text_file("requirements-dev.in", catalog.dev_requirements(framework))
    yield text_file("requirements-dev.lock", catalog.dev_lock_text(framework, version, python))
    extra = "".join(f"{one}\n" for one in manifest.model.requirements)
    yield text_file("requirements-extra.in", f"# {_MANAGED}\n# Packages of your own: model.requirements.\n{extra}")
    empty = "# Made by `make lock` from requirements-extra.in; yours to commit.\n"
    yield text_file("requirements-extra.lock", empty, Ownership.SEEDED)


def _torch(plan: Plan) -> Iterator[File]:
    """PyTorch, which alone comes from an index of its own; no hash of it is known where byocgen was made."""
    build = plan.image.torch
    if not build.value:
        return
    pins = f"""\
--index-url {TORCH_INDEX}
torch=={build.value} ; sys_platform == 'linux'
torch=={build.value.partition("+")[0]} ; sys_platform == 'darwin'
"""
    why = f"# PyTorch: {comment(build.reason)}.\n"
    yield text_file("requirements-torch.in", f"# {_MANAGED}\n{why}{pins}")
    note = (
        "# The exact build, without hashes until `make lock-torch` has recorded those of that index; yours to commit.\n"
    )
    yield text_file("requirements-torch.lock", f"{note}{pins}", Ownership.SEEDED)
