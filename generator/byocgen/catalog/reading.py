"""From the JSON of a data file to facts.

One function a file; each takes the parsed document and returns facts. The files are byocgen's own and tested, so a
malformed one is a bug and fails with whatever KeyError or TypeError it causes.
"""

from typing import Any

from byocgen.catalog.entries import Entries
from byocgen.catalog.facts import (
    Action,
    Ami,
    BaseImage,
    Drivers,
    Footprint,
    Framework,
    Gpu,
    GpuModel,
    Instance,
    Measurement,
    Provider,
    Region,
    Sample,
)

Document = dict[str, Any]


def read_instances(document: Document) -> Entries[Instance]:
    """Hosting instance types by name (``ml.m5.xlarge``)."""
    return Entries("instance type", {row["name"]: _instance(row) for row in document["instances"]})


def read_types_without_facts(document: Document) -> tuple[str, ...]:
    """Hosting types SageMaker lists and EC2's data does not describe: real, and not generated for."""
    return tuple(document["without_facts"])


def read_regions(document: Document) -> Entries[Region]:
    """Regions by name."""
    return Entries("region", {row["name"]: Region(**row) for row in document["regions"]})


def read_offerings(document: Document) -> dict[str, frozenset[str]]:
    """Hosting types that a region's EC2 lacks, by region."""
    return {row["region"]: frozenset(row["ec2_lacks"]) for row in document["regions"]}


def read_frameworks(document: Document) -> Entries[Framework]:
    """Frameworks by the name the manifest uses."""
    return Entries("framework", {row["name"]: _framework(row) for row in document["frameworks"]})


def read_kinds(document: Document) -> dict[str, str]:
    """What each estimator is, by its class's name."""
    return {name: row["kind"] for row in document["kinds"] for name in row["classes"]}


def read_footprints(document: Document) -> Entries[Footprint]:
    """What serving takes of memory, by framework."""
    return Entries("framework", {row["framework"]: Footprint(**row) for row in document["frameworks"]})


def read_measurements(document: Document) -> tuple[Measurement, ...]:
    """What the tuning rules are worth, in the order of the run."""
    return tuple(Measurement(**row) for row in document["tuning"])


def read_base_images(document: Document) -> Entries[BaseImage]:
    """Images with a Python by its version."""
    return Entries("base image", {row["python"]: _base_image(row) for row in document["images"] if "python" in row})


def read_cuda_images(document: Document) -> tuple[BaseImage, ...]:
    """Images with a CUDA toolkit's runtime, the newest first."""
    return tuple(_base_image(row) for row in document["images"] if "cuda" in row)


def read_drivers(document: Document) -> Drivers:
    """Drivers, AMIs and the GPUs that they run."""
    return Drivers(
        series={row["major"]: row["driver"] for row in document["series"]},
        amis=tuple(Ami(**row) for row in document["amis"]),
        batch_amis=tuple(Ami(**row) for row in document["batch_amis"]),
        defaults={row["family"]: Ami("", row["driver"], row["cuda"], "") for row in document["defaults"]},
        gpus=Entries("GPU", {row["model"]: GpuModel(**row) for row in document["gpus"]}),
    )


def read_actions(document: Document) -> Entries[Action]:
    """Actions of GitHub's workflows by name."""
    return Entries("action", {row["name"]: Action(**row) for row in document["actions"]})


def read_provider(document: Document) -> Provider:
    """The provider range that holds for every generated stack."""
    return Provider(**document["provider"])


def _instance(row: Document) -> Instance:
    gpu = row["gpu"]
    return Instance(**{**row, "family": row["name"].split(".")[1], "gpu": Gpu(**gpu) if gpu else None})


def _framework(row: Document) -> Framework:
    sample = row["sample"]
    return Framework(
        name=row["name"],
        title=row["title"],
        distribution=row["distribution"],
        gpu_distribution=row["gpu_distribution"],
        default_version=row["default_version"],
        default_python=row["default_python"],
        versions=Entries(
            "framework version", {version: tuple(pythons) for version, pythons in row["versions"].items()}
        ),
        torch=row["torch"],
        cuda=row["cuda"],
        sample=_sample(sample) if sample else None,
    )


def _sample(row: Document) -> Sample:
    return Sample(
        dataset=row["dataset"],
        inputs=tuple((column["name"], column["type"]) for column in row["inputs"]),
        rows=tuple(tuple(values) for values in row["rows"]),
    )


def _base_image(row: Document) -> BaseImage:
    return BaseImage(row["reference"], row["os"], tuple(row["platforms"]), row["source"], row.get("cuda", ""))
