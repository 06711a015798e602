"""When new work is refused for want of memory, from files as a control group has them."""

from pathlib import Path

import pytest

from serving import memory
from serving.errors import RequestError
from serving.memory_guard import FREE_BYTES, READ_EVERY, MemoryGuard

GIB = 1 << 30
LIMIT = 4 * GIB
LINE = LIMIT - LIMIT // 20

NAMES = {
    2: ("memory.events", "memory.max", "memory.current", "memory.stat", ""),
    1: ("memory.oom_control", "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat", "total_"),
}


class Container:
    """A control group of either version, and a clock."""

    def __init__(self, root: Path, version: int, limit: str = str(LIMIT)) -> None:
        events, limit_name, self.usage, self.stat, self.prefix = NAMES[version]
        self.folder = root if version == 2 else root / "memory"
        self.folder.mkdir(exist_ok=True)
        (self.folder / events).write_text("oom_kill 0\n")
        (self.folder / limit_name).write_text(f"{limit}\n")
        own = root / "own"
        own.write_text("0::/\n" if version == 2 else "4:memory:/\n")
        self.now = 0.0
        self.use(0)
        group = memory.find(root, own)
        assert group is not None
        self.guard = MemoryGuard(group, lambda: self.now)

    def use(self, working: int, inactive: int = 0, active: int = 0) -> None:
        """Use this much, and page cache beside it; time passes."""
        (self.folder / self.usage).write_text(f"{working + inactive + active}\n")
        cache = f"{self.prefix}inactive_file {inactive}\n{self.prefix}active_file {active}\n"
        (self.folder / self.stat).write_text(f"anon {working}\n{cache}")
        self.now += READ_EVERY

    def admits(self) -> bool:
        try:
            self.guard.admit(running=1)
        except RequestError as refusal:
            return (refusal.status, refusal.code, refusal.retry_after) != (503, "memory_nearly_full", 1)
        return True


@pytest.mark.parametrize("version", [1, 2])
def test_work_is_refused_near_the_limit_and_taken_again_below_it(tmp_path: Path, version: int) -> None:
    container = Container(tmp_path, version)
    answers = []
    for used in (0, LINE - 1, LINE, LIMIT, LINE - 1):
        container.use(used)
        answers.append(container.admits())

    assert answers == [True, True, False, False, True]


@pytest.mark.parametrize("version", [1, 2])
def test_page_cache_is_not_memory_in_use(tmp_path: Path, version: int) -> None:
    container = Container(tmp_path, version)
    container.use(GIB, inactive=GIB, active=2 * GIB)

    assert container.admits()


def test_a_small_container_keeps_room_for_payloads(tmp_path: Path) -> None:
    container = Container(tmp_path, 2, limit=str(512 * 1024 * 1024))
    container.use(512 * 1024 * 1024 - FREE_BYTES - 1)
    assert container.admits()
    container.use(512 * 1024 * 1024 - FREE_BYTES)
    assert not container.admits()


def test_the_files_are_not_read_for_every_request(tmp_path: Path) -> None:
    container = Container(tmp_path, 2)
    assert container.admits()
    container.use(LIMIT)
    container.now -= READ_EVERY / 2

    assert container.admits()
    container.now += READ_EVERY
    assert not container.admits()


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_without_a_limit_nothing_is_refused(tmp_path: Path, limit: str) -> None:
    container = Container(tmp_path, 2, limit)
    container.use(1 << 50)

    assert container.admits()


def test_without_control_groups_nothing_is_refused() -> None:
    MemoryGuard(None).admit(0)
