"""From words of a command line to options, for `python -m verify` and `byocgen verify` alike."""

from __future__ import annotations

import shlex
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .example import Example, read
from .limits import LOAD_SECONDS, MODELS_FOLDER, STOP_SECONDS, Mode
from .options import Options, UnusableError

PAYLOAD = "payload.json"
MODEL = "model"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command line said; "" and () where it said nothing."""

    url: str = ""
    command: str = ""
    image: str = ""
    project: Path = Path()
    model_dir: Path | None = None
    payload: Path | None = None
    content_type: str = ""
    accept: str = ""
    mode: str = ""
    models: tuple[str, ...] = ()  # NAME=DIR
    environ: tuple[str, ...] = ()  # NAME=VALUE
    stream: bool = False
    memory: str = ""
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    start_timeout: float | None = None
    answer_timeout: float | None = None
    stop_timeout: float | None = None
    load_seconds: float | None = None
    max_payload: int | None = None


def options(asked: Asked) -> Options:
    """Put options together; where nothing says what to test it is the generated project. Raises UnusableError."""
    given = [name for name in ("url", "command", "image") if getattr(asked, name)]
    if len(given) > 1:
        raise UnusableError(f"--{' and --'.join(given)} name several servers", "one at a time")
    mode = _mode(asked.mode)
    names = dict(_pair(one, "--model") for one in asked.models)
    folders = {name: _model_folder(name, path) for name, path in names.items() if not asked.url}
    inside = {name: f"{MODELS_FOLDER}/{name}/model" for name in names}
    paths = inside if asked.image else names if asked.url else {name: str(path) for name, path in folders.items()}
    own = {} if asked.url else dict(_pair(one, "--env") for one in asked.environ)
    return Options(
        url=asked.url,
        command=tuple(_command(asked)),
        image=asked.image,
        folder=asked.project,
        model_dir=None if mode is Mode.MULTI_MODEL else _model_dir(asked),
        models=paths,
        model_dirs=folders if asked.image else {},
        example=_example(asked),
        mode=mode,
        stream=asked.stream or (not given and _project_streams(asked.project)),
        environ=own,
        memory=asked.memory,
        only=_codes(asked.only),
        skip=_codes(asked.skip),
        start_timeout=asked.start_timeout,
        answer_timeout=asked.answer_timeout,
        max_payload=asked.max_payload,
        stop_seconds=STOP_SECONDS if asked.stop_timeout is None else asked.stop_timeout,
        load_seconds=LOAD_SECONDS if asked.load_seconds is None else asked.load_seconds,
    )


def _mode(text: str) -> Mode:
    try:
        return Mode(text or Mode.REALTIME)
    except ValueError:
        raise UnusableError(f"--mode {text}: there is none", f"one of {', '.join(Mode)}") from None


def _command(asked: Asked) -> list[str]:
    if asked.command:
        try:
            return shlex.split(asked.command)
        except ValueError as error:
            raise UnusableError(f"--command: {error}", "quote it as in a shell") from None
    if asked.url or asked.image:
        return []
    if not (asked.project / "serving" / "__main__.py").is_file():
        where = asked.project.resolve()
        raise UnusableError(f"{where} is no generated project", "name a server: --url, --command or --image")
    own = asked.project.resolve() / ".venv" / "bin" / "python"
    return [str(own) if own.exists() else sys.executable, "-m", "serving"]


def _model_dir(asked: Asked) -> Path | None:
    if asked.model_dir is not None:
        if not asked.model_dir.is_dir():
            raise UnusableError(f"{asked.model_dir} is no folder", "--model-dir names what the platform unpacks")
        return asked.model_dir
    if asked.url:
        return None
    found = asked.project / MODEL
    if found.is_dir() and (found.parent / "serving.toml").is_file():
        return found
    if not (asked.command or asked.image):
        raise UnusableError(f"there is no {found}", "`make model` puts one there, or --model-dir names another")
    return None


def _model_folder(name: str, path: str) -> Path:
    if not Path(path).is_dir():
        raise UnusableError(f"--model {name}={path}: {path} is no folder", "for example: --model churn=models/churn")
    return Path(path).resolve()


def _example(asked: Asked) -> Example | None:
    path = asked.payload
    if path is None:
        path = asked.project / PAYLOAD
        if not path.is_file():
            return None
    try:
        return read(path, asked.content_type, asked.accept)
    except OSError as error:
        raise UnusableError(f"{path} cannot be read: {error.strerror}", "--payload names a request") from None
    except ValueError as error:
        raise UnusableError(str(error), "--content-type names it") from None


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UnusableError(f"{option} {text}: it is NAME=VALUE")
    return name, value


def _codes(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(code.upper() for word in words for code in word.replace(",", " ").split())


def _project_streams(project: Path) -> bool:
    """Say what serving.toml says about streaming; a project's own default."""
    try:
        server = tomllib.loads((project / "serving.toml").read_text("utf-8")).get("server", {})
    except (OSError, ValueError):
        return False
    return bool(isinstance(server, dict) and server.get("stream", False))
