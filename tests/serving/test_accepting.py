"""Workers that share a listening socket take as many connections each."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from serving import accepting, board
from serving.accepting import Accepting


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


class Takes(asyncio.Protocol):
    """Notes that a connection was taken."""

    def __init__(self, taken: asyncio.Event) -> None:
        self.taken = taken

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
        self.taken.set()


async def taken_of(listener: socket.socket, clients: int, theirs: int, wait: float = 60) -> int:
    """Let so many connect at one time while another worker has `theirs`; tell how many are taken in a moment."""
    numbers = board.make(2)
    ours, other = numbers.take(0), numbers.take(1)
    other.set("connections", theirs)
    for slot in (ours, other):
        slot.set("model_loaded", 1)
    taken: list[Takes] = []

    def make() -> Takes:
        taken.append(Takes(asyncio.Event()))
        return taken[-1]

    accept = Accepting(listener, make, lambda: len(taken), numbers, ours)
    writers = [(await asyncio.open_connection(*listener.getsockname()))[1] for _ in range(clients)]
    for _ in range(round(wait / 0.01)):
        if len(taken) == clients:
            break
        await asyncio.sleep(0.01)
    accept.close()
    await accept.wait_closed()
    for writer in writers:
        writer.close()
    return len(taken)


async def is_taken(listener: socket.socket, mine: int, theirs: int, *, ready: bool = True, wait: float = 60) -> bool:
    """Connect while this worker has so many connections and another one has so many."""
    numbers = board.make(2)
    ours, other = numbers.take(0), numbers.take(1)
    for slot, connections in ((ours, mine), (other, theirs)):
        slot.set("connections", connections)
        slot.set("model_loaded", 1)
    other.set("model_loaded", ready)
    taken = asyncio.Event()
    accept = Accepting(listener, lambda: Takes(taken), lambda: mine, numbers, ours)
    _, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        async with asyncio.timeout(wait):
            await taken.wait()
        return bool(ours.get("connections") == mine + 1)
    except TimeoutError:
        return False
    finally:
        accept.close()
        await accept.wait_closed()
        writer.close()


@pytest.mark.parametrize(("mine", "theirs"), [(0, 0), (2, 2), (2, 3)])
def test_one_that_has_no_more_than_the_others_takes_a_connection(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, mine: int, theirs: int
) -> None:
    monkeypatch.setattr(accepting, "PATIENCE_SECONDS", 3600)
    assert asyncio.run(is_taken(listener, mine, theirs))


def test_one_that_has_more_leaves_it_to_the_other(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "PATIENCE_SECONDS", 3600)
    assert not asyncio.run(is_taken(listener, 2, 1, wait=0.3))


def test_but_only_for_a_moment(listener: socket.socket) -> None:
    assert asyncio.run(is_taken(listener, 2, 1))


def test_many_are_taken_at_once(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, the last of them would wait for as many turns of a busy event loop."""
    monkeypatch.setattr(accepting, "LOOK_SECONDS", 3600)
    assert asyncio.run(taken_of(listener, clients=30, theirs=30)) == 30
    assert asyncio.run(taken_of(listener, clients=30, theirs=14, wait=0.3)) in range(15, 18)


def test_one_that_has_waited_for_the_other_takes_all_in_the_end(listener: socket.socket) -> None:
    assert asyncio.run(taken_of(listener, clients=30, theirs=0)) == 30


def test_a_worker_that_still_loads_is_not_waited_for(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "PATIENCE_SECONDS", 3600)
    assert asyncio.run(is_taken(listener, 2, 0, ready=False))
