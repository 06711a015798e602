"""The log: one line of JSON a request, with ids, times and sizes but no payload; and what others write, as lines, too."""

import io
import json
import logging
import sys

import pytest
from app_under_test import ECHO, MODEL, Assemble, Server, Start

from serving import access, prints
from serving.logs import JsonFormatter


@pytest.fixture(scope="module")
def server(assemble: Assemble, keep: Start) -> Server:
    project = assemble(ECHO)
    started = keep(project, project)
    started.wait_until_loaded()
    return started


def test_the_fields_of_a_request(server: Server) -> None:
    platform = {
        "X-Amzn-SageMaker-Inference-Id": "order-66",
        "X-Amzn-SageMaker-Custom-Attributes": "trace=1",
        "X-Amzn-RequestId": "6c1f-0a",
    }
    response = server.post("[[123456], [2]]", **platform)

    assert response.headers["x-request-id"] == "6c1f-0a"
    server.until(lambda: any(line.get("request_id") == "6c1f-0a" for line in server.log_lines()))
    line = next(line for line in server.log_lines() if line.get("request_id") == "6c1f-0a")
    times = {name: line.pop(name) for name in [*line] if name.endswith("_ms")}
    assert set(times) == {"latency_ms", "queue_ms", "decode_ms", "predict_ms", "encode_ms"}
    assert all(value >= 0 for value in times.values())
    assert times["latency_ms"] >= times["decode_ms"] + times["predict_ms"] + times["encode_ms"]
    del line["time"], line["pid"]
    assert line == {
        "level": "info", "event": "request", "request_id": "6c1f-0a", "method": "POST", "path": "/invocations",
        "status": 200, "model": "churn", "rows": 2, "request_bytes": 15, "response_bytes": len(response.content),
        "inference_id": "order-66", "custom_attributes": "trace=1",
    }  # fmt: skip
    assert "123456" not in server.log.read_text()


@pytest.mark.parametrize("name", ["X-Amzn-RequestId", "X-Amzn-SageMaker-Inference-Id"])
@pytest.mark.parametrize("value", ["a b", "x" * 129, "<script>", ""])
def test_an_id_that_is_not_fit_to_be_repeated_is_replaced(server: Server, name: str, value: str) -> None:
    given = server.post("[[1]]", **{name: value}).headers["x-request-id"]

    assert access.SANE_ID.fullmatch(given)
    assert (len(given), given == value) == (32, False)


LEAKY = MODEL + "def predict_fn(input_data, model): return {}[input_data[0][0]]\n"
INPUTS = [{"name": "age", "type": "float"}, {"name": "name", "type": "string", "required": False}]
LEAKS = [
    ('[["SECRET", "x"]]', "application/json", 400, {"error": "invalid_input", "where": "instances[0][0]"}),
    ('[{"age": 1, "SECRET": 2}]', "application/json", 400, {"error": "invalid_input", "where": "instances[0]"}),
    ("1,x\nSECRET,x\n", "text/csv", 400, {"error": "invalid_input", "where": "line 2, column 1"}),
    ('{"SECRET": 1}', "application/json", 400, {"error": "invalid_body"}),
    ('[[1, "SECRET"]]', "application/json", 500, {"error": "prediction_failed", "message": "predict_fn raised KeyError; "
     "the endpoint's log has the traceback"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def leaky(assemble: Assemble, keep: Start) -> Server:
    project = assemble(LEAKY.replace("[0][0]", "[0][1]"), inputs=INPUTS)
    started = keep(project, project)
    started.wait_until_loaded()
    return started


@pytest.mark.parametrize(("body", "content_type", "status", "fields"), LEAKS)
def test_a_refusal_is_logged_without_what_the_request_holds(
    leaky: Server, body: str, content_type: str, status: int, fields: dict[str, str]
) -> None:
    before = len(leaky.events("request"))
    assert leaky.post(body, content_type).status_code == status
    leaky.until(lambda: len(leaky.events("request")) > before)

    line = leaky.events("request")[-1]
    assert {name: line[name] for name in ("error", "where", "message") if name in line} == fields
    assert "SECRET" not in leaky.log.read_text()
    assert ("in predict_fn" in line.get("exception", "")) == (status == 500)


def test_at_level_debug_the_log_holds_the_texts(assemble: Assemble, start: Start) -> None:
    project = assemble(LEAKY, inputs=INPUTS)
    server = start(project, project, SM_LOG_LEVEL="debug")
    server.wait_until_loaded()
    server.post('[["SECRET", "x"]]')
    server.post('[[4711, "x"]]')

    server.until(lambda: len(server.events("request")) == 2)
    refused, failed = server.events("request")
    assert "SECRET" in refused["message"]
    assert failed["exception"].splitlines()[-1].startswith("KeyError: ")


def test_pings_are_not_logged(server: Server) -> None:
    assert server.ping() == 200

    assert [line for line in server.events("request") if line.get("path") == "/ping"] == []


def test_the_start_says_how_long_each_phase_took(server: Server) -> None:
    line = server.wait_for("started")

    phases = ("imports_ms", "settings_ms", "model_import_ms", "load_ms", "warm_up_ms")
    assert all(line[name] >= 0 for name in (*phases, "listening_ms"))
    assert line["imports_ms"] > 0
    assert abs(line["total_ms"] - sum(line[name] for name in phases)) <= max(20, line["total_ms"] // 2)


def test_what_user_code_prints_is_json_and_its_streams_still_work(assemble: Assemble, start: Start) -> None:
    printing = MODEL + (
        "import sys\n"
        "def predict_fn(input_data, model):\n"
        "    print('two\\nlines', end=' and an end\\n')\n"
        "    print('\\x1b[31mred', file=sys.stderr)\n"
        "    sys.stdout.writelines(['a', 'b\\n'])\n"
        "    out = sys.stdout\n"
        "    return [out.isatty(), out.fileno(), sys.stderr.fileno(), out.encoding, out.buffer.writable()]\n"
    )
    project = assemble(printing)
    server = start(project, project)
    server.wait_until_loaded()

    assert server.post("[[1]]").json() == {"predictions": [False, 1, 2, "utf-8", True]}
    server.wait_for("request")
    lines = [(line["logger"], line["level"], line["message"]) for line in server.log_lines() if "logger" in line]
    assert lines == [
        ("stdout", "info", "two"),
        ("stdout", "info", "lines and an end"),
        ("stderr", "warning", "\x1b[31mred"),
        ("stdout", "info", "ab"),
    ]
    assert "\x1b" not in server.log.read_text()


def test_the_level_holds_for_the_servers_own_lines(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO)
    server = start(project, project, SM_LOG_LEVEL="error")
    server.wait_until_loaded()

    assert server.post("[[1]]").status_code == 200
    assert server.stop() == 0
    assert server.log_lines() == []


@pytest.mark.parametrize("text", ["a\nb", "\x1b[2J", "\x7f", "\x85", "\u2028", "\ud800", 'q"\\'])
def test_no_text_breaks_a_line(text: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (text,), None)

    line = JsonFormatter().format(record)

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == text


def test_a_line_that_never_ends_is_logged_in_parts(caplog: pytest.LogCaptureFixture) -> None:
    lines = prints.Lines(io.TextIOWrapper(io.BytesIO()), "stdout", logging.WARNING)

    lines.write("x" * prints.LONGEST)
    assert caplog.messages == []
    lines.write("x")
    assert [len(message) for message in caplog.messages] == [prints.LONGEST + 1]
    lines.write("10%\r20%\r30%\n")
    assert caplog.messages[1:] == ["30%"]
    assert sys.stdout is not lines
