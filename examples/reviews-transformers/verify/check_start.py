"""V1xx: how a server starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import limits
from .limits import Mode
from .rule import Need, check, failed, passed, skipped
from .session import NoServerError
from .target import RELAXED
from .wire import Answer

if TYPE_CHECKING:
    from .rule import Verdict
    from .session import Session
    from .starting import Started


def first(session: Session) -> Started:
    """Give the facts of the first start. Raises NoServerError."""
    server = session.server()
    return session.first or server


def bears(session: Session, demand: str, said: str) -> Verdict:
    """Judge by how the server came up whether it bears one of the platform's demands."""
    relaxed = first(session).relaxed
    if demand in relaxed:
        return failed(f"it starts only {' and '.join(RELAXED[one] for one in relaxed)}")
    return passed(said)


@check(
    "V101",
    "It starts: /ping answers 200 within the time that the endpoint grants",
    limits.hosting("4 minutes after the start, 3 on serverless"),
    fix="Listen before the model is loaded and load it faster (smaller, fewer workers), or raise "
    "ContainerStartupHealthCheckTimeoutInSeconds of the endpoint; the log says what stopped it.",
    needs=(),
)
def starts(session: Session) -> Verdict:
    """Start, or report why it did not."""
    try:
        started = first(session)
    except NoServerError:
        failure = session.failure
        if failure is not None and failure.loopback_only:
            return skipped("nothing can be said: it listens, but only on 127.0.0.1 (V104)")
        return failed(failure.seen if failure else "it did not start")
    before = f"; while loading it said {', '.join(started.before)}" if started.before else ""
    return passed(f"200 after {started.seconds:.1f} s{before}")


@check(
    "V102",
    "It takes the argument `serve`",
    limits.hosting("the container is run as `docker run IMAGE serve`"),
    fix="Accept `serve` as the first argument: the platform puts it in the place of CMD.",
    needs=(Need.SERVER, Need.CONTROL),
)
def takes_serve(session: Session) -> Verdict:
    """Look at how it came up."""
    return bears(session, "serve", "started with `serve`")


@check(
    "V103",
    "It listens on the port that SAGEMAKER_BIND_TO_PORT names",
    limits.multi_container("containers behind one endpoint each get a port of their own"),
    fix="Read SAGEMAKER_BIND_TO_PORT and listen there; on 8080 only where it is not set.",
    needs=(Need.SERVER, Need.CONTROL),
)
def binds_to_port(session: Session) -> Verdict:
    """Look at where it answered."""
    started = first(session)
    asked = started.launched.wire.port
    if started.port_ignored:
        return failed(f"SAGEMAKER_BIND_TO_PORT was {asked}, and it listens on {started.wire.port}")
    return passed(f"listens on {asked}, as it was told")


@check(
    "V104",
    "It listens on every address, not on 127.0.0.1 alone",
    limits.hosting("requests come from outside the container"),
    fix="Bind to 0.0.0.0 instead of localhost.",
    needs=(Need.CONTROL,),
)
def listens_everywhere(session: Session) -> Verdict:
    """Ask at another address of the machine."""
    try:
        started = first(session)
    except NoServerError:
        if session.failure is not None and session.failure.loopback_only:
            return failed(session.failure.seen)
        return skipped("the server does not start (V101)")
    if started.port_ignored:
        return skipped("it does not listen where it was told to (V103)")
    loopback_only = session.server().launched.loopback_only()
    if loopback_only is None:
        return skipped("this machine has no second address to ask at")
    if loopback_only:
        return failed("127.0.0.1 is answered, another address of the same machine is refused")
    return passed("answers at another address than 127.0.0.1")


@check(
    "V105",
    "A healthy ping means that predictions are answered",
    limits.hosting("traffic comes as soon as /ping answers 200"),
    fix="Answer /ping with 503 until the model is loaded; let a request that comes early wait for it.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def healthy_means_ready(session: Session) -> Verdict:
    """Look at the request that was sent right after the first 200."""
    said = first(session).first
    if not isinstance(said, Answer):
        return failed(f"the first request after the first 200 of /ping: {said}")
    if said.status in {502, 503, 504, 425}:
        return failed(f"the first request after the first 200 of /ping was answered {said}")
    return passed(f"the first request was answered with {said.status}")


@check(
    "V106",
    "It bears the variables that the platform and AWS's toolkits set",
    limits.toolkit("SM_NUM_CPUS, SM_NUM_GPUS, SM_LOG_LEVEL, SM_NETWORK_INTERFACE_NAME, SAGEMAKER_SAFE_PORT_RANGE"),
    fix="Ignore variables that are not known, and read SM_LOG_LEVEL as a name or a number.",
    needs=(Need.SERVER, Need.CONTROL),
)
def bears_variables(session: Session) -> Verdict:
    """Look at how it came up."""
    return bears(session, "variables", "started with SM_* and SAGEMAKER_* variables set")


@check(
    "V107",
    "It starts without a model where models are loaded later",
    limits.multi_model("models are loaded by POST /models, after the start"),
    fix="In multi-model mode (SAGEMAKER_MULTI_MODEL=true) start without a model and answer /ping with 200.",
    needs=(Need.SERVER, Need.CONTROL),
    modes=(Mode.MULTI_MODEL,),
)
def starts_empty(session: Session) -> Verdict:
    """Look at how it came up: the models were loaded after the first 200."""
    return passed(f"200 after {first(session).seconds:.1f} s, without a model")
