"""A text as it is generated: each piece is {"text"}; the last one also says why it ended and how many tokens it took.

generate() runs in a thread of its own and hands over each token. Closing the iterator ends it within a token; what goes
wrong in it is raised where the pieces are read.
"""

import contextvars
import queue
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from transformers.generation.streamers import BaseStreamer

from serving.checkpoint import Checkpoint
from serving.generation import Work, run

INCOMPLETE = "\ufffd"  # what a decoder writes for a character of which only some bytes are there


class Tokens(BaseStreamer):
    """Takes what generate() hands over: first what it begins with, then a token at a time."""

    def __init__(self) -> None:
        """Start empty."""
        self.queue: queue.SimpleQueue[int | BaseException | None] = queue.SimpleQueue()
        self._has_begun = False

    def put(self, value: Any) -> None:
        """Take tokens."""
        if self._has_begun:
            for token in value.flatten().tolist():
                self.queue.put(token)
        self._has_begun = True

    def end(self) -> None:
        """Called by generate() when it is done; the thread says so itself, also when generate() fails."""


class Writer:
    """Turns tokens into text, giving only what no later token can change, and nothing from the stop text on."""

    def __init__(self, tokenizer: Any, stop: str) -> None:
        """Start with no tokens."""
        self._tokenizer = tokenizer
        self._stop = stop
        self._tokens: list[int] = []
        self._context = 0  # where the tokens begin that the text of the next ones depends on
        self._read = 0  # tokens whose text was given already
        self._held = ""  # text that may be the beginning of the stop text
        self.stopped = False

    def add(self, token: int) -> str:
        """Give the text that is settled now."""
        self._tokens.append(token)
        text = self._new_text()
        if text.endswith(INCOMPLETE) or self.stopped:
            return ""
        self._context, self._read = self._read, len(self._tokens)
        return self._until_stop(text)

    def rest(self) -> str:
        """Give what was held back until the end."""
        if self.stopped:
            return ""
        text = self._until_stop(self._new_text())
        held, self._held = self._held, ""
        return text + held

    def _new_text(self) -> str:
        before = self._decode(self._tokens[self._context : self._read])
        return self._decode(self._tokens[self._context :])[len(before) :]

    def _decode(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return text

    def _until_stop(self, text: str) -> str:
        if not self._stop:
            return text
        text = self._held + text
        before, found, _ = text.partition(self._stop)
        if found:
            self.stopped, self._held = True, ""
            return before
        longest = min(len(text), len(self._stop) - 1)
        kept = next((size for size in range(longest, 0, -1) if self._stop.startswith(text[-size:])), 0)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]


def pieces(checkpoint: Checkpoint, work: Work, parameters: Mapping[str, Any]) -> Iterator[Any]:
    """Generate one text, piece by piece."""
    stop = parameters.get("stop", "")
    streamer = Tokens()
    unwanted = threading.Event()

    def generate() -> None:
        try:
            run(checkpoint, work, stop, streamer, lambda: not unwanted.is_set())
            streamer.queue.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again by whoever reads the pieces
            streamer.queue.put(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(generate,), name="generate", daemon=True)
    thread.start()
    try:
        yield from _read(checkpoint, work, streamer, Writer(checkpoint.tokenizer, stop))
    finally:
        unwanted.set()
        thread.join()


def _read(checkpoint: Checkpoint, work: Work, streamer: Tokens, writer: Writer) -> Iterator[Any]:
    count = 0
    ends = checkpoint.model.generation_config.eos_token_id
    last = None
    while (token := streamer.queue.get()) is not None:
        if isinstance(token, BaseException):
            raise token
        count, last = count + 1, token
        if text := writer.add(token):
            yield {"text": text}
    rest = writer.rest()
    reason = "length" if count >= work.way.config.max_new_tokens else "stop"
    if writer.stopped:
        reason = "stop"
    elif last in (ends if isinstance(ends, list) else [ends]):
        reason = "end_of_text"
    yield {"text": rest, "finish_reason": reason, "generated_tokens": count}
