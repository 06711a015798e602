"""The files of a project that are encoded values: each value with its reason beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from byocgen.catalog import Build
from byocgen.render import hosting
from byocgen.render.encode import MANAGED, comment, toml_string, toml_value
from byocgen.render.tree import File, Ownership, text_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog
    from byocgen.manifest.model import Manifest
    from byocgen.plan.decision import Decision
    from byocgen.plan.plan import Plan

TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
"""PyTorch's own index of the builds for CPUs (pytorch.org, Get Started)."""


def files(manifest: Manifest, plan: Plan, catalog: Catalog) -> Iterator[File]:
    """Encode every data file of the project."""
    yield text_file("serving.toml", serving_toml(manifest, plan))
    yield from hosting.release(plan)
    yield from _requirements(manifest, plan, catalog)
    yield from _torch(plan)


def serving_toml(manifest: Manifest, plan: Plan) -> str:
    """Write what the app reads at start."""
    serving, image = plan.serving, plan.image
    lines = [
        f"# {MANAGED}",
        "",
        "[model]",
        f"name = {toml_string(plan.names.endpoint.value)}",
        f"framework = {toml_string(manifest.model.framework)}",
        _toml_line("framework_version", image.framework_version),
        _toml_line("python", image.python),
        *(_texts(plan) if manifest.model.framework == "transformers" else []),
        "",
        "[server]",
        *(
            _toml_line(name, getattr(serving, name))
            for name in (
                "workers", "threads", "blas_threads", "queue_size", "timeout_seconds", "max_payload_bytes",
                "drain_seconds", "batch_size", "batch_delay_ms", "lane", "http", "optimize", "stream",
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


def _texts(plan: Plan) -> Iterator[str]:
    """What a model of texts is for, and how much of them it takes."""
    yield _toml_line("task", plan.model.task)
    if plan.model.context_tokens.value is not None:
        yield _toml_line("context_tokens", plan.model.context_tokens)
    yield _toml_line("sequences", plan.model.sequences)


def _toml_line(name: str, decision: Decision[Any]) -> str:
    return f"{name} = {toml_value(decision.value)}  # {comment(decision.reason)}"


def _requirements(manifest: Manifest, plan: Plan, catalog: Catalog) -> Iterator[File]:
    framework = manifest.model.framework
    version, python = plan.image.framework_version.value, plan.image.python.value
    build = Build.CUDA if plan.image.cuda.value else Build.CPU
    yield text_file("requirements.in", catalog.requirements(framework, version, build))
    yield text_file("requirements.lock", catalog.lock_text(framework, version, python, build))
    yield text_file("requirements-dev.in", catalog.dev_requirements(framework))
    yield text_file("requirements-dev.lock", catalog.dev_lock_text(framework, version, python))
    extra = "".join(f"{one}\n" for one in manifest.model.requirements)
    yield text_file("requirements-extra.in", f"# {MANAGED}\n# Packages of your own: model.requirements.\n{extra}")
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
    yield text_file("requirements-torch.in", f"# {MANAGED}\n{why}{pins}")
    note = (
        "# The exact build, without hashes until `make lock-torch` has recorded those of that index; yours to commit.\n"
    )
    yield text_file("requirements-torch.lock", f"{note}{pins}", Ownership.SEEDED)
