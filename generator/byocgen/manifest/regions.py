"""Rules between a manifest's regions and what lies in them: keys, and copies of what is released.

Whether SageMaker has such a region, and in which partition, is known to the catalogue: `byocgen.plan.fits`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.manifest.model import Manifest


def check(manifest: Manifest) -> list[Diagnostic]:
    """Find what cannot be in these regions."""
    return [*_twice(manifest), *_key(manifest), *_replication(manifest)]


def _excludes(key: Key, message: str, hint: str) -> Diagnostic:
    return Diagnostic("BYO303", message, key, hint)


def _twice(manifest: Manifest) -> Iterator[Diagnostic]:
    for index, region in enumerate(manifest.regions):
        if region in manifest.regions[:index]:
            yield _excludes(("regions", index), f"{region} is named twice", "delete one")


def _key(manifest: Manifest) -> Iterator[Diagnostic]:
    key, region = manifest.security.kms, manifest.regions[0]
    if key.startswith("arn:") and len(manifest.regions) > 1 and ":key/mrk-" not in key:
        hint = "name a multi-Region key (mrk-...) that has a replica in each, or write: kms: managed"
        yield _excludes(("security", "kms"), "a key of one region cannot encrypt what lies in another", hint)
    if key.startswith("arn:") and key.split(":")[3] != region:
        message = f"the key is in {key.split(':')[3]}, the stack in {region}"
        yield _excludes(("security", "kms"), message, f"name a key in {region}, or write: kms: managed")


def _replication(manifest: Manifest) -> Iterator[Diagnostic]:
    if len(manifest.regions) > 1:
        return
    for name in ("images", "models"):
        if getattr(manifest.replication, name) != "release":
            yield _excludes(("replication", name), "there is no second region to copy to", "delete the line")
