"""Packs a model into model.tar.gz, the form the platform wants, and into model/, from which the tests serve it.

    python package.py ARTIFACT      a file, a folder, or a .tar.gz

The same files always give the same bytes, so that an unchanged model is not a new release: fixed times, owners, modes
and order.
"""

import argparse
import gzip
import shutil
import sys
import tarfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path("model")
ARCHIVE = Path("model.tar.gz")
TIME = 315532800  # 1980-01-01, the earliest that every archive format can hold


def main(arguments: list[str]) -> int:
    """Bring ARTIFACT into model/ and pack it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python package.py", description="Pack a model into model/ and model.tar.gz.")
    parser.add_argument("artifact", help="the model: a file, a folder, or a .tar.gz")
    artifact = parser.parse_args(arguments).artifact
    if artifact.startswith("s3://"):
        sys.stderr.write(
            f"{artifact} is in S3: fetch it first (aws s3 cp --recursive {artifact} artifact/) and name the copy\n"
        )
        return 2
    source = Path(artifact)
    if not source.exists():
        sys.stderr.write(
            f"there is no {source}: put the model there, or name another with model.artifact in byocgen.yaml\n"
        )
        return 2
    bring(source, FOLDER)
    pack(FOLDER, ARCHIVE)
    return 0


def bring(source: Path, folder: Path) -> None:
    """Make `folder` hold the model and nothing else. A source inside it is left as it is."""
    if source.resolve().is_relative_to(folder.resolve()):
        return
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, fresh)
    elif tarfile.is_tarfile(source):
        with tarfile.open(source) as archive:
            archive.extractall(fresh, filter="data")
    else:
        fresh.mkdir()
        shutil.copyfile(source, fresh / source.name)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def pack(folder: Path, archive: Path) -> None:
    """Write the files of `folder` to `archive`, its root being the folder's content.

    Where this project can compile a faster equal of the model, it does so first: the file lies beside the model.
    """
    if find_spec("optimize"):
        import_module("optimize.compiling").add_equal(folder)
    fresh = archive.with_name(archive.name + ".new")
    with (
        fresh.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                _add(tar, path, path.relative_to(folder).as_posix())
    fresh.replace(archive)
    sys.stdout.write(f"{archive}: {archive.stat().st_size} bytes\n")


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = path.stat().st_size
    entry.mtime = TIME
    entry.mode = 0o644
    with path.open("rb") as file:
        tar.addfile(entry, file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
