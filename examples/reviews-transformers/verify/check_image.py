"""V9xx: container images."""

from __future__ import annotations

import subprocess
import tarfile
from typing import TYPE_CHECKING

from . import limits
from .check_start import bears, first
from .container import Image
from .docker import docker
from .limits import Mode
from .rule import Need, Severity, Status, check, failed, passed, skipped, warned
from .session import ENVIRON
from .starting import StartFailure
from .target import Way
from .wire import Answer

if TYPE_CHECKING:
    from .rule import Verdict
    from .session import Session

STATIC = (Need.IMAGE,)
STARTED = (Need.IMAGE, Need.SERVER)
INITS = ("tini", "dumb-init", "catatonit", "s6-svscan", "docker-init")
SHELLS = ("sh", "bash", "dash", "ash")


def image(session: Session) -> Image:
    """Give the image under test."""
    if not isinstance(session.target, Image):
        raise TypeError
    return session.target


@check(
    "V901",
    "ENTRYPOINT is in exec form, without a shell or an init",
    limits.hosting("the exec form receives SIGTERM itself; an init is confused by the argument `serve`"),
    fix='Write ENTRYPOINT ["python", "-m", "serving"], not ENTRYPOINT python -m serving.',
    needs=STATIC,
)
def exec_form(session: Session) -> Verdict:
    """Look at the image's entry point."""
    entry = image(session).config.get("Entrypoint") or []
    if not entry:
        return failed("there is no ENTRYPOINT, so `serve` itself would be run")
    program = str(entry[0]).rpartition("/")[2]
    if program in SHELLS and "-c" in entry[1:2]:
        return failed(f"shell form: {' '.join(entry)}")
    return warned(f"an init: {' '.join(entry)}") if program in INITS else passed(f"{entry}")


@check(
    "V902",
    "It runs as a uid that it does not know, without root's rights",
    limits.serverless_user("serverless endpoints run images under another uid than the image's own"),
    fix="Make files readable by all, write under /tmp only, and do not look up the user's name or home.",
    needs=STARTED,
)
def foreign_user(session: Session) -> Verdict:
    """Look at how it came up with a foreign uid and no capability."""
    return _bears(session, "foreign_user", "runs as uid 48879 without capabilities")


@check(
    "V903",
    "It writes nowhere but under /tmp",
    limits.serverless("only /tmp can be written to"),
    fix="Put caches, logs and sockets under /tmp.",
    needs=STARTED,
)
def read_only_root(session: Session) -> Verdict:
    """Look at how it came up with a root file system that cannot be written."""
    return _bears(session, "root_read_only", "runs with a read-only root file system and /tmp")


@check(
    "V904",
    "It needs no network",
    limits.isolation("with network isolation a container reaches nothing, not even S3"),
    fix="Put models and packages into the image or the model archive; set HF_HUB_OFFLINE=1.",
    severity=Severity.WARNING,
    needs=STARTED,
)
def no_network(session: Session) -> Verdict:
    """Look at how it came up on a network that leads nowhere."""
    if not image(session).reachable:
        return skipped("this engine's containers cannot be reached from here without a network")
    return bears(session, "network", "runs without a network")


@check(
    "V905",
    "Every file of the application is readable by all",
    limits.serverless_user("another uid than the image's own reads the files"),
    fix="COPY --chmod=u=rwX,go=rX, or chmod -R o+rX in the build stage.",
    needs=STATIC,
)
def readable(session: Session) -> Verdict:
    """Look at the modes of the working directory's files."""
    subject = image(session)
    folder = subject.config.get("WorkingDir") or ""
    if folder in {"", "/"}:
        return skipped("the image has no WORKDIR to look into")
    closed, seen = _closed(session.options.image, folder)
    if closed:
        said = f"{len(closed)} of {seen} files in {folder} are closed to others: {', '.join(closed[:5])}"
        return failed(said) if session.options.mode is Mode.SERVERLESS else warned(said)
    return passed(f"{seen} files in {folder}")


@check(
    "V906",
    "The image is small enough for serverless",
    limits.serverless("10 GB"),
    fix="Leave out compilers, caches and GPU libraries.",
    needs=STATIC,
    modes=(Mode.SERVERLESS,),
)
def small(session: Session) -> Verdict:
    """Look at the image's size."""
    size = int(image(session).about.get("Size", 0))
    said = f"{size / 1024**3:.2f} GB"
    return passed(said) if size <= limits.SERVERLESS_IMAGE_BYTES else failed(said)


@check(
    "V907",
    "The multi-models label and the API of multi-model endpoints go together",
    limits.multi_model_image("com.amazonaws.sagemaker.capabilities.multi-models=true promises POST /models"),
    fix="Take the label away, or serve /models; where /models is served, set the label.",
    needs=STARTED,
)
def multi_model_label(session: Session) -> Verdict:
    """Ask for the list of models; with the label also of a container that is told to be multi-model."""
    labelled = image(session).labels.get(limits.MULTI_MODEL_LABEL) == "true"
    there = _lists_models(session.wire.outcome("GET", "/models"))
    if not labelled:
        return warned("/models is served, but there is no label") if there else passed("neither label nor API")
    if there or session.options.mode is Mode.MULTI_MODEL:
        return passed("the label, and /models") if there else failed("the label is there, GET /models is not")
    other = session.another(Way(environ=ENVIRON[Mode.MULTI_MODEL]))
    if isinstance(other, StartFailure):
        return failed(f"the label is there, but with SAGEMAKER_MULTI_MODEL=true {other.seen}")
    said = other.wire.outcome("GET", "/models")
    other.launched.end()
    return (
        passed("the label, and /models") if _lists_models(said) else failed(f"the label is there; GET /models: {said}")
    )


@check(
    "V908",
    "The accept-bind-to-port label is set, and true",
    limits.multi_container("com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true"),
    fix="Set the label and listen on SAGEMAKER_BIND_TO_PORT; without both the image cannot share an endpoint.",
    needs=STARTED,
)
def port_label(session: Session) -> Verdict:
    """Look at the label; V103 looks at the port."""
    if image(session).labels.get(limits.PORT_LABEL) != "true":
        return warned("the label is missing, so the image cannot stand behind an endpoint with other containers")
    return (
        passed("the label is there") if not first(session).port_ignored else skipped("the port is not honoured (V103)")
    )


def _bears(session: Session, demand: str, said: str) -> Verdict:
    """A server that needs more than that can still stand behind other endpoints than serverless ones."""
    verdict = bears(session, demand, said)
    harmless = session.options.mode is not Mode.SERVERLESS
    return warned(verdict.seen) if verdict.status is Status.FAILED and harmless else verdict


def _lists_models(said: object) -> bool:
    return isinstance(said, Answer) and said.status == 200 and b'"models"' in said.body


def _closed(name: str, folder: str) -> tuple[list[str], int]:
    """Name the files of an image's folder that others cannot read, and count all."""
    made = docker("create", name, "serve").strip()
    closed, seen = [], 0
    try:
        with (
            subprocess.Popen(["docker", "cp", f"{made}:{folder}", "-"], stdout=subprocess.PIPE) as copy,
            tarfile.open(fileobj=copy.stdout, mode="r|") as archive,
        ):
            for member in archive:
                seen += 1
                needed = 0o5 if member.isdir() else 0o4
                if not member.issym() and member.mode & needed != needed:
                    closed.append(member.name)
    finally:
        docker("rm", "--force", made)
    return closed, seen
