"""Every rule has a server that breaks it, and is the one that catches it."""

from __future__ import annotations

import dataclasses
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from byocgen.verify import suite
from byocgen.verify.example import JSON, JSON_LINES, Example
from byocgen.verify.limits import Mode
from byocgen.verify.options import Options
from byocgen.verify.process import free_port
from byocgen.verify.rule import Need, Result, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BROKEN = Path(__file__).parent / "broken"
ROWS = b'{"instances": [[1, 2], [3, 4], [5, 5]]}'
STREAM = Example(ROWS[:-1] + b', "stream": true}', JSON, JSON_LINES)
AT_ONCE = 6
"""Suites that run side by side: most of the time each waits."""

EXPECTED: dict[str, dict[str, str]] = {
    "": {
        "refuses_serve": "V102",
        "ignores_port": "V103",
        "localhost_only": "V104",
        "HealthyTooEarly": "V105",
        "dies_of_variables": "V106",
        "ends_at_once": "V101",
        "NoContentType": "V302 v303",
        "FailsToWriteCsv": "V303",
        "DiesOfPlatformHeader": "V304",
        "DiesOfUnknownHeader": "V305",
        "LongAttributes": "V306",
        "CsvIs500": "V307",
        "ClosesConnections": "v308",
        "UnreadableIs500": "V321",
        "ErrorIs200": "V322",
        "UnknownTypeIs500": "V323",
        "UnmetAcceptIs500": "V324",
        "UnknownPathIs200": "V325",
        "WrongMethodIs500": "V326",
        "HtmlErrors": "V327",
        "LeaksTraceback": "V328",
        "LeaksPath": "V329",
        "LargeIs500": "V341",
        "DiesOverLimit": "V342",
        "ReadsAnySize": "v342",
        "one_at_a_time": "V402",
        "dies_of_hang_up": "V403",
        "DiesOfGarbage": "V404",
        "killed_by_sigterm": "V501",
        "ignores_sigterm": "V502",
        "exits_with_1": "v503",
        "writes_to_model": "V504",
        "logs_nothing": "v505",
        "OddParameters": "V601",
        "LosesRecords": "V602",
        "MixesRecords": "V603",
    },
    "slow_start": {"slow_start": "V101"},
    "busy": {
        "PingBlocked": "V203",
        "PingIllUnderLoad": "V204",
        "FailsUnderLoad": "V205 V401",
        "FailsInACrowd": "V401",
    },
    "at rest": {"PingSlow": "V201"},
    "connections": {"accepts_slowly": "V202"},
    "batch": {"ReadsNoLines": "V604"},
    "multi-model": {
        "LoadFails": "V701",
        "LoadsTwice": "V702",
        "ListsNothing": "V703 V710",
        "GetUnknownIs500": "V704",
        "InvokeUnknownIs500": "V705",
        "NeverUnloads": "V706",
        "DeleteUnknownIs200": "V707",
        "NoMemoryIs500": "V708",
        "LoadsAnyName": "V709",
        "WorkersDisagree": "V710",
        "NonsenseIs500": "V711",
    },
    "stream": {
        "NotChunked": "V801",
        "BuffersStream": "V802",
        "DiesOfLostStream": "V803",
        "NoEvents": "V804",
        "GoesOnStreaming": "V805",
    },
}
"""By kind of run: a server and the rules that it breaks; in small letters those that only warn."""
CASES = [(kind, name) for kind, servers in EXPECTED.items() for name in servers]
WITHOUT_A_SERVER_OF_ITS_OWN = {"V107": "V101 fails instead", "V301": "everything that needs the example fails instead"}
KINDS: dict[str, dict[str, Any]] = {
    "": {},
    "slow_start": {"start_timeout": 1},
    "busy": {"load_seconds": 0.6, "skip": frozenset({"V404"})},
    "at rest": {"only": frozenset({"V1", "V2"})},
    "connections": {"only": frozenset({"V101", "V202"})},
    "batch": {"mode": Mode.BATCH},
    "multi-model": {"mode": Mode.MULTI_MODEL, "skip": frozenset({"V2"})},
    "stream": {"stream": True, "example": STREAM, "skip": frozenset({"V2", "V401", "V403"})},
}
ONLY = {"LoadFails": frozenset({"V1", "V701"})}
"""Nothing else can be asked of a server that loads nothing."""


def options(kind: str, model: Path, *command: str) -> Options:
    """Give the options of a run, with all waiting shortened."""
    usual = Options(
        command=(sys.executable, *command),
        model_dir=None if kind == "multi-model" else model,
        models={"first": str(model)} if kind == "multi-model" else {},
        example=Example(ROWS, JSON),
        start_timeout=20,
        stop_seconds=4,
        ping_seconds=1,
        load_seconds=0.1,
        clients=32,
        default_port=free_port(),
    )
    chosen = dataclasses.replace(usual, environ={"OWN_PORT": str(usual.default_port)})
    return dataclasses.replace(chosen, **KINDS[kind])


def broken(results: list[Result]) -> str:
    """Name the rules that were broken, in small letters those that only warn."""
    marks = {Status.FAILED: str.upper, Status.WARNED: str.lower}
    return " ".join(marks[one.status](one.rule.code) for one in results if one.status in marks)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model folder."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "model.txt").write_text("a model", "utf-8")
    return folder


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest, model: Path) -> Iterator[Callable[[str, str], list[Result]]]:
    """Return `results(kind, name)`; those that the chosen tests will ask for are made side by side."""
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def begin(kind: str, name: str) -> Future[list[Result]]:
            asked = options(kind, model, str(BROKEN / "fault.py"), name)
            return pool.submit(suite.run_all, dataclasses.replace(asked, only=ONLY.get(name, asked.only)))

        here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
        chosen = [item.callspec.params for item in here if "name" in item.callspec.params]
        begun = {(one["kind"], one["name"]): begin(one["kind"], one["name"]) for one in chosen}
        yield lambda kind, name: begun[kind, name].result()


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_broken_server_is_caught_by_its_own_check(
    kind: str, name: str, results: Callable[[str, str], list[Result]]
) -> None:
    found = results(kind, name)
    assert EXPECTED[kind][name] == broken(found), "\n\n".join(one.explain() for one in found if broken([one]))


@pytest.mark.parametrize("kind", ["", "batch", "multi-model", "stream"])
def test_the_reference_server_breaks_no_rule(kind: str, model: Path) -> None:
    found = suite.run_all(options(kind, model, str(BROKEN / "reference.py")))
    assert broken(found) == "", "\n\n".join(one.explain() for one in found if broken([one]))


def test_every_rule_has_a_server_that_breaks_it() -> None:
    caught = {code.upper() for servers in EXPECTED.values() for codes in servers.values() for code in codes.split()}
    rules = {rule.code for rule in suite.checks() if Need.IMAGE not in rule.needs}
    assert rules == caught | WITHOUT_A_SERVER_OF_ITS_OWN.keys()
