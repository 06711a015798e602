"""The shape of the code: who may import whom, who writes, who prints, and what no file may hold."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "generator" / "byocgen"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

STAGES = [
    *(
        "manifest",
        "catalog",
        "pricelist",
        "inspect",
        "plan",
        "render",
        "lock",
        "reconcile",
        "patch",
        "resolve",
        "disk",
        "git",
        "registry",
    ),
    *(
        "apply",
        "merging",
        "workflow",
        "github",
        "present",
        "explanation",
        "verify",
        "commands",
        "questions",
        "cli",
        "__main__",
    ),
]
"""From left to right: a stage imports from itself and from what stands to its left."""
LEAVES = {"__init__", "bundle", "diagnostics", "endings", "errors", "names", "temporary"}
"""Imported from everywhere; they import leaves only."""


SUITE = {name for name in MODULES if name.split(".", 1)[0] == "verify"}
"""The conformance suite is a program of its own: a project holds a copy, which runs, writes and speaks without byocgen."""


def owner(module: str) -> str:
    """Return the stage or leaf that a module belongs to."""
    return module.split(".", 1)[0]


def imports(path: Path) -> set[str]:
    """Return the modules of byocgen that a file imports, those for type checkers included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                assert path in {MODULES[name] for name in SUITE}, f"{path} imports by dots"
                continue
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    below = {name.removeprefix("byocgen.") for name in found if name.startswith("byocgen.")}
    return {name for name in below if name in MODULES} | ({"__init__"} if "byocgen" in found and not below else set())


def test_every_module_has_a_place() -> None:
    assert {owner(module) for module in MODULES} == {*STAGES, *LEAVES}


@pytest.mark.parametrize("module", MODULES)
def test_a_stage_imports_only_to_its_left(module: str) -> None:
    mine = owner(module)
    allowed = LEAVES | ({mine, *STAGES[: STAGES.index(mine)]} if mine in STAGES else set())
    assert {owner(other) for other in imports(MODULES[module])} <= allowed


def test_imports_are_seen() -> None:
    """The test above can fail: the arrows of the design are there."""
    assert {"manifest.load", "plan.decide", "render.render", "catalog", "reconcile"} <= imports(MODULES["workflow"])
    assert "manifest.model" in imports(MODULES["plan.fits"])


@pytest.mark.parametrize("module", [name for name in MODULES if owner(name) == "catalog"])
def test_the_catalogue_knows_no_manifest(module: str) -> None:
    assert {owner(other) for other in imports(MODULES[module])} <= {"catalog"}


def names_used(path: Path) -> set[str]:
    """Return every name and attribute that a file uses, dotted where it is short."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
            if isinstance(node.value, ast.Name):
                used.add(f"{node.value.id}.{node.attr}")
    return used


WRITING = {
    *("write_bytes", "write_text", "mkdir", "mkdtemp", "unlink", "rmdir", "rmtree", "rename", "touch", "chmod"),
    *("symlink_to", "hardlink_to", "copyfile", "copytree", "copy2", "open", "remove", "makedirs"),
}


@pytest.mark.parametrize("module", MODULES)
def test_only_apply_writes_files(module: str) -> None:
    written = names_used(MODULES[module]) & WRITING
    assert written == set() or owner(module) == "apply" or module in SUITE


def test_apply_does_write() -> None:
    assert {"write_bytes", "mkdir", "rmtree"} <= names_used(MODULES["apply.project"])
    assert {"replace", "unlink", "mkdir"} <= names_used(MODULES["apply.changes"])


SPEAKING = {"print", "sys.stdout", "sys.stderr", "sys.exit", "typer.echo", "typer.Exit", "input", "SystemExit", "exit"}


@pytest.mark.parametrize("module", MODULES)
def test_only_the_command_line_and_present_speak(module: str) -> None:
    said = names_used(MODULES[module]) & SPEAKING
    assert said == set() or module in ("cli", "questions", "present") or module in SUITE


def test_present_does_speak() -> None:
    assert {"sys.stdout", "sys.stderr"} <= names_used(MODULES["present"])


@pytest.mark.parametrize("module", sorted(SUITE))
def test_the_suite_imports_itself_and_the_standard_library(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    named = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 0]
    named += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert {str(name).split(".")[0] for name in named} <= sys.stdlib_module_names
    dots = {node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level}
    assert dots <= {module.count(".") or 1}, "it reaches outside its folder"


def test_only_commands_run_the_suite() -> None:
    users = {
        name
        for name, path in MODULES.items()
        if name not in SUITE and {"verify"} & {owner(one) for one in imports(path)}
    }
    assert {owner(name) for name in users} <= {"commands"}


CLOCKS = {
    "time",
    "datetime",
    "random",
    "uuid",
    "socket",
    "locale",
    "getpass",
    "platform",
    "environ",
    "getenv",
    "urllib",
}
PURE = [
    name for name in MODULES if owner(name) in ("manifest", "plan", "render", "lock", "reconcile", "patch", "resolve")
]


@pytest.mark.parametrize("module", PURE)
def test_the_stages_know_no_clock_no_chance_and_no_machine(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported & CLOCKS == set()
    assert names_used(MODULES[module]) & {"environ", "getenv", "getcwd", "cwd"} == set()


TEMPLATED = [
    path.relative_to(ROOT).as_posix()
    for folder in ("scaffolds", "templates")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".tf", ".hcl") and not {"__pycache__", ".terraform"} & set(path.parts)
]


def test_there_are_files_to_copy() -> None:
    assert {Path(path).suffix for path in TEMPLATED} == {".py", ".tf", ".hcl"}


@pytest.mark.parametrize("path", TEMPLATED)
def test_python_and_terraform_are_never_templates(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    assert [mark for mark in ("{{", "{%", "{#") if mark in text] == []


FORBIDDEN = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "handler",
    "processor",
    "tools",
}


def test_no_module_is_a_drawer() -> None:
    folders = ("generator", "scaffolds", "tests", "templates")
    names = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if FORBIDDEN & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
        and path.parent.name != "toolkit"  # answers imports of AWS's toolkit, whose module it is
    ]
    assert names == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_is(module: str) -> None:
    docstring = ast.get_docstring(ast.parse(MODULES[module].read_text("utf-8")))
    assert docstring is not None
    assert len(docstring) > 20 or module == "__main__"


@pytest.mark.parametrize("module", MODULES)
def test_files_and_functions_stay_short(module: str) -> None:
    text = MODULES[module].read_text("utf-8")
    assert len(text.splitlines()) <= 300 or module in ("manifest.model", "plan.plan")  # each one list: the fields
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, functions) and node.end_lineno is not None and node.end_lineno - node.lineno >= 48
    }
    assert long == {}
