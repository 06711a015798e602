"""`byocgen new`: a manifest from options or from a file, and a project from it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byocgen import apply, catalog, disk, present, workflow
from byocgen.commands import filling, findings
from byocgen.errors import ManifestError, ToolError, UsageError
from byocgen.manifest.compose import assign, compose, in_the_shell
from byocgen.manifest.contradictions import RESERVED
from byocgen.pricelist import file
from byocgen.reconcile import Action, reconcile
from byocgen.render.render import MANIFEST

if TYPE_CHECKING:
    from byocgen.inspect.facts import Facts
    from byocgen.workflow import Generated


@dataclass(frozen=True, slots=True)
class Options:
    """Fields of the manifest that the command line may set."""

    framework: str | None = None
    instance_type: str | None = None
    region: str | None = None
    mode: str | None = None
    artifact: Path | None = None
    settings: tuple[str, ...] = ()
    facts: Facts | None = None
    """What the model file tells, once it was read."""
    unread: str = ""
    """Why it could not be."""

    @property
    def lacks_framework(self) -> bool:
        """Whether nothing says which library loads the model."""
        told = self.framework or (self.facts.framework if self.facts else None)
        return told is None and not any(one.startswith(("model.framework=", "model=")) for one in self.settings)

    @property
    def any(self) -> bool:
        """Whether any was given."""
        return self != Options()

    def with_framework(self, name: str | None) -> Options:
        """Fill in the framework that was asked for."""
        return replace(self, framework=name)


@dataclass(frozen=True, slots=True)
class Request:
    """What to make: `name` is the folder, `output` its parent; `manifest` a file to take instead of options."""

    name: str | None
    manifest: Path | None
    options: Options
    output: Path


def inspected(options: Options) -> Options:
    """Read the model file that the options name, if they do.

    Raises:
        UsageError: there is none.
    """
    source = options.artifact
    if source is None or str(source).startswith("s3:"):
        return options
    if not disk.exists(source):
        raise UsageError(f"there is no {source}", "--artifact names a model file or folder")
    from byocgen.inspect.artifact import inspect  # noqa: PLC0415 - only a model file needs its readers

    try:
        return replace(options, facts=inspect(source))
    except ToolError as error:
        return replace(options, unread=error.message)


def run(request: Request, *, dry_run: bool, as_json: bool) -> None:
    """Make the project, or say what would be made.

    Raises:
        ByocgenError: nothing was written.
    """
    text, called, origin, filled = _manifest(request)
    made = _generated(request, text, called, origin)
    target = request.output / _folder(request.name or made.manifest.name)
    apply.refuse_occupied(target)
    actions = reconcile(made.tree, None, {})
    if not dry_run:
        apply.create(actions, target, _copies(request, made, origin))
    if as_json:
        present.put_json(_data(made, actions, target, filled, dry_run=dry_run))
    else:
        _say_filled(request.options, filled)
        _tell(made, actions, target, dry_run=dry_run)


def _generated(request: Request, text: bytes, called: str, origin: Path) -> Generated:
    try:
        prices = disk.read_prices(origin) if request.manifest else None
        return workflow.generate(text, called, origin, prices, request.options.artifact)
    except ManifestError as error:
        settings = request.options.settings
        raise ManifestError(tuple(in_the_shell(one, settings) for one in error.diagnostics)) from error


def _manifest(request: Request) -> tuple[bytes, str, Path, list[filling.Filled]]:
    """Return the manifest's text, what to call it, the folder that its artifact is relative to, and what was filled in."""
    if request.manifest is not None:
        if request.options.any:
            raise UsageError(
                "--manifest is kept byte for byte, so it excludes options that set fields", "edit the file"
            )
        text = disk.read_manifest(request.manifest, "--manifest names a file to start from; without it, options do")
        return text, str(request.manifest), request.manifest.parent, []
    values = _values(request)
    facts, model = request.options.facts, values["model"]
    filled = filling.fill(model, facts, catalog.load().frameworks) if facts and isinstance(model, dict) else []
    return compose(values).encode(), MANIFEST, Path(), filled


def _values(request: Request) -> dict[str, Any]:
    options = request.options
    values: dict[str, Any] = {"version": 1, "name": request.name, "model": {}}
    if options.framework is not None:
        values["model"]["framework"] = options.framework
    if options.artifact is not None:
        values["model"]["artifact"] = artifact_path(options.artifact)
    endpoint = {"mode": options.mode, "instance_type": options.instance_type}
    given = {key: value for key, value in endpoint.items() if value is not None}
    if given:
        values["endpoint"] = given
    if options.region is not None:
        values["regions"] = [options.region]
    for setting in options.settings:
        assign(values, setting)
    return values


def artifact_path(source: Path) -> str:
    """Say where a model from the command line lies in the project: where it lay, if that is inside and free."""
    if str(source).startswith("s3:"):
        return str(source).replace("s3:/", "s3://", 1)
    clean = posixpath.normpath(source.as_posix())
    first = clean.split("/")[0]
    if source.is_absolute() or first in RESERVED or first in ("..", "."):
        return f"artifacts/{source.resolve().name}"
    return clean


def _folder(name: str) -> str:
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        raise UsageError(f'"{name}" is no folder name', "NAME is one folder; --output names the folder around it")
    return name


def _copies(request: Request, made: Generated, origin: Path) -> list[apply.Copy]:
    return [*_prices(request, origin), *_artifact(request, made, origin)]


def _prices(request: Request, origin: Path) -> list[apply.Copy]:
    """The price file beside a manifest decides with it, so it comes along."""
    there = request.manifest is not None and disk.exists(origin / file.NAME)
    return [apply.Copy(origin / file.NAME, file.NAME)] if there else []


def _artifact(request: Request, made: Generated, origin: Path) -> list[apply.Copy]:
    path = made.plan.model.artifact.value
    if not path:
        return []
    source = request.options.artifact or origin / path
    return [apply.Copy(source, path)] if disk.exists(source) else []


def _data(
    made: Generated, actions: list[Action], target: Path, filled: list[filling.Filled], *, dry_run: bool
) -> dict[str, Any]:
    return {
        "project": str(target),
        "dry_run": dry_run,
        "filled": [{"key": f"model.{one.field}", "value": one.value, "how": one.how} for one in filled],
        "actions": present.actions_data(actions),
        "diagnostics": present.diagnostics_data(made.warnings),
    }


def _say_filled(options: Options, filled: list[filling.Filled]) -> None:
    """Say which fields came from the model file and what else it tells, or that it told nothing."""
    if options.unread:
        present.say(present.note(f"{options.unread}; nothing was taken from it"))
    if not filled:
        return
    present.say(f"From {options.artifact}, into byocgen.yaml:")
    width = max(len(one.field) for one in filled) + len("model.")
    for one in filled:
        present.say(f"  {'model.' + one.field:<{width}}  {present.visible(one.shown)}  ({present.visible(one.how)})")
    facts = options.facts
    if facts is not None and facts.columns and "inputs" not in {one.field for one in filled}:
        present.say(
            "  model.inputs is left out: the file does not say the type of every column; the server reads the names"
        )
    for message, hint in findings.notes(facts) if facts is not None else ():
        present.say(present.note(message, hint))
    present.say()


def _tell(made: Generated, actions: list[Action], target: Path, *, dry_run: bool) -> None:
    present.warn(made.warnings)
    if dry_run:
        present.put(present.actions(actions))
        return
    lock = "make lock && " if made.manifest.model.requirements else ""
    present.say(f"{target} is made: {len(actions)} files. Next, in it:")
    present.say(f"  try it here      {lock}make setup model serve, then make invoke in another terminal")
    present.say("  put it on AWS    make infra, then make release")
    present.say("  understand it    README.md; byocgen explain shows each choice with its reason")
