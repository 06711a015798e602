"""``instances.json``: SageMaker's hosting types, each with what EC2 says of the same machine.

botocore's enum of hosting types decides what exists, moto's copy of EC2's DescribeInstanceTypes what a type has. A type
without EC2 facts is listed as such and never dropped in silence. NVMe and GPUs are EC2's own numbers.
"""

import gzip
import json
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import botocore.session

from derive.outputs import CATALOG, Output, rows_document, run
from derive.provider import DATA as PROVIDER_TYPES

DATA = CATALOG / "data" / "instances.json"
FLOORS = Path(__file__).parent / "provider_floors.json"
ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}  # image platform names; EC2's i386 serves no image of ours
SIZES = ("nano", "micro", "small", "medium", "large", "xlarge")


def derive(derived: str) -> list[Output]:
    """One output: the joined types, sorted by family and size."""
    model: Any = botocore.session.get_session().get_service_model("sagemaker")
    hosting = sorted(model.shape_for("ProductionVariantInstanceType").enum, key=sort_key)
    batch = set(model.shape_for("TransformInstanceType").enum)
    ec2 = ec2_types()
    floors = provider_floors(hosting)
    known = [name for name in hosting if name.removeprefix("ml.") in ec2]
    rows = [facts(name, ec2[name.removeprefix("ml.")], batch=name in batch, floor=floors[name]) for name in known]
    source = (
        f"botocore {version('botocore')} ProductionVariantInstanceType and TransformInstanceType, joined with the EC2 "
        f"instance types of moto {version('moto')}; provider floors: derive/provider_floors.json"
    )
    without = [name for name in hosting if name not in set(known)]
    return [Output(DATA, rows_document(source, derived, instances=rows, without_facts=without))]


def ec2_types() -> dict[str, dict[str, Any]]:
    """EC2's types by name, as moto ships them."""
    packed = files("moto") / "ec2" / "resources" / "instance_types.json.gz"
    types: dict[str, dict[str, Any]] = json.loads(gzip.decompress(packed.read_bytes()))
    return types


def facts(name: str, ec2: dict[str, Any], *, batch: bool, floor: str) -> dict[str, Any]:
    """One row. Raises StopIteration for an architecture that no image platform stands for."""
    stated = ec2["ProcessorInfo"]["SupportedArchitectures"]
    return {
        "name": name,
        "vcpus": ec2["VCpuInfo"]["DefaultVCpus"],
        "memory_mib": ec2["MemoryInfo"]["SizeInMiB"],
        "architecture": next(ARCHITECTURES[known] for known in ARCHITECTURES if known in stated),
        "gpu": gpu(ec2),
        "neuron": "NeuronInfo" in ec2 or "Inferentia" in json.dumps(ec2.get("InferenceAcceleratorInfo", {})),
        "nvme_gb": nvme_gb(ec2),
        "burstable": ec2["BurstablePerformanceSupported"],
        "batch": batch,
        "provider_floor": floor,
    }


def gpu(ec2: dict[str, Any]) -> dict[str, Any] | None:
    """The GPUs, which EC2 states as a list of one kind."""
    kinds = ec2.get("GpuInfo", {}).get("Gpus", [])
    if not kinds:
        return None
    (kind,) = kinds
    return {"model": kind["Name"], "count": kind["Count"], "memory_mib_each": kind["MemoryInfo"]["SizeInMiB"]}


def nvme_gb(ec2: dict[str, Any]) -> int | None:
    """All local NVMe together; a local disk that is not NVMe does not count."""
    storage = ec2.get("InstanceStorageInfo")
    if not storage or storage["NvmeSupport"] == "unsupported":
        return None
    size: int = storage["TotalSizeInGB"]
    return size


def provider_floors(hosting: list[str]) -> dict[str, str]:
    """For each type the lowest provider version known to accept it, empty where none is known."""
    stated = json.loads(FLOORS.read_text("utf-8"))["floors"]
    by_type = {name: floor["version"] for floor in stated for name in floor["types"]}
    by_family = {family: floor["version"] for floor in stated for family in floor["families"]}
    checked = json.loads(PROVIDER_TYPES.read_text("utf-8"))
    verified = checked["version"].rpartition(".")[0]
    accepted = set(checked["accepted"])

    def floor(name: str) -> str:
        dated = by_type.get(name) or by_family.get(name.split(".")[1])
        return dated or (verified if name in accepted else "")

    return {name: floor(name) for name in hosting}


def sort_key(name: str) -> tuple[str, int, int]:
    """Family, then size as a person orders it: medium, large, xlarge, 2xlarge, 10xlarge."""
    _, family, size = name.split(".")
    multiple = size.removesuffix("xlarge")
    if multiple.isdigit():
        return family, len(SIZES), int(multiple)
    return family, SIZES.index(size), 0


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
