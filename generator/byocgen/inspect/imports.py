"""What a pickle imports, judged: a part of a known library, code of the user's own, or what no model needs.

Rules: loading a pickle imports these modules and calls what it finds there with arguments of the pickle's choice. So a
known library's modules are trusted but for those that read files, run programs or evaluate texts, and of Python's own
library only plain values are. It is a help to a reader, no proof: a pickle from a stranger is not to be loaded at all.
"""

from __future__ import annotations

import sys
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from byocgen.inspect.inert import Global


class Trust(Enum):
    """What an import is."""

    KNOWN = auto()
    FOREIGN = auto()
    SUSPICIOUS = auto()


DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "xgboost": "xgboost-cpu",
    "lightgbm": "lightgbm",
    "pandas": "pandas",
    "torch": "torch",
    "transformers": "transformers",
    "imblearn": "imbalanced-learn",
    "category_encoders": "category-encoders",
    "catboost": "catboost",
    "statsmodels": "statsmodels",
    "sentence_transformers": "sentence-transformers",
    "skops": "skops",
    "mlxtend": "mlxtend",
    "feature_engine": "feature-engine",
    "hdbscan": "hdbscan",
    "umap": "umap-learn",
    "polars": "polars",
    "pyarrow": "pyarrow",
}
"""Libraries whose models are known, each with the distribution that has it."""
_WITH_THESE = frozenset({"numpy", "scipy", "joblib", "threadpoolctl", "pytz", "dateutil", "_loss", "__torch__"})
"""Those that come with one of them. `_loss` is scikit-learn's Cython module; `__torch__` are TorchScript's own classes."""
_PLAIN = frozenset(
    {
        *(
            "builtins.bool",
            "builtins.bytearray",
            "builtins.bytes",
            "builtins.complex",
            "builtins.dict",
            "builtins.float",
        ),
        *("builtins.frozenset", "builtins.int", "builtins.list", "builtins.object", "builtins.range", "builtins.set"),
        *("builtins.slice", "builtins.str", "builtins.tuple", "builtins.Ellipsis", "builtins.NotImplemented"),
        *("builtins.abs", "builtins.len", "builtins.max", "builtins.min", "builtins.round", "builtins.sum"),
        *("argparse.Namespace", "array._array_reconstructor", "io.BytesIO", "io.StringIO"),
        *("builtins.type", "types.NoneType", "types.SimpleNamespace", "types.MappingProxyType"),
        *("collections.OrderedDict", "collections.defaultdict", "collections.deque", "collections.Counter"),
        *("copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__", "copy_reg._reconstructor"),
        *("_codecs.encode", "functools.partial", "operator.itemgetter", "re._compile", "enum.Enum"),
        *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta", "datetime.timezone"),
        *("decimal.Decimal", "fractions.Fraction", "uuid.UUID", "random.Random", "zoneinfo.ZoneInfo._unpickle"),
        *("pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath"),
        *("pathlib._local.PosixPath", "pathlib._local.WindowsPath", "pathlib.Path", "pathlib._local.Path"),
    }
)
_PYTHON_2 = {"__builtin__": "builtins", "copy_reg": "copyreg"}
_WITHOUT_A_PLACE = frozenset(
    {"nt", "pip", "setuptools", "pkg_resources", "commands", "dill", "cloudpickle", "_pydevd_bundle"}
)
"""Modules that are no library of models and can run anything: cloudpickle and dill build functions out of the pickle."""
_POWERS = frozenset(
    {
        *("_dynamo", "_inductor", "_testing", "bottleneck", "codecache", "collect_env", "cpp_extension", "ctypeslib"),
        *("datasets", "distutils", "f2py", "hub", "npyio", "rpc", "symbolic_shapes", "testing", "tests"),
        *("compile_file", "eval", "exec", "fromfile", "fromregex", "genfromtxt", "load", "load_config", "loads"),
        *("loadtxt", "memmap", "open_memmap", "query", "read_pickle", "run", "runstring", "save", "savetxt", "system"),
        *("os", "sys", "subprocess", "builtins", "importlib", "shutil", "pickle", "getattr", "__import__"),
    }
)
"""Parts of names inside known libraries that load other files, run programs or evaluate texts."""


def judge(one: Global) -> Trust:
    """Say what one import is."""
    module = _PYTHON_2.get(one.module, one.module)
    top = module.partition(".")[0]
    if f"{module}.{one.name}" in _PLAIN:
        return Trust.KNOWN
    if top in sys.stdlib_module_names or top in _WITHOUT_A_PLACE or not _is_module(module):
        return Trust.SUSPICIOUS if top != "__main__" else Trust.FOREIGN
    if top == "__torch__":
        return Trust.KNOWN
    parts = {*module.split("."), *one.name.split(".")}
    if parts & _POWERS or not _is_plain_name(one.name):
        return Trust.SUSPICIOUS
    return Trust.KNOWN if top in DISTRIBUTIONS or top in _WITH_THESE else Trust.FOREIGN


def named(imports: Iterable[Global], trust: Trust) -> tuple[str, ...]:
    """Name the imports that are judged so, sorted."""
    return tuple(sorted(str(one) for one in imports if judge(one) is trust))


def requirements(imports: Iterable[Global], own: str) -> set[str]:
    """Name the distributions that the imports need beside the framework's own and what that brings."""
    tops = {one.module.partition(".")[0] for one in imports}
    return {DISTRIBUTIONS[top] for top in tops & DISTRIBUTIONS.keys() if top != own}


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _is_plain_name(name: str) -> bool:
    """Whether a name is one name, or a part of a class: a longer one walks from attribute to attribute."""
    first, *rest = name.split(".")
    return first.isidentifier() and (not rest or first.lstrip("_")[:1].isupper())
