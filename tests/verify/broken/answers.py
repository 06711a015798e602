"""Servers with one fault in what they answer, or in what a client can do to them."""

from __future__ import annotations

import sys
import traceback
from http.server import HTTPServer
from typing import Any

import reference
from reference import CSV, JSON, Handler, RefusedError, Server, crash


class NoContentType(Handler):
    def send_header(self, keyword: str, value: str) -> None:
        if keyword != "Content-Type" or self.path != "/invocations":
            super().send_header(keyword, value)


class FailsToWriteCsv(Handler):
    def send_predictions(self, sums: list[Any], wanted: str) -> None:
        if wanted == CSV and self.headers["Content-Type"] == JSON:
            raise RefusedError(500, "cannot write CSV")
        super().send_predictions(sums, wanted)


class DiesOfPlatformHeader(Handler):
    def invoke(self, body: bytes) -> None:
        if "X-Amzn-SageMaker-Session-Id" in self.headers:
            crash()
        super().invoke(body)


class DiesOfUnknownHeader(Handler):
    def invoke(self, body: bytes) -> None:
        if "Traceparent" in self.headers:
            crash()
        super().invoke(body)


class LongAttributes(Handler):
    def end_headers(self) -> None:
        self.send_header("X-Amzn-SageMaker-Custom-Attributes", "x" * 2000)
        super().end_headers()


class CsvIs500(Handler):
    def decode(self, body: bytes, kind: str) -> list[list[float]]:
        if kind == CSV:
            raise RefusedError(500, "could not convert")
        return super().decode(body, kind)


class ClosesConnections(Handler):
    def end_headers(self) -> None:
        self.send_header("Connection", "close")
        super().end_headers()


class UnreadableIs500(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(500 if status == 400 and self.headers.get("Content-Type") == JSON else status, message)


class ErrorIs200(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(200 if status == 400 else status, message)


class UnknownTypeIs500(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(500 if status == 415 else status, message)


class UnmetAcceptIs500(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(500 if status == 406 else status, message)


class UnknownPathIs200(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(200 if status == 404 else status, message)


class WrongMethodIs500(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(500 if status == 405 else status, message)


class HtmlErrors(Handler):
    def refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self.reply(status, f"<html><h1>{message}</h1></html>".encode(), "text/html")


class LeaksTraceback(Handler):
    def decode(self, body: bytes, kind: str) -> list[list[float]]:
        try:
            return super().decode(body, kind)
        except RefusedError as refusal:
            raise RefusedError(refusal.status, traceback.format_exc()) from None


class LeaksPath(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(status, f"{message} (see /opt/app/serving/model.py)")


class LargeIs500(Handler):
    def decode(self, body: bytes, kind: str) -> list[list[float]]:
        if len(body) > 1_000_000:
            raise RefusedError(500, "out of memory")
        return super().decode(body, kind)


class DiesOverLimit(Handler):
    def refuse(self, status: int, message: str) -> None:
        if status == 413:
            crash()
        super().refuse(status, message)


class ReadsAnySize(Handler):
    limit = 10**12

    def decode(self, body: bytes, kind: str) -> list[list[float]]:
        return super().decode(body, kind) if body.strip() or len(body) < 1000 else [[0]]


class OneAtATime(Server):
    def process_request(self, request: Any, client_address: Any) -> None:
        HTTPServer.process_request(self, request, client_address)


def one_at_a_time() -> None:
    reference.serve(Handler, OneAtATime)


class DiesOfHangUp(Server):
    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        if isinstance(sys.exception(), ConnectionResetError):
            crash()


def dies_of_hang_up() -> None:
    reference.serve(Handler, DiesOfHangUp)


class DiesOfGarbage(Handler):
    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        crash()
