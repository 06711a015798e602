"""A framework's layer, importable where it stands: its modules and the base's as one package `serving`.

Each layer has a module of the name `serving.framework`, and other tests import another layer's. So a layer is imported
aside: its modules are found by their attributes here, and `sys.modules` is left as it was.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

SCAFFOLDS = Path(__file__).resolve().parents[2] / "scaffolds"

BASE = ("columns", "context", "errors", "inputs", "parameters", "settings")


class Layer:
    """The modules of `serving` with one framework: `Layer("pytorch").framework` is serving.framework."""

    def __init__(self, framework: str) -> None:
        self.name = framework
        self.folders = [SCAFFOLDS / name / "{{cookiecutter.folder}}" for name in ("base", framework)]
        names = [*BASE, *sorted(path.stem for path in (self.folders[1] / "serving").glob("*.py"))]
        others = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "serving"}
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        sys.path.insert(0, str(self.folders[0]))
        try:
            self._package = package = importlib.import_module("serving")
            package.__path__.append(str(self.folders[1] / "serving"))
            self._modules = {name: importlib.import_module(f"serving.{name}") for name in names}
        finally:
            sys.path.remove(str(self.folders[0]))
            sys.dont_write_bytecode = before
            for name in [name for name in sys.modules if name.partition(".")[0] == "serving"]:
                del sys.modules[name]
            sys.modules.update(others)
        for module in self._modules.values():  # what is imported only where it is needed is not found there any more
            if hasattr(module, "import_module"):
                vars(module)["import_module"] = self._import

    def package(self) -> dict[str, ModuleType]:
        """Give the modules by the names that they import each other by, for what has to be imported beside them."""
        return {"serving": self._package, **{f"serving.{name}": module for name, module in self._modules.items()}}

    def _import(self, name: str) -> ModuleType:
        return self._modules.get(name.removeprefix("serving.")) or importlib.import_module(name)

    def __getattr__(self, name: str) -> ModuleType:
        return self._modules[name]
