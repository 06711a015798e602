"""schemathesis against the server's own OpenAPI document: nothing comes back but the statuses that it lists."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from app_under_test import IRIS, Assemble, Start
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance


@pytest.mark.parametrize("path", ["/invocations", "/ping", "/execution-parameters"])
def test_only_documented_statuses_come_back(assemble: Assemble, start: Start, iris_model: Path, path: str) -> None:
    server = start(assemble("", [{"name": name, "type": "float"} for name in IRIS]), iris_model)
    server.wait_until_loaded()
    schema = schemathesis.openapi.from_dict(server.http.get("/openapi.json").json())
    requests = schema[path]["POST" if path == "/invocations" else "GET"].as_strategy()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests)
    def send(case: schemathesis.Case[Any]) -> None:
        response = case.call(base_url=f"http://127.0.0.1:{server.port}")
        case.validate_response(response, checks=[not_a_server_error, status_code_conformance])

    send()
