"""What is released: `terraform/release.auto.tfvars.json`, two values that Terraform reads and that git remembers.

Rules: only this module writes the file. It is replaced as a whole, never left half written; keys that are not ours
stay, in order.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .failures import ReleaseError

ROOT = Path(__file__).resolve().parent.parent
FILE = "terraform/release.auto.tfvars.json"
_RESTORE = f"restore it with `git checkout -- {FILE}`"


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
    if after == before:
        return
    path = ROOT / FILE
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".release-", delete=False) as file:
        file.write(json.dumps(after, indent=2, ensure_ascii=False) + "\n")
    temporary = Path(file.name)
    temporary.chmod(path.stat().st_mode)
    os.replace(temporary, path)  # noqa: PTH105 - Path.replace does the same; this name says that it is atomic


def reset() -> None:
    """Nothing is released."""
    write({"image_digest": None, "model_key": None})


def _values() -> dict[str, Any]:
    path = ROOT / FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (
        FileNotFoundError
    ):  # never made anew: without the other half of the release, an apply would delete the endpoint
        raise ReleaseError(f"{FILE} does not exist: {_RESTORE}") from None
    except ValueError as error:
        raise ReleaseError(f"{FILE} is not JSON ({error}): {_RESTORE}") from None
    if not isinstance(values, dict):
        raise ReleaseError(f"{FILE} is not a JSON object: {_RESTORE}")
    return values
