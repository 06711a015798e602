"""Every two options of the manifest together, as terraform judges them: formatted, valid, planned, and the stack's own tests pass.

Rules: `matrix` has the options and the rows. What terraform itself does is not asked twice: `terraform test` validates before
it runs, and one provider, started once, answers for all rows. That the provider knows every attribute is asked of the
templates, which a stack has byte for byte (`test_checks`).
"""

import itertools
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.aws.provider import Provider, without_aws

from byocgen import workflow
from byocgen.manifest.schema import schema

from . import matrix
from .stacks import Stack
from .test_files import TEMPLATES

ROWS = matrix.rows()
WHOLE = "tests/regions.tftest.hcl"
"""Plans a whole stack with the values of its terraform.tfvars, so every row runs it."""
FURTHER = '\nmock_provider "aws" {\n  alias'
SHAPING = ("mode", "key", "vpc", "regions")
"""Options that change what all others build on: every test is run with each of their levels."""
NAMES = [f"{number}-{row['mode']}" for number, row in enumerate(ROWS)]
IN_BATCH = {"mode": "batch"}
NO_EFFECT: Mapping[str, Mapping[str, Any]] = {
    "description": {"description": "Churn score per customer"},
    "model.python": {"model": {"python": "3.11"}},
    "model.requirements": {"model": {"requirements": ["pandas>=2.2"]}},
    "model.inputs.name": {"model": {"inputs": [{"name": "plan", "type": "string", "values": ["basic", "pro"]}]}},
    "model.inputs.type": {"model": {"inputs": [{"name": "plan", "type": "float"}]}},
    "model.inputs.values": {"model": {"inputs": [{"name": "plan", "type": "string", "values": ["basic"]}]}},
    "serving.workers": {"serving": {"workers": 2}},
    "serving.threads": {"serving": {"threads": 2}},
    "serving.batching.max_size": {"serving": {"batching": {"max_size": 8}}},
    "serving.batching.max_delay_ms": {"serving": {"batching": {"max_size": 8, "max_delay_ms": 4}}},
    "serving.max_payload_mib": {"serving": {"max_payload_mib": 2}},
    "serving.stream": {"model": {"framework": "python"}, "serving": {"stream": True}},
    "serving.optimize": {"serving": {"optimize": "off"}},
    "endpoint.batch.content_type": {"endpoint": {**IN_BATCH, "batch": {"content_type": "text/plain"}}},
    "endpoint.batch.split": {"endpoint": {**IN_BATCH, "batch": {"split": "none"}}},
    "endpoint.batch.strategy": {"endpoint": {**IN_BATCH, "batch": {"strategy": "single-record"}}},
    "endpoint.batch.max_concurrent": {"endpoint": {**IN_BATCH, "batch": {"max_concurrent": 3}}},
    "endpoint.batch.join_input": {"endpoint": {**IN_BATCH, "batch": {"join_input": True}}},
    "security.run_as_root": {"security": {"run_as_root": True}},
    "files.eject": {"files": {"eject": ["Dockerfile"]}},
}
"""Fields that no option has, each in a manifest whose stack is the same as without it."""


def rendered(manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of a manifest's stack: path inside `terraform/` -> content."""
    tree = workflow.generate(json.dumps(manifest).encode(), "byocgen.yaml").tree
    return {
        path.removeprefix("terraform/"): file.content for path, file in tree.items() if path.startswith("terraform/")
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every row's stack, each in a folder of its name."""
    root = tmp_path_factory.mktemp("matrix")
    for name, row in zip(NAMES, ROWS, strict=True):
        for path, content in rendered(matrix.manifest(row)).items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_bytes(content)
    return root


@pytest.fixture(scope="module")
def environment(provider: Provider) -> Iterator[dict[str, str]]:
    """One without an AWS account. Nothing configures the provider: the tests of a stack have mocks, which ask it for attributes."""
    with provider.running(without_aws()) as running:
        yield running


def test_every_pair_is_in_a_row_or_refused() -> None:
    shown = {pair for row in ROWS for pair in itertools.combinations(row.items(), 2)}
    assert [pair for pair in matrix.pairs() if pair not in shown and matrix.possible(*pair)] == []


def test_a_row_has_a_level_of_every_option_and_byocgen_takes_it() -> None:
    assert {tuple(row) for row in ROWS} == {tuple(matrix.OPTIONS)}
    assert [matrix.refused(row) for row in ROWS] == [[]] * len(ROWS)


def test_every_layer_is_in_a_row() -> None:
    found = {layer for row in ROWS for layer in matrix.layers(row)}
    assert found == {path.name for path in TEMPLATES.iterdir()}


def test_every_field_is_an_option_or_changes_no_stack() -> None:
    levels = [matrix.BASE, *(blocks for option in matrix.OPTIONS.values() for blocks in option.values())]
    told = {path for path in matrix.fields_of(schema(), schema()) if any(matrix.has(blocks, path) for blocks in levels)}
    assert told.isdisjoint(NO_EFFECT)
    assert sorted(told | NO_EFFECT.keys()) == sorted(set(matrix.fields_of(schema(), schema())))


@pytest.mark.parametrize("field", NO_EFFECT)
def test_a_field_that_is_no_option_changes_no_stack(field: str) -> None:
    blocks = NO_EFFECT[field]
    assert matrix.has(blocks, field)
    mode = {"endpoint": {"mode": blocks.get("endpoint", {}).get("mode", "realtime")}}
    assert rendered(matrix.with_blocks(matrix.BASE, blocks)) == rendered(matrix.with_blocks(matrix.BASE, mode))


def test_the_files_are_formatted(terraform: str, folder: Path) -> None:
    done = subprocess.run(
        [terraform, "fmt", "-check", "-recursive", "-diff", str(folder)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def chosen(row: matrix.Row, tests: Mapping[str, str], shown: set[tuple[str, str, str]]) -> list[str]:
    """The tests that are run in a row: those that no earlier one ran with all of its shaping levels; `shown` remembers.

    Tests are told apart by their text: two layers have files of one name where one takes the place of the other.
    """
    levels = [(option, row[option]) for option in SHAPING]
    new = [name for name, text in tests.items() if any((text, *level) not in shown for level in levels)]
    shown |= {(tests[name], *level) for name in new for level in levels}
    return [name for name in tests if name in new or name == WHOLE]


def written_tests(stack: Path) -> dict[str, str]:
    """The test files of a stack and of its bootstrap: path -> text, without the mocks of further regions, which every file gets."""
    found = sorted(stack.rglob("*.tftest.hcl"))
    return {path.relative_to(stack).as_posix(): path.read_text("utf-8").partition(FURTHER)[0] for path in found}


@pytest.fixture(scope="module")
def asked(folder: Path) -> dict[str, list[str]]:
    """Row -> its tests that are run."""
    shown: set[tuple[str, str, str]] = set()
    return {name: chosen(row, written_tests(folder / name), shown) for name, row in zip(NAMES, ROWS, strict=True)}


@pytest.mark.parametrize("name", NAMES)
def test_the_tests_of_the_stack_and_of_its_bootstrap_pass(
    name: str, folder: Path, environment: Mapping[str, str], asked: Mapping[str, list[str]]
) -> None:
    for below in ("", "bootstrap/"):
        stack = Stack(folder / name / below, environment)
        wanted = [test.removeprefix(below) for test in asked[name] if test.startswith(f"{below}tests/")]
        if not wanted:
            continue
        stack.terraform("get").check_returncode()
        done = stack.terraform("test", "-no-color", *(f"-filter={test}" for test in wanted))
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.fullmatch(r"Success! [1-9][0-9]* passed, 0 failed\.", done.stdout.splitlines()[-1])
