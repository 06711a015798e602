"""What holds for every lock: it pins what the catalogue says, by hash, and names no place it was made at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from packaging.version import Version

from byocgen.catalog import HOME, Build, load
from derive.lock_format import pins, problems, requirement_lines

if TYPE_CHECKING:
    from byocgen.catalog import Catalog

LOCKS = sorted((HOME / "locks").glob("*.lock"))
SERVER = ("httptools", "msgspec", "numpy", "uvloop")
COMPILED = {"lightgbm", "onnx", "onnxruntime", "safetensors", "scikit-learn", "scipy", "tokenizers"}
CHOICES = [
    (framework.name, version, python)
    for framework in load().frameworks.values()
    for version, pythons in framework.versions.items()
    for python in pythons
]
GPU_CHOICES = [choice for choice in CHOICES if choice[1] in load().frameworks[choice[0]].cuda]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_is_pins_hashes_and_one_comment(lock: Any) -> None:
    first, *rest = lock.read_text("utf-8").splitlines()
    pin_or_hash = re.compile(r"[a-z0-9-]+==[^ ]+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert first.startswith("# ")
    assert [line for line in rest if not pin_or_hash.fullmatch(line)] == []
    assert re.findall(r"https?:|index-url|find-links|\d{4}-\d\d-\d\d|win32", lock.read_text("utf-8")) == []


@pytest.mark.parametrize(("framework", "version", "python"), CHOICES)
def test_a_lock_satisfies_its_requirements(catalog: Catalog, framework: str, version: str, python: str) -> None:
    lock = catalog.lock_text(framework, version, python)
    wanted = requirement_lines(catalog.requirements(framework, version))
    assert problems(lock, wanted) == []
    row = catalog.frameworks[framework]
    if row.distribution not in ("", "torch"):
        assert pins(lock)[row.distribution][0] == Version(version)


@pytest.mark.parametrize(("framework", "version", "python"), CHOICES)
def test_pytorch_is_locked_apart_and_what_it_needs_is_not(
    catalog: Catalog, framework: str, version: str, python: str
) -> None:
    locked = pins(catalog.lock_text(framework, version, python)).keys()
    assert [name for name in locked if re.match(r"torch$|triton$|nvidia-|cuda-", name)] == []
    needs = {"filelock", "fsspec", "jinja2", "networkx", "sympy", "typing-extensions"}
    wanted = needs if version in catalog.frameworks[framework].torch else set()
    assert wanted <= locked


@pytest.mark.parametrize(("framework", "version", "python"), GPU_CHOICES)
def test_a_lock_for_gpus_is_of_the_cuda_that_the_catalogue_says(
    catalog: Catalog, framework: str, version: str, python: str
) -> None:
    lock = catalog.lock_text(framework, version, python, Build.CUDA)
    assert problems(lock, requirement_lines(catalog.requirements(framework, version, Build.CUDA))) == []
    locked = {name: pinned for name, (pinned, _) in pins(lock).items()}
    cuda = Version(catalog.frameworks[framework].cuda[version])
    series = {name[-2:] for name in locked if re.fullmatch(r"nvidia-.*-cu\d\d", name)}
    assert series == {str(cuda.major)}
    runtime = locked.get(f"nvidia-cuda-runtime-cu{cuda.major}") or locked.get("nvidia-cuda-runtime")
    if framework != "xgboost":  # which has the runtime inside
        assert runtime is not None
        assert runtime.release[:2] == cuda.release[:2]
    torch = catalog.frameworks[framework].torch.get(version)
    assert locked.get("torch") == (Version(torch) if torch else None)


@pytest.mark.parametrize(("framework", "version", "python"), GPU_CHOICES)
def test_a_gpu_changes_the_build_and_nothing_else(catalog: Catalog, framework: str, version: str, python: str) -> None:
    on_gpu = pins(catalog.lock_text(framework, version, python, Build.CUDA))
    on_cpu = pins(catalog.lock_text(framework, version, python))
    checks = pins(catalog.dev_lock_text(framework, version, python))
    for others in (on_cpu, checks):
        shared = on_gpu.keys() & others.keys()
        assert {name: on_gpu[name][0] for name in shared} == {name: others[name][0] for name in shared}


@pytest.mark.parametrize(("framework", "version", "python"), CHOICES)
def test_the_checks_and_the_image_agree_on_what_both_have(
    catalog: Catalog, framework: str, version: str, python: str
) -> None:
    image = pins(catalog.lock_text(framework, version, python))
    checks = pins(catalog.dev_lock_text(framework, version, python))
    shared = image.keys() & checks.keys()
    assert {"httpx", "anyio"} <= shared
    assert {name: checks[name] for name in shared} == {name: image[name] for name in shared}
    wanted = requirement_lines(catalog.dev_requirements(framework))
    assert problems(catalog.dev_lock_text(framework, version, python), wanted) == []


@pytest.mark.parametrize(("framework", "version", "python"), CHOICES)
def test_compiled_packages_have_wheels_for_both_architectures_and_the_mac(
    catalog: Catalog, framework: str, version: str, python: str
) -> None:
    # A compiled package has a wheel a platform: Linux on x86_64 and on aarch64, macOS on arm64 at least.
    locked = pins(catalog.lock_text(framework, version, python))
    assert [name for name in SERVER if locked[name][1] < 3] == []
    assert [name for name in sorted(COMPILED & locked.keys()) if locked[name][1] < 3] == []


def test_the_checks_hold_the_uv_that_made_the_locks(catalog: Catalog) -> None:
    locks = [path.read_text("utf-8") for path in LOCKS if path.name.startswith("dev-")]
    assert {str(pins(lock)["uv"][0]) for lock in locks} == {catalog.uv_version}


def test_the_locks_together_stay_small_enough_to_review() -> None:
    assert sum(path.stat().st_size for path in LOCKS) < 1_500_000
