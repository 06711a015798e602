"""``drivers.json``: which NVIDIA driver the host of a container has, and which CUDA that driver runs.

botocore's model says which AMIs there are for endpoints and for batch transform, each with its driver, in its text.
``driver_rules.json`` states what no machine-readable source does: the default driver of a family, the lowest driver of
a CUDA series, the first CUDA that knows a GPU. Provider floors are derived as those of instance types.
"""

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import botocore.session

from derive.instances import FLOORS
from derive.outputs import CATALOG, Output, rows_document, run
from derive.provider import DATA as PROVIDER_ACCEPTS

DATA = CATALOG / "data" / "drivers.json"
RULES = Path(__file__).parent / "driver_rules.json"
ENTRY = re.compile(r"<dt>(?P<name>[a-z0-9-]+)</dt> <dd>(?P<text>.*?)</dd>")
DRIVER = re.compile(r"NVIDIA driver version: (\d+)")
CUDA = re.compile(r"CUDA version: ([\d.]+)")


def derive(derived: str) -> list[Output]:
    """One output: AMIs, defaults of families, series of CUDA, GPUs. Raises ValueError where the sources disagree."""
    rules = json.loads(RULES.read_text("utf-8"))
    model: Any = botocore.session.get_session().get_service_model("sagemaker")
    variant = model.shape_for("ProductionVariant").members["InferenceAmiVersion"]
    transform = model.shape_for("TransformResources").members["TransformAmiVersion"]
    stated = entries(variant.documentation)
    amis = [ami(name, stated[name], rules) for name in variant.enum if "NVIDIA" in stated[name]]
    batch = [ami(name, text, rules) for name, text in entries(transform.documentation).items()]
    floors = ami_floors([row["name"] for row in amis])
    api = f"botocore {version('botocore')} InferenceAmiVersion and TransformAmiVersion"
    source = f"{api}; derive/driver_rules.json: {rules['source']}"
    defaults = [
        {"family": family, "driver": row["driver"], "cuda": rules["cuda_of_driver"][str(row["driver"])]}
        for row in rules["defaults"]
        for family in row["families"]
    ]
    sections = {
        "series": [{"major": int(major), "driver": driver} for major, driver in rules["minimum_drivers"].items()],
        "amis": [{**row, "provider_floor": floors[row["name"]]} for row in amis],
        "batch_amis": [{**row, "provider_floor": ""} for row in batch],
        "defaults": defaults,
        "gpus": rules["gpus"],
    }
    return [Output(DATA, rows_document(source, derived, **sections))]


def entries(documentation: str) -> dict[str, str]:
    """The AMIs of a member's documentation, each with what it says of it."""
    return {found["name"]: found["text"] for found in ENTRY.finditer(documentation)}


def ami(name: str, text: str, rules: dict[str, Any]) -> dict[str, Any]:
    """One AMI. Raises ValueError where botocore names no driver, or gives one another CUDA than the rules do."""
    found = DRIVER.search(text)
    if found is None:
        message = f"{name}: no NVIDIA driver in {text!r}"
        raise ValueError(message)
    driver = found[1]
    known = rules["cuda_of_driver"][driver]
    said = CUDA.search(text)
    if said is not None and said[1] != known:
        message = f"{name}: CUDA {said[1]} for driver {driver}, which driver_rules.json gives {known}"
        raise ValueError(message)
    return {"name": name, "driver": int(driver), "cuda": known}


def ami_floors(names: list[str]) -> dict[str, str]:
    """For each AMI the lowest provider version known to accept it, empty where none is known."""
    stated = json.loads(FLOORS.read_text("utf-8"))["floors"]
    dated = {name: floor["version"] for floor in stated for name in floor.get("amis", ())}
    checked = json.loads(PROVIDER_ACCEPTS.read_text("utf-8"))
    verified = checked["version"].rpartition(".")[0]
    return {name: dated.get(name) or (verified if name in checked["amis"] else "") for name in names}


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
