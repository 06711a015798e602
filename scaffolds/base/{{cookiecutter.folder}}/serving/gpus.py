"""The GPUs of this machine: how many there are, and which of them is a worker's.

A framework computes on the first GPU that it sees, in every process. So where there are several, each worker sees one
only, by its place; what the deployment sets itself (CUDA_VISIBLE_DEVICES) stays as it is.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

DEVICES = Path("/dev")  # the container toolkit puts one file a GPU here: nvidia0, nvidia1, ...
VISIBLE = "CUDA_VISIBLE_DEVICES"


def count(environ: Mapping[str, str], devices: Path = DEVICES) -> int:
    """Count the GPUs: SM_NUM_GPUS where it is a number, else those that the host gave to this container."""
    stated = environ.get("SM_NUM_GPUS", "")
    if stated.isdecimal():
        return int(stated)
    return sum(re.fullmatch(r"nvidia\d+", path.name) is not None for path in devices.glob("nvidia*"))


def visible(environ: Mapping[str, str], place: int) -> dict[str, str]:
    """Give the variable that leaves one GPU to the worker at a place; none where there is nothing to share out."""
    gpus = count(environ)
    return {VISIBLE: str(place % gpus)} if gpus > 1 and VISIBLE not in environ else {}


@cache
def mine() -> int | None:
    """Give the number of the GPU that this process computes on, as CUDA counts those it sees; None without one."""
    hidden = os.environ.get(VISIBLE, "0") in {"", "-1"}
    return 0 if count(os.environ) and not hidden else None
