"""How much memory serving takes, which workers fit, and what is said of a model that does not."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from tests.unit.asking import findings, generated, said
from tests.unit.examples import HEAD, MINIMAL

from byocgen import catalog as catalogs
from byocgen import present
from byocgen.manifest.load import load
from byocgen.plan import placement, sizing
from byocgen.plan.demand import Demand, gib

CATALOG = catalogs.load()
ROOT = Path(__file__).resolve().parents[2]
LARGE = "size_gib: 14, generation: {kv_kib_per_token: 512, context_tokens: 4096, sequences: 2}"
"""A model of seven billion parameters in bfloat16."""


def demanded(text: str, instance_type: str = "ml.m5.xlarge") -> Demand:
    """What the manifest takes on an instance type."""
    manifest = load(text.encode(), "byocgen.yaml").manifest
    assert manifest is not None
    return sizing.demand(manifest, CATALOG, CATALOG.instances[instance_type])


def rows(text: str, subject: str) -> dict[str, Any]:
    """The values of one subject of the plan."""
    shown = present.explain_data(generated(text).plan, subject)
    return {key.removeprefix(f"{subject}."): row["value"] for key, row in shown.items()}


def test_the_terms_add_up() -> None:
    needed = demanded(HEAD + "model: {framework: python, size_gib: 2}\nserving: {max_payload_mib: 3, threads: 2}\n")
    assert (needed.process.mib, needed.weights.mib, needed.loading.mib) == (128, 2048, 2048)
    assert needed.working.mib == 8 * 3 * 2
    assert needed.alone == 128 + 2048 + 2048  # it loads or it works
    assert needed.total(3) == 3 * needed.alone


def test_a_worker_that_works_takes_more_than_one_that_loads() -> None:
    needed = demanded(HEAD + "model: {framework: python, size_gib: 0.25}\nserving: {threads: 8}\n")
    assert needed.alone == 128 + 256 + 8 * 6 * 8 > 128 + 256 + needed.loading.mib


def test_forks_share_the_model_and_the_process() -> None:
    needed = demanded(HEAD + "model: {framework: sklearn, size_gib: 2}\n")
    assert needed.more == needed.beside.mib + needed.working.mib < 128
    model = needed.process.mib + needed.weights.mib
    assert needed.total(2) == model + max(needed.loading.mib, 2 * needed.more)
    assert needed.total(64) == model + 64 * needed.more


NOT_FORKED = {
    "libraries with threads": ("model: {framework: sklearn, size_gib: 1}\nserving: {workers: 2}\n", "ml.m5.xlarge"),
    "a GPU that nobody uses": ("model: {framework: sklearn, size_gib: 1}\n", "ml.g4dn.xlarge"),
}


@pytest.mark.parametrize("case", NOT_FORKED)
def test_where_workers_load_the_model_themselves(case: str) -> None:
    model, instance_type = NOT_FORKED[case]
    needed = demanded(HEAD + model, instance_type)
    assert (needed.forked, needed.beside.mib) == (False, needed.process.mib)


def test_models_that_come_and_go_are_not_shared() -> None:
    text = HEAD + "model: {framework: sklearn, size_gib: 2, artifact: models}\nendpoint: {mode: multi-model}\n"
    assert demanded(text).total(2) == 2 * demanded(text).alone


def test_weights_that_are_mapped_from_their_file_count_once() -> None:
    needed = demanded(HEAD + "model: {framework: transformers, size_gib: 2}\nserving: {workers: 2}\n")
    assert 0 < needed.shared_mib < needed.weights.mib
    assert needed.total(3) == 3 * needed.alone - 2 * needed.shared_mib


def test_the_cache_of_a_text_is_layers_heads_and_tokens() -> None:
    layers, kv_heads, head_size, of_number = 32, 32, 128, 2
    per_token = 2 * layers * kv_heads * head_size * of_number
    assert per_token == 512 * 1024
    needed = demanded(HEAD + f"model: {{framework: transformers, artifact: m, {LARGE}}}\n", "ml.g5.2xlarge")
    assert needed.gpu is not None
    assert needed.gpu.kv_cache.mib * 1024**2 == per_token * 4096 * 2


def test_on_a_gpu_the_weights_lie_there_and_pass_through_the_host() -> None:
    needed = demanded(HEAD + f"model: {{framework: transformers, artifact: m, {LARGE}}}\n", "ml.g5.2xlarge")
    assert needed.gpu is not None
    assert (needed.weights.mib, needed.kv_cache.mib) == (0, 0)
    assert needed.loading.mib >= 14 * 1024
    assert needed.gpu.mib == 1344 + 14 * 1024 + 2868 + 4096


@pytest.mark.parametrize(
    ("instance_type", "workers"),
    [("ml.g5.xlarge", 0), ("ml.g5.2xlarge", 0), ("ml.g6e.2xlarge", 1), ("ml.g6e.12xlarge", 4)],
)
def test_one_worker_has_one_gpu(instance_type: str, workers: int) -> None:
    """14 GiB with cache and context are 22.2 GiB: more than an A10G, and a model is not split over four of them."""
    needed = demanded(HEAD + f"model: {{framework: transformers, artifact: m, {LARGE}}}\n", instance_type)
    assert sizing.workers_that_fit(needed, CATALOG.instances[instance_type]) == workers


def test_a_gpu_that_the_framework_does_not_use_holds_nothing() -> None:
    assert demanded(MINIMAL, "ml.g5.xlarge").gpu is None


def test_the_plan_shows_the_sum() -> None:
    assert rows(HEAD + "model: {framework: python, size_gib: 2}\n", "memory") == {
        "process_mib": 128,
        "weights_mib": 2048,
        "loading_mib": 2048,
        "working_mib": 48,
        "kv_cache_mib": 0,
        "worker_mib": 4224,
        "further_worker_mib": 4224,
        "usable_mib": 13107,
        "gpu_worker_mib": 0,
        "gpu_usable_mib": 0,
        "workers": 3,
    }


def test_memory_of_a_small_machine_shortens_the_queue() -> None:
    few = rows(HEAD + "model: {framework: python, size_gib: 2}\n", "serving")
    assert few["queue_size"] == (13107 - 3 * 4224) // 3 // 6
    assert rows(MINIMAL, "serving")["queue_size"] == 128


SAID = {
    HEAD + "model: {framework: python, size_gib: 2}\nserving: {workers: 4}\n": "write: workers: 3",
    HEAD
    + "model: {framework: python, size_gib: 20000}\n": "no instance type of the catalogue holds it: make the model smaller",
}


@pytest.mark.parametrize("text", SAID)
def test_the_way_out(text: str) -> None:
    (found,) = findings(text)
    assert (found.code, found.help) == ("BYO308", SAID[text])


def test_all_numbers_of_several_workers_are_said() -> None:
    text = HEAD + "model: {framework: python, size_gib: 2}\nserving: {workers: 4}\n"
    assert said(text).splitlines()[0] == (
        "error[BYO308]: 4 workers take 16.5 GiB (4.1 GiB the first): 128 MiB process, 2 GiB weights, 2 GiB while it loads; "
        "ml.m5.xlarge has 12.8 GiB of its 16 GiB for that"
    )


SERVERLESS = {
    "model: {framework: onnx}": 1024,
    "model: {framework: sklearn}": 1024,
    "model: {framework: transformers, artifact: m, size_gib: 0.5}": 2048,
    "model: {framework: python, size_gib: 2}": 5120,
}


@pytest.mark.parametrize("model", SERVERLESS)
def test_a_serverless_container_is_the_smallest_step_that_holds_a_worker(model: str) -> None:
    manifest = load(f"{HEAD}{model}\nendpoint: {{mode: serverless}}\n".encode(), "byocgen.yaml").manifest
    assert manifest is not None
    serves, found = placement.settle(manifest, CATALOG)
    assert serves is not None
    assert serves.serverless_memory_mib is not None
    assert (found, serves.serverless_memory_mib.value, serves.instance_type.value) == ([], SERVERLESS[model], "")


TOO_LARGE = {
    "model: {framework: python, size_gib: 3}\nendpoint: {mode: serverless}\n": (
        "6144 MiB is the most that a serverless endpoint has: use mode realtime",
        "size_gib",
    ),
    "model: {framework: python, size_gib: 2}\nendpoint: {mode: serverless, serverless: {memory_mib: 2048}}\n": (
        "write: memory_mib: 5120, or auto",
        "memory_mib",
    ),
}


@pytest.mark.parametrize("rest", TOO_LARGE)
def test_a_model_that_no_serverless_container_holds(rest: str) -> None:
    (found,) = [one for one in findings(HEAD + rest) if one.code == "BYO308"]
    assert (found.help, found.key[-1]) == TOO_LARGE[rest]


@pytest.mark.parametrize(("mib", "vcpus"), [(1024, 1), (3072, 1), (4096, 2), (6144, 3)])
def test_cpus_of_a_serverless_container_go_with_its_memory(mib: int, vcpus: int) -> None:
    assert placement.container(mib, CATALOG).vcpus == vcpus


@pytest.mark.parametrize("framework", CATALOG.frameworks)
def test_what_is_planned_as_forked_is_what_the_server_forks(framework: str) -> None:
    source = ROOT / "scaffolds" / framework / "{{cookiecutter.folder}}" / "serving" / "framework.py"
    body = ast.parse(source.read_text("utf-8")).body
    names = {ast.unparse(one) for one in body if isinstance(one, ast.Assign)}
    assert "SHARE_BY_FORK = True" in names or CATALOG.footprints[framework].sharing == "none"


def test_every_framework_has_a_footprint() -> None:
    assert list(CATALOG.footprints) == list(CATALOG.frameworks)
    for one in CATALOG.footprints.values():
        assert one.peak >= one.held >= 1 >= one.shared >= 0
        assert one.sharing in ("forked", "none")


@pytest.mark.parametrize(("mib", "text"), [(64, "64 MiB"), (1024, "1 GiB"), (13107, "12.8 GiB"), (2**22, "4,096 GiB")])
def test_amounts_are_written_as_people_do(mib: int, text: str) -> None:
    assert gib(mib) == text
