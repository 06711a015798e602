"""Stock moto's repositories are at amazonaws.com and know its own images only; the patches put a registry there."""

import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from . import ecr
from .conftest import Client
from .patching import Replace

DIGEST = f"sha256:{hashlib.sha256(b'image').hexdigest()}"


class _Registry(BaseHTTPRequestHandler):
    """The two answers of a registry that holds `churn:v1`."""

    def do_GET(self) -> None:
        self._answer(b'{"name": "churn", "tags": ["v1"]}' if self.path == "/v2/churn/tags/list" else None)

    def do_HEAD(self) -> None:
        self._answer(b"" if self.path in ("/v2/churn/manifests/v1", f"/v2/churn/manifests/{DIGEST}") else None)

    def _answer(self, body: bytes | None) -> None:
        self.send_response(404 if body is None else 200)
        self.send_header("Docker-Content-Digest", DIGEST)
        self.send_header("Content-Type", ecr.MANIFEST)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_args: Any) -> None:
        return


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, client: Client) -> Iterator[str]:
    assert client("ecr")  # in the account that the fixture opened
    with ThreadingHTTPServer(("127.0.0.1", 0), _Registry) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        monkeypatch.setenv(ecr.VARIABLE, address)
        yield address
        server.shutdown()


def repository(client: Client) -> str:
    created = client("ecr").create_repository(repositoryName="churn")
    return str(created["repository"]["repositoryUri"])


def login(client: Client) -> str:
    [token] = client("ecr").get_authorization_token()["authorizationData"]
    return str(token["proxyEndpoint"])


def test_stock_moto_has_repositories_at_aws_only(client: Client, registry: str) -> None:
    assert registry
    assert repository(client) == "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn"
    assert login(client) == "https://123456789012.dkr.ecr.us-east-1.amazonaws.com"


def test_repositories_are_on_the_registry_of_this_machine(client: Client, replace: Replace, registry: str) -> None:
    ecr.address_repositories_on_a_loopback_registry(replace)
    assert (repository(client), login(client)) == (f"{registry}/churn", f"http://{registry}")


def test_stock_moto_does_not_see_what_was_pushed(client: Client, registry: str) -> None:
    assert registry
    repository(client)
    assert client("ecr").describe_images(repositoryName="churn")["imageDetails"] == []


@pytest.mark.parametrize(
    ("wanted", "tags"),
    [({}, ["v1"]), ({"imageIds": [{"imageTag": "v1"}]}, ["v1"]), ({"imageIds": [{"imageDigest": DIGEST}]}, [])],
)
def test_images_are_those_of_the_registry(
    client: Client, replace: Replace, registry: str, wanted: dict[str, Any], tags: list[str]
) -> None:
    assert registry
    ecr.describe_images_of_the_registry(replace)
    repository(client)
    [image] = client("ecr").describe_images(repositoryName="churn", **wanted)["imageDetails"]
    assert (image["imageDigest"], image.get("imageTags", [])) == (DIGEST, tags)


def test_an_image_that_was_not_pushed_is_not_found(client: Client, replace: Replace, registry: str) -> None:
    assert registry
    ecr.describe_images_of_the_registry(replace)
    repository(client)
    with pytest.raises(ClientError, match="ImageNotFoundException"):
        client("ecr").describe_images(repositoryName="churn", imageIds=[{"imageTag": "v2"}])
