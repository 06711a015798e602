"""The command line: options to calls of `workflow`, results to `present`, errors to exit codes.

Rules: what a command needs is imported inside it, so that `byocgen --help` stays fast. 0 clean, 1 drift or a bad
manifest, 2 usage or tool failure, 130 interrupted. Prompts only on a terminal, and only for what has no default.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated, NoReturn, get_args

import typer

import byocgen
from byocgen.errors import ByocgenError, ManifestError, UsageError
from byocgen.questions import HERE, DryRun, Json, Project, questions

app = typer.Typer(
    name="byocgen",
    help="Generate a tuned SageMaker serving container and its Terraform from a short model manifest.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)

INTERRUPTED = 130


class Form(StrEnum):
    """How `check` speaks."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    # Modules and catalogues stay until the end: looking through them at every 700 objects is a twentieth of `new`.
    gc.set_threshold(100_000)
    # What other packages hook into pydantic has no business with a manifest, and takes long to look for.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    signal.signal(signal.SIGTERM, lambda *_: _interrupt())
    if hasattr(signal, "SIGPIPE"):
        # A reader that went away (`| head`) ends a Unix program in silence; nothing is written to a pipe half way.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    sys.exit(run(sys.argv[1:]))


def _interrupt() -> NoReturn:
    raise KeyboardInterrupt


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; no exception leaves it but a fault of ours."""
    try:
        app(arguments, prog_name="byocgen")
    except ManifestError as error:
        _report(error, as_json="--json" in arguments)
        return error.exit_code
    except ByocgenError as error:
        from byocgen import present  # noqa: PLC0415

        present.say(present.failure(error.message, error.hint))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    return 0


def _report(error: ManifestError, *, as_json: bool) -> None:
    from byocgen import present  # noqa: PLC0415

    if as_json:
        present.put_json({"diagnostics": present.diagnostics_data(error.diagnostics)})
    else:
        present.say(present.diagnostics(error.diagnostics))


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"byocgen {byocgen.__version__}")
        raise typer.Exit


@app.command()
def new(  # noqa: PLR0913, PLR0917 - one parameter an option of the command
    name: Annotated[str | None, typer.Argument(help="Folder to make, and the model's name.")] = None,
    framework: Annotated[str | None, typer.Option(help="Library that loads the model, such as sklearn.")] = None,
    instance_type: Annotated[str | None, typer.Option(help="SageMaker hosting type, such as ml.m5.xlarge.")] = None,
    region: Annotated[str | None, typer.Option(help="AWS region, such as us-east-1.")] = None,
    artifact: Annotated[Path | None, typer.Option(help="Model file or folder, copied into the project.")] = None,
    mode: Annotated[str | None, typer.Option(help="Kind of endpoint, such as realtime.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY.PATH=VALUE", help="Any other field of the manifest.")
    ] = None,
    manifest: Annotated[Path | None, typer.Option(help="A manifest that is there already, kept byte for byte.")] = None,
    output: Annotated[Path, typer.Option(help="Folder to make the project in.")] = HERE,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Never prompt.")] = False,
    as_json: Json = False,
) -> None:
    """Make a project: serving app, Dockerfile and Terraform."""
    from byocgen.commands import new as command  # noqa: PLC0415

    options = command.Options(
        framework=framework,
        instance_type=instance_type,
        region=region,
        mode=mode,
        artifact=artifact,
        settings=tuple(settings or ()),
    )
    if manifest is None:
        if name is None:
            raise UsageError("NAME is missing", "for example: byocgen new my-model --framework sklearn")
        options = command.inspected(options)
        if options.lacks_framework:
            options = options.with_framework(_ask_framework(options.unread, prompt=not yes))
    request = command.Request(name=name, manifest=manifest, options=options, output=output)
    command.run(request, dry_run=dry_run, as_json=as_json)


def _ask_framework(why: str, *, prompt: bool) -> str:
    """Ask for the one field without a default, on a terminal only; `why` is what kept the model file from telling it."""
    from byocgen.manifest.kinds import FrameworkName  # noqa: PLC0415

    if prompt and sys.stdin.isatty() and sys.stderr.isatty():
        answer = ""
        while not answer:
            sys.stderr.write(f"Framework ({', '.join(get_args(FrameworkName))}): ")
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                raise KeyboardInterrupt
            answer = line.strip()
        return answer
    raise UsageError("--framework is missing" + (f": {why}" if why else ""), "for example: --framework sklearn")


@app.command()
def sync(  # noqa: PLR0913 - one parameter an option of the command
    *,
    project: Project = HERE,
    force: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="Drop the edits of this managed file; repeatable.")
    ] = None,
    merge: Annotated[bool, typer.Option("--merge", help="Merge edited managed files with what is new.")] = False,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Drop or merge edits also where git has no copy of them.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Bring the project to its manifest and to this byocgen."""
    from byocgen.commands import sync as command  # noqa: PLC0415

    request = command.Request(tuple(force or ()), merge, allow_dirty)
    raise typer.Exit(command.run(project, request, dry_run=dry_run, as_json=as_json))


@app.command()
def diff(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files to show, yours included; none: all that sync would change.")
    ] = None,
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Show what sync would change, as a patch."""
    from byocgen.commands import compare  # noqa: PLC0415

    compare.diff(project, paths or [], as_json=as_json)


@app.command()
def check(
    project: Project = HERE,
    form: Annotated[
        Form, typer.Option("--format", help="github: annotations at the files of a pull request.")
    ] = Form.TEXT,
    as_json: Json = False,
) -> None:
    """Exit 1 when the project differs from its manifest, and show how."""
    from byocgen.commands import compare  # noqa: PLC0415

    if as_json and form is Form.GITHUB:
        raise UsageError("--json and --format github exclude each other", "leave one of them out")
    raise typer.Exit(compare.check(project, Form.JSON if as_json else form))


@app.command()
def eject(
    path: Annotated[str, typer.Argument(help="Managed file, as `byocgen new --dry-run` lists it.")],
    project: Project = HERE,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make a managed file yours, in the manifest too."""
    from byocgen.commands import eject as command  # noqa: PLC0415

    command.run(project, path, dry_run=dry_run, as_json=as_json)


@app.command()
def upgrade(
    project: Project = HERE,
    manifest: Annotated[Path | None, typer.Option(help="A manifest that is in no project.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Rewrite a manifest of an older version, comments kept."""
    from byocgen.commands import upgrade as command  # noqa: PLC0415

    command.run(project, manifest, dry_run=dry_run, as_json=as_json)


@app.command()
def explain(
    key: Annotated[str, typer.Argument(help="One value or group, such as serving.workers; none: all.")] = "",
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Show every decision with its reason and its source."""
    from byocgen.commands import explain as command  # noqa: PLC0415

    command.run(project, key, as_json=as_json)


@app.command()
def schema() -> None:
    """Print the manifest's JSON Schema (draft-07)."""
    from byocgen import present  # noqa: PLC0415
    from byocgen.manifest import schema as schemas  # noqa: PLC0415

    present.put(schemas.text())


@app.command()
def verify(  # noqa: PLR0913, PLR0917 - one parameter an option of the command
    url: Annotated[str, typer.Option(help="A server that runs, such as http://127.0.0.1:8080.")] = "",
    command: Annotated[str, typer.Option(help="A command that starts one; `serve` is appended.")] = "",
    image: Annotated[str, typer.Option(help="A container image.")] = "",
    project: Project = HERE,
    payload: Annotated[Path | None, typer.Option(help="A request that the model accepts.")] = None,
    content_type: Annotated[str, typer.Option(help="Its type, where the file's name does not tell.")] = "",
    accept: Annotated[str, typer.Option(help="The type to ask for.")] = "",
    model_dir: Annotated[Path | None, typer.Option(help="Folder of the model, handed on read-only.")] = None,
    mode: Annotated[str, typer.Option(help="realtime, serverless, async, batch or multi-model.")] = "",
    models: Annotated[
        list[str] | None, typer.Option("--model", metavar="NAME=DIR", help="Model of a multi-model endpoint.")
    ] = None,
    environ: Annotated[
        list[str] | None, typer.Option("--env", metavar="NAME=VALUE", help="Variable of the server.")
    ] = None,
    stream: Annotated[bool, typer.Option("--stream", help="The request is answered by a stream.")] = False,
    memory: Annotated[str, typer.Option(help="Memory of the container, such as 1g.")] = "",
    only: Annotated[list[str] | None, typer.Option(metavar="CODES", help="Run these: V203,V3xx.")] = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="CODES", help="Leave these out.")] = None,
    start_timeout: Annotated[float | None, typer.Option(help="Seconds until /ping must be 200.")] = None,
    answer_timeout: Annotated[float | None, typer.Option(help="Seconds until a request must be answered.")] = None,
    stop_timeout: Annotated[float | None, typer.Option(help="Seconds from SIGTERM to the end.")] = None,
    load_seconds: Annotated[float | None, typer.Option(help="Seconds to keep the server busy.")] = None,
    max_payload: Annotated[int | None, typer.Option(help="Largest request in bytes.")] = None,
    form: Annotated[str, typer.Option("--format", help="table, json or junit.")] = "table",
    output: Annotated[Path | None, typer.Option(help="File for that; the table goes to stdout.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Show every check.")] = False,
    as_json: Json = False,
) -> None:
    """Check any SageMaker container against the platform's contract; here, the project's own server."""
    given = locals()  # every option has the name of a field of `Asked`, but the last four
    from byocgen.commands import verify as suite  # noqa: PLC0415

    if listing:
        suite.show(as_json=as_json)
        return
    raise typer.Exit(suite.run(given, "json" if as_json else form, output))


app.add_typer(questions)
