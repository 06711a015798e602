"""Packaging: Dockerfile, Makefile and README, each a jinja template.

Rules: `StrictUndefined`; only texts and whole numbers are printed (a list or None in a Dockerfile is a fault of ours);
text of a user's passes through the filter of the language it lands in.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from byocgen import bundle
from byocgen.render.tree import text_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from byocgen.render.tree import File

TEXTS = {"Dockerfile.j2": "Dockerfile", "Makefile.j2": "Makefile", "README.md.j2": "README.md"}
PIPELINES: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "github": {
        "github/check.yml.j2": ".github/workflows/check.yml",
        "github/release.yml.j2": ".github/workflows/release.yml",
    },
    "codebuild": {
        "codebuild/check.yml.j2": "codebuild/check.yml",
        "codebuild/release.yml.j2": "codebuild/release.yml",
    },
}
"""What each provider of `ci` reads: template -> path."""
LEFT_BEHIND = frozenset(
    {"__pycache__", ".terraform", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".terraform.lock.hcl"}
)
"""What tools leave in a checkout's template folders; never part of a project."""


def texts(context: Mapping[str, str | int], provider: str) -> Iterator[File]:
    """Render the jinja templates; `provider` runs the pipeline, or is `none`."""
    environment = _environment()
    for template, path in {**TEXTS, **PIPELINES[provider]}.items():
        yield text_file(path, environment.get_template(template).render(context))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(bundle.templates(), encoding="utf-8"),
        undefined=StrictUndefined,
        finalize=_printable,
        autoescape=False,  # noqa: S701 - no HTML is made; each language has its own filter below
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        newline_sequence="\n",
    )
    environment.filters.update(docker_label=docker_label, github=github, md=markdown, make=make, sh=shlex.quote)
    return environment


def _printable(value: object) -> object:
    if isinstance(value, StrictUndefined) or (isinstance(value, str | int) and not isinstance(value, bool)):
        return value
    raise TypeError(f"a template prints {value!r}; only texts and whole numbers may be printed")


def docker_label(text: str) -> str:
    """Quote a text as a value of LABEL: no variable is expanded and no quote ends it."""
    return '"' + re.sub(r'(["\\$])', r"\\\1", text) + '"'


def github(text: str) -> str:
    """Write a text as a value of a GitHub workflow: YAML's double quotes are JSON's, and `${{` would open an expression."""
    return json.dumps(text, ensure_ascii=False).replace("${{", "${{ '${{' }}")


def markdown(text: str) -> str:
    """Write a text into a line of Markdown without its marks meaning anything."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+\-.!|~>:@])", r"\\\1", text.replace("&", "&amp;"))
    return escaped.replace("<", "&lt;")


def make(text: str) -> str:
    """Write a text into a recipe of a Makefile, where `$` alone means something; the shell's quotes come first."""
    return text.replace("$", "$$")
