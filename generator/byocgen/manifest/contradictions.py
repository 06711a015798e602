"""Rules between the fields of a manifest that need no catalogue.

Each finding stands at the field that causes it and says the way out. Limits: docs of SageMaker (serverless endpoints,
guardrails, InvokeEndpoint); the rules that need to know an instance type are in `byocgen.plan.fits`.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key, warning
from byocgen.manifest import container, modes, regions, rollout, surroundings, watching
from byocgen.manifest.model import Batching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.manifest.model import Manifest, Model

ENVIRONMENT_MAX_BYTES = 32 * 1024
"""All variables of a container together (SageMaker CreateModel)."""

INVOCATION_MAX = {"realtime": 60, "serverless": 60, "async": 3600, "batch": 3600, "multi-model": 60}
"""Seconds that the platform gives an invocation, by mode (SageMaker InvokeEndpoint, InvokeEndpointAsync, CreateTransformJob)."""
_PAYLOAD_MAX_MIB = {"realtime": 6, "serverless": 4, "async": 1024, "batch": 100, "multi-model": 6}
DEFAULT_PAYLOAD_MIB = 6


SAMPLE_TASK = "text-classification"
"""Task of the transformers model that a project without an artifact trains."""
STREAMING_TASKS = ("text-generation", "text2text-generation", "summarization", "translation")
STREAMING_FRAMEWORKS = ("transformers", "python")


def payload_mib(manifest: Manifest) -> int:
    """Return the largest request body: the manifest's, or the default as far as the mode carries it."""
    given = manifest.serving.max_payload_mib
    return given if given is not None else min(DEFAULT_PAYLOAD_MIB, _PAYLOAD_MAX_MIB[manifest.endpoint.mode])


def check(manifest: Manifest) -> list[Diagnostic]:
    """Find what cannot be in the same manifest."""
    return [
        *modes.check(manifest),
        *_framework(manifest),
        *_limits(manifest),
        *container.check(manifest),
        *_artifact(manifest),
        *regions.check(manifest),
        *surroundings.check(manifest),
        *rollout.check(manifest),
        *watching.check(manifest),
        *_names(manifest),
        *_optimize(manifest),
    ]


def _optimize(manifest: Manifest) -> Iterator[Diagnostic]:
    framework = manifest.model.framework
    if manifest.serving.optimize == "int8" and framework != "transformers":
        message = f"weights of 8 bits are made for framework transformers, not for {framework}"
        yield _excludes(("serving", "optimize"), message, "write: optimize: auto")


def _excludes(key: Key, message: str, hint: str) -> Diagnostic:
    return Diagnostic("BYO303", message, key, hint)


def _framework(manifest: Manifest) -> Iterator[Diagnostic]:
    model = manifest.model
    if model.task is not None and model.framework != "transformers":
        yield _excludes(("model", "task"), "only transformers models have a task", "delete the line")
    if model.generation is not None and model.framework != "transformers":
        message = "only transformers models are told how many texts they write at one time"
        yield _excludes(("model", "generation"), message, "delete the block, and count that memory in model.size_gib")
    if model.inputs and model.framework == "transformers":
        yield _excludes(("model", "inputs"), "a transformers model takes texts, not columns", "delete the lines")
    if model.framework_version is not None and model.framework == "python":
        message = "framework python is no library, so it has no version; model.python names the interpreter's"
        yield _excludes(("model", "framework_version"), message, "delete the line")
    if model.framework == "python" and isinstance(manifest.serving.batching, Batching):
        message = "predict_fn of framework python answers request by request: there is nothing to join"
        yield _excludes(("serving", "batching"), message, "write: batching: auto")
    if manifest.serving.stream:
        yield from _stream(model)


def _stream(model: Model) -> Iterator[Diagnostic]:
    key = ("serving", "stream")
    task = model.task or ("" if model.artifact else SAMPLE_TASK)
    if model.framework not in STREAMING_FRAMEWORKS:
        message = f"a model of {model.framework} answers at once: there is nothing to stream"
        yield _excludes(key, message, "write: stream: false; inference.py of framework python may stream what it likes")
    elif model.framework == "transformers" and task not in ("", *STREAMING_TASKS):
        message = f"{task} answers at once: only a task that writes a text makes its answer piece by piece"
        yield _excludes(key, message, f"write: stream: false, or model.task: {STREAMING_TASKS[0]}")


def _limits(manifest: Manifest) -> Iterator[Diagnostic]:
    mode, serving = manifest.endpoint.mode, manifest.serving
    if serving.timeout_seconds > INVOCATION_MAX[mode]:
        message = f"{serving.timeout_seconds} s; the platform ends an invocation of mode {mode} after {INVOCATION_MAX[mode]} s"
        yield Diagnostic(
            "BYO304", message, ("serving", "timeout_seconds"), "lower it, or use mode async (up to 3600 s)"
        )
    if payload_mib(manifest) > _PAYLOAD_MAX_MIB[mode]:
        message = f"{payload_mib(manifest)} MiB; mode {mode} carries at most {_PAYLOAD_MAX_MIB[mode]} MiB"
        yield Diagnostic(
            "BYO304", message, ("serving", "max_payload_mib"), "lower it, or use mode async (up to 1024 MiB)"
        )
    size = sum(len(name.encode()) + len(value.encode()) for name, value in serving.environment.items())
    if size > ENVIRONMENT_MAX_BYTES:
        message = f"the variables have {size:,} bytes together; a container takes {ENVIRONMENT_MAX_BYTES:,}"
        yield Diagnostic(
            "BYO304", message, ("serving", "environment"), "put long values into the model or into the image"
        )
    scaling = manifest.endpoint.autoscaling
    if scaling is not None and scaling.min > scaling.max:
        yield _excludes(
            ("endpoint", "autoscaling", "min"), f"min {scaling.min} is above max {scaling.max}", "lower min"
        )
    if scaling is not None and scaling.min == 0 and manifest.endpoint.mode != "async":
        yield _excludes(("endpoint", "autoscaling", "min"), "only async endpoints scale to zero", "write: min: 1")
    if scaling is not None and manifest.endpoint.instance_count < scaling.min:
        message = f"every update would fall from autoscaling.min {scaling.min} to {manifest.endpoint.instance_count}"
        yield _excludes(("endpoint", "instance_count"), message, f"write: instance_count: {scaling.min}")


def _artifact(manifest: Manifest) -> Iterator[Diagnostic]:
    artifact, key = manifest.model.artifact, ("model", "artifact")
    if artifact is None:
        if manifest.model.inputs and manifest.model.framework != "transformers":
            yield warning(
                "BYO353",
                "without an artifact the project trains a sample model, which has columns of its own",
                ("model", "inputs"),
                "change train.py to train on these columns, or name your model as model.artifact",
            )
        if manifest.model.framework == "transformers" and manifest.model.task not in (None, SAMPLE_TASK):
            yield warning(
                "BYO353",
                f"without an artifact the project trains a sample model, which is one for {SAMPLE_TASK}",
                ("model", "task"),
                "change train.py to make a model for this task, or name your model as model.artifact",
            )
        return
    if artifact.startswith("s3://"):
        if not artifact.removeprefix("s3://").strip("/"):
            yield Diagnostic("BYO310", "the bucket is missing", key, "write: s3://bucket/prefix")
        elif manifest.endpoint.mode == "multi-model" and not artifact.endswith("/"):
            yield Diagnostic("BYO310", "multi-model wants a prefix that ends in /", key, f"write: {artifact}/")
        return
    clean = posixpath.normpath(artifact)
    if (
        not artifact
        or "\\" in artifact
        or artifact.startswith(("/", "~"))
        or clean.split("/")[0] == ".."
        or clean == "."
    ):
        yield Diagnostic(
            "BYO306", "the artifact must lie inside the project", key, "write a path relative to the manifest"
        )
    elif clean.split("/")[0] in RESERVED or clean in RESERVED:
        yield Diagnostic(
            "BYO306", f'"{clean}" is where byocgen writes', key, "use a folder of its own, such as artifacts/"
        )
    if manifest.endpoint.mode == "multi-model" and posixpath.splitext(clean)[1]:
        yield Diagnostic(
            "BYO310", "multi-model wants a folder of .tar.gz files", key, "name the folder that holds them"
        )


RESERVED = frozenset(
    {
        *(
            ".dockerignore",
            ".git",
            ".github",
            ".gitignore",
            ".venv",
            "Dockerfile",
            "Makefile",
            "README.md",
            "byocgen.lock",
        ),
        *(
            "byocgen.prices.json",
            "byocgen.yaml",
            "inference.py",
            "model",
            "model.tar.gz",
            "package.py",
            "payload.json",
            "pyproject.toml",
            "release",
        ),
        *("requirements-dev.in", "requirements-dev.lock", "requirements-extra.in", "requirements-extra.lock"),
        *("requirements-torch.in", "requirements-torch.lock", "optimize", "verify", "iris.csv"),
        *("requirements.in", "requirements.lock", "serving", "serving.toml", "terraform", "tests", "train.py"),
        *("local.mk", "model.new", "samples.txt"),
    }
)
"""First parts of paths that a generated project uses itself; an artifact may not lie there."""


def _names(manifest: Manifest) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for index, column in enumerate(manifest.model.inputs):
        if column.name in seen:
            message = f'two inputs are called "{column.name}"'
            yield _excludes(("model", "inputs", index, "name"), message, "rename one of them")
        seen.add(column.name)
        if column.values is not None and column.type != "string":
            key: Key = ("model", "inputs", index, "values")
            yield _excludes(
                key, "only an input of type string has a list of values", "delete it, or write: type: string"
            )
    spelt: dict[str, str] = {}
    for tag in manifest.tags:
        other = spelt.setdefault(tag.lower(), tag)
        if other != tag:
            message = f'tags "{other}" and "{tag}" differ in case only, which IAM refuses'
            yield _excludes(("tags", tag), message, "keep one of them")
