"""The manifest, version 1: every field, its type, its limits and its description.

Rules: frozen pydantic dataclasses, strict (no text becomes a number). `Field(description=...)` is the one text that the
JSON Schema and docs/manifest.md share. Rules between fields live in `contradictions`, not here.
"""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag
from pydantic.dataclasses import dataclass

from byocgen.manifest import account, endpoint
from byocgen.manifest.account import Ci, Cost, Network, Observability, Replication, Security
from byocgen.manifest.endpoint import Endpoint
from byocgen.manifest.kinds import (
    CONFIG,
    WHOLE,
    EnvironmentName,
    EnvironmentValue,
    FrameworkName,
    InputType,
    Line,
    Name,
    PythonVersion,
    Region,
    Requirement,
    TagKey,
    TagValue,
    Threads,
    Word,
    Workers,
    branch,
)


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Input:
    """One column of the model's input."""

    name: Annotated[Line, Field(min_length=1, description="Column name, as the model was trained on it.")]
    type: Annotated[InputType, Field(description="Type that a value must have.")]
    values: Annotated[tuple[Line, ...] | None, Field(description="The only values allowed (type string).")] = None


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Generation:
    """What a model that writes texts keeps of their tokens."""

    kv_kib_per_token: Annotated[
        float,
        Field(
            gt=0,
            le=1e6,
            description="Keys and values of one token, KiB: 2 x layers x KV heads x head size x bytes of a number / 1024.",
        ),
    ]
    context_tokens: Annotated[
        int,
        Field(ge=1, le=100_000_000, description="Longest prompt and answer together, tokens; longer ones are refused."),
    ]
    sequences: Annotated[
        int, Field(ge=1, le=1024, description="Most texts of one request that are written at one time.")
    ] = 16


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Model:
    """What is served."""

    framework: Annotated[
        FrameworkName, Field(description="Library that loads the model; python: none, inference.py does.")
    ]
    framework_version: Annotated[
        Word | None,
        Field(
            description="Version of that library, in quotes; default: the catalogue's. "
            "A pickle must be served by the version that wrote it. Not for framework python, which is none."
        ),
    ] = None
    python: Annotated[
        PythonVersion | None, Field(description="Python of the image, in quotes; default: the catalogue's.")
    ] = None
    artifact: Annotated[
        Line | None,
        Field(
            description="Model file or folder relative to the manifest, or s3://bucket/prefix; "
            "none: the project trains a sample model."
        ),
    ] = None
    task: Annotated[
        Word | None,
        Field(
            description="Task of a transformers model, such as text-classification; default: what its config.json tells."
        ),
    ] = None
    size_gib: Annotated[
        float | None,
        Field(gt=0, le=32768, description="Size of the model in memory, GiB; only when it cannot be measured."),
    ] = None
    generation: Annotated[
        Generation | None,
        Field(description="Memory that texts take while a transformers model writes them; default: not counted."),
    ] = None
    requirements: Annotated[
        tuple[Requirement, ...], Field(description="Python packages beside the framework's own.")
    ] = ()
    inputs: Annotated[
        tuple[Input, ...],
        Field(description="Columns in order: validation, order of rows given as objects, example payload."),
    ] = ()


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Batching:
    """Several requests predicted at once."""

    max_size: Annotated[int, Field(ge=2, le=1024, description="Most requests in one batch.")]
    max_delay_ms: Annotated[
        int, Field(ge=0, le=1000, description="Longest wait for a batch to fill, milliseconds.")
    ] = 0


BatchingOrWord = Annotated[
    Annotated[Literal["auto", "off"], Tag("word")] | Annotated[Batching, Tag("value")], Discriminator(branch)
]


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Serving:
    """How the app serves."""

    workers: Annotated[Workers, Field(description="Worker processes: auto or a number.")] = "auto"
    threads: Annotated[Threads, Field(description="Predictions at one time in a worker: auto or a number.")] = "auto"
    batching: Annotated[BatchingOrWord, Field(description="Join requests: auto, off, or {max_size, max_delay_ms}.")] = (
        "auto"
    )
    timeout_seconds: Annotated[
        int, Field(ge=1, le=3600, description="Longest invocation, seconds: at most 60 real time, 3600 async.")
    ] = 60
    max_payload_mib: Annotated[
        int | None,
        Field(
            ge=1,
            le=1024,
            description="Largest request body, MiB; default: 6, serverless 4, which is also the most they carry.",
        ),
    ] = None
    stream: Annotated[
        bool,
        Field(
            description="Send the answer in pieces as it is made: a text that transformers write, or framework python."
        ),
    ] = False
    optimize: Annotated[
        Literal["auto", "off", "int8"],
        Field(
            description="Serve a faster equal of the model, only where its answers are shown equal; int8: close to equal,"
            " for transformers that read texts."
        ),
    ] = "auto"
    environment: Annotated[
        dict[EnvironmentName, EnvironmentValue],
        Field(max_length=100, description="Environment variables of the container; values in quotes."),
    ] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Files:
    """Ownership of generated files."""

    eject: Annotated[tuple[Line, ...], Field(description="Managed files that are yours from now on.")] = ()


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Manifest:
    """A model, how it is served, and what runs it."""

    version: Annotated[Literal[1], WHOLE, Field(description="Version of the manifest's format.")]
    name: Annotated[Name, Field(description="Name of the project and its endpoint; at most 40 characters.")]
    description: Annotated[Line, Field(description="One line for people.")] = ""
    model: Annotated[Model, Field(description="What is served.")]
    serving: Annotated[Serving, Field(description="How the app serves.")] = Field(default_factory=Serving)
    endpoint: Annotated[Endpoint, Field(description="What runs it.")] = Field(default_factory=Endpoint)
    regions: Annotated[
        tuple[Region, ...], Field(min_length=1, max_length=32, description="AWS regions; the first is the default.")
    ] = ("us-east-1",)
    replication: Annotated[Replication, Field(description="How further regions get what is released.")] = Field(
        default_factory=Replication
    )
    network: Annotated[Network | None, Field(description="A VPC for the containers.")] = None
    security: Annotated[Security, Field(description="Keys and users.")] = Field(default_factory=Security)
    observability: Annotated[Observability, Field(description="Logs, alarms, dashboard.")] = Field(
        default_factory=Observability
    )
    cost: Annotated[Cost, Field(description="Budget.")] = Field(default_factory=Cost)
    ci: Annotated[Ci, Field(description="Continuous delivery.")] = Field(default_factory=Ci)
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=40, description="Tags on every resource.")] = Field(
        default_factory=dict
    )
    files: Annotated[Files, Field(description="Ownership of generated files.")] = Field(default_factory=Files)


BLOCKS: dict[str, Any] = {
    name: kind
    for names in (vars(account), vars(endpoint), globals())
    for name, kind in names.items()
    if is_dataclass(kind)
}
"""Every block of the manifest, and the manifest itself, by the name of its class."""
