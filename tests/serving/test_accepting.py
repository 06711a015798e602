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


def test_a_worker_that_still_loads_is_not_waited_for(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "PATIENCE_SECONDS", 3600)
    assert asyncio.run(is_taken(listener, 2, 0, ready=False))
