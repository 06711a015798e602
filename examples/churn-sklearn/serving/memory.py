"""The control group's memory: its limit, what is in use, and how many processes the kernel has killed over it.

A process killed for memory gets SIGKILL and can say nothing; the kill counter is the only witness. cgroup v2 keeps
`oom_kill` in memory.events, v1 in memory.oom_control. Outside a container, or without control groups, every answer is
None.

In use is the working set: usage minus the page cache of files, which the kernel takes back before it kills. Active
cache counts as reclaimable too: a model that is mapped from its file is nothing else.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")  # lines of `id:controllers:/path`; v2 is the one with no controllers
UNLIMITED = 1 << 60  # v1 writes "no limit" as a number near 2^63
CACHE = {"inactive_file", "active_file"}  # keys of memory.stat in v2
CACHE_V1 = {f"total_{key}" for key in CACHE}  # with the groups below, as usage_in_bytes has them


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """The files that tell, for either version."""

    events: Path
    limit: Path
    usage: Path
    stat: Path

    def kills(self) -> int | None:
        """Count the processes of this group that were killed over its limit, since it was made."""
        return _table(self.events).get("oom_kill")

    def limit_bytes(self) -> int | None:
        """Give the limit, None without one."""
        limit = _number(self.limit)
        return None if limit is None or limit >= UNLIMITED else limit

    def used_bytes(self) -> int | None:
        """Give the working set."""
        usage, table = _number(self.usage), _table(self.stat)
        keys = CACHE_V1 if CACHE_V1 & table.keys() else CACHE
        return None if usage is None else max(0, usage - sum(table.get(key, 0) for key in keys))


def find(root: Path = ROOT, own_groups: Path = OWN_GROUPS) -> MemoryGroup | None:
    """Find this process's group. In a container its files lie at the root, on a bare machine under the group's path."""
    for line in _read(own_groups).splitlines() or ["0::/"]:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            base, names = root, ("memory.events", "memory.max", "memory.current", "memory.stat")
        elif "memory" in controllers.split(","):
            base = root / "memory"
            names = ("memory.oom_control", "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat")
        else:
            continue
        for folder in (base / path.lstrip("/"), base):
            if (folder / names[0]).exists():
                return MemoryGroup(*(folder / name for name in names))
    return None


def _table(path: Path) -> dict[str, int]:
    pairs = (line.partition(" ") for line in _read(path).splitlines())
    return {key: int(value) for key, _, value in pairs if value.strip().isdecimal()}


def _number(path: Path) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdecimal() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
