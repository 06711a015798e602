"""The application: a base layer, the framework's and those of the mode, each a cookiecutter template.

Rules: cookiecutter renders path names and prose; Python files are copied byte for byte. Its `main` reads and writes the
home folder, so `generate_files` is called alone, into a private folder that is read back and removed. A layer's
cookiecutter.json has two keys of ours: `_seeded`, the paths that become the user's, and `_sample_only`, those of the
sample model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byocgen import bundle, temporary
from byocgen.render.template import LEFT_BEHIND
from byocgen.render.tree import File, Ownership

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BASE = "base"
STORED_WITHOUT_DOT = {"gitignore": ".gitignore", "dockerignore": ".dockerignore"}
"""An ignore file of its real name would act on this repository too."""


def layers(framework: str, stack: Sequence[str], folder: str, *, sample: bool) -> Iterator[File]:
    """Render the base layer, the framework's, and those of the stack's layers that change how a release goes.

    Args:
        framework: Whose serving layer.
        stack: The layers of the Terraform templates; one that has a folder here too brings files of its own.
        folder: What cookiecutter calls the project.
        sample: Adds what trains the sample model.
    """
    root = bundle.scaffolds()
    several = [name for name in stack if name != BASE and (root / name).is_dir()]
    found = {
        file.path: file for name in (BASE, framework, *several) for file in _layer(root / name, folder, sample=sample)
    }
    yield from found.values()


def _layer(layer: Path, folder: str, *, sample: bool) -> Iterator[File]:
    from cookiecutter.generate import generate_files  # noqa: PLC0415 - 0.16 s that only rendering needs

    settings: dict[str, Any] = json.loads((layer / "cookiecutter.json").read_text("utf-8"))
    seeded, sample_only = set(settings.pop("_seeded", ())), set(settings.pop("_sample_only", ()))
    with temporary.folder() as private:
        made = Path(generate_files(str(layer), {"cookiecutter": {**settings, "folder": folder}}, str(private)))
        for path in sorted(made.rglob("*")):
            inside = path.relative_to(made)
            name = inside.as_posix()
            if not path.is_file() or LEFT_BEHIND & set(inside.parts) or (name in sample_only and not sample):
                continue
            owner = Ownership.SEEDED if name in seeded else Ownership.MANAGED
            yield File(STORED_WITHOUT_DOT.get(name, name), path.read_bytes(), owner)
