"""The command line's questions: commands that need no project and change nothing.

Rules: those of `cli`, which has them beside its own.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

questions = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
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
