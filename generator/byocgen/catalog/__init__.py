"""What byocgen knows about the world: instance types, regions, frameworks, base images, provider, dependency locks.

Rules: every fact comes from a data file with a source and a date, made by a script in ``generator/derive``; a file is
read when its facts are first asked for, with the standard library alone; nothing here decides. A name that is not in
the catalogue raises ``UnknownEntry``, which carries the known names.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byocgen.catalog import reading
from byocgen.catalog.entries import Entries, UnknownEntry
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
    Price,
    Provider,
    Region,
    Sample,
)
from byocgen.catalog.prices import Prices

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Action",
    "Ami",
    "BaseImage",
    "Build",
    "Catalog",
    "Drivers",
    "Entries",
    "Footprint",
    "Framework",
    "Gpu",
    "GpuModel",
    "Instance",
    "Measurement",
    "Price",
    "Prices",
    "Provider",
    "Region",
    "Sample",
    "UnknownEntry",
    "load",
]

HOME = Path(__file__).parent


class Build(StrEnum):
    """Which build of a framework an image holds."""

    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True)
class Catalog:
    """The catalogue in ``home``; each property reads its own file once, when first used."""

    home: Path
    own_prices: Prices | None = None

    @cached_property
    def instances(self) -> "Mapping[str, Instance]":
        """Hosting instance types by name."""
        return reading.read_instances(self._document("instances"))

    @cached_property
    def instance_types_without_facts(self) -> tuple[str, ...]:
        """Hosting types that exist and that byocgen knows nothing more about, so that it cannot size for them."""
        return reading.read_types_without_facts(self._document("instances"))

    @cached_property
    def regions(self) -> "Mapping[str, Region]":
        """Regions with SageMaker by name."""
        return reading.read_regions(self._document("regions"))

    @cached_property
    def frameworks(self) -> "Mapping[str, Framework]":
        """Frameworks by the manifest's name for them."""
        return reading.read_frameworks(self._document("frameworks"))

    @cached_property
    def estimator_kinds(self) -> "Mapping[str, str]":
        """What each estimator of scikit-learn, XGBoost and LightGBM is (``classifier``), by its class's name."""
        return reading.read_kinds(self._document("estimators"))

    @cached_property
    def footprints(self) -> "Mapping[str, Footprint]":
        """What serving takes of memory, by framework."""
        return reading.read_footprints(self._document("memory"))

    @cached_property
    def measurements(self) -> tuple[Measurement, ...]:
        """What the tuning rules were measured to be worth."""
        return reading.read_measurements(self._document("measured"))

    @cached_property
    def provider(self) -> Provider:
        """The AWS provider's range for what every stack uses."""
        return reading.read_provider(self._document("provider"))

    @cached_property
    def prices(self) -> Prices:
        """On-demand prices, as far as a source states them; a project's own before those that ship."""
        shipped = Prices.read(self._document("prices"))
        return shipped if self.own_prices is None else shipped.updated(self.own_prices)

    @cached_property
    def ec2_lacks(self) -> "Mapping[str, frozenset[str]]":
        """By region, the hosting types whose machine EC2 does not have there; other regions are unknown."""
        return reading.read_offerings(self._document("offerings"))

    @cached_property
    def actions(self) -> "Mapping[str, Action]":
        """Actions of GitHub's workflows by name."""
        return reading.read_actions(self._document("actions"))

    @cached_property
    def pipeline_terraform(self) -> str:
        """The Terraform that a pipeline installs."""
        version: str = self._document("actions")["terraform"]
        return version

    @cached_property
    def drivers(self) -> Drivers:
        """NVIDIA drivers by AMI and family, and what each runs."""
        return reading.read_drivers(self._document("drivers"))

    @cached_property
    def cuda_images(self) -> tuple[BaseImage, ...]:
        """The images that carry a CUDA toolkit's runtime, the newest first."""
        return reading.read_cuda_images(self._document("bases"))

    @cached_property
    def uv_version(self) -> str:
        """The uv that made the locks and that an image installs them with."""
        version: str = self._document("locking")["uv_version"]
        return version

    def source(self, name: str) -> str:
        """Where the data file ``name`` (``"instances"``) comes from, with its date; for `explain`."""
        document = self._document(name)
        return f"{document['source']} ({document['derived']})"

    def base_image(self, python: str) -> BaseImage:
        """The image with a Python. Raises UnknownEntry."""
        return self._base_images[python]

    def requirements(self, framework: str, version: str, build: Build = Build.CPU) -> str:
        """The direct dependencies of a project's image (``requirements.in``). Raises UnknownEntry."""
        self._pythons(framework, version)
        return self._lock_file(f"{_stem(framework, version, build)}.in")

    def lock_text(self, framework: str, version: str, python: str, build: Build = Build.CPU) -> str:
        """The locked dependencies of a project's image, with hashes. Raises UnknownEntry.

        PyTorch itself is in those of the build for CUDA only.
        """
        self._require_python(framework, version, python)
        return self._lock_file(f"{_stem(framework, version, build)}-py{python}.lock")

    def dev_requirements(self, framework: str) -> str:
        """What a project's own checks and its train.py need (``requirements-dev.in``)."""
        return self._lock_file(f"{self._dev(framework)}.in")

    def dev_lock_text(self, framework: str, version: str, python: str) -> str:
        """The locked checks, in agreement with the lock of the framework. Raises UnknownEntry."""
        self._require_python(framework, version, python)
        return self._lock_file(f"{self._dev(framework)}-py{python}.lock")

    def _dev(self, framework: str) -> str:
        """One set of checks serves every framework whose train.py needs nothing more."""
        own = f"dev-{framework}"
        return own if (self.home / "locks" / f"{own}.in").exists() else "dev"

    @cached_property
    def _base_images(self) -> Entries[BaseImage]:
        return reading.read_base_images(self._document("bases"))

    def _require_python(self, framework: str, version: str, python: str) -> None:
        known = self._pythons(framework, version)
        if python not in known:
            raise UnknownEntry("Python", python, known)

    def _pythons(self, framework: str, version: str) -> tuple[str, ...]:
        return self.frameworks[framework].versions[version]

    def _document(self, name: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.home / "data" / f"{name}.json").read_text("utf-8"))
        return document

    def _lock_file(self, name: str) -> str:
        return (self.home / "locks" / name).read_text("utf-8")


def _stem(framework: str, version: str, build: Build) -> str:
    name = f"{framework}-{version}" if version else framework
    return f"{name}-cuda" if build is Build.CUDA else name


def load(own_prices: Prices | None = None) -> Catalog:
    """Return the catalogue that ships with byocgen, with a project's prices; no file is read yet."""
    return Catalog(HOME, own_prices)
