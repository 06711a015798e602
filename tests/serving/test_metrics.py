"""GET /metrics as a Prometheus parser reads it: over all workers, and after one of them has died."""

import os
import signal

import pytest
from app_under_test import ECHO, Assemble, Server, Start
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from serving import board, metrics


def samples(server: Server) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    response = server.http.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    for family in parse(response.text):
        for sample in family.samples:
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def answered(server: Server, status: int) -> float:
    return samples(server).get(("serving_requests_total", (("route", "/invocations"), ("status", str(status)))), 0)


def answer_from_both(server: Server) -> int:
    """Send requests until both workers have answered; give their number."""
    sent = 0
    while len({line["pid"] for line in server.events("request") if line["path"] == "/invocations"}) < 2:
        with server.fresh() as http:
            assert http.post("/invocations", content="[[1]]").status_code == 200
        sent += 1
        assert sent < 1000
    return sent


def test_numbers_are_of_all_workers_and_outlive_them(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)

    sent = answer_from_both(server)
    assert server.post("nonsense").status_code == 400
    server.until(lambda: len([line for line in server.events("request") if line["path"] == "/invocations"]) == sent + 1)

    assert (answered(server, 200), answered(server, 400)) == (sent, 1)
    found = samples(server)
    assert found["serving_request_duration_seconds_count", ()] == sent + 1
    assert found["serving_predict_duration_seconds_count", ()] == sent
    assert found["serving_request_duration_seconds_bucket", (("le", "+Inf"),)] == sent + 1
    assert found["serving_request_duration_seconds_sum", ()] > 0
    assert (found["serving_workers_ready", ()], found["serving_requests_in_flight", ()]) == (2, 1)  # this one

    os.kill(server.events("started")[0]["pid"], signal.SIGKILL)
    server.wait_for("started", 3)
    assert (answered(server, 200), answered(server, 400)) == (sent, 1)
    assert samples(server)["serving_worker_restarts_total", ()] == 1
    assert samples(server)["serving_requests_in_flight", ()] == 1


def test_openmetrics_is_written_when_asked_for() -> None:
    text, content_type = metrics.expose(board.make(1), "application/openmetrics-text; version=1.0.0")

    assert content_type.startswith("application/openmetrics-text")
    names = {family.name for family in parse_openmetrics(text.decode())}  # type: ignore[no-untyped-call]
    assert {"serving_requests", "serving_queue_duration_seconds", "process_start_time_seconds"} <= names


@pytest.mark.parametrize(("seconds", "bucket"), [(0.0, 0), (0.0005, 0), (0.3, 9), (60.0, 15), (61.0, 16)])
def test_a_duration_is_counted_once(seconds: float, bucket: int) -> None:
    slot = board.make(1).take(0)
    slot.observe(queue=seconds)

    *counts, total = slot.histogram("queue")
    assert ([place for place, count in enumerate(counts) if count], total) == ([bucket], seconds)
    assert sum(slot.histogram("total")) == 0


def test_a_slot_goes_on_where_the_dead_worker_stopped() -> None:
    numbers = board.make(2)
    first = numbers.take(1)
    first.count("/invocations", 200)
    first.count("/somewhere", 599)
    first.set("in_flight", 3)

    assert list(numbers.take(1).requests()) == [("/invocations", 200, 1), ("other", 0, 1)]
    assert (numbers.total("in_flight"), list(numbers.slot(0).requests())) == (0, [])
