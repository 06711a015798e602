"""The commands: `python -m release COMMAND`. Only here are failures printed and exit statuses decided."""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from . import aws, bootstrap, endpoint, image, losses, model, record, scan, stack, teardown
from .failures import INTERRUPTED, ApplyError, ReleaseError
from .record import Release
from .stack import Stack


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
    parser = argparse.ArgumentParser(
        prog="python -m release", description="Release this project to AWS; `make help` shows the short way."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("bootstrap", help="make the bucket of Terraform's state, and what a pipeline needs")
    infra = commands.add_parser("infra", help="make the registry, the bucket and the roles")
    infra.add_argument("--yes", action="store_true", help="also when that takes away what is live")
    push = commands.add_parser("push", help="push the image and record its digest")
    push.add_argument("--image", required=True, help="the local image, as built")
    push.add_argument("--platform", required=True, help="what the endpoint's instances run: linux/amd64 or linux/arm64")
    look = commands.add_parser("scan", help="wait for the registry's scan of the image, and judge it")
    look.add_argument("--severity", choices=scan.SEVERITIES, default="CRITICAL", help="what fails (default: CRITICAL)")
    look.add_argument("--accept", action="append", default=[], metavar="CVE", help="a vulnerability that does not fail")
    look.add_argument("--every", type=float, default=5, metavar="SECONDS", help="how often to look (default: 5)")
    look.add_argument("--minutes", type=float, default=15, help="how long to wait (default: 15)")
    commands.add_parser("upload", help="upload model.tar.gz and record its key")
    commands.add_parser("plan", help="show what apply would change")
    apply = commands.add_parser("apply", help="make AWS what the record and the Terraform files say")
    apply.add_argument(
        "--yes", action="store_true", help="also when that takes away what is live, such as the endpoint"
    )
    wait = commands.add_parser("wait", help="wait until the endpoint serves the release")
    wait.add_argument("--every", type=float, default=15, metavar="SECONDS", help="how often to look (default: 15)")
    wait.add_argument("--minutes", type=float, default=60, help="how long to wait (default: 60)")
    commands.add_parser("smoke", help="invoke the endpoint with payload.json and print the prediction")
    destroy = commands.add_parser("destroy", help="delete everything that was made")
    destroy.add_argument("--yes", action="store_true", help="do not ask")
    leave = commands.add_parser("leave", help="delete everything in one further region")
    leave.add_argument("region", help="before it goes from the manifest")
    leave.add_argument("--yes", action="store_true", help="do not ask")
    return parser


_PLAIN = {"bootstrap": bootstrap.bootstrap, "upload": model.upload, "plan": stack.plan, "smoke": endpoint.smoke}
"""Commands without an option."""


def _run(arguments: argparse.Namespace) -> None:
    match arguments.command:
        case command if command in _PLAIN:
            _PLAIN[command]()
        case "infra":
            targets = stack.find()
            _keep_endpoint(targets, record.read())
            serving = [one.region for one in targets if one.endpoint_arn]  # an endpoint comes with a release only
            stack.apply(serving, losses.guard(targets, sure=arguments.yes))
            print("the registry, the bucket and the roles exist: `make release` comes next", file=sys.stderr)
        case "push":
            image.push(arguments.image, arguments.platform)
        case "scan":
            scan.scan(arguments.severity, arguments.accept, arguments.every, arguments.minutes)
        case "apply":
            _apply(sure=arguments.yes)
        case "wait":
            endpoint.wait(arguments.every, arguments.minutes)
        case "destroy":
            if not arguments.yes:
                teardown.confirm()
            teardown.destroy()
        case "leave":
            teardown.leave(arguments.region, sure=arguments.yes)


def _apply(*, sure: bool) -> None:
    """Check that the recorded image and model are there before anything changes, then apply."""
    targets, release = stack.find(), record.read()
    if not sure:
        _keep_endpoint(targets, release)
    for target in targets:
        if release.image_digest is not None and release.model_key is not None:
            account = aws.Account(target)
            image.require(account, target, release.image_digest)
            model.require(account, target, release.model_key)
    try:
        stack.apply(guard=losses.guard(targets, sure=sure))
    except ApplyError as failure:
        raise endpoint.explained(failure) from None


def _keep_endpoint(targets: Sequence[Stack], release: Release) -> None:
    """An error when an apply would delete the endpoint, as after a revert of the first release."""
    target = next((one for one in targets if one.endpoint_arn is not None), None)
    if target is None or release.complete:
        return
    raise ReleaseError(
        f"{record.FILE} names {release.missing}, so this would delete the endpoint {target.endpoint_name}: restore the "
        f"file (`git checkout COMMIT -- {record.FILE}`, with the commit of the release that should run), or run "
        "`make destroy`, which deletes everything; `make apply YES=1` deletes the endpoint alone"
    )


def _failed(failure: ReleaseError) -> int:
    print("release:", " ".join(failure.message.split()), file=sys.stderr)  # one line, also of what AWS or docker said
    return failure.status


if __name__ == "__main__":
    sys.exit(main())
