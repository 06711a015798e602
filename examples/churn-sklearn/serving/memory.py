"""The control group's memory: its limit, and how many processes the kernel has killed over it.

A process killed for memory gets SIGKILL and can say nothing; this counter is the only witness. cgroup v2 keeps
`oom_kill` in memory.events, v1 in memory.oom_control. Outside a container, or without control groups, both answers are
None.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")  # lines of `id:controllers:/path`; v2 is the one with no controllers
UNLIMITED = 1 << 60  # v1 writes "no limit" as a number near 2^63


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """The files that tell, for either version."""

    events: Path
    limit: Path

    def kills(self) -> int | None:
        """Count the processes of this group that were killed over its limit, since it was made."""
        for line in _read(self.events).splitlines():
            key, _, value = line.partition(" ")
            if key == "oom_kill" and value.strip().isdecimal():
                return int(value)
        return None

    def limit_bytes(self) -> int | None:
        """Give the limit, None without one."""
        text = _read(self.limit).strip()
        return int(text) if text.isdecimal() and int(text) < UNLIMITED else None


def find(root: Path = ROOT, own_groups: Path = OWN_GROUPS) -> MemoryGroup | None:
    """Find this process's group. In a container its files lie at the root, on a bare machine under the group's path."""
    for line in _read(own_groups).splitlines() or ["0::/"]:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            base, events, limit = root, "memory.events", "memory.max"
        elif "memory" in controllers.split(","):
            base, events, limit = root / "memory", "memory.oom_control", "memory.limit_in_bytes"
        else:
            continue
        for folder in (base / path.lstrip("/"), base):
            if (folder / events).exists():
                return MemoryGroup(folder / events, folder / limit)
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
