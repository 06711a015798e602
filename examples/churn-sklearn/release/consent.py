"""Whether a person agrees to what cannot be undone: the name of the stack is typed, at a terminal."""

import sys

from .failures import ReleaseError


def ask(question: str, name: str, *, nobody: str, refused: str) -> None:
    """Ask for the name; anything else is the error `refused`, and a stdin that is no terminal the error `nobody`."""
    if not sys.stdin.isatty():
        raise ReleaseError(nobody)
    print(f"{question} Type {name} to go on: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != name:
        raise ReleaseError(refused)
