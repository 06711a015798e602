"""PyTorch's files as facts: the zip of torch.save, TorchScript and torch.export, and the older form before 1.6.

Rules: the pickles inside are followed, never loaded; a weight is counted by its storage, so that tied ones count once.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from byocgen.inspect import estimators, imports
from byocgen.inspect.damage import HEADER, ITEMS, Damaged, Unknown
from byocgen.inspect.facts import Facts, Format, Said, Tensor
from byocgen.inspect.files import size_of
from byocgen.inspect.imports import Trust
from byocgen.inspect.inert import Global, Mapping
from byocgen.inspect.pickle_machine import Machine
from byocgen.inspect.weights import by_type

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")
"""The pickle of a number that an older file begins with (torch.serialization.MAGIC_NUMBER)."""
_DIRECTORY = 8 * 1024 * 1024
_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "UntypedStorage": "uint8",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
}
_EXPORTED = {
    1: "uint8",
    2: "int8",
    3: "int16",
    4: "int32",
    5: "int64",
    6: "float16",
    7: "float32",
    8: "float64",
    9: "complex32",
    10: "complex64",
    11: "complex128",
    12: "bool",
    13: "bfloat16",
    28: "uint16",
    29: "float8_e4m3fn",
    30: "float8_e5m2",
    31: "float8_e4m3fnuz",
    32: "float8_e5m2fnuz",
    34: "uint32",
    35: "uint64",
}
"""ScalarType of torch/_export/serde/schema.py."""
_MODULE = (
    "a pickled module, which the server does not load: save its state_dict() with build_model(), or use torch.export"
)
_WEIGHTS = "weights without a module: build_model() of inference.py makes it"


class _Careful(io.RawIOBase):
    """A file that gives no more at once than the directory of an archive may need."""

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__()
        self._file = file

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, count: int = -1, /) -> bytes:
        if count > HEADER:
            raise Damaged("its directory is longer than any model's")
        return self._file.read(HEADER if count < 0 else count)


def read(file: io.BufferedReader, path: str) -> Facts:
    """Read an archive. Raises Damaged; Unknown where it is a zip of something else."""
    size = size_of(file)
    try:
        with zipfile.ZipFile(_Careful(file)) as archive:
            members = {one.filename.partition("/")[2]: one for one in archive.infolist()[:ITEMS]}
            if any(name.startswith("data/aotinductor/") for name in members):
                raise Damaged("it was compiled for one machine (AOTInductor): save it with torch.export.save")
            if "archive_format" in members:
                return _exported(archive, members, path, size)
            if "data.pkl" in members:
                return _pickled(archive, members, path, size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise Damaged("it is no zip archive, or a broken one") from error
    except zipfile.LargeZipFile as error:
        raise Damaged("it is a broken zip archive") from error
    raise Unknown("it is a zip archive of something else than a PyTorch model")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > HEADER:
        raise Damaged(f"{member.filename} in it is longer than any model's")
    try:
        return archive.read(member)
    except (zlib.error, OSError, LookupError) as error:
        raise Damaged(f"{member.filename[:64]} in it is broken") from error


def _pickled(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], path: str, size: int) -> Facts:
    data = _member(archive, members["data.pkl"])
    machine = Machine(io.BufferedReader(io.BytesIO(data)), len(data))
    model = machine.run()
    if "constants.pkl" not in members:
        return facts_of(machine, model, path, size)
    return Facts(
        path=path,
        format=Format.TORCHSCRIPT,
        file_bytes=size,
        framework="pytorch",
        model=estimators.called(model) or None,
        inputs=_arguments(archive, members, estimators.called(model)),
        parameters=_parameters(machine),
        memory_bytes=sum(one.bytes for one in _parameters(machine)),
        imports=tuple(sorted(map(str, machine.imports))),
        suspicious=imports.named(machine.imports, Trust.SUSPICIOUS),
    )


def read_old(file: io.BufferedReader, path: str) -> Facts:
    """Read a file of torch before 1.6: a number, a version, the machine, the model, then the storages. Raises Damaged."""
    size = size_of(file)
    machine = Machine(file, size)
    for _ in range(3):
        machine.run()
    return facts_of(machine, machine.run(), path, size)


def facts_of(machine: Machine, model: Any, path: str, size: int) -> Facts:
    """Say what a pickle of torch.save holds."""
    cls = estimators.called(model)
    weights = isinstance(model, Mapping) or cls in ("collections.OrderedDict", "builtins.dict")
    parameters = _parameters(machine)
    return Facts(
        path=path,
        format=Format.TORCH_WEIGHTS if weights else Format.TORCH_MODULE,
        file_bytes=size,
        framework="pytorch",
        model=None if weights else cls or None,
        parameters=parameters,
        memory_bytes=sum(one.bytes for one in parameters),
        imports=tuple(sorted(map(str, machine.imports))),
        suspicious=imports.named(machine.imports, Trust.SUSPICIOUS),
        foreign=imports.named(machine.imports, Trust.FOREIGN),
        warnings=(_WEIGHTS if weights else _MODULE,),
    )


def _parameters(machine: Machine) -> Any:
    storages = {key: (dtype, count) for key, dtype, count in _storages(machine.outside)}
    return by_type(storages.values())


def _storages(outside: list[Any]) -> Iterator[tuple[str, str, int]]:
    """Read the references to storages: `("storage", type, key, device, count)`."""
    for one in outside:
        if isinstance(one, tuple) and len(one) >= 5 and isinstance(one[1], Global) and type(one[4]) is int:
            yield str(one[2])[:64], _STORAGES.get(one[1].name, one[1].name[:64]), max(0, one[4])


def _arguments(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], cls: str) -> tuple[Tensor, ...]:
    """Read the names of forward()'s tensors from the code that TorchScript brings."""
    module, _, name = cls.rpartition(".")
    source = members.get(f"code/{module.replace('.', '/')}.py")
    if source is None:
        return ()
    code = _member(archive, source).decode("utf-8", "replace")
    at = code.find(f"class {name}(Module):")
    found = re.compile(r"def forward\(([^)]{0,4096})\)").search(code, max(at, 0))
    words = [word.partition(":") for word in found[1].split(",")[1:]] if found else []
    return tuple(Tensor(word.strip()) for word, _, kind in words if kind.strip() == "Tensor")


def _exported(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], path: str, size: int) -> Facts:
    models = [name for name in members if name.startswith("models/") and name.endswith(".json")]
    if len(models) != 1:
        raise Damaged(f"it holds {len(models)} exported programs; one is wanted")
    try:
        program = json.loads(_member(archive, members[models[0]]))
        weights = members.get("data/weights/model_weights_config.json")
        config = json.loads(_member(archive, weights)) if weights is not None else {}
        tensors = list(_config(config))
        inputs, outputs = _signature(program)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{models[0][:64]} in it is broken") from error
    version = program.get("torch_version")
    parameters = by_type(tensors)
    return Facts(
        path=path,
        format=Format.TORCH_EXPORT,
        file_bytes=size,
        framework="pytorch",
        framework_version=Said(version.partition("+")[0][:32], "`torch_version` of the program")
        if isinstance(version, str)
        else None,
        inputs=inputs,
        outputs=outputs,
        parameters=parameters,
        memory_bytes=sum(one.bytes for one in parameters),
    )


def _config(config: Any) -> Iterator[tuple[str, int]]:
    seen = set()
    for one in config.get("config", {}).values():
        if one["path_name"] in seen:
            continue
        seen.add(one["path_name"])
        meta, count = one["tensor_meta"], 1
        for length in meta["sizes"][:64]:
            count *= int(length["as_int"])
        yield _EXPORTED.get(meta["dtype"], f"type {meta['dtype']}"), count


def _signature(program: Any) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    graph = program["graph_module"]
    values, signature = graph["graph"]["tensor_values"], graph["signature"]
    named = [
        [
            one[kind]["arg"]["as_tensor"]["name"]
            for one in signature[specs]
            if "as_tensor" in one.get(kind, {}).get("arg", {})
        ]
        for specs, kind in (("input_specs", "user_input"), ("output_specs", "user_output"))
    ]
    both = [tuple(_tensor(name, values[name]) for name in names) for names in named]
    return both[0], both[1]


def _tensor(name: str, meta: Any) -> Tensor:
    lengths = tuple(size.get("as_int") for size in meta["sizes"][:64])
    return Tensor(name, _EXPORTED.get(meta["dtype"]), lengths)
