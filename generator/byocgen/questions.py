"""The command line's questions: commands that ask a model file, AWS or a registry.

Rules: those of `cli`, which has them beside its own. In a project they change nothing but what records the answer: the price
file; the lock and the lines of the Dockerfile that name base images.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

questions = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
HERE = Path()
Project = Annotated[Path, typer.Option("--project", "-C", help="Folder of the generated project.", show_default=True)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Write the result to stdout as one JSON document.")]


@questions.command()
def inspect(
    artifact: Annotated[Path, typer.Argument(help="Model file, folder or .tar.gz; none of it is run.")],
    *,
    as_json: Json = False,
) -> None:
    """Show what a model file says about itself, without loading it."""
    from byocgen.commands import inspect as command  # noqa: PLC0415

    raise typer.Exit(command.run(artifact, as_json=as_json))


@questions.command()
def pin(
    project: Project = HERE,
    *,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again for images that are pinned already.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Pin the base images by the digests that their registries have."""
    from byocgen.commands import pin as command  # noqa: PLC0415

    command.run(project, refresh=refresh, dry_run=dry_run, as_json=as_json)


catalog = typer.Typer(help="What byocgen knows of AWS.", no_args_is_help=True, rich_markup_mode=None)
questions.add_typer(catalog, name="catalog")


@catalog.command()
def refresh(
    project: Project = HERE,
    regions: Annotated[
        list[str] | None, typer.Option("--region", help="Region to ask for; repeatable; none: those of the manifest.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write; none: the project's byocgen.prices.json.")] = None,
    *,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Ask AWS for its prices, into a file that the project commits."""
    from byocgen.commands import catalog as command  # noqa: PLC0415

    command.refresh(project, tuple(regions or ()), output, dry_run=dry_run, as_json=as_json)
