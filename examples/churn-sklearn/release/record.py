"""What is released: `terraform/release.auto.tfvars.json`, two values that Terraform reads and that git remembers.

Rules: only this module writes the file, and the one of candidates beside it. A file is replaced as a whole, never left half
written; keys of the release's that are not ours stay, in order.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .failures import ReleaseError

ROOT = Path(__file__).resolve().parent.parent
FILE = "terraform/release.auto.tfvars.json"
CANDIDATES = "terraform/candidates.auto.tfvars.json"
"""What variants beside primary serve in the release's place; there in projects that have some, once one was recorded."""


@dataclass(frozen=True)
class Release:
    """The image, by digest, and the key of the model in the bucket, as the endpoint should serve them; None before the first."""

    image_digest: str | None
    model_key: str | None

    @property
    def complete(self) -> bool:
        """Whether Terraform makes an endpoint of it."""
        return self.image_digest is not None and self.model_key is not None

    @property
    def missing(self) -> str:
        """What it lacks, in words."""
        lacks = {"no image": self.image_digest is None, "no model": self.model_key is None}
        return " and ".join(words for words, absent in lacks.items() if absent)


def read() -> Release:
    values = _values()
    return Release(image_digest=values.get("image_digest"), model_key=values.get("model_key"))


def write(values: Mapping[str, str | None]) -> None:
    """Set these keys and keep every other one."""
    before = _values()
    after = {**before, **values}
    if after != before:
        _replace(ROOT / FILE, after)


def reset() -> None:
    """Nothing is released, and nothing is a candidate."""
    write({"image_digest": None, "model_key": None})
    if (ROOT / CANDIDATES).exists():
        write_candidates({})


def candidates() -> dict[str, Release]:
    """What variants serve by name; None of either is the release's."""
    if not (ROOT / CANDIDATES).exists():
        return {}
    found = _read(CANDIDATES).get("candidates", {})
    try:
        return {name: Release(one.get("image_digest"), one.get("model_key")) for name, one in found.items()}
    except AttributeError:
        like = '"candidates" maps a variant to an object with image_digest and model_key'
        raise ReleaseError(f"{CANDIDATES} names no candidates: {like}; {_restore(CANDIDATES)}") from None


def write_candidates(values: Mapping[str, Release]) -> None:
    """Make these all the candidates that there are."""
    _replace(ROOT / CANDIDATES, {"candidates": {name: asdict(one) for name, one in sorted(values.items())}})


def _replace(path: Path, values: Mapping[str, Any]) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".release-", delete=False) as file:
        file.write(json.dumps(values, indent=2, ensure_ascii=False) + "\n")
    temporary = Path(file.name)
    temporary.chmod((ROOT / FILE).stat().st_mode)
    os.replace(temporary, path)  # noqa: PTH105 - Path.replace does the same; this name says that it is atomic


def _values() -> dict[str, Any]:
    if not (ROOT / FILE).exists():
        # Never made anew: without the other half of the release, an apply would delete the endpoint.
        raise ReleaseError(f"{FILE} does not exist: {_restore(FILE)}")
    return _read(FILE)


def _read(file: str) -> dict[str, Any]:
    try:
        values = json.loads((ROOT / file).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReleaseError(f"{file} is not JSON ({error}): {_restore(file)}") from None
    if not isinstance(values, dict):
        raise ReleaseError(f"{file} is not a JSON object: {_restore(file)}")
    return values


def _restore(file: str) -> str:
    return f"restore it with `git checkout -- {file}`"
