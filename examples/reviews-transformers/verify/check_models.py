"""V7xx: the API of multi-model endpoints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .limits import Mode, multi_model
from .rule import Need, check, failed, passed, skipped
from .starting import load
from .together import together
from .wire import Answer, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .rule import Verdict
    from .session import Session
    from .wire import Outcome

MODES = (Mode.MULTI_MODEL,)
EXAMPLE = (Need.SERVER, Need.EXAMPLE)
UNKNOWN = "byocgen-verify-unknown"
SECOND = "byocgen-verify-second"
MOST_LOADED = 20
LOADED, GONE = 200, 400  # from 400 on: which status it is, other checks judge
TRAVERSALS = ("../../../etc", "a/../../b", "..", "", "/etc/passwd", "a\u0000b")
OUTSIDE = ("/models/..%2f..%2fetc%2fpasswd", "/models/%2e%2e", "/models/..%2f..%2fetc%2fpasswd/invoke")


@check(
    "V701",
    "POST /models loads a model: 200",
    multi_model("Load Model API"),
    fix='Read {"model_name", "url"}, load the folder at url, answer 200 when it is ready.',
    modes=MODES,
)
def loads(session: Session) -> Verdict:
    """Look at how the models were loaded after the start."""
    said = (session.first or session.server()).loads or {}
    wrong = [f"{name}: {one}" for name, one in said.items() if _status(one) != 200]
    return failed("; ".join(wrong)) if wrong else passed(f"200 for {', '.join(said)}")


@check(
    "V702",
    "A model that is loaded already is 409",
    multi_model("Load Model API: 409 where model_name is loaded"),
    fix="Answer 409 where the name is loaded, and leave the model as it is.",
    modes=MODES,
)
def loads_once(session: Session) -> Verdict:
    """Load the first model again."""
    name, url = _first(session)
    return _expect(load(session.wire, name, url), 409, f"{name} loaded again")


@check(
    "V703",
    "GET /models lists what is loaded",
    multi_model("List Models API"),
    fix='Answer {"models": [{"modelName": ..., "modelUrl": ...}]} with every model that is loaded.',
    modes=MODES,
)
def lists(session: Session) -> Verdict:
    """Look for every model and its url."""
    said = session.wire.outcome("GET", "/models")
    missing = dict(session.options.models).items() - _listed(said)
    return failed(f"{sorted(missing)} is not in {said}") if missing else passed(str(said))


@check(
    "V704",
    "GET /models/NAME is 200, and 404 for a model that is not loaded",
    multi_model("Get Model API"),
    fix='Answer {"modelName": ..., "modelUrl": ...}, or 404 where the name is not loaded.',
    modes=MODES,
)
def tells_of_one(session: Session) -> Verdict:
    """Ask for a model that is there and for one that is not."""
    name, url = _first(session)
    said = session.wire.outcome("GET", f"/models/{name}")
    if _status(said) != 200 or not isinstance(said, Answer) or _entry(_json(said)) != (name, url):
        return failed(f"GET /models/{name}: {said}")
    return _expect(session.wire.outcome("GET", f"/models/{UNKNOWN}"), 404, "GET of a model that is not loaded")


@check(
    "V705",
    "POST /models/NAME/invoke is 404 for a model that is not loaded",
    multi_model("Invoke Model API: 404 where the model is not loaded"),
    fix="Answer 404: the platform then loads the model and asks again.",
    modes=MODES,
)
def invokes_unknown(session: Session) -> Verdict:
    """Ask a model that is not there."""
    example = session.options.example
    headers = [*(example.headers if example else ()), ("X-Amzn-SageMaker-Target-Model", "unknown.tar.gz")]
    said = session.wire.outcome("POST", f"/models/{UNKNOWN}/invoke", example.body if example else b"{}", headers)
    return _expect(said, 404, "a prediction of a model that is not loaded")


@check(
    "V706",
    "DELETE /models/NAME unloads it",
    multi_model("Unload Model API"),
    fix="Answer 200 when the memory is free; from then on the name is 404 until it is loaded again.",
    modes=MODES,
)
def unloads(session: Session) -> Verdict:
    """Load a model under another name, delete it, look for it, load it again, delete it."""
    _, url = _first(session)
    wire = session.wire
    invoke = f"/models/{SECOND}/invoke"
    steps: list[tuple[str, int, Callable[[], Outcome]]] = [
        ("loaded under a second name", LOADED, lambda: load(wire, SECOND, url)),
        ("DELETE", LOADED, lambda: wire.outcome("DELETE", f"/models/{SECOND}")),
        ("GET after DELETE", GONE, lambda: wire.outcome("GET", f"/models/{SECOND}")),
        ("a prediction after DELETE", GONE, lambda: wire.outcome("POST", invoke, b"{}")),
        ("loaded again after DELETE", LOADED, lambda: load(wire, SECOND, url)),
        ("DELETE", LOADED, lambda: wire.outcome("DELETE", f"/models/{SECOND}")),
    ]
    for what, status, ask in steps:
        said = ask()
        good = _status(said) == status if status == LOADED else _status(said) >= GONE
        if not good:
            return failed(f"{what}: {said}")
    return passed("loaded, deleted, gone, loaded again, deleted")


@check(
    "V707",
    "DELETE of a model that is not loaded is 404",
    multi_model("Unload Model API: 404 where the model is not loaded"),
    fix="Answer 404.",
    modes=MODES,
)
def unloads_unknown(session: Session) -> Verdict:
    """Delete a model that is not there."""
    return _expect(session.wire.outcome("DELETE", f"/models/{UNKNOWN}"), 404, "DELETE of a model that is not loaded")


@check(
    "V708",
    "No memory for a model is 507, and the others go on",
    multi_model("Load Model API: 507 where memory runs out; the platform unloads others and tries again"),
    fix="Estimate before loading, catch MemoryError, answer 507, keep what is loaded.",
    needs=EXAMPLE,
    modes=MODES,
)
def runs_out_of_memory(session: Session) -> Verdict:
    """Load copies of the first model until one is refused, then unload them."""
    _, url = _first(session)
    names = [f"byocgen-verify-{number}" for number in range(MOST_LOADED)]
    said: Outcome | None = None
    loaded = []
    for name in names:
        said = load(session.wire, name, url)
        if _status(said) != 200:
            break
        loaded.append(name)
    after = session.invoke()
    for name in loaded:
        session.wire.outcome("DELETE", f"/models/{name}")
    if not isinstance(after, Answer) or after.status != 200:
        return failed(f"with {len(loaded)} models more, the first one answers: {after}")
    if len(loaded) == len(names):
        return skipped(f"there was memory for {MOST_LOADED} models more; --memory with --image makes it scarce")
    return _expect(said, 507, f"model {len(loaded) + 1} of the copies") if said else skipped("nothing was loaded")


@check(
    "V709",
    "A name or url that leads elsewhere is refused",
    multi_model("model_name is an opaque identifier, url lies under /opt/ml/models"),
    fix="Use model_name as a key only, never as a part of a path; refuse odd ones with 400.",
    modes=MODES,
)
def refuses_traversal(session: Session) -> Verdict:
    """Send names and paths that climb out of the models' folder."""
    wrong = []
    for name in TRAVERSALS:
        said = load(session.wire, name, f"/opt/ml/models/{name}/model")
        if not 400 <= _status(said) < 500:
            wrong.append(f"model_name {name!r}: {said}")
    for path in OUTSIDE:
        said = session.wire.outcome("GET", path)
        if not 400 <= _status(said) < 500 or (isinstance(said, Answer) and b"root:" in said.body):
            wrong.append(f"GET {path}: {said}")
    return failed("; ".join(wrong[:3])) if wrong else passed(f"{len(TRAVERSALS) + len(OUTSIDE)} refused with a 4xx")


@check(
    "V710",
    "Every worker knows what is loaded",
    multi_model("the container keeps track of the models that are loaded"),
    fix="Share the state between worker processes, or run one.",
    modes=MODES,
)
def workers_agree(session: Session) -> Verdict:
    """Ask for the list over many connections at once."""
    wire = session.wire
    said = together(40, lambda: wire.outcome("GET", "/models"))
    wanted = dict(session.options.models).items()
    wrong = [one for one in said if wanted - _listed(one)]
    return failed(f"{len(wrong)} of 40 answers lack a model: {wrong[0]}") if wrong else passed("40 answers, all alike")


@check(
    "V711",
    "What is no model to load is refused",
    multi_model("Load Model API"),
    fix="Answer 4xx for a url without a model or a body without model_name, and stay as you are.",
    modes=MODES,
)
def refuses_nonsense(session: Session) -> Verdict:
    """Load what is not there, and send what is no request."""
    wire = session.wire
    said = {
        "a url without a model": load(wire, UNKNOWN, "/opt/ml/models/byocgen-verify-nothing/model"),
        "no model_name": wire.outcome("POST", "/models", b'{"url": "/x"}', [("Content-Type", "application/json")]),
        "no JSON": wire.outcome("POST", "/models", b"{", [("Content-Type", "application/json")]),
    }
    wrong = [f"{what}: {one}" for what, one in said.items() if not 400 <= _status(one) < 500]
    return failed("; ".join(wrong)) if wrong else passed("refused with a 4xx")


def _first(session: Session) -> tuple[str, str]:
    return next(iter(session.options.models.items()))


def _status(said: Outcome | None) -> int:
    return said.status if isinstance(said, Answer) else 0


def _expect(said: Outcome, status: int, what: str) -> Verdict:
    if isinstance(said, NoAnswerError) or said.status != status:
        return failed(f"{what}: {said}, not {status}")
    return passed(f"{what}: {status}")


def _json(said: Answer) -> Any:
    try:
        return json.loads(said.body)
    except ValueError:
        return None


def _entry(found: Any) -> tuple[str, str]:
    return (str(found.get("modelName")), str(found.get("modelUrl"))) if isinstance(found, dict) else ("", "")


def _listed(said: Outcome) -> set[tuple[str, str]]:
    found = _json(said) if isinstance(said, Answer) else None
    models = found.get("models") if isinstance(found, dict) else None
    return {_entry(one) for one in models} if isinstance(models, list) else set()
