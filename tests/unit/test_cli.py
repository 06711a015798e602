"""The command line as a whole: help, version, terminals, pipes, signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.unit.examples import MINIMAL
from tests.unit.shown import ENVIRONMENT, Shown, process

import byocgen
from byocgen.manifest import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASKED = b"Framework (sklearn, xgboost, lightgbm, pytorch, transformers, onnx, python): "


pytestmark = pytest.mark.usefixtures("folder")

HELP = """\
Usage: byocgen [OPTIONS] COMMAND [ARGS]...

  Generate a tuned SageMaker serving container and its Terraform from a short
  model manifest.

Options:
  --version  Print the version.
  --help     Show this message and exit.

Commands:
  new        Make a project: serving app, Dockerfile and Terraform.
  sync       Bring the project to its manifest and to this byocgen.
  diff       Show what sync would change, as a patch.
  check      Exit 1 when the project differs from its manifest, and show...
  eject      Make a managed file yours, in the manifest too.
  upgrade    Rewrite a manifest of an older version, comments kept.
  explain    Show every decision with its reason and its source.
  schema     Print the manifest's JSON Schema (draft-07).
  verify     Check any SageMaker container against the platform's...
  inspect    Show what a model file says about itself, without loading it.
  pin        Pin the base images by the digests that their registries have.
  instances  List hosting instance types, cheapest or smallest first.
  catalog    What byocgen knows of AWS.
"""


def test_help(run: Callable[..., Shown]) -> None:
    assert run("--help") == Shown(0, HELP)
    assert run() == Shown(2, "", HELP)


def test_version(run: Callable[..., Shown]) -> None:
    assert run("--version") == Shown(0, f"byocgen {byocgen.__version__}\n")


def test_unknown_command_and_option(run: Callable[..., Shown]) -> None:
    assert run("frob") == Shown(
        2,
        "",
        "Usage: byocgen [OPTIONS] COMMAND [ARGS]...\nTry 'byocgen --help' for help.\n\nError: No such command 'frob'.\n",
    )
    assert run("schema", "--frob") == Shown(
        2,
        "",
        "Usage: byocgen schema [OPTIONS]\nTry 'byocgen schema --help' for help.\n\nError: No such option: --frob\n",
    )


def test_schema(run: Callable[..., Shown]) -> None:
    assert run("schema") == Shown(0, schema.text())


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from byocgen import cli; code = cli.run(['--help'])\n"
        "heavy = ('boto3', 'cookiecutter', 'hcl2', 'jinja2', 'pydantic', 'rich', 'yaml', 'json', 'byocgen.manifest')\n"
        "sys.stderr.write(f'{code} {[name for name in heavy if name in sys.modules]}')"
    )
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stderr == "0 []"


def test_what_others_hook_into_pydantic_is_left_out(folder: Path) -> None:
    """Any package of the same environment may; it would see, and could change, how a manifest is read."""
    (folder / "hooked.py").write_text("import pathlib\npathlib.Path('hooked').touch()\nplugin = None\n")
    info = folder / "hooked-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hooked\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pydantic]\nhooked = hooked:plugin\n")
    environment = {**ENVIRONMENT, "PYTHONPATH": str(folder)}

    subprocess.run(process("schema"), env=environment, stdout=subprocess.DEVNULL, check=True)

    assert not (folder / "hooked").exists()


def test_a_reader_that_went_away() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(process("schema"), env=ENVIRONMENT, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_output_is_utf_8_in_any_locale(folder: Path) -> None:
    (folder / "m.yaml").write_text(MINIMAL + "description: größe\ncolour: größe\n", "utf-8")
    done = subprocess.run(
        process("new", "--manifest", "m.yaml"),
        env={**ENVIRONMENT, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert "5 | colour: größe\n".encode() in done.stderr


class Terminal:
    """byocgen on a pseudo terminal, its stdout apart."""

    def __init__(self, *arguments: str) -> None:
        self.control, far = pty.openpty()
        self.process = subprocess.Popen(
            process(*arguments), env=ENVIRONMENT, stdin=far, stderr=far, stdout=subprocess.PIPE, start_new_session=True
        )
        os.close(far)
        self.seen = b""

    def wait_for(self, text: bytes) -> None:
        """Read until a text was shown; the end of the output is an error."""
        while text not in self.seen:
            self.seen += os.read(self.control, 1000)

    def end(self) -> tuple[int, bytes]:
        """Wait for the process; return its code and its stdout."""
        out, _ = self.process.communicate(timeout=60)
        os.close(self.control)
        return self.process.returncode, out


def test_the_framework_is_asked_for_on_a_terminal(folder: Path) -> None:
    terminal = Terminal("new", "churn", "--dry-run", "--json")
    terminal.wait_for(ASKED)
    os.write(terminal.control, b"\n")
    terminal.wait_for(ASKED + b"\r\n" + ASKED)
    os.write(terminal.control, b" sklearn\n")
    code, out = terminal.end()
    assert code == 0
    assert json.loads(out)["project"] == "churn"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("how", ["Ctrl-C", "end of input"])
def test_a_prompt_that_is_left(folder: Path, how: str) -> None:
    terminal = Terminal("new", "churn")
    terminal.wait_for(ASKED)
    if how == "Ctrl-C":
        terminal.process.send_signal(signal.SIGINT)
    else:
        os.write(terminal.control, b"\x04")
    assert terminal.end() == (130, b"")
    assert list(folder.iterdir()) == []


def test_yes_never_asks() -> None:
    terminal = Terminal("new", "churn", "--yes")
    terminal.wait_for(b"error: --framework is missing")
    assert terminal.end() == (2, b"")
