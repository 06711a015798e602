"""Files that mean harm, and files that are broken: an error that says so, quickly; never a call, never a traceback."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit import artifacts

from byocgen.errors import ByocgenError, ToolError
from byocgen.inspect import damage, files
from byocgen.inspect.artifact import inspect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from byocgen.inspect.facts import Facts


class Calls:
    """Makes a pickle that calls a function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.answer = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.answer


def written(folder: Path, data: bytes, name: str = "m.pkl") -> Path:
    """Write a file and return its path."""
    (folder / name).write_bytes(data)
    return folder / name


def refused(path: Path) -> str:
    """Return why a file cannot be read."""
    with pytest.raises(ToolError) as error:
        inspect(path)
    return error.value.message.removeprefix(f"{path} ")


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    "function",
    [os.system, eval, exec, getattr, __import__, subprocess.Popen, np.load, joblib.load, pickle.loads],
    ids=lambda function: function.__name__,
)
def test_what_no_model_needs_is_named(tmp_path: Path, protocol: int, function: Any) -> None:
    data = pickle.dumps({"model": Calls(function, "touch reached")}, protocol)
    (named,) = inspect(written(tmp_path, data)).suspicious
    assert named.rpartition(".")[2] == function.__name__


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93", "os.system"),
        (b"cos\nsystem\n", "os.system"),
        (b"X\x05\x00\x00\x00numpyX\x09\x00\x00\x00os.system\x93", "numpy.os.system"),
        (b"cnumpy\nf2py\n", "numpy.f2py"),
        (b"ctorch.hub\nload\n", "torch.hub.load"),
        (b"ccloudpickle.cloudpickle\n_make_function\n", "cloudpickle.cloudpickle._make_function"),
        (b"X\x02\x00\x00\x00os)R)R\x93", "a module.whose name the pickle computes"),
        (b"\x82\x07", "copyreg.extension.7"),
        (b"(S'echo'\nios\nsystem\n", "os.system"),
        (b"(cos\nsystem\nS'echo'\no", "os.system"),
        (b"c a\nb\n", " a.b"),
    ],
)
def test_an_import_cannot_hide(tmp_path: Path, body: bytes, name: str) -> None:
    if name.startswith("a module"):
        body = b"cbuiltins\nstr\n)R" + b"X\x06\x00\x00\x00system\x93"
    assert name in inspect(written(tmp_path, b"\x80\x04" + body + b".")).suspicious


def test_code_of_ones_own_is_named_and_is_no_crime(tmp_path: Path) -> None:
    facts = inspect(written(tmp_path, b"\x80\x04cmy_features\nScaler\n)\x81."))
    assert (facts.foreign, facts.suspicious, facts.framework) == (("my_features.Scaler",), (), None)
    facts = inspect(written(tmp_path, b"\x80\x04c__main__\nScaler\n)\x81."))
    assert "it holds a class of the script that wrote it (__main__)" in facts.warnings[0]


BROKEN = "cannot be read: it is no pickle, or a broken one (at byte "


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"]" * 200_000 + b"a" * 199_999 + b".", "is no model that byocgen knows: it is a pickle of plain values"),
        (b")" + b"\x85" * 200_000 + b".", "is no model that byocgen knows: it is a pickle of plain values"),
        (
            b")\x94" + b"h\x00h\x00\x86\x94" * 100_000 + b".",
            "is no model that byocgen knows: it is a pickle of plain values",
        ),
        (b"(" * 300_000, f"cannot be read: {damage.ENDS_EARLY}"),
        (b"\x8e" + struct.pack("<Q", 1 << 62) + b"x.", f"cannot be read: {damage.ENDS_EARLY}"),
        (b"\x8d" + struct.pack("<Q", (1 << 64) - 1) + b"x.", f"cannot be read: {damage.ENDS_EARLY}"),
        (b"\x8b" + struct.pack("<I", 1 << 31) + b"x.", "cannot be read: it has a number that no model has"),
        (b"I" + b"9" * 100_000 + b"\n.", f"cannot be read: {damage.ENDS_EARLY}"),
        (b"F" + b"1" * 4000 + b"e\n.", BROKEN),
        (b"a.", BROKEN),
        (b"h\x07.", BROKEN),
        (b"\x85.", BROKEN),
        (b"\xff.", BROKEN),
        (b".", "cannot be read: the pickle makes nothing"),
        (b"", f"cannot be read: {damage.ENDS_EARLY}"),
    ],
)
def test_broken_and_bloated_pickles(tmp_path: Path, body: bytes, reason: str) -> None:
    assert refused(written(tmp_path, b"\x80\x04" + body)).startswith(reason)


def test_a_pickle_that_holds_itself(tmp_path: Path) -> None:
    facts = inspect(written(tmp_path, b"\x80\x04cmy\nThing\n)\x81\x94}X\x02\x00\x00\x00meh\x00sb."))
    assert facts.model == "my.Thing"


def test_too_many_opcodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byocgen.inspect.artifact.Effort.FULL._value_", (None, 1000))
    assert refused(written(tmp_path, b"\x80\x04" + b"N0" * 501 + b"N.")) == (
        "cannot be read: the pickle has more than 1,000 opcodes"
    )


def test_too_many_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byocgen.inspect.pickle_machine.OBJECTS", 1000)
    for body in (b"]" * 1001, b")" + b"\x85" * 1001, b"N" + b"(t" * 1001, b"cmy\nThing\n" + b")\x81" * 1001):
        said = refused(written(tmp_path, b"\x80\x04" + body + b"."))
        assert said == "cannot be read: the pickle has more than 1,000 objects"


def test_too_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byocgen.inspect.xgboost_model.VALUES", 100)
    content = b'{"learner": {"a": [' + b'{"b": 1},' * 200
    assert refused(written(tmp_path, content, "m.json")) == "cannot be read: it has more than 100 values"


def test_an_array_that_lies_about_its_length(tmp_path: Path) -> None:
    joblib.dump(np.zeros(1000), tmp_path / "m.joblib")
    data = (tmp_path / "m.joblib").read_bytes()
    assert refused(written(tmp_path, data[:-100], "m.joblib")) == f"cannot be read: {damage.ENDS_EARLY}"


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNPACKED", 1 << 20)
    bomb = gzip.compress(b"\x80\x04\x8e" + struct.pack("<Q", 16 << 20) + bytes(16 << 20) + b".")
    monkeypatch.setattr(files, "EXPANSION", 2)
    assert refused(written(tmp_path, bomb)) == "cannot be read: it unpacks to more than 1 MiB, which no model does"


def test_an_archive_reaches_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\x80\x04cos\nsystem\n.")
    with tarfile.open(tmp_path / "m.tar", "w") as archive:
        link = tarfile.TarInfo("model.pkl")
        link.type, link.linkname = tarfile.SYMTYPE, "../secret"
        archive.addfile(link)
        up = tarfile.TarInfo("../../model.joblib")
        up.size = 4
        archive.addfile(up, io.BytesIO(b"\x80\x04N."))
    assert refused(tmp_path / "m.tar") == "is no model that byocgen knows: it is a pickle of plain values, and no model"


def test_archives_with_nothing_or_too_much(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(b"\x80\x04N.")
    (tmp_path / "b.pkl").write_bytes(b"\x80\x04N.")
    packed = artifacts.archive(tmp_path / "m.tar.gz", tmp_path / "a.pkl", tmp_path / "b.pkl")
    assert refused(packed) == "is no model that byocgen knows: it holds several models: a.pkl, b.pkl; name one of them"
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("readme", "x")
    assert "zip archive of something else" in refused(tmp_path / "z.zip")
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty").endswith("no file in it is a model; it holds nothing")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"\x89HDF\r\n", "it is HDF5"),
        (b"binf", "it is XGBoost's old binary form"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"\x04\x22\x4d\x18abc", "lz4, which Python's standard library does not unpack; dump it with compress=3"),
        (b'{"a": {"b": ' + b"[[" * 5000, "nothing else that byocgen knows|nests deeper"),
        (b'{"learner": {"feature_names": ["' + b"x" * 3_000_000, "a text is wanted"),
        (b"{L" + struct.pack(">q", 1 << 60), "longer than any model's"),
        (struct.pack("<Q", 1 << 40) + b"{", "begins as none"),
        (b"\x08\x08\x3a\xff\xff\xff\xff\x7f", damage.ENDS_EARLY),
        (b"tree\nversion=v4\nTree=0\n", damage.ENDS_EARLY),
    ],
)
def test_other_files(tmp_path: Path, data: bytes, reason: str) -> None:
    said = refused(written(tmp_path, data, "model.bin"))
    assert any(one in said for one in reason.split("|")), said


@pytest.fixture(name="seeds", scope="module")
def _seeds(pickled: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Real files, small ones, one of each form."""
    folder = tmp_path_factory.mktemp("seeds")
    artifacts.onnx(folder)
    names = [
        *(
            "pipeline.joblib",
            "pipeline.0.pkl",
            "pipeline.2.pkl",
            "pipeline.xz.joblib",
            "pipeline.tar.gz",
            "columns.5.pkl",
        ),
        *("booster.json", "booster.ubj", "booster.txt", "lightgbm.joblib"),
    ]
    seeds = {name: (pickled[0] / name).read_bytes() for name in names}
    seeds |= {name: (folder / name).read_bytes() for name in ("m.onnx", "columns.onnx")}
    state = io.BytesIO()
    with zipfile.ZipFile(state, "w") as archive:  # as torch.save lays it out
        storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x08t"
        archive.writestr("m/data.pkl", b"\x80\x02}X\x01\x00\x00\x00a" + storage + b"Qs.")
        archive.writestr("m/data/0", bytes(32))
    header = b'{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}'
    return {**seeds, "m.pt": state.getvalue(), "m.safetensors": struct.pack("<Q", len(header)) + header + bytes(16)}


def outcome(path: Path) -> Facts | str:
    """Return the facts or the refusal: there is no third."""
    try:
        return inspect(path)
    except ByocgenError as error:
        return error.message


def test_the_seeds_are_read(seeds: dict[str, bytes], tmp_path: Path) -> None:
    said = {name: outcome(written(tmp_path, data, name)) for name, data in seeds.items()}
    assert {name: one for name, one in said.items() if isinstance(one, str)} == {}


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_files(seeds: dict[str, bytes], tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(seeds)))
    content = bytearray(seeds[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        match data.draw(st.sampled_from(["set", "cut", "insert", "repeat", "remove"])):
            case "set" if content:
                content[at] = data.draw(st.integers(0, 255))
            case "cut":
                del content[at:]
            case "insert":
                content[at:at] = data.draw(st.binary(min_size=1, max_size=9))
            case "repeat":
                content[at:at] = content[at : at + 40] * 3
            case _:
                del content[at : at + data.draw(st.integers(1, 40))]
    outcome(written(tmp_path, bytes(content), name))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    head=st.sampled_from(
        [b"", b"\x80\x04", b"\x80\x02(", b"{L", b'{"', b"PK\x03\x04", b"\x08\x08", b"\x1f\x8b\x08", b"("]
    ),
    body=st.binary(max_size=200),
)
def test_random_bytes(tmp_path: Path, head: bytes, body: bytes) -> None:
    outcome(written(tmp_path, head + body))
