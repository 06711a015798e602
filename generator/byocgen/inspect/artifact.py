"""The stage: `inspect(path)` gives the facts of a model artifact, whatever wrote it.

Rules: the beginning of a file decides, its name only where that says nothing. An archive or a folder is the one model in
it. Every failure is an error that says what to do.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from byocgen.errors import ToolError, UsageError
from byocgen.inspect import (
    files,
    lightgbm_text,
    onnx_model,
    pickles,
    safetensors_file,
    torch_file,
    transformers_folder,
    trees,
    xgboost_model,
)
from byocgen.inspect.damage import AGAIN, LFS, NOT_FETCHED, OPCODES, Damaged, Unknown
from byocgen.inspect.facts import Format

if TYPE_CHECKING:
    import io
    from collections.abc import Callable
    from pathlib import Path

    from byocgen.inspect.facts import Facts
    from byocgen.inspect.trees import Tree

_SURE = (".joblib", ".pkl", ".pickle", ".ubj", ".onnx", ".safetensors", ".pt", ".pth", ".pt2")
_UNSURE = (".json", ".txt", ".bin")
"""Endings that other files have too."""
_PICKLES = (".joblib", ".pkl", ".pickle")
_HEAD = 512
_KNOWN = (
    "byocgen reads joblib, pickle, XGBoost json and ubj, LightGBM text, ONNX, safetensors, PyTorch and transformers"
)
_STRANGERS = (
    (b"\x89HDF", "it is HDF5, as Keras writes it: export the model to ONNX"),
    (b"binf", "it is XGBoost's old binary form: load it with the XGBoost that wrote it, and save_model('model.ubj')"),
    (b"CBM1", "it is a CatBoost model: save_model('model.onnx', format='onnx')"),
    (LFS, NOT_FETCHED),
)


class Effort(Enum):
    """How much of a file is read: all that its facts need, or no more than a command that only looks has time for.

    The first number is bytes (None: all), the second opcodes of a pickle: half a million take half a second.
    """

    FULL = (None, OPCODES)
    GLANCE = (64 * 1024 * 1024, 500_000)

    @property
    def most(self) -> int | None:
        """Bytes of a file."""
        most: int | None = self.value[0]
        return most

    @property
    def opcodes(self) -> int:
        """Opcodes of a pickle."""
        opcodes: int = self.value[1]
        return opcodes


def inspect(path: Path) -> Facts:
    """Read a model file, folder or archive without running any of it.

    Raises:
        UsageError: there is nothing at `path`.
        ToolError: it cannot be read, or is no model that is known.
    """
    try:
        return examine(path, Effort.FULL)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {path}", "ARTIFACT is a model file, a folder or a .tar.gz") from error
    except Unknown as error:
        raise ToolError(f"{path} is no model that byocgen knows: {error}", _KNOWN) from error
    except Damaged as error:
        raise ToolError(f"{path} cannot be read: {error}", AGAIN) from error
    except OSError as error:
        raise ToolError(f"{path} cannot be read: {error.strerror or error}") from error


def examine(path: Path, effort: Effort) -> Facts:
    """Do the same for a caller that words the failures itself.

    Raises:
        Damaged: it is broken; Unknown: it is nothing that is known; TooLong: `effort` does not suffice.
        OSError: the file system says no.
    """
    try:
        if path.is_dir():
            return _of_tree(trees.folder(path, effort.most), str(path), effort)
        with files.opened(path, effort.most) as file:
            return _of_path(file, path, effort)
    except (RecursionError, MemoryError) as error:
        raise Damaged("it nests deeper, or is larger, than any model") from error


def _of_path(file: io.BufferedReader, path: Path, effort: Effort) -> Facts:
    def beside(name: str) -> int | None:
        inside = path.parent / name
        return inside.stat().st_size if _stays(name) and inside.is_file() else None

    size = files.size_of(file)
    if files.compression(_head(file)):
        inner = files.unpacked(file)
        if trees.is_tar(_head(inner)):
            return replace(_of_tree(trees.tar(inner), str(path), effort), file_bytes=size)
    elif trees.is_tar(_head(file)):
        return _of_tree(trees.tar(file), str(path), effort)
    return _of_file(file, str(path), beside, effort)


def _head(file: io.BufferedReader) -> bytes:
    """Look at the beginning; the position is there after."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    return head


def _stays(name: str) -> bool:
    return not posixpath.isabs(name) and ".." not in name.split("/")


def _of_tree(tree: Tree, name: str, effort: Effort) -> Facts:
    """Read the one model of a folder or an archive."""
    configs = [path for path in tree.sizes if _is_config(path)]
    highest = [path for path in configs if path.count("/") == min(one.count("/") for one in configs)]
    if len(highest) == 1:
        config = transformers_folder.document(tree, highest[0])
        if transformers_folder.is_one(config):
            return transformers_folder.read(tree.below(posixpath.dirname(highest[0])), config, name)
    path = _choose(tree)
    with tree.opener(path) as file:
        around = posixpath.dirname(path)
        return _of_file(file, f"{name}: {path}", lambda other: tree.sizes.get(posixpath.join(around, other)), effort)


def _is_config(path: str) -> bool:
    return posixpath.basename(path) == transformers_folder.CONFIG


def _choose(tree: Tree) -> str:
    """Find the model: the only file that may be one, else the one that is called model. Raises Unknown."""
    archives = [path for path in tree.sizes if path.endswith((".tar.gz", ".tgz"))]
    for suffixes in (_SURE, _UNSURE):
        found = [path for path in tree.sizes if path.endswith(suffixes) and not path.startswith("code/")]
        called = [path for path in found if posixpath.basename(path).startswith("model.")]
        for chosen in (found, called):
            if len(chosen) == 1:
                return chosen[0]
        if found:
            raise Unknown(f"it holds several models: {', '.join(sorted(found)[:5])}; name one of them")
    if archives:
        raise Unknown(f"it holds archives: {', '.join(sorted(archives)[:5])}; name one of them")
    listed = ", ".join(sorted(tree.sizes)[:5]) or "nothing"
    raise Unknown(f"no file in it is a model; it holds {listed}")


def _of_file(file: io.BufferedReader, name: str, beside: Callable[[str], int | None], effort: Effort) -> Facts:
    """Read one file, by its beginning."""
    size, head = files.size_of(file), _head(file)
    for magic, said in _STRANGERS:
        if head.startswith(magic):
            raise Unknown(said)
    kind = files.compression(head)
    if kind:
        inner = files.unpacked(file)
        if not _is_pickle(_head(inner), name):
            raise Unknown(f"it is compressed with {kind}, and holds neither a pickle nor a tar archive")
        return pickles.read(inner, name, pickles.Extent(None, size, effort.opcodes))
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < size:
        return safetensors_file.read(file, name)
    reader = next((reader for magic, reader in _READERS if head.startswith(magic)), None)
    if reader is not None:
        return reader(file, name)
    if _is_pickle(head, name):
        return pickles.read(file, name, pickles.Extent(size, size, effort.opcodes))
    if head[:1] == b"\x08" or name.endswith(".onnx"):
        return onnx_model.read(file, name, beside)
    raise Unknown("it begins as none of them does" if head else "it is empty")


def _xgboost(form: Format) -> Callable[[io.BufferedReader, str], Facts]:
    return lambda file, name: xgboost_model.read(file, name, form)


_READERS: tuple[tuple[bytes, Callable[[io.BufferedReader, str], Facts]], ...] = (
    (b"PK\x03\x04", torch_file.read),
    (torch_file.OLD, torch_file.read_old),
    (lightgbm_text.MAGIC, lightgbm_text.read),
    *((b"{" + length, _xgboost(Format.XGBOOST_UBJ)) for length in (b"L", b"i", b"U", b"l", b"I")),
    (b"{", _xgboost(Format.XGBOOST_JSON)),
)
"""Readers by how their files begin."""


def _is_pickle(head: bytes, name: str) -> bool:
    """Whether it is a pickle: protocols 2 to 5 say so, the older ones only by the file's name."""
    return (head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5")) or name.endswith(_PICKLES)
