"""A container registry, asked what a tag names: the digest behind it, for one platform.

Rules: the OCI distribution specification over HTTPS, by the standard library; plain HTTP on the loopback device alone, as
Docker does. Nothing is downloaded but manifests and, of an image that is no index, its configuration; every byte is held
against the digest that it is asked or named by. No credentials: what asks for some gets a token as anybody does.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from byocgen.errors import ToolError

if TYPE_CHECKING:
    from http.client import HTTPResponse

SECONDS = 30.0
LARGEST = 4 * 1024 * 1024
"""Bytes of a manifest that a registry must take and we read (OCI distribution specification, pushing manifests)."""
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_ACCEPT = ", ".join((*_INDEXES, *_MANIFESTS))
_REFERENCE = re.compile(r"(?P<host>[\w.-]+(?::\d+)?)/(?P<name>[\w./-]+):(?P<tag>[\w.-]+)")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1)(?::\d+)?")


@dataclass(frozen=True, slots=True)
class Reference:
    """An image by its tag: `nvcr.io/nvidia/cuda:13.0.2-base-ubuntu24.04`."""

    host: str
    name: str
    tag: str

    @classmethod
    def of(cls, text: str) -> Reference:
        """Take one apart. Raises ValueError for a text that names no registry or no tag."""
        found = _REFERENCE.fullmatch(text)
        if found is None:
            raise ValueError(f"{text} is no host/name:tag")
        return cls(found["host"], found["name"], found["tag"])

    def __str__(self) -> str:
        return f"{self.host}/{self.name}:{self.tag}"

    def url(self, what: str) -> str:
        """Say where the registry keeps something of the repository, such as `manifests/TAG`."""
        return f"{_scheme(self.host)}://{self.host}/v2/{self.name}/{what}"


def resolve(text: str, platform: str) -> str:
    """Return the digest (`sha256:...`) that a reference's tag has, after a look that it holds the platform.

    Raises:
        ToolError: the registry cannot be reached, refuses, knows no such tag, or has it for other platforms only.
    """
    reference = Reference.of(text)
    caller = _Caller(reference)
    body = caller.get(reference.url(f"manifests/{reference.tag}"), "")
    document = _document(reference, body)
    platforms = _platforms(document) or [_of_configuration(reference, caller, document)]
    if platform not in platforms:
        hint = "choose an instance type of an architecture that it has, or make the Dockerfile yours: byocgen eject Dockerfile"
        raise ToolError(f"{reference} is not there for {platform}, only for {', '.join(sorted(platforms))}", hint)
    return _digest(body)


class _Caller:
    """Asks for what lies in one repository; gets itself a token where the registry wants one."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._token = ""

    def get(self, url: str, digest: str) -> bytes:
        """Fetch a document, and hold it against its digest where that is known."""
        try:
            body, stated = self._fetch(url)
        except HTTPError as error:
            if error.code != 401 or self._token:
                raise _refused(self._reference, error) from error
            self._token = self._ask_for_token(error)
            error.close()
            try:
                body, stated = self._fetch(url)
            except HTTPError as again:
                raise _refused(self._reference, again) from again
        wanted = digest or stated or _digest(body)
        if _digest(body) != wanted:
            message = f"{self._reference.host} sent something else than the {wanted} that it names"
            raise ToolError(
                message, "something between here and the registry changes what it sends: try another network"
            )
        return body

    def _fetch(self, url: str) -> tuple[bytes, str]:
        request = Request(url, headers={"Accept": _ACCEPT})  # noqa: S310 - the scheme is ours
        if self._token:
            # Not for the place that a registry's redirect leads to, which has a signature of its own and refuses two.
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        with _open(self._reference, request) as answer:
            return _read(self._reference, answer), answer.headers.get("Docker-Content-Digest", "")

    def _ask_for_token(self, error: HTTPError) -> str:
        challenge = error.headers.get("WWW-Authenticate", "")
        asked = dict(_CHALLENGE.findall(challenge))
        realm = urlsplit(asked.get("realm", ""))
        if not challenge.startswith("Bearer ") or realm.scheme != _scheme(realm.netloc):
            raise _refused(self._reference, error)
        wanted = {"scope": f"repository:{self._reference.name}:pull", **asked}
        query = urlencode({name: wanted[name] for name in ("service", "scope") if name in wanted})
        request = Request(f"{realm.geturl()}?{query}")  # noqa: S310 - https, or http on the loopback device
        try:
            with _open(self._reference, request) as answer:
                given = _document(self._reference, _read(self._reference, answer))
        except HTTPError as refused:
            raise _refused(self._reference, refused) from refused
        return str(given.get("token") or given.get("access_token") or "none")


def _open(reference: Reference, request: Request) -> HTTPResponse:
    try:
        answer: HTTPResponse = urlopen(request, timeout=SECONDS)  # noqa: S310 - as above
    except HTTPError:
        raise
    except (URLError, OSError) as error:
        why = getattr(error, "reason", error)
        hint = "pin where the registry can be reached (behind a proxy: set HTTPS_PROXY); until then the image is built on its tag"
        raise ToolError(f"{reference.host} cannot be reached: {why}", hint) from error
    return answer


def _read(reference: Reference, answer: HTTPResponse) -> bytes:
    try:
        body = answer.read(LARGEST + 1)
    except OSError as error:
        raise ToolError(f"{reference.host} broke off: {error}", "try again") from error
    if len(body) > LARGEST:
        raise ToolError(f"{reference.host} sent more than {LARGEST} bytes for {reference}", "is it a registry?")
    return body


def _refused(reference: Reference, error: HTTPError) -> ToolError:
    said = {
        401: (
            "wants credentials",
            "byocgen asks without any: write the digest into the Dockerfile yourself (eject it)",
        ),
        403: ("does not let this address read it", "ask whoever runs the registry or the network's proxy"),
        404: (
            "has no such tag",
            "a newer byocgen may name a newer image; or look the tag up where the registry lists them",
        ),
        429: ("has had enough requests from this address", "try again later"),
    }
    error.close()
    what, hint = said.get(error.code, (f"answers {error.code}", "try again later"))
    return ToolError(f"{reference}: {reference.host} {what}", hint)


def _document(reference: Reference, body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ToolError(f"{reference.host} answers with something that is no JSON object", "is it a registry?")
    return document


def _platforms(document: dict[str, Any]) -> list[str]:
    """The platforms of an index; none for the manifest of one image."""
    rows = [row.get("platform", {}) for row in document.get("manifests", ())]
    return [f"{row.get('os')}/{row.get('architecture')}" for row in rows if row.get("os") != "unknown"]


def _of_configuration(reference: Reference, caller: _Caller, document: dict[str, Any]) -> str:
    digest = document.get("config", {}).get("digest", "")
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise ToolError(
            f"{reference.host} sent a manifest of a kind that is not known for {reference}", "is it an image?"
        )
    configuration = _document(reference, caller.get(reference.url(f"blobs/{digest}"), digest))
    return f"{configuration.get('os')}/{configuration.get('architecture')}"


def _scheme(host: str) -> str:
    return "http" if _LOOPBACK.fullmatch(host) else "https"


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
