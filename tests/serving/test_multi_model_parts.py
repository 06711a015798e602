"""The parts of a multi-model server that need no process: the shared list, and what lies in memory."""

import threading
from pathlib import Path
from typing import Any

import pytest

from serving.errors import RequestError
from serving.multi_model.models import Models
from serving.multi_model.registry import PAGE, Registry

MIB = 1024 * 1024


def ask(registry: Registry, worker: int, event: str, **fields: Any) -> list[tuple[int, dict[str, Any]]]:
    return registry.handle(worker, {"event": event, **fields})


def answer(worker: int, ticket: str, status: str) -> tuple[int, dict[str, Any]]:
    return worker, {"event": "answer", "ticket": ticket, "status": status}


def joined(*workers: int) -> Registry:
    registry = Registry()
    for worker in workers:
        assert ask(registry, worker, "join", after=0) == [(worker, {"event": "models", "models": [], "more": False})]
    return registry


def load(registry: Registry, worker: int, name: str) -> list[tuple[int, dict[str, Any]]]:
    assert ask(registry, worker, "claim", ticket="c", name=name, url=f"/{name}") == [answer(worker, "c", "claimed")]
    return ask(registry, worker, "loaded", ticket="l", name=name)


def test_a_load_is_answered_once_every_other_worker_knows_of_it() -> None:
    registry = joined(1, 2, 3)
    told = load(registry, 1, "a")
    ticket = told[0][1]["ticket"]
    add = {"event": "add", "ticket": ticket, "name": "a", "url": "/a"}
    assert told == [(2, add), (3, add)]
    assert ask(registry, 2, "ack", ticket=ticket) == []
    assert ask(registry, 2, "ack", ticket=ticket) == []
    assert ask(registry, 3, "ack", ticket=ticket) == [answer(1, "l", "done")]


def test_a_worker_that_is_alone_needs_nobodys_word() -> None:
    registry = joined(1)
    assert load(registry, 1, "a") == [answer(1, "l", "done")]
    told = ask(registry, 1, "remove", ticket="r", name="a")
    assert told == [(1, {"event": "drop", "ticket": 1, "name": "a"})]
    assert ask(registry, 1, "ack", ticket=1) == [answer(1, "r", "done")]


def test_a_model_is_claimed_once() -> None:
    registry = joined(1, 2)
    ask(registry, 1, "claim", ticket="c", name="a", url="/a")
    assert ask(registry, 2, "claim", ticket="d", name="a", url="/a") == [answer(2, "d", "exists")]
    ask(registry, 1, "failed", name="a")
    assert ask(registry, 2, "claim", ticket="e", name="a", url="/a") == [answer(2, "e", "claimed")]


def test_what_a_dead_worker_was_loading_can_be_loaded_by_another() -> None:
    registry = joined(1, 2)
    ask(registry, 1, "claim", ticket="c", name="a", url="/a")
    assert registry.gone(1) == []
    assert ask(registry, 2, "claim", ticket="d", name="a", url="/a") == [answer(2, "d", "claimed")]


def test_nobody_waits_for_a_dead_worker() -> None:
    registry = joined(1, 2, 3)
    told = load(registry, 1, "a")
    ask(registry, 2, "ack", ticket=told[0][1]["ticket"])
    assert registry.gone(3) == [answer(1, "l", "done")]


def test_the_answer_to_a_dead_worker_goes_nowhere() -> None:
    registry = joined(1, 2)
    told = load(registry, 1, "a")
    assert registry.gone(1) == []
    assert ask(registry, 2, "ack", ticket=told[0][1]["ticket"]) == []


def test_an_unload_is_answered_once_every_worker_has_freed_it() -> None:
    registry = joined(1, 2)
    ask(registry, 2, "ack", ticket=load(registry, 1, "a")[0][1]["ticket"])
    told = ask(registry, 2, "remove", ticket="r", name="a")
    ticket = told[0][1]["ticket"]
    assert [worker for worker, _ in told] == [1, 2]
    assert ask(registry, 1, "ack", ticket=ticket) == []
    assert ask(registry, 2, "ack", ticket=ticket) == [answer(2, "r", "done")]
    assert ask(registry, 1, "remove", ticket="s", name="a") == [answer(1, "s", "absent")]


def test_a_new_worker_gets_the_whole_list_in_pages() -> None:
    registry = joined(1)
    names = [f"m{number:04}" for number in range(PAGE + 5)]
    for name in names:
        load(registry, 1, name)
    first = ask(registry, 2, "join", after=0)[0][1]
    second = ask(registry, 2, "join", after=PAGE)[0][1]
    assert (first["more"], second["more"]) == (True, False)
    assert [name for name, _ in first["models"] + second["models"]] == names


@pytest.mark.parametrize("message", [{}, {"event": "loaded", "ticket": 1, "name": "never claimed"}, {"event": "claim"}])
def test_what_makes_no_sense_is_left_alone(message: dict[str, Any]) -> None:
    assert joined(1).handle(1, message) == []


class Loading:
    """A loader that counts, and may run out of memory."""

    def __init__(self, short: int = 0) -> None:
        self.loads: list[str] = []
        self.short = short

    def __call__(self, name: str, _folder: Path) -> Any:
        self.loads.append(name)
        if self.short:
            self.short -= 1
            raise MemoryError
        return f"predictor {name}"


def models_of(tmp_path: Path, budget: int, loading: Loading, names: str = "abc") -> Models:
    models = Models(loading, budget)
    for name in names:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model").write_bytes(bytes(100 * MIB // 10))  # ten MiB
        models.add(name, str(folder))
    return models


def use(models: Models, name: str) -> None:
    entry, predictor = models.acquire(name)
    assert str(predictor) == f"predictor {name}"
    models.release(entry)


def refused(models: Models, name: str) -> tuple[int, str]:
    with pytest.raises(RequestError) as caught:
        models.acquire(name)
    return caught.value.status, caught.value.code


def test_a_model_is_loaded_once_and_when_it_is_needed(tmp_path: Path) -> None:
    loading = Loading()
    models = models_of(tmp_path, 100 * MIB, loading)
    assert loading.loads == []
    use(models, "a")
    use(models, "a")
    assert loading.loads == ["a"]


def test_the_least_recently_used_model_goes_first(tmp_path: Path) -> None:
    loading = Loading()
    models = models_of(tmp_path, 25 * MIB, loading)
    for name in "abac":
        use(models, name)
    assert models.in_memory() == ["a", "c"]
    use(models, "b")
    assert models.in_memory() == ["c", "b"]
    assert loading.loads == ["a", "b", "c", "b"]


def test_a_model_in_use_stays_and_the_next_is_refused(tmp_path: Path) -> None:
    models = models_of(tmp_path, 15 * MIB, Loading())
    entry, _ = models.acquire("a")
    assert refused(models, "b") == (507, "out_of_memory")
    models.release(entry)
    use(models, "b")
    assert models.in_memory() == ["b"]


def test_a_model_larger_than_the_budget_is_refused_and_the_others_too_small_to_help_stay_known(tmp_path: Path) -> None:
    models = models_of(tmp_path, 5 * MIB, Loading())
    assert refused(models, "a") == (507, "out_of_memory")
    assert list(models.urls()) == ["a", "b", "c"]


def test_running_out_of_memory_while_loading_lets_another_go(tmp_path: Path) -> None:
    loading = Loading()
    models = models_of(tmp_path, 100 * MIB, loading)
    use(models, "a")
    loading.short = 1
    use(models, "b")
    assert models.in_memory() == ["b"]
    loading.short = 99
    assert refused(models, "c") == (507, "out_of_memory")


def test_an_unknown_model_is_refused(tmp_path: Path) -> None:
    assert refused(models_of(tmp_path, 1, Loading()), "x") == (404, "model_not_found")


def test_a_broken_model_says_no_path(tmp_path: Path) -> None:
    def load(_name: str, folder: Path) -> Any:
        raise ValueError(folder)

    models = Models(load, 100 * MIB)
    (tmp_path / "a").mkdir()
    models.add("a", str(tmp_path / "a"))
    with pytest.raises(RequestError) as caught:
        models.acquire("a")
    assert (caught.value.status, caught.value.code) == (500, "model_unusable")
    assert str(tmp_path) not in caught.value.message


def test_removal_waits_for_the_requests_that_use_the_model(tmp_path: Path) -> None:
    models = models_of(tmp_path, 100 * MIB, Loading())
    entry, _ = models.acquire("a")
    removal = threading.Thread(target=models.remove, args=["a"])
    removal.start()
    removal.join(0.2)
    assert removal.is_alive()
    assert refused(models, "a") == (404, "model_not_found")
    models.release(entry)
    removal.join(10)
    assert not removal.is_alive()
    assert entry.predictor is None


def test_many_threads_load_a_model_once(tmp_path: Path) -> None:
    loading = Loading()
    models = models_of(tmp_path, 25 * MIB, loading, "a")
    threads = [threading.Thread(target=use, args=[models, "a"]) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert loading.loads == ["a"]
