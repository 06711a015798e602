"""What holds for every entry of the catalogue's data files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from byocgen.catalog import HOME

if TYPE_CHECKING:
    from byocgen.catalog import Catalog

FILES = sorted((HOME / "data").iterdir())


def by_family(catalog: Catalog, fact: str) -> dict[str, set[Any]]:
    """Every value that a fact has within each family."""
    families: dict[str, set[Any]] = {}
    for instance in catalog.instances.values():
        families.setdefault(instance.family, set()).add(getattr(instance, fact))
    return families


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_says_where_it_comes_from_and_when(file: Any) -> None:
    document = json.loads(file.read_text("utf-8"))
    assert list(document)[:2] == ["source", "derived"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", document["derived"])
    assert len(document["source"]) > 20


def test_source_names_the_origin_and_the_date(catalog: Catalog) -> None:
    assert re.fullmatch(r"botocore [\d.]+ endpoints.json, .* \(\d{4}-\d\d-\d\d\)", catalog.source("regions"))


def test_every_instance_type_is_named_by_its_family_and_size(catalog: Catalog) -> None:
    form = re.compile(r"ml\.[a-z0-9-]+\.\d*(medium|large|xlarge)")
    assert [name for name in catalog.instances if not form.fullmatch(name)] == []
    assert [key for key, instance in catalog.instances.items() if key != instance.name] == []
    assert [i.name for i in catalog.instances.values() if i.name.split(".")[1] != i.family] == []


def test_no_instance_type_is_both_described_and_without_facts(catalog: Catalog) -> None:
    assert set(catalog.instances) & set(catalog.instance_types_without_facts) == set()
    assert "ml.p3.2xlarge" in catalog.instance_types_without_facts


@pytest.mark.parametrize("fact", ["architecture", "neuron", "burstable"])
def test_a_family_has_one_architecture_and_one_nature(catalog: Catalog, fact: str) -> None:
    assert {family: values for family, values in by_family(catalog, fact).items() if len(values) > 1} == {}


def test_architectures_are_platforms_of_images(catalog: Catalog) -> None:
    assert {instance.architecture for instance in catalog.instances.values()} == {"amd64", "arm64"}


def test_the_graviton_families_are_those_of_the_contract(catalog: Catalog) -> None:
    graviton = {i.family for i in catalog.instances.values() if i.architecture == "arm64"}
    assert graviton == {"c6g", "c6gd", "c6gn", "c7g", "c8g", "m6g", "m6gd", "m8g", "r6g", "r6gd", "r7gd", "r8g"}


def test_graviton_and_large_training_types_take_no_batch_jobs(catalog: Catalog) -> None:
    batch = [instance for instance in catalog.instances.values() if instance.batch]
    assert [i.name for i in batch if i.architecture == "arm64" or i.family in {"p4d", "p5"}] == []
    assert len(batch) > 100


def test_every_gpu_has_a_name_a_count_and_memory(catalog: Catalog) -> None:
    gpus = [instance.gpu for instance in catalog.instances.values() if instance.gpu]
    assert [gpu for gpu in gpus if not (gpu.model and gpu.count >= 1 and gpu.memory_mib_each >= 16 * 1000)] == []
    assert {i.family for i in catalog.instances.values() if i.gpu} >= {"g4dn", "g5", "g6", "p4d", "p5"}


def test_nothing_has_both_a_gpu_and_a_neuron_device(catalog: Catalog) -> None:
    assert [i.name for i in catalog.instances.values() if i.gpu and i.neuron] == []
    assert {i.family for i in catalog.instances.values() if i.neuron} == {"inf1", "inf2", "trn1", "trn1n", "trn2"}


def test_sizes_are_positive(catalog: Catalog) -> None:
    assert [i.name for i in catalog.instances.values() if i.vcpus < 1 or i.memory_mib < 1024 or i.nvme_gb == 0] == []


def test_a_provider_floor_lies_in_the_range_of_the_provider_or_is_unknown(catalog: Catalog) -> None:
    def version(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in text.split("."))

    lowest, below = version(catalog.provider.common_floor), version(catalog.provider.below)
    floors = {i.provider_floor for i in catalog.instances.values()}
    assert [floor for floor in floors - {""} if not lowest <= version(floor) < below] == []
    assert {i.family for i in catalog.instances.values() if not i.provider_floor} == {"g7"}


def test_region_codes_are_short_unique_and_fit_names(catalog: Catalog) -> None:
    codes = [region.code for region in catalog.regions.values()]
    assert (len(codes), [code for code in codes if not re.fullmatch(r"[a-z]{2,5}[1-9]", code)]) == (len(set(codes)), [])


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ("us-east-1", "use1"),
        ("ap-southeast-2", "apse2"),
        ("us-gov-west-1", "usgw1"),
        ("me-central-1", "mec1"),
        ("cn-northwest-1", "cnnw1"),
        ("us-isob-east-1", "usibe1"),
    ],
)
def test_a_published_region_code_never_changes(catalog: Catalog, region: str, code: str) -> None:
    assert catalog.regions[region].code == code


def test_every_python_of_a_framework_has_a_base_image_for_both_platforms(catalog: Catalog) -> None:
    pythons = {python for f in catalog.frameworks.values() for pythons in f.versions.values() for python in pythons}
    images = {python: catalog.base_image(python) for python in pythons}
    assert {python: image.reference for python, image in images.items()} == {
        python: f"public.ecr.aws/docker/library/python:{python}-slim-bookworm" for python in pythons
    }
    assert {image.platforms for image in images.values()} == {("linux/amd64", "linux/arm64")}


def test_defaults_of_a_framework_exist(catalog: Catalog) -> None:
    assert [f.name for f in catalog.frameworks.values() if f.default_python not in f.versions[f.default_version]] == []


def test_the_sample_has_a_value_for_every_column(catalog: Catalog) -> None:
    samples = [framework.sample for framework in catalog.frameworks.values() if framework.sample]
    assert [s.dataset for s in samples if {len(row) for row in s.rows} != {len(s.inputs)}] == []
