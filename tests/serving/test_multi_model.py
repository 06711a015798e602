"""A multi-model server of two workers, asked as the platform asks: load, list, invoke, unload; and what goes wrong."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from app_under_test import Assemble, Server, Start

# A model is a file with a number; its answer is that number and the process that gave it.
INFERENCE = """
import os, pathlib, resource, time

def model_fn(model_dir):
    text = pathlib.Path(model_dir, "model.txt").read_text()
    if text.startswith("fat"):
        return bytearray(int(text.split()[1]) << 20)
    return int(text)

def predict_fn(data, model):
    if isinstance(model, bytearray):
        return [len(model) >> 20]
    if data[0][0] == 9:
        pathlib.Path("begun").touch()
        time.sleep(1)
        pathlib.Path("ended").touch()
    return [[model, os.getpid()]]
"""
# Room for three models of 100 MiB beside what the worker has; a model that finds none raises MemoryError, as a full
# machine would make it.
TIGHT = """
used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
resource.setrlimit(resource.RLIMIT_AS, (used + (750 << 20), -1))
"""
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(keep: Start, assemble: Assemble) -> Server:
    started = keep(assemble(INFERENCE, workers=2), Path("/nonexistent"), SAGEMAKER_MULTI_MODEL="true")
    started.wait_for("started", 2)
    return started


def folder(tmp_path: Path, name: str, text: str) -> str:
    (tmp_path / name).mkdir()
    (tmp_path / name / "model.txt").write_text(text)
    return str(tmp_path / name)


def load(server: Server, name: str, url: str) -> httpx.Response:
    with server.fresh() as client:
        return client.post("/models", json={"model_name": name, "url": url})


def invoke(server: Server, name: str, body: str = "[[1]]") -> httpx.Response:
    with server.fresh() as client:
        return client.post(f"/models/{name}/invoke", content=body, headers=HEADERS)


def everywhere(server: Server, name: str) -> dict[int, Any]:
    """Invoke until both workers have answered; give the predictions by process."""
    seen: dict[int, Any] = {}

    def both() -> bool:
        for answer in pool.map(
            lambda _: invoke(server, name), range(8)
        ):  # one at a time may all find the same worker idle
            assert answer.status_code == 200, answer.text
            number, pid = answer.json()["predictions"][0]
            seen[pid] = number
        return len(seen) == 2

    with ThreadPoolExecutor(8) as pool:
        server.until(both)
    return seen


def gone_everywhere(server: Server, name: str) -> None:
    assert {invoke(server, name).status_code for _ in range(30)} == {404}


def unload(server: Server, name: str) -> int:
    with server.fresh() as client:
        return client.delete(f"/models/{name}").status_code


def test_without_a_model_it_is_well(server: Server) -> None:
    assert server.ping() == 200
    assert server.http.get("/models").json() == {"models": []}
    assert server.post("[[1]]").status_code == 404


def test_a_load_answered_by_one_worker_holds_for_all(server: Server, tmp_path: Path) -> None:
    url = folder(tmp_path, "a", "7")
    assert load(server, "a", url).status_code == 200
    assert set(everywhere(server, "a").values()) == {7}
    for _ in range(10):
        again = load(server, "a", url)
        assert (again.status_code, again.json()["error"]["code"]) == (409, "model_already_loaded")
    assert server.http.get("/models").json() == {"models": [{"modelName": "a", "modelUrl": url}]}
    assert server.http.get("/models/a").json() == {"modelName": "a", "modelUrl": url}
    assert unload(server, "a") == 200
    gone_everywhere(server, "a")
    assert server.http.get("/models/a").status_code == 404
    assert unload(server, "a") == 404


def test_a_model_may_come_back_as_another(server: Server, tmp_path: Path) -> None:
    load(server, "again", folder(tmp_path, "one", "1"))
    assert set(everywhere(server, "again").values()) == {1}
    assert unload(server, "again") == 200
    assert load(server, "again", folder(tmp_path, "two", "2")).status_code == 200
    assert set(everywhere(server, "again").values()) == {2}
    unload(server, "again")


def test_of_many_that_load_a_model_one_succeeds(server: Server, tmp_path: Path) -> None:
    url = folder(tmp_path, "race", "1")
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: load(server, "race", url).status_code, range(32)))
    assert sorted(statuses) == [200] + [409] * 31
    unload(server, "race")


def test_an_unload_waits_for_the_request_that_uses_the_model(server: Server, tmp_path: Path) -> None:
    load(server, "slow", folder(tmp_path, "slow", "5"))
    project = server.log.parent
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(invoke, server, "slow", "[[9]]")
        server.until((project / "begun").exists)
        assert not (project / "ended").exists()
        assert unload(server, "slow") == 200
        assert (project / "ended").exists()
        assert running.result().status_code == 200
    gone_everywhere(server, "slow")


def test_a_new_worker_knows_the_models(server: Server, tmp_path: Path) -> None:
    load(server, "kept", folder(tmp_path, "kept", "3"))
    before = everywhere(server, "kept")
    started = len(server.events("started"))
    os.kill(next(iter(before)), signal.SIGKILL)
    server.wait_for("started", started + 1)
    after = everywhere(server, "kept")
    assert set(after.values()) == {3}
    assert after.keys() != before.keys()
    assert unload(server, "kept") == 200
    gone_everywhere(server, "kept")


def test_a_model_that_cannot_be_loaded_can_be_repaired(server: Server, tmp_path: Path) -> None:
    url = folder(tmp_path, "broken", "no number")
    answer = load(server, "broken", url)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "model_unusable")
    assert str(tmp_path) not in answer.text
    assert "ValueError" in answer.text
    gone_everywhere(server, "broken")
    Path(url, "model.txt").write_text("4")
    assert load(server, "broken", url).status_code == 200
    assert unload(server, "broken") == 200


@pytest.mark.parametrize("name", ["", "..", ".", "../a", "a/b", "a b", "a\n", "é", "x" * 257, "-a"])
def test_names_that_lead_elsewhere_are_refused(server: Server, tmp_path: Path, name: str) -> None:
    answer = load(server, name, str(tmp_path))
    assert (answer.status_code, answer.json()["error"]["path"]) == (400, "model_name")


@pytest.mark.parametrize(
    "url", ["", "relative", "/nonexistent", "/usr/../etc", "s3://bucket/model", "/\0", "/" + "x" * 600]
)
def test_addresses_that_are_no_folder_are_refused(server: Server, url: str) -> None:
    answer = load(server, "m", url)
    assert (answer.status_code, answer.json()["error"]["path"]) == (400, "url")


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"model_name": 1, "url": "/"}', "[" * 50_000, '{"model_name": "a"}'])
def test_what_is_no_load_request_is_refused(server: Server, body: str) -> None:
    assert server.http.post("/models", content=body).status_code == 400


@pytest.mark.parametrize("path", ["..%2F..%2Fetc", "%00", "a%20b", "%2e%2e"])
def test_paths_that_lead_elsewhere_find_nothing(server: Server, path: str) -> None:
    assert server.http.get(f"/models/{path}").status_code in {400, 404}
    assert server.http.post(f"/models/{path}/invoke", content="[[1]]").status_code in {400, 404}
    assert server.http.delete(f"/models/{path}").status_code in {400, 404, 405}


def test_other_methods_are_refused(server: Server) -> None:
    assert server.http.put("/models").status_code == 405
    assert server.http.get("/models/a/invoke").status_code == 405


def test_the_log_names_the_model(server: Server, tmp_path: Path) -> None:
    load(server, "named", folder(tmp_path, "named", "1"))
    invoke(server, "named")
    path = "/models/named/invoke"
    server.until(lambda: any(line["path"] == path for line in server.events("request")))
    lines = [line for line in server.events("request") if line["path"] == path]
    assert {(line["model"], line["status"], line["rows"]) for line in lines} == {("named", 200, 1)}
    assert 'route="/models"' in server.http.get("/metrics").text
    unload(server, "named")


def test_the_list_comes_in_pages(server: Server, tmp_path: Path) -> None:
    url = folder(tmp_path, "many", "1")
    names = [f"many{number:04}" for number in range(1001)]
    for name in names:
        assert server.http.post("/models", json={"model_name": name, "url": url}).status_code == 200
    first = server.http.get("/models").json()
    second = server.http.get("/models", params={"next_page_token": first["nextPageToken"]}).json()
    assert [model["modelName"] for model in first["models"] + second["models"]] == names
    assert "nextPageToken" not in second


def test_memory_is_for_the_models_that_are_used(start: Start, assemble: Assemble, tmp_path: Path) -> None:
    server = start(assemble(INFERENCE + TIGHT), Path("/nonexistent"), SAGEMAKER_MULTI_MODEL="true")
    server.wait_for("started")
    for name in "abcdefghij":
        assert load(server, name, folder(tmp_path, name, "fat 100")).status_code == 200, name
    evicted = [line["model"] for line in server.events("model_evicted")]
    assert evicted
    assert evicted == list("abcdefghij"[: len(evicted)])
    assert invoke(server, "a").json() == {"predictions": [100]}  # comes back by itself
    answer = load(server, "huge", folder(tmp_path, "huge", "fat 5000"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "out_of_memory")
    assert invoke(server, "huge").status_code == 404
    assert invoke(server, "a").status_code == 200
    assert server.stop() == 0


def test_with_one_model_there_are_no_such_routes(start: Start, assemble: Assemble, tmp_path: Path) -> None:
    server = start(assemble(INFERENCE), Path(folder(tmp_path, "only", "1")))
    server.wait_until_loaded()
    assert server.http.get("/models").status_code == 404
    assert server.http.post("/models", json={"model_name": "a", "url": str(tmp_path)}).status_code == 404
