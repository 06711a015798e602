"""A pickle, joblib's or Python's own, as facts: the scikit-learn API and the boosters inside it.

Rules: of the objects only what `fit` promises is read; a booster's own bytes are read by the reader of its files.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from byocgen import catalog
from byocgen.inspect import arrays, estimators, imports, lightgbm_text, xgboost_model
from byocgen.inspect.damage import Damaged, Unknown
from byocgen.inspect.facts import Facts, Format, Kind, Python, Said
from byocgen.inspect.files import window
from byocgen.inspect.imports import Trust
from byocgen.inspect.inert import Blob, Global, Object
from byocgen.inspect.pickle_machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PROTOCOLS = {2: "2.3", 3: "3.0", 4: "3.4", 5: "3.8"}
"""The first Python that writes each protocol (docs of pickle)."""
_FRAMEWORKS = ("sklearn", "xgboost", "lightgbm")
_TITLES = {"xgboost": "xgboost", "lightgbm": "lightgbm"}


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a pickle is (None: compressed), its file is, and how many opcodes are followed."""

    size: int | None
    file_bytes: int
    opcodes: int


@dataclass(frozen=True, slots=True)
class Pickled:
    """A pickle that was followed to its end."""

    model: Any
    machine: Machine

    @property
    def imports(self) -> list[Global]:
        """Everything that it imports."""
        return list(self.machine.imports)


def read(file: io.BufferedReader, path: str, extent: Extent) -> Facts:
    """Read a model, joblib's arrays included. Raises Damaged, Unknown."""
    machine = Machine(file, extent.size, arrays.after_build, extent.opcodes)
    found = Pickled(machine.run(), machine)
    model = found.model
    if not isinstance(model, Object) and not found.machine.imports:
        raise Unknown("it is a pickle of plain values, and no model")
    booster = _booster(file, model, path)
    versions = _versions(model)
    own = estimators.called(model).partition(".")[0]
    framework = own if own in _FRAMEWORKS else None
    wrapper = any(str(one) == arrays.WRAPPER for one in found.imports)
    return Facts(
        path=path,
        format=Format.JOBLIB if wrapper else Format.PICKLE,
        file_bytes=extent.file_bytes,
        framework=framework,
        framework_version=_version(framework, versions, booster),
        python=_python(found),
        packages=_packages(framework, versions, booster),
        model=estimators.called(model) or None,
        kind=_kind(model, booster),
        steps=tuple(estimators.short(step) for step in estimators.steps(model)),
        objective=booster.objective if booster and framework in _TITLES else None,
        classes=estimators.classes(model),
        columns=estimators.columns(model) or (booster.columns if booster and framework in _TITLES else ()),
        column_count=estimators.feature_count(model) or (booster.column_count if booster else None),
        memory_bytes=found.machine.held + _replaced(booster),
        imports=tuple(sorted(map(str, found.imports))),
        suspicious=imports.named(found.imports, Trust.SUSPICIOUS),
        foreign=imports.named(found.imports, Trust.FOREIGN),
        requires=_requires(found, framework, booster),
        warnings=tuple(_warnings(found, framework, versions)),
    )


def _replaced(booster: Facts | None) -> int:
    """Count what a booster takes instead of the bytes that it is made from."""
    return (booster.memory_bytes or 0) - booster.file_bytes if booster is not None else 0


def _versions(model: Any) -> dict[str, str]:
    """Give the `_sklearn_version` of each estimator that has one, by its class; the model's own first."""
    versions: dict[str, str] = {}
    for one in estimators.reachable(model):
        version = arrays.text_of(estimators.attribute(one, "_sklearn_version"))
        if version is not None:
            versions.setdefault(estimators.short(one), version[:32])
    return versions


def _version(framework: str | None, versions: Mapping[str, str], booster: Facts | None) -> Said | None:
    if framework == "sklearn" and versions:
        name, version = next(iter(versions.items()))
        return Said(version, f"`_sklearn_version` of {name}")
    return booster.framework_version if booster is not None and booster.framework == framework else None


def _packages(framework: str | None, versions: Mapping[str, str], booster: Facts | None) -> dict[str, Said]:
    """Give the versions of what is no framework of this model, and still was there when it was written."""
    found: dict[str, Said] = {}
    if framework != "sklearn" and versions:
        name, version = next(iter(versions.items()))
        found["scikit-learn"] = Said(version, f"`_sklearn_version` of {name}")
    if booster is not None and booster.framework != framework and booster.framework_version is not None:
        found[str(booster.framework)] = booster.framework_version
    return found


def _requires(found: Pickled, framework: str | None, booster: Facts | None) -> tuple[str, ...]:
    needed = imports.requirements(found.imports, framework or "")
    if estimators.called(found.model).startswith(("xgboost.sklearn.", "lightgbm.sklearn.")):
        needed.add("scikit-learn")
    if estimators.by_name(found.model):
        needed.add("pandas")
    pins = {"xgboost-cpu": booster.framework_version.version} if booster and booster.framework_version else {}
    return tuple(sorted(f"{name}=={pins[name]}" if name in pins else name for name in needed))


def _kind(model: Any, booster: Facts | None) -> Kind | None:
    """Tell by the class, of a pipeline by its last; a class that nobody knows and that has labels is a classifier."""
    known = catalog.load().estimator_kinds
    for one in (model, estimators.inside(model, -1)):
        kind = known.get(estimators.short(one))
        if kind is not None and _is_known(one):
            return Kind(kind)
    if estimators.classes(model):
        return Kind.CLASSIFIER
    return booster.kind if booster is not None else None


def _is_known(model: Any) -> bool:
    """Whether the class is one of the libraries that the catalogue's kinds are of."""
    return estimators.called(model).partition(".")[0] in _FRAMEWORKS


def _python(found: Pickled) -> Python:
    if any(one.module.startswith("pathlib._local") for one in found.imports):
        return Python("3.13", "3.13", "it imports pathlib._local, which only Python 3.13 has")
    least = _PROTOCOLS.get(found.machine.protocol)
    return Python(None, least, f"pickle protocol {found.machine.protocol}") if least else Python()


def _booster(file: io.BufferedReader, model: Any, path: str) -> Facts | None:
    """Read the first booster in a pickle; its bytes are a file of the library's own."""
    for one in estimators.reachable(model):
        name = estimators.called(one)
        if name not in ("xgboost.core.Booster", "lightgbm.basic.Booster"):
            continue
        inner = _inner(file, estimators.attribute(one, "handle") or estimators.attribute(one, "_handle"))
        if inner is None:
            return None
        try:
            if name.startswith("xgboost"):
                return xgboost_model.read(inner, path, Format.XGBOOST_UBJ)
            return lightgbm_text.read(inner, path)
        except Damaged:
            return None
    return None


def _inner(file: io.BufferedReader, handle: Any) -> io.BufferedReader | None:
    """Open what a pickled booster holds: a text of LightGBM's, bytes of XGBoost's."""
    raw = handle if isinstance(handle, str | Blob) else arrays.raw_of(handle)
    if isinstance(raw, Blob):
        return window(file, raw.offset, raw.length)
    raw = raw.encode() if isinstance(raw, str) else raw
    return None if raw is None else io.BufferedReader(io.BytesIO(raw))


def _warnings(found: Pickled, framework: str | None, versions: Mapping[str, str]) -> Iterable[str]:
    if len(set(versions.values())) > 1:
        listed = ", ".join(f"{name} {version}" for name, version in list(versions.items())[:4])
        yield f"its parts were written by different versions of scikit-learn: {listed}"
    if any(one.module == "__main__" for one in found.imports):
        yield "it holds a class of the script that wrote it (__main__): define it in a module, and write it again from there"
    if framework is None:
        name = estimators.called(found.model) or f"a {type(found.model).__name__.lower()}"
        yield f"{name} is of no framework that byocgen knows: framework python serves it with an inference.py of yours"
