"""How much memory there is for models, how much this process has, and how much a folder of files would bring."""

import os
from pathlib import Path

from serving import memory

STATM = Path("/proc/self/statm")  # pages: total, resident, ...; Linux only
SHARE = 0.8  # of the container's memory is for workers and their models; the rest for requests and the page cache


def budget_bytes(workers: int) -> int:
    """Give what the models of one of `workers` workers may take, beside what the process itself has now."""
    group = memory.find()
    limit = group.limit_bytes() if group else None
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(0, int(min(limit or physical, physical) * SHARE / workers) - resident_bytes())


def resident_bytes() -> int:
    """Give this process's resident memory, 0 where the system does not tell."""
    try:
        return int(STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def folder_bytes(folder: Path) -> int:
    """Add up the files of a folder: the least that a model made of them takes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
