"""Servers with one fault in batch transform, in the API of multi-model endpoints or in their streams."""

from __future__ import annotations

from typing import Any

from reference import CSV, EVENTS, JSON, LINES, Handler, RefusedError, crash


class OddParameters(Handler):
    def parameters(self) -> dict[str, Any]:
        return {"MaxConcurrentTransforms": "many", "BatchStrategy": "ALL", "MaxPayloadInMB": 6}


class LosesRecords(Handler):
    def send_predictions(self, sums: list[Any], wanted: str) -> None:
        super().send_predictions(sums[:100] if wanted == LINES else sums, wanted)


class MixesRecords(Handler):
    def send_predictions(self, sums: list[Any], wanted: str) -> None:
        super().send_predictions(sums[::-1] if wanted == CSV else sums, wanted)


class ReadsNoLines(Handler):
    def decode(self, body: bytes, kind: str) -> list[list[float]]:
        if kind != JSON:
            raise RefusedError(415, f"send {JSON}")
        return super().decode(body, kind)


class LoadsTwice(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(200 if status == 409 else status, message)


class LoadFails(Handler):
    def load(self, body: bytes) -> None:  # noqa: ARG002
        raise RefusedError(500, "cannot load")


class ListsNothing(Handler):
    def get_models(self) -> None:
        if self.path == "/models":
            self.reply(200, b'{"models": []}')
        else:
            super().get_models()


class UnknownModelIs(Handler):
    """Answers a method on a model that is not loaded with another status."""

    method = ""
    status = 500

    def refuse(self, status: int, message: str) -> None:
        mine = status == 404 and self.command == self.method and self.path.startswith("/models/byocgen")
        super().refuse(self.status if mine else status, message)


class GetUnknownIs500(UnknownModelIs):
    method = "GET"


class InvokeUnknownIs500(UnknownModelIs):
    method = "POST"


class DeleteUnknownIs200(UnknownModelIs):
    method, status = "DELETE", 200


class NeverUnloads(Handler):
    def delete(self) -> None:
        if self.path.removeprefix("/models/") not in self.models:
            raise RefusedError(404, "the model is not loaded")
        self.reply(200, b"{}")


class NoMemoryIs500(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(500 if status == 507 else status, message)


class LoadsAnyName(Handler):
    def load(self, body: bytes) -> None:
        if b".." in body:
            self.reply(200, b"{}")
        else:
            super().load(body)


class WorkersDisagree(Handler):
    lists = 0

    def get_models(self) -> None:
        WorkersDisagree.lists += self.path == "/models"
        if self.path == "/models" and WorkersDisagree.lists % 10 == 0:
            self.reply(200, b'{"models": []}')
        else:
            super().get_models()


class NonsenseIs500(Handler):
    def refuse(self, status: int, message: str) -> None:
        super().refuse(500 if message == "send model_name and url" else status, message)


class NotChunked(Handler):
    def stream(self, rows: list[list[float]], wanted: str) -> None:
        if wanted == EVENTS:
            super().stream(rows, wanted)
        else:
            self.reply(200, b"".join(b"%d\n" % piece for piece in self.pieces(rows)), wanted)


class BuffersStream(Handler):
    def pieces(self, rows: list[list[float]]) -> Any:
        return list(super().pieces(rows))


class DiesOfLostStream(Handler):
    def stream_now(self, rows: list[list[float]], wanted: str) -> None:
        lost = True
        try:
            super().stream_now(rows, wanted)
            lost = self.close_connection and self.headers.get("Connection") != "close"
        finally:
            if lost:
                crash()


class NoEvents(Handler):
    def stream(self, rows: list[list[float]], wanted: str) -> None:  # noqa: ARG002
        super().stream(rows, LINES)


class GoesOnStreaming(Handler):
    """Makes the whole answer for nobody."""

    def stream_now(self, rows: list[list[float]], wanted: str) -> None:
        made = []
        try:
            super().stream_now(rows, wanted)
            made.append(wanted)
        finally:
            if self.close_connection or not made:
                list(self.pieces(rows))
