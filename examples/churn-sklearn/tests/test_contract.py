"""The container contract of SageMaker, as far as it shows without SageMaker: what goes in, comes out, is refused."""

import csv
import io
import json
from typing import Any

import pytest
from conftest import Server

from serving.settings import Settings


def as_csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def error(server: Server, body: bytes | str, **options: str) -> tuple[int, str, str | None]:
    """Send a request that must fail; give status, code and path."""
    response = server.post(body, **options)
    problem = response.json()["error"]
    assert "Traceback" not in response.text
    return response.status_code, problem["code"], problem.get("path")


def test_ping_answers_200_without_a_body(server: Server) -> None:
    response = server.http.get("/ping")

    assert (response.status_code, response.content) == (200, b"")


def test_json_is_answered(server: Server, payload: bytes) -> None:
    assert server.post(payload).status_code == 200


@pytest.mark.usefixtures("default_output")
def test_json_gives_a_prediction_for_each_instance(server: Server, instances: list[Any]) -> None:
    for body in ({"instances": instances * 3}, {"inputs": instances * 3}, instances * 3):
        predictions = server.post(json.dumps(body)).json()["predictions"]

        assert len(predictions) == len(instances) * 3


@pytest.mark.usefixtures("default_output")
def test_a_line_of_json_lines_gives_a_line(server: Server, instances: list[Any]) -> None:
    response = server.post("".join(json.dumps(instance) + "\n" for instance in instances * 3), "application/jsonlines")

    assert response.headers["Content-Type"].partition(";")[0] == "application/jsonlines"
    assert len([json.loads(line) for line in response.text.splitlines()]) == len(instances) * 3


@pytest.mark.usefixtures("default_output")
def test_csv_and_objects_give_the_same_as_lists(server: Server, rows: list[list[Any]], config: Settings) -> None:
    names = [column.name for column in config.inputs]
    expected = server.post(json.dumps({"instances": rows})).json()

    assert server.post(as_csv(rows), "text/csv").json() == expected
    if names:
        objects = [dict(zip(names, row, strict=True)) for row in rows]
        assert server.post(json.dumps({"instances": objects})).json() == expected
        assert server.post(as_csv([names, *rows]), "text/csv").json() == expected


@pytest.mark.usefixtures("default_output")
def test_csv_is_written_when_asked_for(server: Server, rows: list[list[Any]]) -> None:
    response = server.post(json.dumps({"instances": rows}), Accept="text/csv")

    assert response.headers["Content-Type"].partition(";")[0] == "text/csv"
    assert len(response.text.splitlines()) == len(rows)


@pytest.mark.usefixtures("default_output")
def test_a_format_that_cannot_be_written_is_406(server: Server, payload: bytes) -> None:
    assert error(server, payload, Accept="image/png") == (406, "not_acceptable", None)


@pytest.mark.usefixtures("instances")
def test_a_content_type_that_cannot_be_read_is_415(server: Server) -> None:
    assert error(server, b"x", content_type="image/png") == (415, "unsupported_media_type", None)


def test_a_bad_value_is_400_with_its_path(server: Server, rows: list[list[Any]]) -> None:
    bad = [rows[0], [*rows[0][:-1], ["no value"]]]

    expected = (400, "invalid_input", f"instances[1][{len(rows[0]) - 1}]")
    assert error(server, json.dumps({"instances": bad})) == expected


def test_a_bad_instance_is_400_with_its_path(server: Server, instances: list[Any]) -> None:
    status, code, path = error(server, json.dumps({"instances": [instances[0], {"no such input": 1}]}))

    assert (status, code) == (400, "invalid_input")
    assert str(path).startswith("instances[1]")


def test_rows_of_different_lengths_are_400(server: Server, rows: list[list[Any]]) -> None:
    bad = [rows[0], [*rows[0], rows[0][0]]]

    assert error(server, json.dumps({"instances": bad})) == (400, "invalid_input", "instances[1]")


@pytest.mark.usefixtures("instances")
@pytest.mark.parametrize("body", ["", "{", '{"rows": []}', '{"instances": [[NaN}'])
def test_a_body_that_is_no_request_is_400(server: Server, body: str) -> None:
    assert error(server, body) == (400, "invalid_body", None)


@pytest.mark.usefixtures("instances")
def test_no_rows_are_400(server: Server) -> None:
    assert error(server, '{"instances": []}') == (400, "invalid_input", "instances")


def test_a_body_over_the_limit_is_413(server: Server, config: Settings) -> None:
    assert error(server, b" " * (config.server.max_payload_bytes + 1)) == (413, "payload_too_large", None)


def test_other_paths_and_methods_are_refused(server: Server) -> None:
    assert server.http.get("/").json()["error"]["code"] == "not_found"
    assert server.http.get("/invocations").json()["error"]["code"] == "method_not_allowed"
