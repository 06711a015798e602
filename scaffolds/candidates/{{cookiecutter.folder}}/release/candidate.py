"""A candidate: what a variant beside primary, or the shadow, serves in the release's place.

    python -m release.candidate record VARIANT --image NAME --platform PLATFORM [--digest sha256:...] [--model KEY]
    python -m release.candidate promote VARIANT
    python -m release.candidate drop VARIANT

Rules: candidates are written in one committed file, as the release is; `make apply` makes AWS what it says. A variant
without an entry serves the release. What is recorded is in every region's registry and bucket.
"""

import argparse
import sys
import tomllib

from botocore.exceptions import BotoCoreError, ClientError

from . import aws, image, model, record, stack
from .aws import Account
from .failures import INTERRUPTED, ReleaseError
from .record import CANDIDATES, Release


def main() -> int:
    try:
        _run(_parser().parse_args())
    except ReleaseError as failure:
        return _failed(failure)
    except (BotoCoreError, ClientError) as error:
        return _failed(aws.worded(error))
    except KeyboardInterrupt:
        print("release: interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m release.candidate", description="What further variants serve.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    put = commands.add_parser("record", help="give a variant an image and a model of its own")
    put.add_argument("--image", required=True, help="the local image, as built")
    put.add_argument("--platform", required=True, help="what the endpoint's instances run")
    put.add_argument("--digest", default="", help="an image that was pushed before, in place of the local one")
    put.add_argument(
        "--model", default="", help="the key of a model that was uploaded before, in place of model.tar.gz"
    )
    promote = commands.add_parser("promote", help="make a variant's candidate the release")
    drop = commands.add_parser("drop", help="let a variant serve the release again")
    for command in (put, promote, drop):
        command.add_argument("variant")
    return parser


def _run(given: argparse.Namespace) -> None:
    _check(given.variant)
    match given.command:
        case "record":
            keep(given.variant, _found(given.image, given.platform, given.digest, given.model))
        case "promote":
            promote(given.variant)
        case "drop":
            drop(given.variant)


def keep(variant: str, candidate: Release) -> None:
    """Record what a variant serves."""
    record.write_candidates({**record.candidates(), variant: candidate})
    own = {"image": candidate.image_digest, "model": candidate.model_key}
    what = " and ".join(f"{name} {value or 'of the release'}" for name, value in own.items())
    _say(f"{variant} serves {what}")


def promote(variant: str) -> None:
    """Make a variant's candidate the release, which that variant then serves too."""
    others = record.candidates()
    candidate = others.pop(variant, None)
    if candidate is None:
        raise ReleaseError(
            f"{variant} has no candidate: it serves the release; `make candidate VARIANT={variant}` records one"
        )
    values = {"image_digest": candidate.image_digest, "model_key": candidate.model_key}
    record.write({name: value for name, value in values.items() if value is not None})
    record.write_candidates(others)
    _say(f"primary serves what was {variant}'s candidate, and so does {variant}")


def drop(variant: str) -> None:
    """Forget a variant's candidate."""
    others = record.candidates()
    if others.pop(variant, None) is None:
        raise ReleaseError(f"{variant} has no candidate: it serves the release already")
    record.write_candidates(others)
    _say(f"{variant} serves the release again")


def _found(local: str, platform: str, digest: str, key: str) -> Release:
    """What is named, and where nothing is named what was built here; pushed, uploaded, and there."""
    record.candidates()  # a file that cannot be read is no surprise to have after a long push
    if not digest and not key:
        return Release(image.bring(local, platform), model.bring())
    for target in stack.require():
        account = Account(target)
        if digest:
            image.require(account, target, digest)
        if key:
            model.require(account, target, key)
    return Release(digest or None, key or None)


def _check(variant: str) -> None:
    settings = tomllib.loads((record.ROOT / "release.toml").read_text(encoding="utf-8"))
    known = settings["candidates"]["variants"]
    if variant not in known:
        raise ReleaseError(f'no variant beside primary is called "{variant}": {", ".join(known)}')


def _say(what: str) -> None:
    print(f"{what}, once `make apply` has made it so: commit {CANDIDATES} with it", file=sys.stderr)


def _failed(failure: ReleaseError) -> int:
    print("release:", " ".join(failure.message.split()), file=sys.stderr)
    return failure.status


if __name__ == "__main__":
    sys.exit(main())
