"""What the benchmarks say of a run: ratios, spread, what was left out, and that a server with other answers is not timed."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import goals, report, results, rounds, workloads
from benchmarks.load import Measured, median, spoken, unchunked
from benchmarks.ours import OURS, ours
from benchmarks.peers import APPS, PEERS, Peer, Start
from benchmarks.results import Cell, Results, Standing, TuningRow
from benchmarks.server import Running, ask, memory_mib

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {"rounds": 3, "seconds": 2, "connections": [1, 64], "workers": 2}
ROW = workloads.Workload("logistic", 1)


def cell(server: str, connections: int, *rates: float, bad: int = 0) -> Cell:
    return Cell.of(server, ROW.name, connections, [Measured(rate, 1.0, 2.5, bad) for rate in rates])


def run() -> Results:
    cells = [
        *(cell("byocgen", 1, 990, 1000, 1010), cell("byocgen", 64, 9000, 10000, 11000)),
        *(cell("FastAPI", 1, 500, 500, 500), cell("FastAPI", 64, 1000, 1000, 1000)),
        *(cell("BentoML", 1, 250, 250, 250), cell("BentoML", 64, 2000, 2000, 2000, bad=1)),
        *(cell("limit: bare protocol, no model", 1, 9000), cell("limit: bare protocol, no model", 64, 20000)),
    ]
    standings = [
        Standing("byocgen", "logistic", 2, 1.25, 128.4),
        Standing("mlflow", "logistic", 2, missing="no java\nno luck"),
    ]
    return Results(
        "2 CPUs",
        "2026-11-22",
        SETTINGS,
        standings,
        cells,
        alone={ROW.name: 3448.2},
        generator={"byocgen --help": 0.151},
    )


def test_ratios_are_to_the_best_peer_and_limits_are_no_peers() -> None:
    lines = report.markdown(run()).splitlines()

    assert [
        line for line in lines if "rps" in line or "byocgen**" in line or line.startswith(("| F", "| B", "| limit"))
    ] == [
        "| server | c1 rps (p99 ms) | c64 rps (p99 ms) | to the best peer |",
        "| **byocgen** | 1,000 ±1% (2.5) | 10,000 ±10% (2.5) | 2.0x / 5.0x |",
        "| FastAPI | 500 ±0% (2.5) | 1,000 ±0% (2.5) | 1.0x / 0.5x |",
        "| BentoML | 250 ±0% (2.5) | 2,000 ±0% (2.5), 3 failed | 0.5x / 1.0x |",
        "| limit: bare protocol, no model | 9,000 ±0% (2.5) | 20,000 ±0% (2.5) | 18.0x / 10.0x |",
    ]


def test_a_report_says_on_what_it_was_measured_and_what_was_left_out() -> None:
    text = report.markdown(run())

    assert text.startswith("Measured on 2 CPUs, 2026-11-22; 2 workers, 3 rounds of 2 s in turn, medians.\n")
    assert "| byocgen | logistic | 2 | 1.2 | 128 |\n| mlflow | logistic | 2 | left out: no luck | |" in text
    assert "alone, in one process: 3,448 predictions a second" in text
    assert "| byocgen --help | 0.15 |" in text


def test_goals_are_judged_by_what_the_run_measured() -> None:
    aws, litestar = (cell(name, 64, rate) for name, rate in ((goals.AWS, 250), (goals.LITESTAR, 400)))
    found = {goal.what: goal for goal in goals.judge(replace(run(), cells=[*run().cells, aws, litestar]))}

    to_aws = found["logistic, 1 row, c64: byocgen to AWS sample: nginx, gunicorn, Flask"]
    assert (to_aws.measured, to_aws.wanted, to_aws.reached) == (40, 40, True)
    assert found["logistic, 1 row, c64: byocgen to plain Litestar"].measured == 25
    best = found["logistic, 1 row, c64: byocgen to the best peer"]
    assert (best.measured, best.reached) == (5, False)
    assert found["logistic, 1 row, c64: share of the bare protocol, the model included"].measured == 50
    assert found["slowest cell to its best peer (logistic, 1 row, c1)"].measured == 2
    assert found["byocgen --help"].reached
    assert not any("forest" in what or "itself" in what for what in found)
    assert "| byocgen --help | <= 0.2 s | 0.151 s | reached |" in goals.table(list(found.values()))


def test_tuning_rows_are_ratios_of_byocgen_to_itself() -> None:
    row = TuningRow("http", ROW.name, 64, "direct", "through ASGI", 3000, 1000, 1.5, 4)

    text = report.markdown(replace(run(), tuning=[row]))

    assert "| http | logistic, 1 row, c64 | direct: 3,000 (1.5) | through ASGI: 1,000 (4.0) | 3.0x |" in text


def test_numbers_of_answers_may_differ_by_the_order_of_a_sum_and_labels_not_at_all() -> None:
    assert rounds.alike([["0.2477860897"]], [["0.2477861"]])
    assert not rounds.alike([["0.2477"]], [["0.2478"]])
    assert not rounds.alike([["1"]], [["0"]])
    assert not rounds.alike([["yes"]], [["no"]])
    assert not rounds.alike([["1", "1"]], [["1"]])


def test_a_variant_of_byocgen_changes_only_the_lines_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.ours.CACHE", tmp_path)
    project = tmp_path / "projects" / "logistic-auto"
    (project / "serving").mkdir(parents=True)
    (project / "inference.py").write_text("")
    (project / "serving.toml").write_text('[server]\nworkers = 4  # why\nhttp = "direct"\nlane = "auto"\n')
    start = Start("logistic", tmp_path / "running", 1, 2)

    ours("one", settings=(("http", '"asgi"'),)).environment(start)

    assert (tmp_path / "running" / "serving.toml").read_text() == (
        '[server]\nworkers = 2\nhttp = "asgi"\nlane = "auto"\n'
    )


def test_a_streamed_answer_is_compared_by_its_words() -> None:
    events = b'data: {"text": "one"}\n\ndata: {"text": " two"}\n\nevent: end\ndata: {}\n\n'

    assert unchunked(b"3\r\none\r\n5\r\n two \r\n0\r\n\r\n") == b"one two "
    assert spoken(events) == spoken(b"one two ") == "one two"


def test_results_can_be_read_again(tmp_path: Path) -> None:
    row = TuningRow("http", ROW.name, 64, "direct", "through ASGI", 3000, 1000, 1.5, 4)
    results.write(replace(run(), tuning=[row]), tmp_path / "deep" / "results.json")

    assert results.read(tmp_path / "deep" / "results.json") == replace(run(), tuning=[row])


def test_the_median_of_an_even_number_was_measured() -> None:
    assert (median([3, 1, 2]), median([4, 1, 2, 3])) == (2, 2)


def test_requests_are_the_same_in_every_run_and_of_mixed_lengths() -> None:
    assert workloads.tables(2) == workloads.tables(2)
    assert {len(text.split()) for (text,) in workloads.texts()} == set(workloads.LENGTHS)
    assert json.loads(workloads.plain([[1.5]])) == {"instances": [[1.5]]}
    assert workloads.csv([[1.5, 2.0], [3.0, 4.0]]) == b"1.5,2.0\n3.0,4.0"


def test_every_app_belongs_to_a_peer_or_a_limit() -> None:
    named = {
        "served",
        "flask_app",
        "fastapi_app",
        "litestar_app",
        "litserve_app",
        "bento_app",
        "mlserver_app",
        "mlflow_model",
    }
    named |= {"mms_service", "limit_asgi", "limit_protocol"}
    assert {path.stem for path in APPS.glob("*.py")} == named
    assert len({one.name for one in [*PEERS, *OURS]}) == len(PEERS) + len(OURS)


class Says(BaseHTTPRequestHandler):
    """A server whose path is its answer: `/1` predicts 1, `/500` fails."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = self.path.removeprefix("/")
        body = json.dumps({"predictions": [int(said)]}).encode()
        self.send_response(500 if said == "500" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Says) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_server_with_other_answers_is_not_timed(port: int, tmp_path: Path) -> None:
    def saying(path: str) -> tuple[Peer, Running]:
        peer = Peer(path, (), lambda _python, _start: [], path=f"/{path}")
        return peer, Running(port, os.getpid(), 0.0, tmp_path)

    assert ask(port, "POST", "/1", b"{}", "application/json") == (200, b'{"predictions": [1]}')
    wrong = rounds.same_answers({name: saying(name) for name in ("1", "2", "500")}, ROW)
    assert set(wrong) == {"2", "500"}
    assert wrong["2"] == "other answers: ['2'], expected ['1']"
    assert wrong["500"].startswith("500 ")


@pytest.mark.skipif(not Path("/proc").exists(), reason="proportional memory is known on Linux")
def test_memory_is_that_of_the_process_and_of_all_below_it() -> None:
    assert memory_mib(os.getpid()) > 10


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        (["logistic"], ([], [], {"byocgen --help": 0.151})),
        (["byocgen"], (["byocgen", "mlflow"], ["logistic, 1 row"], {})),
        (["forest", "memory"], (["byocgen", "mlflow"], ["logistic, 1 row"], {"byocgen --help": 0.151})),
    ],
)
def test_a_part_is_measured_again_and_the_others_stay(
    tmp_path: Path, parts: list[str], kept: tuple[object, ...]
) -> None:
    path = tmp_path / "results.json"
    results.write(replace(run(), machine=results.machine(), day=results.today()), path)
    found = results.begin(path, SETTINGS, parts)
    workloads_kept = list(dict.fromkeys(one.workload for one in found.cells))
    assert ([one.server for one in found.standings], workloads_kept, found.generator) == kept
    assert set(found.alone) == set(workloads_kept)


@pytest.mark.parametrize(
    "change", [{"day": "2026-11-22"}, {"machine": "64 CPUs"}, {"settings": {**SETTINGS, "rounds": 5}}]
)
def test_what_was_measured_otherwise_does_not_stay(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "results.json"
    results.write(replace(run(), **{"machine": results.machine(), "day": results.today(), **change}), path)
    assert results.begin(path, SETTINGS, ["byocgen"]).cells == []
    assert results.begin(tmp_path / "none.json", SETTINGS, ["byocgen"]).cells == []
