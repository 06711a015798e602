"""A container registry on the loopback device: what `docker push` and `byocgen pin` need of the OCI distribution specification.

Rules: all in memory; no authentication, but for a token where one is set (`token`), given to whoever asks; tags are
immutable as in the stack's ECR repository (the same tag again is refused, also with the same content, as ECR does); plain
HTTP, which Docker takes from `localhost`. Nothing here knows AWS or byocgen.
"""

import hashlib
import json
import re
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

_BLOB = re.compile(r"/v2/(?P<name>.+)/blobs/(?P<digest>sha256:[0-9a-f]{64})")
_UPLOADS = re.compile(r"/v2/(?P<name>.+)/blobs/uploads/")
_UPLOAD = re.compile(r"/v2/(?P<name>.+)/blobs/uploads/(?P<id>[0-9a-f-]{36})")
_MANIFEST = re.compile(r"/v2/(?P<name>.+)/manifests/(?P<reference>[^/]+)")
_TAGS = re.compile(r"/v2/(?P<name>.+)/tags/list")

_TLS_HANDSHAKE = b"\x16"


@dataclass(frozen=True)
class Content:
    """A manifest or a layer, as it was pushed."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        return _digest(self.body)


@dataclass
class Registry:
    """What was pushed, and where the registry listens ("localhost:PORT")."""

    address: str
    blobs: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], Content] = field(default_factory=dict)  # by repository and tag or digest
    refused: list[str] = field(default_factory=list)  # tags that were to be overwritten
    token: str = ""  # without which nothing is read; empty: none is wanted
    asked_for: list[str] = field(default_factory=list)  # what the tokens were asked for
    answers: dict[str, tuple[HTTPStatus, bytes]] = field(default_factory=dict)  # by path: instead of what is there

    def put(self, name: str, reference: str, manifest: Content) -> bool:
        """Keep a manifest; False when its tag is taken."""
        if not reference.startswith("sha256:") and (name, reference) in self.manifests:
            self.refused.append(reference)
            return False
        self.manifests[name, reference] = self.manifests[name, manifest.digest] = manifest
        return True

    def tags(self, name: str) -> list[str]:
        return sorted(ref for repository, ref in self.manifests if repository == name and not ref.startswith("sha256:"))


@contextmanager
def started() -> Iterator[Registry]:
    """A registry on a free port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    registry = Registry(f"localhost:{server.server_port}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"registry": registry})
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry: ClassVar[Registry]

    def log_message(self, *_args: object) -> None:
        """One line a request would bury what a failing test prints."""

    def handle(self) -> None:
        """Docker's containerd store tries TLS first, and plain HTTP only when the answer to that is HTTP."""
        if self.connection.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        else:
            super().handle()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        path, registry = url.path, self.registry
        if path in registry.answers:
            self._answer(*registry.answers[path])
        elif path == "/token":
            registry.asked_for.append(url.query)
            self._answer(HTTPStatus.OK, json.dumps({"token": registry.token}).encode())
        elif registry.token and self.headers["Authorization"] != f"Bearer {registry.token}":
            challenge = f'Bearer realm="http://{registry.address}/token",service="loopback"'
            self._answer(HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": challenge})
        elif path == "/v2/":
            self._answer(HTTPStatus.OK, b"{}")
        elif match := _BLOB.fullmatch(path):
            blob = self.registry.blobs.get(match["digest"])
            self._found(None if blob is None else Content("application/octet-stream", blob))
        elif match := _MANIFEST.fullmatch(path):
            self._found(self.registry.manifests.get((match["name"], match["reference"])))
        elif match := _TAGS.fullmatch(path):
            body = json.dumps({"name": match["name"], "tags": self.registry.tags(match["name"])}).encode()
            self._answer(HTTPStatus.OK, body, {"Content-Type": "application/json"})
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "UNSUPPORTED", path)

    def do_POST(self) -> None:
        match = _UPLOADS.fullmatch(urlsplit(self.path).path)
        if match is None:
            self._refuse(HTTPStatus.NOT_FOUND, "UNSUPPORTED", self.path)
            return
        self._body()  # a cross-repository mount is declined: the client then uploads
        identifier = str(uuid.uuid4())
        self.registry.uploads[identifier] = b""
        upload = {"Location": f"/v2/{match['name']}/blobs/uploads/{identifier}", "Docker-Upload-UUID": identifier}
        self._answer(HTTPStatus.ACCEPTED, headers={**upload, "Range": "0-0"})

    def do_PATCH(self) -> None:
        match = _UPLOAD.fullmatch(urlsplit(self.path).path)
        if match is None or match["id"] not in self.registry.uploads:
            self._refuse(HTTPStatus.NOT_FOUND, "BLOB_UPLOAD_UNKNOWN", self.path)
            return
        self.registry.uploads[match["id"]] += self._body()
        end = len(self.registry.uploads[match["id"]]) - 1
        self._answer(HTTPStatus.ACCEPTED, headers={"Location": match.string, "Range": f"0-{end}"})

    def do_PUT(self) -> None:
        url = urlsplit(self.path)
        if match := _UPLOAD.fullmatch(url.path):
            self._complete(match["id"], parse_qs(url.query)["digest"][0])
        elif match := _MANIFEST.fullmatch(url.path):
            manifest = Content(self.headers["Content-Type"], self._body())
            if self.registry.put(match["name"], match["reference"], manifest):
                created = {"Docker-Content-Digest": manifest.digest, "Location": url.path}
                self._answer(HTTPStatus.CREATED, headers=created)
            else:
                message = f"The image tag '{match['reference']}' already exists and the repository is immutable."
                self._refuse(HTTPStatus.BAD_REQUEST, "TAG_INVALID", message)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "UNSUPPORTED", url.path)

    def _complete(self, identifier: str, digest: str) -> None:
        blob = self.registry.uploads.pop(identifier) + self._body()
        if _digest(blob) != digest:
            self._refuse(HTTPStatus.BAD_REQUEST, "DIGEST_INVALID", digest)
            return
        self.registry.blobs[digest] = blob
        self._answer(HTTPStatus.CREATED, headers={"Docker-Content-Digest": digest, "Location": f"/v2/_/blobs/{digest}"})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _found(self, content: Content | None) -> None:
        if content is None:
            self._refuse(HTTPStatus.NOT_FOUND, "NAME_UNKNOWN", self.path)
        else:
            headers = {"Content-Type": content.media_type, "Docker-Content-Digest": content.digest}
            self._answer(HTTPStatus.OK, content.body, headers)

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
        self._answer(status, body, {"Content-Type": "application/json"})

    def _answer(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Docker-Distribution-Api-Version": "registry/2.0", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
