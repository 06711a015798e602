"""``offerings.json``: hosting types whose machine EC2 does not have in a region, from moto's copy of EC2's answer.

moto ships DescribeInstanceTypeOfferings of many regions. That EC2 lacks a machine is a strong sign that SageMaker lacks it
too, and no proof; that EC2 has one says nothing of SageMaker. Regions that moto has no answer of are not in the file.
"""

import gzip
import json
import sys
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from derive import instances, regions
from derive.outputs import CATALOG, Output, rows_document, run

DATA = CATALOG / "data" / "offerings.json"


def derive(derived: str) -> list[Output]:
    """One output: a row a region, the types in the order of ``instances.json``."""
    known = [row["name"] for row in json.loads(instances.DATA.read_text("utf-8"))["instances"]]
    names = [row["name"] for row in json.loads(regions.DATA.read_text("utf-8"))["regions"]]
    rows = [{"region": name, "ec2_lacks": [one for one in known if one.removeprefix("ml.") not in offered]}
            for name in names if (offered := ec2_offers(name))]  # fmt: skip
    source = f"DescribeInstanceTypeOfferings of EC2, as moto {version('moto')} ships it, held against instances.json"
    return [Output(DATA, rows_document(source, derived, regions=rows))]


def ec2_offers(region: str) -> set[str]:
    """The types that EC2 has in a region; empty where moto does not say."""
    packed = files("moto") / "ec2" / "resources" / "instance_type_offerings" / "region" / f"{region}.json.gz"
    if not packed.is_file():
        return set()
    offered: list[dict[str, Any]] = json.loads(gzip.decompress(packed.read_bytes()))
    return {one["InstanceType"] for one in offered}


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
