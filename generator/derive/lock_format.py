"""The text of a lock: one pinned package with the hashes of its wheels, and what can be wrong with it.

Pure functions over text; nothing here resolves, reads a file or knows a framework.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

ARCHITECTURES = ("x86_64", "aarch64")
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?: ; (?P<marker>.+))? \\$")
HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}(?P<more> \\)?$")


class LockError(Exception):
    """A lock that cannot be made: ``what`` is the package or Python, ``why`` what the resolver said or what lacks."""

    def __init__(self, what: str, why: str) -> None:
        """Keep both parts."""
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


def wheel_lines(package: dict[str, Any], python: str, architectures: Sequence[str] = ARCHITECTURES) -> str:
    """One package of a pylock as requirement lines. Raises LockError where a Linux architecture has no wheel."""
    wheels = [wheel for wheel in package.get("wheels", []) if installs_on(_file_name(wheel), python, architectures)]
    for architecture in architectures:
        if _needs_linux(package) and not any(_is_for(_file_name(wheel), architecture) for wheel in wheels):
            raise LockError(package["name"], f"{package['version']} has no wheel for Python {python} on {architecture}")
    hashes = sorted({wheel["hashes"]["sha256"] for wheel in wheels})
    marker = _marker(package)
    lines = [f"{package['name']}=={package['version']}{marker}", *(f"    --hash=sha256:{digest}" for digest in hashes)]
    return " \\\n".join(lines) + "\n"


def installs_on(file_name: str, python: str, architectures: Sequence[str] = ARCHITECTURES) -> bool:
    """Whether a wheel can be installed by this CPython on Linux (glibc) or macOS."""
    _, _, _, tags = parse_wheel_filename(file_name)
    return any(
        _python_fits(tag.interpreter, tag.abi, python) and _platform_fits(tag.platform, architectures) for tag in tags
    )


def _python_fits(interpreter: str, abi: str, python: str) -> bool:
    minor = int(python.partition(".")[2])
    exact = f"cp3{minor}"
    if interpreter in ("py3", "py2.py3", f"py3{minor}"):
        return abi == "none"
    if abi == "abi3" and interpreter.startswith("cp3"):
        return int(interpreter.removeprefix("cp3")) <= minor
    return interpreter == exact and abi in (exact, "none")


def _platform_fits(platform: str, architectures: Sequence[str]) -> bool:
    return platform == "any" or platform.startswith("macosx") or any(_on_linux(platform, a) for a in architectures)


def _is_for(file_name: str, architecture: str) -> bool:
    _, _, _, tags = parse_wheel_filename(file_name)
    return any(tag.platform == "any" or _on_linux(tag.platform, architecture) for tag in tags)


def _on_linux(platform: str, architecture: str) -> bool:
    return platform.startswith("manylinux") and platform.endswith(architecture)


def _needs_linux(package: dict[str, Any]) -> bool:
    return "sys_platform == 'linux'" in package.get("marker", "sys_platform == 'linux'")


def _file_name(wheel: dict[str, Any]) -> str:
    name: str = wheel.get("name") or wheel["url"].rpartition("/")[2]
    return name.partition("#")[0]


def _marker(package: dict[str, Any]) -> str:
    """The marker, without the bounds that every package of the lock has."""
    marker = re.sub(r"python_full_version < '[0-9.]+' and |\(|\)", "", package.get("marker", ""))
    machine = marker.replace("platform_machine == 'x86_64' and ", "")  # of a lock for one architecture
    everywhere = {"sys_platform == 'darwin'", "sys_platform == 'linux'"}
    return "" if not marker or set(machine.split(" or ")) == everywhere else f" ; {package['marker']}"


def requirement_lines(text: str) -> list[Requirement]:
    """The requirements of an ``.in`` file, comments left out."""
    return [Requirement(line) for line in text.splitlines() if line and not line.startswith("#")]


def pins(lock: str) -> dict[str, tuple[Version, int]]:
    """Name to version and number of hashes. Raises LockError for a line that is neither a pin nor a hash."""
    found: dict[str, tuple[Version, int]] = {}
    name = ""
    for line in lock.splitlines():
        if line.startswith("#"):
            continue
        if pinned := PIN.match(line):
            name = pinned["name"]
            found[name] = (Version(pinned["version"]), 0)
        elif HASH.match(line) and name:
            version, hashes = found[name]
            found[name] = (version, hashes + 1)
        else:
            raise LockError("lock", f"neither a pin nor a hash: {line}")
    return found


def problems(lock: str, wanted: Iterable[Requirement]) -> list[str]:
    """What keeps a lock from satisfying its requirements; empty when nothing does."""
    pinned = pins(lock)
    found = [f"{name} has no hash" for name, (_, hashes) in pinned.items() if not hashes]
    for requirement in wanted:
        version, _ = pinned.get(canonicalize_name(requirement.name), (None, 0))
        if version is None:
            found.append(f"{requirement.name} is not locked")
        elif version not in requirement.specifier:
            found.append(f"{requirement.name} is locked at {version}, wanted {requirement.specifier}")
    return found
