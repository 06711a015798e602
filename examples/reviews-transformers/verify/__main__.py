"""`python -m verify`: the suite in a project that has no byocgen installed. 0 clean, 1 a broken rule, 2 usage or tool."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from . import report, suite
from .asked import Asked, options
from .limits import Mode
from .options import UnusableError


def parser() -> argparse.ArgumentParser:
    """Give the command line."""
    text = "Check a SageMaker container against the platform's contract; without options this project's own server."
    made = argparse.ArgumentParser(prog="python -m verify", description=text, allow_abbrev=False)
    made.add_argument("--url", default="", help="a server that runs: http://127.0.0.1:8080")
    made.add_argument("--command", default="", help="a command that starts one; `serve` is appended")
    made.add_argument("--image", default="", help="a container image")
    made.add_argument("--project", "-C", type=Path, default=Path(), help="folder to run in")
    made.add_argument("--model-dir", type=Path, help="folder that the model lies in")
    made.add_argument("--payload", type=Path, help="file with a request that the model accepts")
    made.add_argument("--content-type", default="", help="its type, where the file's name does not tell")
    made.add_argument("--accept", default="", help="the type to ask for")
    made.add_argument("--mode", default="", choices=["", *Mode], help="kind of endpoint")
    made.add_argument("--model", dest="models", action="append", metavar="NAME=DIR", help="model to load; repeatable")
    made.add_argument("--env", dest="environ", action="append", metavar="NAME=VALUE", help="variable of the server")
    made.add_argument("--stream", action="store_true", help="the example is answered by a stream")
    made.add_argument("--memory", default="", help="memory of the container, such as 1g")
    made.add_argument("--only", action="append", metavar="CODES", help="run these: V203,V3xx")
    made.add_argument("--skip", action="append", metavar="CODES", help="leave these out")
    made.add_argument("--start-timeout", type=float, metavar="S", help="seconds until /ping must be 200")
    made.add_argument("--answer-timeout", type=float, metavar="S", help="seconds until a request must be answered")
    made.add_argument("--stop-timeout", type=float, metavar="S", help="seconds from SIGTERM to the end")
    made.add_argument("--load-seconds", type=float, metavar="S", help="seconds to keep the server busy")
    made.add_argument("--max-payload", type=int, metavar="BYTES", help="largest request")
    made.add_argument("--format", dest="form", default="table", choices=report.FORMATS, help="of what is written")
    made.add_argument("--output", type=Path, metavar="FILE", help="write that to a file, the table to stdout")
    made.add_argument("--list", action="store_true", help="show every check")
    return made


def asked(given: argparse.Namespace) -> Asked:
    """Take the words of a command line."""
    values: dict[str, Any] = {field.name: getattr(given, field.name) for field in fields(Asked)}
    said = {name: value for name, value in values.items() if value is not None}
    said |= {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    return Asked(**said)


def main(arguments: list[str] | None = None) -> int:
    """Run and give the exit code."""
    given = parser().parse_args(arguments)
    try:
        if given.list:
            sys.stdout.write(report.listing(suite.checks()))
            return 0
        results = suite.run_all(options(asked(given)))
        document = report.document(results, given.form)
        if given.output is not None:
            given.output.write_text(document, "utf-8")
            document = report.table(results)
    except UnusableError as error:
        sys.stderr.write(f"error: {error}\n" + (f"  = help: {error.hint}\n" if error.hint else ""))
        return 2
    except OSError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(document)
    return report.exit_code(results)


if __name__ == "__main__":
    sys.exit(main())
