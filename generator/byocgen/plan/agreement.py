"""Where a model file and the manifest say different things: framework, versions, columns; and what it would run.

Rules: findings only. What the file does not say contradicts nothing. A pickle is served by the version that wrote it, or
not at all; a format that is made to be kept is served by the version that wrote it or a newer one.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key, did_you_mean, warning
from byocgen.inspect.damage import AGAIN
from byocgen.inspect.facts import Format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog, Framework
    from byocgen.inspect.facts import Facts
    from byocgen.manifest.model import Manifest

ARTIFACT: Key = ("model", "artifact")
PICKLES = (Format.PICKLE, Format.JOBLIB)
KEPT = (Format.XGBOOST_JSON, Format.XGBOOST_UBJ, Format.TORCH_EXPORT)
"""Formats that every version since the one that wrote them reads."""
_SHOWN = 5


def check(manifest: Manifest, catalog: Catalog, facts: Facts, served: str) -> list[Diagnostic]:
    """Find what the file at `model.artifact` says otherwise; `served` is the framework's version that the plan chose."""
    found = list(_suspicious(facts))
    if manifest.model.framework == "python" or manifest.model.framework not in catalog.frameworks:
        return found
    other = list(_framework(manifest, facts))
    if other:
        return [*found, *other]
    return [*found, *_version(manifest, catalog, facts, served), *_python(manifest, facts), *_inputs(manifest, facts)]


def unreadable(path: str, why: str) -> Diagnostic:
    """Say that the file at `model.artifact` is broken."""
    return warning("BYO361", f"{path} cannot be read: {why}", ARTIFACT, AGAIN)


def _suspicious(facts: Facts) -> Iterator[Diagnostic]:
    if facts.suspicious:
        message = f"loading the model runs what no model needs: {_listed(facts.suspicious)}"
        yield warning("BYO360", message, ARTIFACT, "see `byocgen inspect`; do not serve it before you know who made it")


def _framework(manifest: Manifest, facts: Facts) -> Iterator[Diagnostic]:
    said, own = manifest.model.framework, facts.framework
    if own is None or own == said or (facts.format in PICKLES and _brings(manifest, facts, own)):
        return
    what = f"{facts.format.value} of {own}" if facts.format in PICKLES else facts.format.value
    message = f"the artifact is no model of {said}: it is {what}" + (f", {facts.model}" if facts.model else "")
    yield Diagnostic("BYO315", message, ("model", "framework"), f"write: framework: {own}")


def _brings(manifest: Manifest, facts: Facts, own: str) -> bool:
    """Whether a pickle of another library works: the manifest's own is inside it, or the other one is installed."""
    inside = any(one.startswith(f"{manifest.model.framework}.") for one in facts.imports)
    return inside or any(re.match(rf"(scikit-learn|{own})\b", one) for one in manifest.model.requirements)


def _version(manifest: Manifest, catalog: Catalog, facts: Facts, served: str) -> Iterator[Diagnostic]:
    framework = catalog.frameworks[manifest.model.framework]
    said = facts.framework_version
    if said is None or facts.framework != manifest.model.framework:
        return
    exact, kept = facts.format in PICKLES, facts.format in KEPT
    if said.version == served or not (exact or (kept and order(served) < order(said.version))):
        return
    key: Key = ("model", "framework_version") if manifest.model.framework_version else ARTIFACT
    rule = "a pickle is served by the version that wrote it" if exact else "an older version may not read it"
    message = f"{framework.title} {said.version} wrote the artifact and {served} would serve it: {rule}"
    yield Diagnostic("BYO315", message, key, _way_out(framework, said.version, exact=exact))


def _way_out(framework: Framework, written: str, *, exact: bool) -> str:
    newer = [version for version in framework.versions if order(version) >= order(written)]
    fitting = written if written in framework.versions else newer[-1] if newer and not exact else ""
    if fitting:
        return f'write: framework_version: "{fitting}"'
    return f"train and save it again with one of: {', '.join(framework.versions)}"


def order(version: str) -> tuple[int, ...]:
    """Give a version's numbers, to compare it by."""
    return tuple(int(part[:9]) for part in re.findall(r"\d+", version)[:4])


def _python(manifest: Manifest, facts: Facts) -> Iterator[Diagnostic]:
    wanted, exact = manifest.model.python, facts.python.exact
    if exact is None or wanted in (None, exact):
        return
    message = f"Python {exact} wrote the artifact ({facts.python.how}) and {wanted} would serve it"
    yield Diagnostic("BYO315", message, ("model", "python"), f'write: python: "{exact}"')


def _inputs(manifest: Manifest, facts: Facts) -> Iterator[Diagnostic]:
    inputs, key = manifest.model.inputs, ("model", "inputs")
    if not inputs:
        return
    given = [_as_trained(column.name, facts) for column in inputs]
    names = [column.name for column in facts.columns]
    if not names:
        if facts.column_count is not None and facts.column_count != len(given):
            message = f"the model takes {facts.column_count} columns, and `model.inputs` has {len(given)}"
            yield Diagnostic("BYO315", message, key, "name every column, in the order of the training data")
        return
    for index, (mine, its) in enumerate(zip_longest(given, names)):
        if mine == its:
            continue
        where: Key = (*key, index, "name") if mine is not None else key
        yield Diagnostic("BYO315", _difference(index, mine, its, names), where, _order_of(mine, its, names))
        return


def _as_trained(name: str, facts: Facts) -> str:
    """LightGBM writes names with underscores, and answers to both (`serving.framework`)."""
    return name.replace(" ", "_") if facts.framework == "lightgbm" else name


def _difference(index: int, mine: str | None, its: str | None, names: list[str]) -> str:
    if its is None:
        return f"the model takes {len(names)} columns, and {mine} is one more"
    if mine is None:
        return f"the model takes {len(names)} columns, and {_listed(names[index:])} is not in `model.inputs`"
    place = "elsewhere" if mine in names else "not among them"
    return f"column {index + 1} of the model is {its}; {mine} is {place}"


def _order_of(mine: str | None, its: str | None, names: list[str]) -> str:
    guess = did_you_mean(mine, names) if mine is not None and its is not None and mine not in names else ""
    return guess or f"its columns, in order: {_listed(names)}"


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
