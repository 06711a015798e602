"""What the benchmarks say of a run: ratios, spread, what was left out, and that a server with other answers is not timed."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import report, results, rounds, workloads
from benchmarks.load import Measured, median
from benchmarks.ours import OURS
from benchmarks.peers import APPS, PEERS, Peer
from benchmarks.results import Cell, Results, Standing
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
    return Results("2 CPUs", SETTINGS, standings, cells, alone={ROW.name: 3448.2}, generator={"byocgen --help": 0.151})


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

    assert text.startswith("Measured on 2 CPUs; 2 workers, 3 rounds of 2 s in turn, medians.\n")
    assert "| byocgen | logistic | 2 | 1.2 | 128 |\n| mlflow | logistic | 2 | left out: no luck | |" in text
    assert "alone, in one process: 3,448 predictions a second" in text
    assert "| byocgen --help | 0.15 |" in text


def test_results_can_be_read_again(tmp_path: Path) -> None:
    results.write(run(), tmp_path / "deep" / "results.json")

    assert results.read(tmp_path / "deep" / "results.json") == run()


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
