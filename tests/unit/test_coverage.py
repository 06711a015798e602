"""Every instance type of the catalogue, with every framework, in every mode: a plan that holds together, or a reason."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import TypeAdapter
from tests.unit.examples import MINIMAL

from byocgen import catalog as catalogs
from byocgen.diagnostics import has_errors
from byocgen.manifest.endpoint import Endpoint, Serverless
from byocgen.manifest.kinds import FrameworkName, Mode
from byocgen.manifest.load import load
from byocgen.manifest.model import Model
from byocgen.plan import placement, sizing
from byocgen.plan.decide import decide

if TYPE_CHECKING:
    from byocgen.catalog import Instance
    from byocgen.diagnostics import Diagnostic
    from byocgen.manifest.model import Manifest
    from byocgen.plan.plan import Plan

CATALOG = catalogs.load()
FRAMEWORKS: tuple[FrameworkName, ...] = get_args(FrameworkName)
MODES: tuple[Mode, ...] = get_args(Mode)
LARGE = 20.0
"""GiB that many types do not hold; asked for where that is decided differently: by forks, a file that is mapped, or a GPU."""
SHARING = ("sklearn", "transformers", "onnx")


def manifest(framework: FrameworkName, size_gib: float | None, **endpoint: Any) -> Manifest:
    """The minimal manifest with another framework, a size and an endpoint."""
    given = load(MINIMAL.encode(), "byocgen.yaml").manifest
    assert given is not None
    return replace(given, model=Model(framework=framework, size_gib=size_gib), endpoint=Endpoint(**endpoint))


@cache
def walked(framework: FrameworkName, mode: Mode) -> list[tuple[Instance, Plan | None, list[Diagnostic], Manifest]]:
    """Decide for every type, with a small model and a large one."""
    walk = []
    for size in (None, LARGE) if mode == "realtime" and framework in SHARING else (None,):
        base = manifest(framework, size, mode=mode)
        for instance in CATALOG.instances.values():
            asked = replace(base, endpoint=Endpoint(mode=mode, instance_type=instance.name))
            walk.append((instance, *decide(asked, CATALOG), asked))
    return walk


WITH_INSTANCES = [(framework, mode) for framework in FRAMEWORKS for mode in MODES if mode != "serverless"]


@pytest.mark.parametrize(("framework", "mode"), WITH_INSTANCES)
def test_every_type_gets_a_plan_or_a_reason(framework: FrameworkName, mode: Mode) -> None:
    for instance, plan, found, asked in walked(framework, mode):
        assert (plan is None) is has_errors(found), (instance.name, found)
        assert [one.message for one in found if not one.help or not one.key] == []
        if plan is not None:
            holds_together(plan, instance, asked)


def holds_together(plan: Plan, instance: Instance, asked: Manifest) -> None:
    """What every plan keeps: it fits the memory, and shares the vCPUs out once."""
    serving, needed = plan.serving, sizing.demand(asked, CATALOG, instance)
    lanes = serving.workers.value * serving.threads.value * serving.blas_threads.value
    assert 1 <= lanes <= instance.vcpus, instance.name
    assert needed.total(serving.workers.value) <= sizing.usable(instance).mib, instance.name
    if needed.gpu is not None and instance.gpu is not None:
        assert serving.workers.value <= instance.gpu.count, instance.name
        assert needed.gpu.mib <= sizing.usable_gpu(instance.gpu).mib, instance.name
    assert (plan.stack.instance_type.value, plan.image.architecture.value) == (instance.name, instance.architecture)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_serverless_size_gets_a_plan_or_a_reason(framework: FrameworkName) -> None:
    for mib in placement.SERVERLESS_STEPS:
        block = TypeAdapter(Serverless).validate_json(f'{{"memory_mib": {mib}}}')
        for size in (None, 1.0, 5.0):
            asked = manifest(framework, size, mode="serverless", serverless=block)
            plan, found = decide(asked, CATALOG)
            assert (plan is None) is has_errors(found)
            assert [one.message for one in found if not one.help or not one.key] == []
            if plan is not None:
                assert plan.serverless is not None
                assert (plan.serving.workers.value, plan.serverless.memory_mib.value) == (1, mib)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("mode", MODES)
def test_auto_finds_a_type_for_every_framework_in_every_mode(framework: FrameworkName, mode: Mode) -> None:
    plan, found = decide(manifest(framework, None, mode=mode, instance_type="auto"), CATALOG)
    assert found == []
    assert plan is not None


def test_the_walk_meets_all_that_it_is_about() -> None:
    made = [plan for pair in WITH_INSTANCES for _, plan, _, _ in walked(*pair) if plan is not None]
    refused = {one.code for pair in WITH_INSTANCES for _, _, found, _ in walked(*pair) for one in found}
    assert {plan.image.architecture.value for plan in made} == {"amd64", "arm64"}
    assert {"BYO302", "BYO303", "BYO308", "BYO351"} <= refused
    assert len(made) > 5_000


@pytest.mark.parametrize("family", sorted({one.family for one in CATALOG.instances.values()}))
def test_every_family_is_served_or_refused_with_a_way_out(family: str) -> None:
    """Of a family that is served there are a base image, a driver where it has GPUs, and room for a worker."""
    types = [one.name for one in CATALOG.instances.values() if one.family == family]
    outcomes = [(plan, found) for instance, plan, found, _ in walked("pytorch", "realtime") if instance.name in types]
    assert outcomes
    for plan, found in outcomes:
        assert plan is None or plan.image.base_image.value
        assert plan is not None or all(one.help for one in found)
