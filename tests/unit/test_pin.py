"""`byocgen pin`: digests from a registry, recorded in the lock and written into the Dockerfile; nothing is ever made up."""

from __future__ import annotations

import json
import re
import shutil
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from tests.release import registry as registries
from tests.release.registry import Content, Registry

from byocgen import catalog as catalogs
from byocgen import cli, registry
from byocgen.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

INDEX, MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
PYTHON, CUDA = "docker/library/python:3.12-slim-bookworm", "nvidia/cuda:13.0.2-base-ubuntu24.04"
ON_CPU = "version: 1\nname: churn\nmodel: {framework: sklearn}\n"
ON_GPU = "version: 1\nname: churn\nmodel: {framework: pytorch}\nendpoint: {instance_type: ml.g5.xlarge}\n"


def index(*platforms: str, note: str = "") -> Content:
    """An index of images for some platforms."""
    rows = [{"platform": dict(zip(("os", "architecture"), one.split("/"), strict=True))} for one in platforms]
    attestation = {"platform": {"os": "unknown", "architecture": "unknown"}}
    return Content(INDEX, json.dumps({"manifests": [*rows, attestation], "note": note}).encode())


def put(where: Registry, image: str, content: Content) -> str:
    """Let a tag name something, whatever it named before; return the digest."""
    name, _, tag = image.partition(":")
    where.manifests.pop((name, tag), None)
    assert where.put(name, tag, content)
    return content.digest


def single(where: Registry, platform: str) -> Content:
    """An image that is no index, with its configuration."""
    system, architecture = platform.split("/")
    body = json.dumps({"os": system, "architecture": architecture}).encode()
    configuration = Content("application/vnd.oci.image.config.v1+json", body)
    where.blobs[configuration.digest] = body
    return Content(MANIFEST, json.dumps({"config": {"digest": configuration.digest}}).encode())


@pytest.fixture
def loopback() -> Iterator[Registry]:
    """A registry that has the base images, for both platforms."""
    with registries.started() as started:
        for image in (PYTHON, CUDA):
            put(started, image, index("linux/amd64", "linux/arm64"))
        yield started


@pytest.fixture
def catalog(loopback: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalogue name the images of that registry."""
    home = tmp_path / "catalog"
    (home / "data").mkdir(parents=True)
    (home / "locks").symlink_to(catalogs.HOME / "locks")
    for file in (catalogs.HOME / "data").iterdir():
        shutil.copy(file, home / "data")
    bases = home / "data" / "bases.json"
    bases.write_text(re.sub(r"public\.ecr\.aws|nvcr\.io", loopback.address, bases.read_text("utf-8")), "utf-8")
    monkeypatch.setattr(catalogs, "HOME", home)


@pytest.fixture
def project(catalog: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:  # noqa: ARG001
    """Return `project(manifest) -> folder`, and stand in it."""

    def make(manifest: str) -> Path:
        (tmp_path / "manifest.yaml").write_text(manifest, "utf-8")
        assert cli.run(["new", "--manifest", str(tmp_path / "manifest.yaml"), "--output", str(tmp_path)]) == 0
        monkeypatch.chdir(tmp_path / "churn")
        return tmp_path / "churn"

    return make


def froms(project: Path) -> list[str]:
    """What the Dockerfile's stages stand on."""
    return re.findall(r"^FROM (\S+)", (project / "Dockerfile").read_text("utf-8"), re.MULTILINE)


def images(project: Path) -> Any:
    """What the lock pins."""
    return json.loads((project / "byocgen.lock").read_text("utf-8")).get("images")


def test_a_pinned_project(
    project: Callable[[str], Path], loopback: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(ON_GPU)
    fresh = (folder / "byocgen.lock").read_bytes()
    capsys.readouterr()
    python, cuda = (f"{loopback.address}/{one}" for one in (PYTHON, CUDA))
    digest = index("linux/amd64", "linux/arm64").digest

    assert froms(folder) == [python, python, cuda]
    assert cli.run(["pin"]) == 0
    told = capsys.readouterr()
    assert told.out == f"{python}@{digest}\n{cuda}@{digest}\n"
    assert told.err == "written into Dockerfile and byocgen.lock; sync keeps it\n"
    assert froms(folder) == [f"{python}@{digest}", f"{python}@{digest}", f"{cuda}@{digest}"]
    dockerfile = (folder / "Dockerfile").read_text("utf-8")
    assert f'image.base.name="{cuda}" \\\n      org.opencontainers.image.base.digest="{digest}"' in dockerfile
    rows = [{"reference": one, "platform": "linux/amd64", "digest": digest} for one in sorted((python, cuda))]
    assert images(folder) == rows

    # Everything else of the lock is what it was, and the project is what its manifest and its pins say.
    other, was = json.loads((folder / "byocgen.lock").read_bytes()), json.loads(fresh)
    assert {path for path in was["files"] if was["files"][path] != other["files"][path]} == {"Dockerfile"}
    assert [cli.run([command]) for command in ("check", "sync", "check")] == [0, 0, 0]
    assert images(folder) == rows
    assert cli.run(["explain", "image.base_image"]) == 0
    assert "as `byocgen pin` found it" in " ".join(capsys.readouterr().out.split())


def test_what_is_pinned_is_asked_for_again_when_told_to(
    project: Callable[[str], Path], loopback: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(ON_CPU)
    assert cli.run(["pin"]) == 0
    pinned, lock = froms(folder), (folder / "byocgen.lock").read_bytes()
    newer = put(loopback, PYTHON, index("linux/amd64", note="rebuilt"))
    capsys.readouterr()

    assert cli.run(["pin"]) == 0
    assert capsys.readouterr().err == "nothing changed; --refresh asks the registries again\n"
    assert cli.run(["pin", "--refresh", "--dry-run", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["dry_run"], document["written"]) == (True, False)
    assert [(one["digest"], one["before"]) for one in document["images"]] == [(newer, pinned[0].partition("@")[2])]
    assert [one["path"] for one in document["actions"]] == ["Dockerfile", "byocgen.lock"]
    assert (froms(folder), (folder / "byocgen.lock").read_bytes()) == (pinned, lock)

    assert cli.run(["pin", "--refresh"]) == 0
    assert {one.partition("@")[2] for one in froms(folder)} == {newer}


def test_a_pin_holds_for_its_image_and_platform_only(
    project: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(ON_CPU)
    assert cli.run(["pin"]) == 0
    manifest = folder / "byocgen.yaml"
    manifest.write_text(ON_CPU + "endpoint: {instance_type: ml.c7g.large}\n", "utf-8")
    assert cli.run(["sync", "--allow-dirty"]) == 0
    assert (["@" in one for one in froms(folder)], images(folder)) == ([False, False], None)
    assert cli.run(["pin"]) == 0
    assert [row["platform"] for row in images(folder)] == ["linux/arm64"]
    capsys.readouterr()


def test_a_project_that_drifted_is_synced_first(
    project: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(ON_CPU)
    (folder / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    capsys.readouterr()
    assert cli.run(["pin"]) == 2
    assert capsys.readouterr().err == (
        "error: the project is not what its manifest says\n  = help: first: byocgen sync; then pin\n"
    )
    assert images(folder) is None


def test_a_dockerfile_of_yours_is_left_to_you(
    project: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(ON_CPU + "files: {eject: [Dockerfile]}\n")
    capsys.readouterr()
    assert cli.run(["pin"]) == 0
    assert "note: the Dockerfile is yours\n  = help: write the digests into its FROM lines\n" in capsys.readouterr().err
    assert ["@" in one for one in froms(folder)] == [False, False]
    assert len(images(folder)) == 1


def resolved(where: Registry, platform: str = "linux/amd64") -> str:
    """The digest of the Python image, or what is said instead: the message and the way out."""
    try:
        return registry.resolve(f"{where.address}/{PYTHON}", platform)
    except ToolError as error:
        return f"{error.message} | {error.hint}".replace(where.address, "HOST")


def test_a_token_is_fetched_where_one_is_wanted(loopback: Registry) -> None:
    loopback.token = "let-me-in"  # noqa: S105 - of a registry of ours
    assert resolved(loopback) == index("linux/amd64", "linux/arm64").digest
    assert loopback.asked_for == ["service=loopback&scope=repository%3Adocker%2Flibrary%2Fpython%3Apull"]


def test_an_image_that_is_no_index_says_its_platform_in_its_configuration(loopback: Registry) -> None:
    digest = put(loopback, PYTHON, single(loopback, "linux/arm64"))
    assert resolved(loopback, "linux/arm64") == digest
    assert resolved(loopback).startswith(
        f"HOST/{PYTHON} is not there for linux/amd64, only for linux/arm64 | choose an"
    )


PLACE = "/v2/docker/library/python/manifests/3.12-slim-bookworm"
REFUSALS: dict[tuple[HTTPStatus, bytes], str] = {
    (HTTPStatus.UNAUTHORIZED, b""): "HOST wants credentials | byocgen asks without any: ",
    (HTTPStatus.FORBIDDEN, b""): "HOST does not let this address read it | ask whoever ",
    (HTTPStatus.NOT_FOUND, b""): "HOST has no such tag | a newer byocgen may ",
    (HTTPStatus.TOO_MANY_REQUESTS, b""): "HOST has had enough requests from this address | try again later",
    (HTTPStatus.BAD_GATEWAY, b""): "HOST answers 502 | try again later",
}


@pytest.mark.parametrize("answer", REFUSALS, ids=lambda one: one[0].name)
def test_a_registry_that_refuses(loopback: Registry, answer: tuple[HTTPStatus, bytes]) -> None:
    loopback.answers[PLACE] = answer
    assert resolved(loopback).startswith(f"HOST/{PYTHON}: {REFUSALS[answer]}")


OTHERS: dict[bytes, str] = {
    b"<html>": "HOST answers with something that is no JSON object | is it a registry?",
    b"{}": f"HOST sent a manifest of a kind that is not known for HOST/{PYTHON} | is it an image?",
    b" " * (registry.LARGEST + 1): f"HOST sent more than 4194304 bytes for HOST/{PYTHON} | is it a registry?",
}


@pytest.mark.parametrize("body", OTHERS, ids=["html", "empty", "endless"])
def test_a_registry_that_is_none(loopback: Registry, body: bytes) -> None:
    loopback.answers[PLACE] = (HTTPStatus.OK, body)
    assert resolved(loopback) == OTHERS[body]


def test_content_that_is_not_what_it_is_called_is_refused(loopback: Registry) -> None:
    image = single(loopback, "linux/amd64")
    put(loopback, PYTHON, image)
    digest = json.loads(image.body)["config"]["digest"]
    loopback.answers[f"/v2/docker/library/python/blobs/{digest}"] = (HTTPStatus.OK, b'{"os": "linux"}')
    assert resolved(loopback).startswith(
        f"HOST sent something else than the {digest} that it names | something between"
    )


def test_a_registry_that_cannot_be_reached(
    project: Callable[[str], Path], loopback: Registry, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    folder = project(ON_CPU)
    before = (folder / "byocgen.lock").read_bytes()
    capsys.readouterr()

    def unreachable(*_arguments: object, **_settings: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(registry, "urlopen", unreachable)
    assert cli.run(["pin"]) == 2
    assert capsys.readouterr().err == (
        f"error: {loopback.address} cannot be reached: timed out\n"
        "  = help: pin where the registry can be reached (behind a proxy: set HTTPS_PROXY); until then the image is built on its "
        "tag\n"
    )
    assert (folder / "byocgen.lock").read_bytes() == before


@pytest.mark.parametrize("text", ["python", "python:3.12", "host/python", "host/py thon:1", "host/python@sha256:00"])
def test_a_reference_names_a_registry_and_a_tag(text: str) -> None:
    with pytest.raises(ValueError, match="is no host/name:tag"):
        registry.Reference.of(text)


def test_only_the_loopback_device_is_asked_without_tls() -> None:
    urls = [
        registry.Reference.of(f"{host}/a:b").url("x")
        for host in ("localhost:5000", "127.0.0.1", "nvcr.io", "localhost.org")
    ]
    assert urls == [
        "http://localhost:5000/v2/a/x",
        "http://127.0.0.1/v2/a/x",
        "https://nvcr.io/v2/a/x",
        "https://localhost.org/v2/a/x",
    ]
