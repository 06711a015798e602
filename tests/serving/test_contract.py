"""Request in, whole response out: the sample model behind the default functions."""
# ruff: noqa: E501 - a case a line

import json
import socket
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from app_under_test import IRIS, Assemble, Server, Start

JSON = "application/json"
CSV = "text/csv"
LINES = "application/jsonlines"
FORMATS = "application/json, text/csv, application/jsonlines, application/x-npy or application/x-parquet"
ROW = "[5.1, 3.5, 1.4, 0.2]"
SETOSA = {"predictions": ["setosa"]}
OBJECT = dict(zip(IRIS, [5.1, 3.5, 1.4, 0.2], strict=True))
HEADER = ",".join(IRIS)


@pytest.fixture(scope="module")
def server(assemble: Assemble, keep: Start, iris_model: Any) -> Server:
    inputs = [{"name": name, "type": "float"} for name in IRIS]
    started = keep(assemble(inputs=inputs), iris_model)
    started.wait_until_loaded()
    return started


class Good(NamedTuple):
    name: str
    body: str
    content_type: str = JSON
    accept: str = ""
    answer: str = '{"predictions":["setosa"]}'
    answer_type: str = JSON


GOOD = [
    Good("rows as lists", f'{{"instances": [{ROW}]}}'),
    Good("inputs", f'{{"inputs": [{ROW}], "parameters": {{}}}}'),
    Good("json lines", f"{ROW}\n\n{ROW}\n", LINES, answer='"setosa"\n"setosa"\n', answer_type=LINES),
    Good("json lines by another name", f"{ROW}\n", "application/x-ndjson", JSON),
    Good("accept json lines", f"[{ROW}]", accept=LINES, answer='"setosa"\n', answer_type=LINES),
    Good("a bare list", f"[{ROW}]"),
    Good("rows as objects", json.dumps({"instances": [OBJECT]})),
    Good("objects in another order", json.dumps([dict(reversed(OBJECT.items()))])),
    Good("integers are numbers", "[[5, 3, 1, 0]]"),
    Good("other keys are left alone", f'{{"signature_name": "x", "instances": [{ROW}]}}'),
    Good("a byte order mark", f"\ufeff[{ROW}]"),
    Good("no content type is JSON", f"[{ROW}]", content_type=""),
    Good("a character set", f"[{ROW}]", content_type="Application/JSON; charset=UTF-8"),
    Good("several rows", "[[5.1,3.5,1.4,0.2],[7,3.2,4.7,1.4]]", answer='{"predictions":["setosa","versicolor"]}'),
    Good("csv", "5.1,3.5,1.4,0.2\n", CSV),
    Good("csv without a last newline", "5.1,3.5,1.4,0.2", CSV),
    Good("csv with windows lines", "5.1,3.5,1.4,0.2\r\n", CSV),
    Good("csv with blank lines", "\n5.1,3.5,1.4,0.2\n\n", CSV),
    Good("csv with quotes", '"5.1",3.5,"1.4",0.2\n', CSV),
    Good("csv with numbers that JSON lacks", "+5.1,3.,01.4,.2\n", CSV),
    Good("csv with a header", f"{HEADER}\n5.1,3.5,1.4,0.2\n", CSV),
    Good("csv with a quoted header", '"' + '","'.join(IRIS) + '"\n5.1,3.5,1.4,0.2\n', CSV),
    Good("csv with a header in another order", f"{','.join(reversed(IRIS))}\n0.2,1.4,3.5,5.1\n", CSV),
    Good("accept anything", f"[{ROW}]", accept="*/*"),
    Good("accept csv", f"[{ROW}]", accept="text/csv", answer="setosa\n", answer_type=CSV),
    Good("accept any text", f"[{ROW}, {ROW}]", accept="text/*", answer="setosa\nsetosa\n", answer_type=CSV),
    Good(
        "accept by quality", f"[{ROW}]", accept="application/json;q=0.1, text/csv", answer="setosa\n", answer_type=CSV
    ),
    Good("anything but json", f"[{ROW}]", accept="application/json;q=0, */*", answer="setosa\n", answer_type=CSV),
    Good("unknown first, then any", f"[{ROW}]", accept="image/png, */*;q=0.1"),
]


@pytest.mark.parametrize("case", GOOD, ids=[case.name for case in GOOD])
def test_answered(server: Server, case: Good) -> None:
    headers = {"Content-Type": case.content_type, "Accept": case.accept}
    response = server.http.post(
        "/invocations", content=case.body.encode(), headers={name: value for name, value in headers.items() if value}
    )

    expected = (200, case.answer, case.answer_type)
    assert (response.status_code, response.text, response.headers["content-type"].partition(";")[0]) == expected


class Bad(NamedTuple):
    name: str
    body: str | bytes
    status: int
    code: str
    message: str
    path: str | None = None
    content_type: str = JSON
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


def value(name: str, body: str, path: str, problem: str, *, label: str = "", content_type: str = JSON) -> Bad:
    return Bad(name, body, 400, "invalid_input", f"{label or path}: {problem}", path, content_type)


def body(name: str, text: str | bytes, problem: str, content_type: str = JSON) -> Bad:
    return Bad(name, text, 400, "invalid_body", problem, None, content_type)


LAST = "instances[1][3] (petal width (cm))"
# fmt: off
BAD = [
    value("text", f'[{ROW},[1,2,3,"x"]]', "instances[1][3]", 'expected a number, got "x"', label=LAST),
    value("boolean", f"[{ROW},[1,2,3,true]]", "instances[1][3]", "expected a number, got true", label=LAST),
    value("list", f"[{ROW},[1,2,3,[4]]]", "instances[1][3]", "expected a number, got a list", label=LAST),
    value("nan", f"[{ROW},[1,2,3,NaN]]", "instances[1][3]", "expected a number, got NaN", label=LAST),
    value("infinity", f"[{ROW},[1,2,3,-Infinity]]", "instances[1][3]", "expected a number, got -Infinity", label=LAST),
    value("overflow", f"[{ROW},[1,2,3,1e999]]", "instances[1][3]", "expected a number, got Infinity", label=LAST),
    value("null", "[[1,2,null,4]]", "instances[0][2]", "this value is missing, and the model does not take missing values", label="instances[0][2] (petal length (cm))"),
    value("too few", f"[{ROW},[1,2,3]]", "instances[1]", "expected 4 values, got 3"),
    value("too many", "[[1,2,3,4,5]]", "instances[0]", "expected 4 values, got 5"),
    value("empty row", "[[]]", "instances[0]", "expected 4 values, got 0"),
    value("no row", "[1, 2, 3, 4]", "instances[0]", "expected a row, which is a list or an object, got 1"),
    value("mixed rows", f"[{ROW}, {{}}]", "instances[1]", "expected a list like the rows before, got an object"),
    value("mixed objects", f"[{json.dumps(OBJECT)}, 1]", "instances[1]", "expected an object like the rows before, got 1"),
    value("no rows", '{"instances": []}', "instances", "expected at least one row, got none"),
    value("no list", '{"instances": {"a": 1}}', "instances", "expected a list of rows, got an object"),
    value("null rows", '{"instances": null}', "instances", "expected a list of rows, got null"),
    value("unknown column", json.dumps([{**OBJECT, "petal widht (cm)": 1}]), 'instances[0]["petal widht (cm)"]', 'unknown column; did you mean "petal width (cm)"?'),
    value("missing column", json.dumps([{"sepal length (cm)": 1}]), 'instances[0]["sepal width (cm)"]', "this column is missing"),
    value("text in an object", json.dumps([{**OBJECT, "sepal width (cm)": "wide"}]), 'instances[0]["sepal width (cm)"]', 'expected a number, got "wide"'),
    body("other key", '{"rows": [], "n": 1}', 'expected {"instances": [[...], ...]}, got an object with "rows", "n"'),
    body("empty", "", "the body is empty"),
    body("cut off", '{"instances": [[1,', "the body is not JSON: Expecting value at line 1 column 19"),
    body("not json", "{\n'a'}", "the body is not JSON: Expecting property name enclosed in double quotes at line 2 column 1"),
    body("not utf-8", b"[[\xff]]", "the body is not UTF-8: bad byte at position 2"),
    body("too deep", "[" * 9000, "the body is nested too deeply"),
    value("a scalar", "3", "instances", "expected a list of rows, got 3"),
    value("csv text", "1,2,3,4\n1,x,3,4\n", "line 2, column 2 (sepal width (cm))", 'expected a number, got "x"', content_type=CSV),
    value("csv nan", "nan,2,3,4\n", "line 1, column 1 (sepal length (cm))", 'expected a number, got "nan"', content_type=CSV),
    value("csv empty cell", "1,,3,4\n", "line 1, column 2 (sepal width (cm))", "this value is missing, and the model does not take missing values", content_type=CSV),
    value("csv too few", "1,2,3,4\n1,2,3\n", "line 2", "expected 4 values, got 3", content_type=CSV),
    value("csv brackets", "1,2],[3,4\n", "line 1, column 2 (sepal width (cm))", 'expected a number, got "2]"', content_type=CSV),
    value("csv unknown column", "a,b,c,d\n1,2,3,4\n", "line 1, column 1", 'unknown column "a"', content_type=CSV),
    value("csv missing column", "sepal length (cm)\n1\n", "line 1", 'column "sepal width (cm)" is missing', content_type=CSV),
    body("csv without rows", f"{HEADER}\n", "expected at least one row, got none", CSV),
    body("csv empty", "", "expected at least one row, got none", CSV),
    body("csv open quote", '1,2,3,"4\n', "the body is not CSV: unexpected end of data at line 1", CSV),
    Bad("content type", "x", 415, "unsupported_media_type", f"Content-Type: image/png is not accepted; send {FORMATS}", content_type="image/png"),
    Bad("character set", "x", 415, "unsupported_media_type", "character set utf-16 is not accepted; send UTF-8", content_type="text/csv; charset=utf-16"),
    Bad("compressed", "x", 415, "unsupported_media_type", "Content-Encoding: gzip is not accepted; send the body as it is", headers={"Content-Encoding": "gzip"}),
    Bad("accept", f"[{ROW}]", 406, "not_acceptable", f"Accept: image/png cannot be met; ask for {FORMATS}", headers={"Accept": "image/png"}),
    Bad("too large", " " * 10_001, 413, "payload_too_large", "the body is larger than 10000 bytes; send fewer rows a request"),
]
# fmt: on


@pytest.mark.parametrize("case", BAD, ids=[case.name for case in BAD])
def test_refused(server: Server, case: Bad) -> None:
    response = server.post(case.body, case.content_type, **case.headers)

    error = {"code": case.code, "message": case.message} | ({"path": case.path} if case.path else {})
    assert (response.status_code, response.json()) == (case.status, {"error": error})


def test_ping_is_an_empty_200(server: Server) -> None:
    response = server.http.get("/ping")

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("POST", "/ping", 405, "method_not_allowed"),
        ("GET", "/invocations", 405, "method_not_allowed"),
        ("DELETE", "/invocations", 405, "method_not_allowed"),
    ],
)
def test_other_paths_and_methods(server: Server, method: str, path: str, status: int, code: str) -> None:
    response = server.http.request(method, path)

    message = "this server answers GET /ping, POST /invocations, GET /execution-parameters, /metrics and /openapi.json"
    assert (response.status_code, response.json()) == (status, {"error": {"code": code, "message": message}})


def test_a_chunked_body_is_cut_off_at_the_limit(server: Server) -> None:
    # Never ended by the client: the answer can only come from counting what has arrived.
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(11):
            connection.sendall(b"3e8\r\n" + b" " * 1000 + b"\r\n")
        assert connection.recv(1024).startswith(b"HTTP/1.1 413 ")


def test_an_unknown_header_is_ignored(server: Server) -> None:
    headers = {"X-Amzn-SageMaker-Target-Variant": "blue", "X-Amzn-SageMaker-Session-Id": "NEW_SESSION"}

    assert server.post(f"[{ROW}]", **headers).json() == SETOSA


def test_the_log_has_one_line_for_a_request_and_none_for_a_ping(server: Server) -> None:
    ids = {"X-Amzn-SageMaker-Inference-Id": "id-1", "X-Amzn-SageMaker-Custom-Attributes": 'a "quoted" one'}
    server.http.get("/ping")
    server.post(f"[{ROW}, {ROW}]", **ids)
    server.post("[[1]]", **{"X-Amzn-SageMaker-Inference-Id": "id-2"})
    server.until(lambda: {"id-1", "id-2"} <= {line.get("request_id") for line in server.events("request")})

    lines = server.events("request")  # of the requests before, one may be written just now
    assert "/ping" not in {line.get("path") for line in lines}
    [good], [bad] = ([line for line in lines if line.get("request_id") == name] for name in ("id-1", "id-2"))
    for part in ("latency_ms", "queue_ms", "decode_ms", "predict_ms", "encode_ms"):
        assert isinstance(good.pop(part), float)
    assert {key: good[key] for key in good if key not in {"time", "pid"}} == {
        "level": "info",
        "event": "request",
        "request_id": "id-1",
        "method": "POST",
        "path": "/invocations",
        "model": "churn",
        "status": 200,
        "request_bytes": 44,
        "response_bytes": 35,
        "rows": 2,
        "inference_id": "id-1",
        "custom_attributes": 'a "quoted" one',
    }
    assert (bad["status"], bad["error"], bad["where"]) == (400, "invalid_input", "instances[0]")


def test_a_number_that_overflows_in_the_model_is_the_callers(
    start: Start, assemble: Assemble, iris_model: Path
) -> None:
    server = start(assemble(), iris_model)
    server.wait_until_loaded()
    response = server.post("[[1, 2, 3, 4], [1, -1.7e308, 3, 4]]")
    assert (response.status_code, response.json()["error"]["path"]) == (400, "instances[1][1]")
    assert "too large" in response.json()["error"]["message"]
