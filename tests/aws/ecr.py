"""ECR in front of a real registry: repository addresses on a registry of this machine, so that `docker push` works.

Rules: without `STAND_IN_REGISTRY` (`localhost:5000`, say) addresses stay those of AWS. Layers and manifests live in
the registry; this module only translates names, and asks it over the registry's HTTP API.
"""

import json
import os
import urllib.error
import urllib.request
from typing import Any

from moto.core.responses import ActionResult
from moto.ecr.exceptions import ImageNotFoundException
from moto.ecr.models import Repository
from moto.ecr.responses import ECRResponse

from .patching import Replace

VARIABLE = "STAND_IN_REGISTRY"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
ACCEPTED = (
    MANIFEST,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)


def address_repositories_on_a_loopback_registry(replace: Replace) -> None:
    """Moto's addresses end in amazonaws.com, which nothing on this machine answers."""
    registry = os.environ.get(VARIABLE)
    if not registry:
        return
    construct, token = Repository.__init__, ECRResponse.get_authorization_token

    def init(self: Repository, *args: Any, **kwargs: Any) -> None:
        construct(self, *args, **kwargs)
        self.uri = f"{registry}/{self.name}"

    def get_authorization_token(self: ECRResponse) -> ActionResult:
        result: Any = token(self).result
        for entry in result["authorizationData"]:
            entry["proxyEndpoint"] = f"http://{registry}"
        return ActionResult(result)

    replace(Repository, "__init__", init)
    replace(ECRResponse, "get_authorization_token", get_authorization_token)


def describe_images_of_the_registry(replace: Replace) -> None:
    """Moto knows only images put through its API; the registry is asked for each tag or digest, or for every tag."""
    registry = os.environ.get(VARIABLE)
    if not registry:
        return

    def describe_images(self: ECRResponse) -> ActionResult:
        name = self._get_param("repositoryName")
        # Moto's own handlers read its state by these private names (SLF001).
        repository = self.ecr_backend._get_repository(name, self._get_param("registryId"))  # noqa: SLF001
        wanted = self._get_param("imageIds") or [{"imageTag": tag} for tag in _tags(registry, name)]
        details = []
        for image in wanted:
            found = _manifest(registry, name, image.get("imageDigest") or image["imageTag"])
            if found is None:
                raise ImageNotFoundException(json.dumps(image), name, repository.registry_id)
            details.append(_detail(repository, image, found))
        return ActionResult({"imageDetails": details})

    replace(ECRResponse, "describe_images", describe_images)


def _detail(repository: Repository, image: dict[str, str], found: dict[str, str]) -> dict[str, Any]:
    return {
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "imageDigest": found["digest"],
        "imageManifestMediaType": found["media_type"],
        "imageTags": [image["imageTag"]] if "imageTag" in image else [],
    }


def _tags(registry: str, name: str) -> list[str]:
    try:
        with urllib.request.urlopen(f"http://{registry}/v2/{name}/tags/list") as answer:
            return json.load(answer)["tags"] or []
    except urllib.error.HTTPError as error:
        if error.code == 404:  # nothing was pushed yet
            return []
        raise


def _manifest(registry: str, name: str, reference: str) -> dict[str, str] | None:
    request = urllib.request.Request(f"http://{registry}/v2/{name}/manifests/{reference}", method="HEAD")
    request.add_header("Accept", ", ".join(ACCEPTED))
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - http, as built above
            return {"digest": answer.headers["Docker-Content-Digest"], "media_type": answer.headers["Content-Type"]}
    except urllib.error.HTTPError as error:
        if error.code == 404:  # no such image
            return None
        raise
