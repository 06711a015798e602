"""Servers with one fault in how they start, keep healthy under load or stop."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

import reference
from reference import Handler, RefusedError, Server, crash

if TYPE_CHECKING:
    import socket


def refuses_serve() -> None:
    if sys.argv[1:] == ["serve"]:
        sys.exit("unknown argument: serve")
    sys.argv[1:] = ["serve"]
    reference.serve(Handler)


def ignores_port() -> None:
    os.environ["SAGEMAKER_BIND_TO_PORT"] = os.environ["OWN_PORT"]
    reference.serve(Handler)


def localhost_only() -> None:
    reference.serve(Handler, address="127.0.0.1")


def slow_start() -> None:
    time.sleep(60)


def ends_at_once() -> None:
    sys.exit("the model cannot be read")


def root_only() -> None:
    if os.getuid() != 0:
        sys.exit("run me as root")
    reference.serve(Handler)


def writes_to_root() -> None:
    with open("/cache/file", "w", encoding="utf-8") as stream:  # noqa: PTH123
        stream.write("x")
    reference.serve(Handler)


def needs_network() -> None:
    with open("/proc/net/route", encoding="utf-8") as stream:  # noqa: PTH123
        if not any(line.split()[1] == "00000000" for line in stream):
            sys.exit("no way to the model hub")
    reference.serve(Handler)


def needs_much() -> None:
    if os.getuid() != 0:
        sys.exit("run me as root")
    writes_to_root()


def ignores_multi_model() -> None:
    Handler.multi_model = False
    reference.serve(Handler)


class HealthyTooEarly(Handler):
    asked = 0

    def invoke(self, body: bytes) -> None:
        HealthyTooEarly.asked += 1
        if HealthyTooEarly.asked == 1:
            raise RefusedError(503, "loading")
        super().invoke(body)


def dies_of_variables() -> None:
    if os.environ.get("SM_LOG_LEVEL", "info") not in {"info", "debug"}:
        sys.exit("unknown level")
    reference.serve(Handler)


def writes_to_model() -> None:
    with open(os.environ["SM_MODEL_DIR"] + "/cache", "w", encoding="utf-8") as stream:  # noqa: PTH123
        stream.write("x")
    reference.serve(Handler)


def logs_nothing() -> None:
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    reference.serve(Handler)


class PingBlocked(Handler):
    turn = threading.Lock()

    def ping(self) -> None:
        with self.turn:
            super().ping()

    def predict(self, rows: list[list[float]]) -> list[Any]:
        with self.turn:
            time.sleep(0.06)
        return super().predict(rows)


class PingSlow(Handler):
    pings = 0

    def ping(self) -> None:
        PingSlow.pings += 1
        time.sleep(0 if PingSlow.pings % 3 else 1.5)
        super().ping()


class Busy(Handler):
    """Counts the predictions that run."""

    running = 0
    guard = threading.Lock()

    def predict(self, rows: list[list[float]]) -> list[Any]:
        with self.guard:
            Busy.running += 1
        try:
            self.crowded()
            time.sleep(0.02)
            return super().predict(rows)
        finally:
            with self.guard:
                Busy.running -= 1

    def crowded(self) -> None:
        pass


class PingIllUnderLoad(Busy):
    def ping(self) -> None:
        if self.running > 2:
            raise RefusedError(503, "busy")
        super().ping()


class FailsUnderLoad(Busy):
    def crowded(self) -> None:
        if self.running > 4:
            raise RefusedError(500, "too many")


class FailsInACrowd(Busy):
    def crowded(self) -> None:
        time.sleep(0.2)
        if self.running > 32:
            raise RefusedError(500, "too many")


class AcceptsSlowly(Server):
    request_queue_size = 0

    def get_request(self) -> tuple[socket.socket, Any]:
        time.sleep(0.7)
        return super().get_request()


def accepts_slowly() -> None:
    reference.serve(Handler, AcceptsSlowly)


class KilledBySigterm(Server):
    def drain(self) -> NoReturn:
        os._exit(0)


def killed_by_sigterm() -> None:
    reference.serve(Handler, KilledBySigterm)


class IgnoresSigterm(Server):
    def drain(self) -> NoReturn:
        time.sleep(60)
        crash()


def ignores_sigterm() -> None:
    reference.serve(Handler, IgnoresSigterm)


class ExitsWith1(Server):
    exit_code = 1


def exits_with_1() -> None:
    reference.serve(Handler, ExitsWith1)
