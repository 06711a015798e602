"""A batch transform job: started, watched, and told how it ended.

    python -m release.transform [--input s3://bucket/prefix/] [--output s3://bucket/prefix/] [--region REGION]

Rules: what a job is like is in release.toml, each value with its reason; where it reads and writes by default is an output
of the stack. The execution role reads and writes these two folders and nothing else. A job has the tags of its model.
"""

import argparse
import re
import sys
import time
import tomllib
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from . import aws, logs, record, stack
from .aws import Account
from .failures import DEPLOYMENT, INTERRUPTED, ReleaseError
from .stack import Stack

_RUNNING = {"InProgress", "Stopping"}
_EVERY_SECONDS = 15
_FOLDER = re.compile(r"s3://[a-z0-9][a-z0-9.-]+/.*")
_JSON = {"content_type": "application/json", "split": "none", "join_input": False}  # payload.json is one request


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m release.transform", description="Run a batch transform job.")
    parser.add_argument("--input", default="", help="folder in S3 that it reads (default: the stack's)")
    parser.add_argument("--output", default="", help="folder in S3 that it writes (default: the stack's)")
    parser.add_argument("--region", default="", help="where it runs (default: the stack's first region)")
    parser.add_argument("--every", type=float, default=_EVERY_SECONDS, metavar="SECONDS", help="how often to look")
    given = parser.parse_args()
    try:
        target = _target(given.region)
        places = stack.output("transform", target.region)
        source, destination = (_folder(given, name) or places[name] for name in ("input", "output"))
        print(run(target, source, destination, given.every))
    except ReleaseError as failure:
        return _failed(failure)
    except (BotoCoreError, ClientError) as error:
        return _failed(aws.worded(error))
    except KeyboardInterrupt:
        print("release: interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0


def _folder(given: argparse.Namespace, name: str) -> str:
    place = str(getattr(given, name))
    if place and not _FOLDER.fullmatch(place):
        raise ReleaseError(f"--{name} is a folder in S3, such as s3://bucket/prefix/, not {place!r}")
    return place


def run(
    target: Stack, source: str, destination: str, every: float, changed: Mapping[str, Any] = MappingProxyType({})
) -> str:
    """Run a job over every object below `source`; give the folder that the answers are in."""
    settings = {**tomllib.loads((record.ROOT / "release.toml").read_text(encoding="utf-8"))["transform"], **changed}
    sagemaker = Account(target).client("sagemaker")
    name = f"{target.endpoint_name}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:4]}"
    request = _request(name, target, settings, source, destination)
    sagemaker.create_transform_job(**request, Tags=_tags(sagemaker, request["ModelName"]))
    try:
        print(f"{name}: {source} to {destination}", file=sys.stderr)
        _watch(sagemaker, target, name, every)
    except KeyboardInterrupt:
        stop = f"aws sagemaker stop-transform-job --transform-job-name {name} --region {target.region}"
        print(f"release: {name} runs on, and costs money while it does; to stop it: {stop}", file=sys.stderr)
        raise
    return destination


def smoke(target: Stack, payload: bytes) -> str:
    """The answer of a job over one request."""
    s3, places = Account(target).client("s3"), stack.output("transform", target.region)
    folder = f"smoke/{uuid.uuid4()}/"
    bucket, _, key = f"{places['input']}{folder}".removeprefix("s3://").partition("/")
    s3.put_object(Bucket=bucket, Key=f"{key}payload.json", Body=payload)
    run(target, f"{places['input']}{folder}", f"{places['output']}{folder}", _EVERY_SECONDS, _JSON)
    bucket, _, key = f"{places['output']}{folder}".removeprefix("s3://").partition("/")
    answer = s3.get_object(Bucket=bucket, Key=f"{key}payload.json.out")["Body"].read()
    return str(answer.decode("utf-8", errors="replace"))


def _request(name: str, target: Stack, settings: dict[str, Any], source: str, destination: str) -> dict[str, Any]:
    lines, kms_key = settings["split"] == "line", stack.output("transform", target.region)["kms_key"]
    request: dict[str, Any] = {
        "TransformJobName": name,
        "ModelName": stack.output("model_name", target.region),
        "MaxPayloadInMB": settings["max_payload_mib"],
        "BatchStrategy": "MultiRecord" if lines and settings["strategy"] == "multi-record" else "SingleRecord",
        "ModelClientConfig": {"InvocationsTimeoutInSeconds": settings["timeout_seconds"], "InvocationsMaxRetries": 1},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}},
            "ContentType": settings["content_type"],
            "SplitType": "Line" if lines else "None",
        },
        "TransformOutput": {
            "S3OutputPath": destination,
            "Accept": settings["content_type"],
            "AssembleWith": "Line" if lines else "None",
        },
        "TransformResources": {
            "InstanceType": settings["instance_type"],
            "InstanceCount": settings["instance_count"],
        },
    }
    if kms_key:
        request["TransformOutput"]["KmsKeyId"] = kms_key
    if kms_key and settings["encrypt_volume"]:
        request["TransformResources"]["VolumeKmsKeyId"] = kms_key
    if "ami_version" in settings:  # of a GPU's hosts: the driver that the image's CUDA needs
        request["TransformResources"]["TransformAmiVersion"] = settings["ami_version"]
    if settings["max_concurrent"]:  # 0: the server says so itself, at GET /execution-parameters
        request["MaxConcurrentTransforms"] = settings["max_concurrent"]
    if settings["join_input"]:
        request["DataProcessing"] = {"JoinSource": "Input"}
    return request


def _tags(sagemaker: Any, model: str) -> list[dict[str, str]]:
    """The tags of the stack, as its model has them; AWS's own cannot be given."""
    arn = sagemaker.describe_model(ModelName=model)["ModelArn"]
    return [one for one in sagemaker.list_tags(ResourceArn=arn)["Tags"] if not one["Key"].startswith("aws:")]


def _watch(sagemaker: Any, target: Stack, name: str, every: float) -> None:
    while (found := sagemaker.describe_transform_job(TransformJobName=name))["TransformJobStatus"] in _RUNNING:
        time.sleep(every)
    status = found["TransformJobStatus"]
    if status != "Completed":
        why = str(found.get("FailureReason") or "SageMaker gives no reason").rstrip(".")
        raise ReleaseError(f"{name} is {status}: {why}; {logs.of(target, name)}", DEPLOYMENT)
    print(f"{name}: {status}", file=sys.stderr)


def _target(region: str) -> Stack:
    targets = stack.require()
    found = [one for one in targets if region in ("", one.region)]
    if not found:
        raise ReleaseError(f"the stack has no {region}: {', '.join(one.region for one in targets)}")
    if stack.output("model_name", found[0].region) is None:
        raise ReleaseError("nothing is released yet, so there is no model: run `make release` first")
    return found[0]


def _failed(failure: ReleaseError) -> int:
    print("release:", " ".join(failure.message.split()), file=sys.stderr)
    return failure.status


if __name__ == "__main__":
    sys.exit(main())
