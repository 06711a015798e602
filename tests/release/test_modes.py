"""Releases of the other modes: an asynchronous request, a transform job, one of many models, a model that lies in S3."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.aws.faults import Fault
from tests.aws.stand_in import ACCOUNT_ID
from tests.release import answers, project
from tests.release.answers import Answer
from tests.release.conftest import Stack
from tests.release.container import Container
from tests.release.project import RECORD, Ran
from tests.release.test_endpoint import NEW, log

SCAFFOLDS = Path(__file__).resolve().parents[2] / "scaffolds"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/execution"
MODEL = f"models/{'a' * 64}/model.tar.gz"
PAYLOAD = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}\n'
KEY = "arn:aws:kms:us-east-1:123456789012:key/0"
TAGS = [{"Key": "project", "Value": "churn"}]
TRANSFORM = """\
[transform]
instance_type = "ml.m5.xlarge"
instance_count = 2
content_type = "text/csv"
split = "line"
strategy = "multi-record"
join_input = true
encrypt_volume = true
max_concurrent = 4
max_payload_mib = 6
timeout_seconds = 600
"""


def in_mode(stack: Stack, layer: str) -> Stack:
    """The same stack, its project with the release flow of that layer."""
    folder = SCAFFOLDS / layer / "{{cookiecutter.folder}}" / "release"
    shutil.copytree(folder, stack.project.folder / "release", dirs_exist_ok=True)
    return stack


def deployed(
    stack: Stack, url: str, names: tuple[str, ...] = ("primary",), *, mode: str = "SingleModel", **configuration: Any
) -> None:
    """An endpoint whose variants serve the record's image with the model at `url`."""
    api, name, image = stack.client("sagemaker"), stack.name, f"registry/{stack.name}@{NEW}"
    container = {"Image": image, "Mode": mode, "ModelDataUrl": url}
    api.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {"ModelName": name, "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
    shares = [{**variant, "VariantName": one} for one in names]
    api.create_endpoint_config(EndpointConfigName=name, ProductionVariants=shares, **configuration)
    api.create_endpoint(EndpointName=name, EndpointConfigName=name)


def asynchronous(stack: Stack) -> Stack:
    prefix = f"s3://{stack.bucket}/async/"
    output = {"S3OutputPath": f"{prefix}output/", "S3FailurePath": f"{prefix}failure/"}
    deployed(stack, f"s3://{stack.bucket}/{MODEL}", AsyncInferenceConfig={"OutputConfig": output})
    stack.project.record(NEW, MODEL)
    return in_mode(stack, "async")


def keys(stack: Stack) -> list[str]:
    found = stack.client("s3").list_objects_v2(Bucket=stack.bucket).get("Contents", [])
    return [entry["Key"] for entry in found]


def test_an_asynchronous_answer_is_awaited_and_nothing_is_left(stack: Stack, model_container: Container) -> None:
    asynchronous(stack)
    assert Ran(0, '{"predictions": [0]}\n', "") == stack.project.release("smoke")
    assert [("application/json", PAYLOAD)] == model_container.asked
    assert keys(stack) == []


def test_an_asynchronous_failure_is_told_in_the_container_s_words(stack: Stack, model_container: Container) -> None:
    asynchronous(stack)
    model_container.status, model_container.body = 400, b"instances[0][2]: not a number"
    said = f"{stack.name} answered payload.json with instances[0][2]: not a number; {log(stack.name)}"
    assert Ran(1, "", f"release: {said}\n") == stack.project.release("smoke")
    assert keys(stack) == []


def variants(stack: Stack) -> Stack:
    """A stack whose endpoint has a variant beside primary, with a small share of the traffic."""
    deployed(stack, f"s3://{stack.bucket}/{MODEL}", ("primary", "b"))
    stack.project.record(NEW, MODEL)
    return in_mode(stack, "candidates")


def test_every_variant_is_asked(stack: Stack, model_container: Container) -> None:
    ran = variants(stack).project.release("smoke")
    answer = {"predictions": [0]}
    assert (0, {"primary": answer, "b": answer}, "") == (ran.status, json.loads(ran.stdout), ran.stderr)
    assert [("application/json", PAYLOAD)] * 2 == model_container.asked


def test_a_variant_that_fails_is_named(stack: Stack, model_container: Container) -> None:
    variants(stack).aws.order(Fault.FAIL_VARIANT)
    said = f"{stack.name} answered payload.json with 500 of variant b: no model is loaded; {log(stack.name)}"
    assert Ran(1, "", f"release: {said}\n") == stack.project.release("smoke")
    model_container.body = b"hello"
    said = f"{stack.name} answered payload.json with 'hello' of variant primary, which is not JSON; {log(stack.name)}"
    assert Ran(1, "", f"release: {said}\n") == stack.project.release("smoke")


def batch(stack: Stack) -> Stack:
    api, name = stack.client("sagemaker"), stack.name
    container = {"Image": f"registry/{name}@{NEW}", "ModelDataUrl": f"s3://{stack.bucket}/{MODEL}"}
    api.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container, Tags=TAGS)
    stack.project.record(NEW, MODEL)
    stack.project.write("release.toml", TRANSFORM)
    places = {kind: f"s3://{stack.bucket}/transform/{kind}/" for kind in ("input", "output")}
    stack.project.tell(model_name=name, transform={**places, "kms_key": None}, log_group="/aws/sagemaker/TransformJobs")
    return in_mode(stack, "batch")


def jobs(stack: Stack) -> list[dict[str, Any]]:
    api = stack.client("sagemaker")
    names = [
        job["TransformJobName"] for job in api.list_transform_jobs(NameContains=stack.name)["TransformJobSummaries"]
    ]
    return [api.describe_transform_job(TransformJobName=name) for name in names]


def test_a_model_of_transform_jobs_is_the_release_s(stack: Stack) -> None:
    batch(stack)
    assert Ran(0, "", f"{stack.name} is the release's: `make transform` starts a job\n") == stack.project.release(
        "wait"
    )
    stack.project.record(f"sha256:{'0' * 64}", MODEL)
    ran = stack.project.release("wait")
    assert (1, True) == (ran.status, f"is not what {RECORD} names" in ran.stderr)


@pytest.mark.usefixtures("model_container")
def test_a_transform_job_answers_the_payload(stack: Stack) -> None:
    batch(stack)
    ran = stack.project.release("smoke")
    assert (0, '{"predictions": [0]}\n') == (ran.status, ran.stdout)
    [job] = jobs(stack)
    assert (job["TransformInput"]["SplitType"], job["TransformInput"]["ContentType"]) == ("None", "application/json")
    assert "DataProcessing" not in job


def transform(stack: Stack, *arguments: str) -> Ran:
    return stack.project.run(sys.executable, "-m", "release.transform", "--every", "0", *arguments)


def test_a_transform_job_is_what_release_toml_says(stack: Stack, model_container: Container) -> None:
    batch(stack)
    stack.client("s3").put_object(Bucket=stack.bucket, Key="in/rows.csv", Body=b"1,2\n3,4\n")
    places = (f"s3://{stack.bucket}/in/", f"s3://{stack.bucket}/out/")
    ran = transform(stack, "--input", places[0], "--output", places[1])
    assert (0, f"{places[1]}\n") == (ran.status, ran.stdout)
    assert [("text/csv", b"1,2\n3,4\n")] == model_container.asked
    [job] = jobs(stack)
    asked = {
        name: job[name] for name in ("MaxConcurrentTransforms", "MaxPayloadInMB", "BatchStrategy", "DataProcessing")
    }
    assert asked == {
        "MaxConcurrentTransforms": 4,
        "MaxPayloadInMB": 6,
        "BatchStrategy": "MultiRecord",
        "DataProcessing": {"JoinSource": "Input"},
    }
    assert (job["TransformInput"]["SplitType"], job["TransformOutput"]["AssembleWith"]) == ("Line", "Line")
    assert job["TransformResources"] == {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2}
    assert stack.client("sagemaker").list_tags(ResourceArn=job["TransformJobArn"])["Tags"] == TAGS
    assert "out/rows.csv.out" in keys(stack)


@pytest.mark.usefixtures("model_container")
def test_the_key_of_the_stack_encrypts_answers_and_volumes(stack: Stack) -> None:
    batch(stack)
    places = {kind: f"s3://{stack.bucket}/transform/{kind}/" for kind in ("input", "output")}
    stack.project.tell(transform={**places, "kms_key": KEY})
    assert transform(stack).status == 0
    [job] = jobs(stack)
    assert (job["TransformOutput"]["KmsKeyId"], job["TransformResources"]["VolumeKmsKeyId"]) == (KEY, KEY)


def test_what_is_no_folder_in_s3_starts_no_job(stack: Stack) -> None:
    batch(stack)
    said = "release: --output is a folder in S3, such as s3://bucket/prefix/, not 'out/'\n"
    assert Ran(2, "", said) == transform(stack, "--output", "out/")
    assert jobs(stack) == []


def told(*states: Answer) -> dict[str, list[Answer]]:
    """An AWS in which a job goes through these states, and whose containers have written."""
    return {
        "DescribeModel": [Answer({"ModelArn": "arn:aws:sagemaker:us-east-1:123456789012:model/churn"})],
        "ListTags": [Answer({"Tags": []})],
        "CreateTransformJob": [Answer({"TransformJobArn": "arn"})],
        "DescribeTransformJob": list(states),
        "DescribeLogStreams": [Answer({"logStreams": [{"logStreamName": "job/a"}, {"logStreamName": "job/b"}]})],
        "GetLogEvents": [
            Answer({"events": [{"timestamp": 2, "message": "then this\n"}]}),
            Answer({"events": [{"timestamp": 1, "message": "first this"}]}),
        ],
    }


def test_a_transform_job_that_fails_shows_the_end_of_its_log(stack: Stack) -> None:
    batch(stack)
    with answers.started(told(Answer({"TransformJobStatus": "Stopped"}))) as url:
        ran = stack.project.run(sys.executable, "-m", "release.transform", AWS_ENDPOINT_URL=url)
    _, *lines, last = ran.stderr.splitlines()
    assert (ran.status, lines) == (1, ["first this", "then this"])
    assert " is Stopped: SageMaker gives no reason; its log: aws logs tail " in last


def test_an_interrupted_transform_job_says_how_to_stop_it(stack: Stack) -> None:
    batch(stack)
    with answers.started(told(Answer({"TransformJobStatus": "InProgress"}))) as url:
        environment = {**stack.project.environment, "AWS_ENDPOINT_URL": url}
        streams: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, "-m", "release.transform"]
        with subprocess.Popen(command, cwd=stack.project.folder, env=environment, **streams) as process:
            assert process.stderr is not None
            name = process.stderr.readline().partition(":")[0]
            process.send_signal(signal.SIGINT)
            _, said = process.communicate()
    stop = f"aws sagemaker stop-transform-job --transform-job-name {name} --region us-east-1"
    assert said == f"release: {name} runs on, and costs money while it does; to stop it: {stop}\nrelease: interrupted\n"
    assert process.returncode == 130


def test_a_transform_job_that_fails_names_its_log(stack: Stack, model_container: Container) -> None:
    batch(stack)
    model_container.status = 400
    stack.client("s3").put_object(Bucket=stack.bucket, Key="transform/input/rows.csv", Body=b"x\n")
    ran = transform(stack)
    [job] = jobs(stack)
    name = job["TransformJobName"]
    assert ran.status == 1
    assert ran.stderr.splitlines()[-1] == (
        f"release: {name} is Failed: ClientError: See job logs for more information; its log: aws logs tail "
        f"/aws/sagemaker/TransformJobs --region us-east-1 --since 1h --log-stream-name-prefix {name}"
    )


def many(stack: Stack) -> Stack:
    for name in ("a", "b"):
        stack.project.write(f"archives/{name}.tar.gz", project.archive(name))
    stack.project.write("release.toml", 'artifact = "archives"\n')
    return in_mode(stack, "multi-model")


def test_every_model_is_uploaded_once_and_none_is_overwritten(stack: Stack) -> None:
    many(stack)
    assert stack.project.release("upload").status == 0
    assert ["models/all/a.tar.gz", "models/all/b.tar.gz"] == keys(stack)
    assert '"model_key": "models/all/"' in stack.project.read(RECORD)
    assert stack.project.release("upload").stderr.count("is there already") == 2
    stack.project.write("archives/b.tar.gz", project.archive("changed"))
    ran = stack.project.release("upload")
    url = f"s3://{stack.bucket}/models/all/b.tar.gz"
    assert (
        Ran(
            2,
            "",
            f"s3://{stack.bucket}/models/all/a.tar.gz is there already\n"
            f"release: {url} is another model than b.tar.gz here: give the changed one a name of its own, because a machine "
            "that has loaded the old one would go on serving it\n",
        )
        == ran
    )


@pytest.mark.usefixtures("model_container")
def test_the_first_of_many_models_is_asked(stack: Stack) -> None:
    many(stack).project.release("upload")
    stack.project.record(NEW, "models/all/")
    deployed(stack, f"s3://{stack.bucket}/models/all/", mode="MultiModel")
    assert Ran(0, '{"predictions": [0]}\n', "") == stack.project.release("smoke")


def elsewhere(stack: Stack, url: str) -> Stack:
    stack.client("s3").create_bucket(Bucket=f"{stack.name}-elsewhere")
    stack.project.write("release.toml", f'artifact = "{url}"\n')
    shutil.copy(SCAFFOLDS / "base" / "{{cookiecutter.folder}}" / "package.py", stack.project.folder)
    return in_mode(stack, "artifact")


def test_a_model_in_s3_is_recorded_where_it_lies_and_brought_here_to_be_served(stack: Stack) -> None:
    url = f"s3://{stack.name}-elsewhere/churn/"
    elsewhere(stack, url)
    ran = stack.project.release("upload")
    said = f"there is no {url}: put the model there, or name another in model.artifact of byocgen.yaml"
    assert Ran(2, "", f"release: {said}\n") == ran
    stack.client("s3").put_object(Bucket=f"{stack.name}-elsewhere", Key="churn/deep/model.txt", Body=b"weights")
    assert stack.project.release("upload").status == 0
    assert f'"model_key": "{url}"' in stack.project.read(RECORD)
    fetched = stack.project.run(sys.executable, "-m", "release.fetch")
    assert (0, "weights") == (fetched.status, stack.project.read("model/deep/model.txt"))


def test_an_archive_in_s3_is_unpacked(stack: Stack) -> None:
    elsewhere(stack, f"s3://{stack.name}-elsewhere/churn.tar.gz")
    body = project.archive("weights")
    stack.client("s3").put_object(Bucket=f"{stack.name}-elsewhere", Key="churn.tar.gz", Body=body)
    assert stack.project.run(sys.executable, "-m", "release.fetch").status == 0
    assert stack.project.read("model/model.txt") == "weights"
