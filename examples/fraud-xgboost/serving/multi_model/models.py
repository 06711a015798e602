"""The models of a multi-model endpoint in one worker: which there are, and which of them are in memory.

Which there are is the same in all workers (see registry.py). A worker loads one when the first request for it comes,
and lets the least recently used go when the next would not fit its share of the memory. A model in use is never let go.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serving import errors, logs, memory_guard, out_of_memory
from serving.multi_model import footprint

if TYPE_CHECKING:  # importing it imports the framework: see service.py
    from serving.predictor import Predictor

Loader = Callable[[str, Path], "Predictor"]  # name and folder


@dataclass(slots=True)
class Entry:
    """A model of this endpoint; `predictor` is None while it is not in memory."""

    name: str
    url: str
    predictor: "Predictor | None" = None
    size: int = 0  # bytes that it took
    users: int = 0  # requests that use it now


class Models:
    """The models; used by the lane's threads and by the event loop."""

    def __init__(self, load: Loader, budget: int) -> None:
        """Start with none. `budget` is in bytes, for the models of this worker together."""
        self._load = load
        self._budget = budget
        self._limit = footprint.resident_bytes() + budget  # of the process
        self._entries: OrderedDict[str, Entry] = OrderedDict()  # the least recently used first
        self._changed = threading.Condition()
        self._one_load = threading.Lock()  # at a time: only then what the process grows by is that model's

    def add(self, name: str, url: str) -> None:
        """Know of a model from now on."""
        with self._changed:
            self._entries.setdefault(name, Entry(name, url))

    def urls(self) -> dict[str, str]:
        """Give name and URL of all models, in the order of their names."""
        with self._changed:
            return {name: self._entries[name].url for name in sorted(self._entries)}

    def in_memory(self) -> list[str]:
        """Give the names of those that are in memory, the least recently used first."""
        with self._changed:
            return [name for name, entry in self._entries.items() if entry.predictor]

    def forget(self, name: str) -> Entry | None:
        """Know of a model no longer, and give what was known; requests that use it go on."""
        with self._changed:
            return self._entries.pop(name, None)

    def remove(self, name: str) -> None:
        """Forget a model and free its memory, once no request uses it any more."""
        entry = self.forget(name)
        if entry is None:
            return
        with self._changed:
            self._changed.wait_for(lambda: not entry.users)
            entry.predictor = None
        memory_guard.give_back()

    def acquire(self, name: str) -> "tuple[Entry, Predictor]":
        """Give a model, loaded where needed; it stays until `release`. Raises RequestError: 404, 507, or 500."""
        with self._changed:
            entry = self._entries.get(name)
            if entry is None:
                raise errors.no_such_model(name)
            entry.users += 1
            self._entries.move_to_end(name)
        try:
            return entry, entry.predictor or self._bring(entry)
        except BaseException:
            self.release(entry)
            raise

    def release(self, entry: Entry) -> None:
        """Say that a request needs a model no longer."""
        with self._changed:
            entry.users -= 1
            self._changed.notify_all()

    def _bring(self, entry: Entry) -> "Predictor":
        with self._one_load:
            if entry.predictor is None:
                need = footprint.folder_bytes(Path(entry.url))
                self._make_room(entry, need)
                before = footprint.resident_bytes()
                predictor = self._loaded(entry)
                entry.size = max(need, footprint.resident_bytes() - before)
                # Now that it is known: a pickle may be many times its file.
                self._make_room(entry, entry.size, there=entry.size)
                entry.predictor = predictor
            return entry.predictor

    def _loaded(self, entry: Entry) -> "Predictor":
        while True:
            try:
                return self._load(entry.name, Path(entry.url))
            except Exception as error:
                if not out_of_memory.is_out_of_memory(error):
                    raise errors.model_unusable(entry.name, error) from error
                if not self._let_one_go(entry):
                    raise errors.no_room(entry.name) from error

    def _make_room(self, entry: Entry, need: int, there: int = 0) -> None:
        """Let models go until `need` bytes fit, of which `there` bytes are in memory already. Raises RequestError: 507."""
        # The first model brings its libraries, which stay when it goes: so what the process has counts, too. It does not
        # refuse a model, for what the allocator keeps is free for the next one.
        while self._used(entry) + need > self._budget or footprint.resident_bytes() - there + need > self._limit:
            if not self._let_one_go(entry):
                if self._used(entry) + need > self._budget:
                    raise errors.no_room(entry.name)
                return

    def _used(self, beside: Entry) -> int:
        with self._changed:
            return sum(entry.size for entry in self._entries.values() if entry.predictor and entry is not beside)

    def _let_one_go(self, beside: Entry) -> bool:
        with self._changed:
            idle = (entry for entry in self._entries.values() if entry.predictor and not entry.users)
            oldest = next((entry for entry in idle if entry is not beside), None)
            if oldest is None:
                return False
            oldest.predictor = None
        logs.info("model_evicted", model=oldest.name, bytes=oldest.size, for_model=beside.name)
        memory_guard.give_back()
        return True
