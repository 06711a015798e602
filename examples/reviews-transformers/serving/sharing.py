"""One copy of the model for all workers: a template process loads it and forks them; memory is copied when written to.

This is the supervisor's side; `template` is the other. Only where the framework's module says SHARE_BY_FORK; with one
thread a prediction, for numerical libraries start theirs when they are imported; without GPUs, whose state no fork
copies; and where the kernel hands us our grandchildren: forked workers are children of the template's, and become ours
when the process between ends. So they are waited for, signalled and counted like any other.
"""

import ast
import ctypes
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from serving import gpus
from serving.channel import Channel
from serving.settings import ServerSettings
from serving.workers import Worker

FRAMEWORK = Path(__file__).with_name("framework.py")
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
FORK_SECONDS = 10.0  # copying the page tables of a model of tens of gigabytes takes well under a second


# For the template alone: transformers' threads that read weights, and one that draws progress, outlive the reading.
ENVIRONMENT = {"HF_DEACTIVATE_ASYNC_LOAD": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


def is_wanted(server: ServerSettings, environ: Mapping[str, str], source: Path = FRAMEWORK) -> bool:
    """Tell whether to share: several workers of one thread on CPUs, a framework that allows it, a kernel that can."""
    several = server.workers > 1 and not server.multi_model
    alone = server.blas_threads == 1 and not gpus.count(environ)
    return several and alone and declares(source) and _adopt_orphans()


def declares(source: Path) -> bool:
    """Tell whether a framework module says SHARE_BY_FORK = True."""
    # Read, not imported: that would bring the framework into process 1.
    for statement in ast.parse(source.read_text(encoding="utf-8")).body:
        names = getattr(statement, "targets", [getattr(statement, "target", None)])
        if any(isinstance(name, ast.Name) and name.id == "SHARE_BY_FORK" for name in names):
            value = getattr(statement, "value", None)
            return isinstance(value, ast.Constant) and value.value is True
    return False


def _adopt_orphans() -> bool:
    if os.getpid() == 1:
        return True
    try:
        return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (AttributeError, OSError):  # not Linux
        return False


def fork_worker(template: Worker, place: int) -> Worker | None:
    """Ask the template for a worker; None where it does not answer. One request at a time."""
    connection = template.channel.socket
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            connection.settimeout(FORK_SECONDS)
            socket.send_fds(connection, [json.dumps({"place": place}).encode()], [theirs.fileno()])
            answer = json.loads(connection.recv(1024))
            return Worker(int(answer["pid"]), place, Channel(ours))
        except (OSError, ValueError, KeyError):
            ours.close()
            return None
        finally:
            connection.setblocking(False)
