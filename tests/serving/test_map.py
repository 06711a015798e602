"""The map in serving/__init__.py names every file of the folder, and nothing that is not there."""

import re
from pathlib import Path

import serving

FOLDER = Path(serving.__file__).parent
MAP = serving.__doc__ or ""


def test_every_file_is_on_the_map() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "__main__"}
    packages = {path.parent.name for path in FOLDER.glob("*/__init__.py")}

    assert {name for name in modules if not re.search(rf"\b{name}\b", MAP)} == set()
    assert {name for name in packages if f" {name}/ " not in MAP} == set()


def test_the_map_names_files_that_are_there() -> None:
    first = re.findall(r"^ {4}(\w+)", MAP, re.MULTILINE)
    quoted = re.findall(r"`(\w+)`", MAP)

    assert len(first) > 30
    there = {path.name.removesuffix(".py") for path in FOLDER.iterdir()} | {"framework"}  # that one is a layer's own
    assert {name for name in (*first, *quoted) if name not in there} == set()
