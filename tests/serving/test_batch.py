"""What a batch transform job asks for and sets."""

from pathlib import Path

import pytest
from app_under_test import ECHO, Assemble, Start, serving_toml

from serving import settings
from serving.batch import execution_parameters
from serving.errors import StartError


def load(folder: Path, environ: dict[str, str], **server: int) -> settings.ServerSettings:
    (folder / "serving.toml").write_text(serving_toml([], **server), encoding="utf-8")
    return settings.load({"SM_NUM_CPUS": "64", **environ}, folder).server


@pytest.mark.parametrize(
    ("environ", "payload", "timeout", "at_once"),
    [
        ({}, 6, 30, 8),
        ({"SAGEMAKER_BATCH": "true"}, 6, 600, 8),
        ({"SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "20"}, 20, 600, 5),  # together at most 100 MB
        ({"SAGEMAKER_BATCH": "True", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "100"}, 100, 600, 1),
        ({"SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "0"}, 100, 600, 1),
        ({"SAGEMAKER_BATCH": "false", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "50"}, 6, 30, 8),
    ],
)
def test_a_batch_job_raises_the_limits(
    tmp_path: Path, environ: dict[str, str], payload: int, timeout: int, at_once: int
) -> None:
    server = load(tmp_path, environ, workers=4, threads=2, timeout_seconds=30, max_payload_bytes=6 << 20)

    assert (server.max_payload_bytes, server.timeout_seconds) == (payload << 20, timeout)
    expected = {"MaxConcurrentTransforms": at_once, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": payload}
    assert execution_parameters(server) == expected


@pytest.mark.parametrize("text", ["101", "-1", "6.5", "six"])
def test_a_payload_that_the_platform_does_not_know(tmp_path: Path, text: str) -> None:
    with pytest.raises(StartError) as error:
        load(tmp_path, {"SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_PAYLOAD_IN_MB": text})

    assert str(error.value) == f"SAGEMAKER_MAX_PAYLOAD_IN_MB is {text!r}; it must be a whole number from 0 to 100"


def test_it_is_asked_for_over_http(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO)
    server = start(project, project, SAGEMAKER_BATCH="true")
    server.wait_until_loaded()

    response = server.http.get("/execution-parameters")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}
    assert server.post("[[" + "1," * 50_000 + "1]]").status_code == 200  # more than serving.toml allows
