"""The facts a catalogue holds, one frozen dataclass each.

Values only: nothing here reads a file, decides anything or knows what a manifest is. Sizes carry their unit in the
name. A fact that no source states is None, never a guess.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Gpu:
    """The GPUs of one instance; ``memory_mib_each`` is what EC2 states, which is what a program can use."""

    model: str
    count: int
    memory_mib_each: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A SageMaker hosting instance type.

    ``provider_floor`` is the lowest AWS provider version known to accept the type (``"5.70"``), empty where none is
    known. ``nvme_gb`` is the local NVMe storage together; types that have it refuse a volume size.
    """

    name: str
    family: str
    vcpus: int
    memory_mib: int
    architecture: str
    gpu: Gpu | None
    neuron: bool
    nvme_gb: int | None
    burstable: bool
    batch: bool
    provider_floor: str
    serverless: bool = False
    """A container without an instance, which has the same facts."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What serving with a framework takes of memory beside the model's own bytes; factors are times those bytes.

    ``held`` is the model once loaded, ``peak`` while it loads. ``sharing`` says whether workers are planned as ``forked`` from a
    process that has it, and then take ``more_worker_mib`` where the first one takes ``process_mib``, or not: ``none``.
    ``shared`` is how much of the model is mapped from its file, and so is there once also where each worker loads it.
    """

    framework: str
    process_mib: int
    held: float
    peak: float
    sharing: str
    shared: float
    more_worker_mib: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a tuning rule is worth: under ``load``, ``chosen`` answered ``ratio`` times the requests of ``other``."""

    rule: str
    framework: str
    load: str
    chosen: str
    other: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Region:
    """A region with SageMaker. ``code`` is the short form names are built from (``use1``), at most six characters."""

    name: str
    code: str
    partition: str


@dataclass(frozen=True, slots=True)
class Action:
    """An action of GitHub's workflows, by commit: a tag can be moved to other code, a commit cannot."""

    name: str
    tag: str
    commit: str

    def __str__(self) -> str:
        """As a workflow names it, with the tag for people."""
        return f"{self.name}@{self.commit} # {self.tag}"


@dataclass(frozen=True, slots=True)
class BaseImage:
    """An image to build from, by tag: a digest is pinned where a registry can be asked, never here.

    ``cuda`` is the toolkit's version (``"12.8"``), empty for an image without one.
    """

    reference: str
    os: str
    platforms: tuple[str, ...]
    source: str
    cuda: str = ""


@dataclass(frozen=True, slots=True)
class Ami:
    """A machine image for the hosts of containers: its NVIDIA driver's branch, and the newest CUDA that driver runs.

    ``provider_floor`` is as that of an `Instance`; a batch job names its AMI without Terraform, so there it is empty.
    """

    name: str
    driver: int
    cuda: str
    provider_floor: str


@dataclass(frozen=True, slots=True)
class GpuModel:
    """A GPU by EC2's name for it; ``first_cuda`` is the toolkit that can first make code for it."""

    model: str
    architecture: str
    first_cuda: str


@dataclass(frozen=True, slots=True)
class Drivers:
    """What runs what. ``series`` maps CUDA's major number to the lowest driver that runs all of its releases.

    ``defaults`` maps a family to what its hosts have when no AMI is named (a nameless `Ami`); families are missing whose
    default no source states. AMIs are in the order of their drivers, the oldest first.
    """

    series: "Mapping[int, int]"
    amis: tuple[Ami, ...]
    batch_amis: tuple[Ami, ...]
    defaults: "Mapping[str, Ami]"
    gpus: "Mapping[str, GpuModel]"


@dataclass(frozen=True, slots=True)
class Sample:
    """The data set a project without an artifact trains on: its columns as (name, type), and rows to ask about."""

    dataset: str
    inputs: tuple[tuple[str, str], ...]
    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework byocgen has a scaffold for; ``versions`` maps each version to its Pythons, newest first.

    ``title`` is its name for people, ``torch`` maps a version to the PyTorch that it runs on, where it needs one, ``cuda``
    to the toolkit of its build for GPUs (``"12.8"``), where there is one. A framework that is no distribution has one
    version, the empty text.
    """

    name: str
    title: str
    distribution: str
    gpu_distribution: str
    """Of the build for GPUs; empty: there is none."""
    default_version: str
    default_python: str
    versions: "Mapping[str, tuple[str, ...]]"
    torch: "Mapping[str, str]"
    cuda: "Mapping[str, str]"
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class Provider:
    """The AWS provider range of a generated stack: ``>= common_floor, < below`` unless the plan raises the floor."""

    source: str
    common_floor: str
    verified: str
    below: str


@dataclass(frozen=True, slots=True)
class Price:
    """An on-demand price in US dollars: of one instance for an hour, or of one serverless second.

    ``as_of`` is the day on which ``source`` stated it (``2026-09-28``).
    """

    usd: Decimal
    source: str
    as_of: str
