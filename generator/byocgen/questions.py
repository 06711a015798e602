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


@questions.command()
def instances(  # noqa: PLR0913 - one parameter an option of the command
    *,
    gpu: Annotated[bool, typer.Option("--gpu", help="With a GPU.")] = False,
    min_gpu_memory: Annotated[float | None, typer.Option(metavar="GB", help="At least so much on one GPU.")] = None,
    min_vcpus: Annotated[int | None, typer.Option(metavar="N", help="At least so many vCPUs.")] = None,
    min_memory: Annotated[float | None, typer.Option(metavar="GIB", help="At least so much memory.")] = None,
    arch: Annotated[str | None, typer.Option(help="amd64 or arm64 (Graviton).")] = None,
    family: Annotated[list[str] | None, typer.Option(help="Family, such as m5; repeatable.")] = None,
    mode: Annotated[str, typer.Option(help="Kind of endpoint: realtime, async, batch or multi-model.")] = "realtime",
    region: Annotated[str, typer.Option(help="AWS region whose prices count.")] = "us-east-1",
    framework: Annotated[str | None, typer.Option(help="Library that must run on it, such as pytorch.")] = None,
    fits: Annotated[Path | None, typer.Option(metavar="ARTIFACT", help="Model file or folder that must fit.")] = None,
    project: Project = HERE,
    why: Annotated[bool, typer.Option("--why", help="Show the others too, each with what rules it out.")] = False,
    as_json: Json = False,
) -> None:
    """List hosting instance types, cheapest or smallest first."""
    from byocgen.commands import instances as command  # noqa: PLC0415
    from byocgen.plan.listing import Wanted  # noqa: PLC0415

    wanted = Wanted(
        region=region,
        mode=command.mode(mode),
        gpu=gpu,
        min_gpu_memory=min_gpu_memory,
        min_vcpus=min_vcpus,
        min_memory=min_memory,
        architecture=arch,
        families=tuple(family or ()),
    )
    command.run(command.Request(wanted, framework, fits, project), why=why, as_json=as_json)


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
