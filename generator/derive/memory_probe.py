"""Loads a model as the server of a project does, and prints what that took. Run in the project's folder, model in SM_MODEL_DIR.

The library is imported and the allocator trimmed first, so that what grows is the model's. A last look at every weight
brings what is mapped from a file into memory.
"""

import ctypes
import gc
import importlib
import json
import os
import sys
import threading
import time
from typing import Any

EVERY = 0.002  # seconds between two looks at the memory


def kib(*keys: str) -> int:
    """Add up lines of /proc/self/status, KiB."""
    with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123 - of the project's Python, nothing imported yet
        lines = dict(line.split(":", 1) for line in status)
    return sum(int(lines[key].split()[0]) for key in keys)


def trim() -> None:
    """Give back what nobody uses."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def main(library: str) -> None:
    """Measure, and print one JSON object, KiB."""
    importlib.import_module(library)
    settings, framework = (importlib.import_module(f"serving.{name}") for name in ("settings", "framework"))
    importlib.import_module("inference")
    config: Any = settings.load(os.environ)
    trim()
    before, mapped = kib("RssAnon"), kib("RssFile")
    peak, done = before, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, kib("RssAnon"))
            time.sleep(EVERY)

    watcher = threading.Thread(target=watch)
    watcher.start()
    model = framework.load(config.model)
    framework.check(model)
    done.set()
    watcher.join()
    network = getattr(model, "model", model)
    if hasattr(network, "parameters"):
        sum(float(weights.sum()) for weights in network.parameters())
    trim()
    sys.stdout.write(
        json.dumps({"peak": peak - before, "held": kib("RssAnon") - before, "mapped": kib("RssFile") - mapped}) + "\n"
    )


if __name__ == "__main__":
    main(sys.argv[1])
