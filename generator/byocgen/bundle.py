"""Where the templates and scaffolds lie: beside the package in a wheel, at the top level in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """Return the folder that holds `templates/` and `scaffolds/`."""
    package = Path(__file__).resolve().parent
    bundled = package / "_bundle"
    return bundled if bundled.is_dir() else package.parents[1]


def conformance_suite() -> Path:
    """Return the folder of the suite that `byocgen verify` runs; it is part of the package itself."""
    return Path(__file__).resolve().parent / "verify"


def templates() -> Path:
    """Return the folder of jinja and Terraform templates."""
    return root() / "templates"


def scaffolds() -> Path:
    """Return the folder of cookiecutter layers."""
    return root() / "scaffolds"
