"""How the catalogue is read: lazily, with the standard library, and with the known names where one is unknown."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from byocgen.catalog import Catalog, Framework, Gpu, Instance, Provider, Region, UnknownEntry, load
from byocgen.catalog.entries import Entries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_an_instance_type_without_a_gpu(catalog: Catalog) -> None:
    assert catalog.instances["ml.m5.xlarge"] == Instance(
        name="ml.m5.xlarge", family="m5", vcpus=4, memory_mib=16384, architecture="amd64", gpu=None, neuron=False,
        nvme_gb=None, burstable=False, batch=True, provider_floor="5.70",
    )  # fmt: skip


def test_an_instance_type_with_gpus_and_local_disks(catalog: Catalog) -> None:
    assert catalog.instances["ml.g5.12xlarge"] == Instance(
        name="ml.g5.12xlarge", family="g5", vcpus=48, memory_mib=196608, architecture="amd64",
        gpu=Gpu(model="A10G", count=4, memory_mib_each=22888), neuron=False, nvme_gb=3800, burstable=False, batch=True,
        provider_floor="5.70",
    )  # fmt: skip


def test_a_region_and_the_provider(catalog: Catalog) -> None:
    assert catalog.regions["us-gov-west-1"] == Region("us-gov-west-1", "usgw1", "aws-us-gov")
    assert catalog.provider == Provider("hashicorp/aws", common_floor="5.70", verified="5.100.0", below="7")


def test_a_framework(catalog: Catalog) -> None:
    sklearn = catalog.frameworks["sklearn"]
    assert (sklearn.distribution, sklearn.default_version, sklearn.default_python) == ("scikit-learn", "1.9.1", "3.12")
    assert sklearn.versions["1.9.1"] == ("3.13", "3.12", "3.11")
    assert sklearn.sample is not None
    assert sklearn.sample.inputs == (
        ("sepal length (cm)", "float"),
        ("sepal width (cm)", "float"),
        ("petal length (cm)", "float"),
        ("petal width (cm)", "float"),
    )
    assert sklearn.sample.rows == ((5.1, 3.5, 1.4, 0.2), (6.3, 3.3, 6.0, 2.5))


@pytest.mark.parametrize(
    ("look_up", "kind", "name"),
    [
        (lambda catalog: catalog.instances["ml.m7g.large"], "instance type", "ml.m7g.large"),
        (lambda catalog: catalog.regions["us-east-7"], "region", "us-east-7"),
        (lambda catalog: catalog.frameworks["sklern"], "framework", "sklern"),
        (lambda catalog: catalog.requirements("python", "3.12"), "framework version", "3.12"),
        (lambda catalog: catalog.requirements("sklearn", "0.24.2"), "framework version", "0.24.2"),
        (lambda catalog: catalog.lock_text("sklearn", "1.9.1", "3.10"), "Python", "3.10"),
        (lambda catalog: catalog.dev_lock_text("sklearn", "1.9.1", "2.7"), "Python", "2.7"),
        (lambda catalog: catalog.base_image("3.14"), "base image", "3.14"),
    ],
)
def test_an_unknown_name_says_what_is_known(
    catalog: Catalog, look_up: Callable[[Catalog], object], kind: str, name: str
) -> None:
    with pytest.raises(UnknownEntry) as unknown:
        look_up(catalog)
    assert (unknown.value.kind, unknown.value.name, str(unknown.value)) == (kind, name, f"unknown {kind}: {name}")
    assert len(unknown.value.known) >= 1
    assert name not in unknown.value.known


def test_entries_are_a_mapping_that_keeps_the_order_of_its_file() -> None:
    entries = Entries("letter", {"b": 2, "a": 1})
    assert (list(entries), len(entries), entries.get("c")) == (["b", "a"], 2, None)
    assert ("a" in entries, "c" in entries) == (True, False)
    assert repr(entries) == "Entries('letter', 2 known)"


def test_facts_cannot_be_changed(catalog: Catalog) -> None:
    with pytest.raises(AttributeError):
        catalog.instances["ml.m5.xlarge"].vcpus = 8  # type: ignore[misc]
    with pytest.raises(TypeError):
        catalog.instances["ml.m5.xlarge"] = catalog.instances["ml.c5.xlarge"]  # type: ignore[index]


def test_no_file_is_read_before_a_fact_is_asked_for(tmp_path: Path) -> None:
    empty = Catalog(tmp_path)
    with pytest.raises(FileNotFoundError):
        _ = empty.instances


def test_loading_imports_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; from byocgen.catalog import load; c = load(); c.instances, c.regions, c.frameworks, c.provider;"
        "c.lock_text('sklearn', '1.9.1', '3.12');"
        "ours = {'byocgen', '__main__'} | set(sys.stdlib_module_names);"
        "print(sorted({module.partition('.')[0] for module in sys.modules} - ours))"
    )
    environment = {"PYTHONPATH": str(load().home.parents[1])}
    command = [sys.executable, "-S", "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert answer.stdout == "[]\n"


def test_a_framework_without_a_sample_can_be_said() -> None:
    assert Framework("x", "X", "x", "", "1", "3.12", {"1": ("3.12",)}, {}, {}, None).sample is None
