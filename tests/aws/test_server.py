"""The server as a process: patched, controlled from outside, in front of a container, and gone afterwards."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Client
from .faults import Fault
from .stand_in import StandIn, started
from .test_sagemaker import ROLE, configuration, hosting, serves


class _Container(BaseHTTPRequestHandler):
    """Echoes what it is asked, and refuses what is no JSON."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers["Content-Type"]
        self.send_response(200 if kind == "application/json" else 415)
        answer = self.path.encode() + b" " + body if kind == "application/json" else b"send application/json"
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: Any) -> None:
        return


@pytest.fixture(scope="module")
def aws() -> Iterator[StandIn]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Container) as container:
        Thread(target=container.serve_forever, daemon=True).start()
        with started(registry="localhost:5000", container=f"http://127.0.0.1:{container.server_port}") as running:
            yield running
        container.shutdown()


@pytest.fixture(scope="module")
def api(aws: StandIn) -> Any:
    return hosting(aws.client)


def test_every_patch_is_applied(aws: StandIn, api: Any) -> None:
    assert "VpcConfig" not in api.describe_model(ModelName="model")
    configuration(api, "graviton", "ml.m6g.xlarge")
    created = aws.client("ecr").create_repository(repositoryName="churn")
    assert created["repository"]["repositoryUri"] == "localhost:5000/churn"


def test_faults_are_ordered_over_http(aws: StandIn, api: Any) -> None:
    aws.order(Fault.ROLL_BACK_UPDATE)
    api.update_endpoint(EndpointName="endpoint", EndpointConfigName="second")
    assert serves(api) == "first"


def test_stock_moto_answers_for_endpoints_that_do_not_exist(client: Client) -> None:
    answer = client("sagemaker-runtime").invoke_endpoint(EndpointName="none", Body=b"{}")
    assert answer["Body"].read() == b"body"


def test_an_invocation_reaches_the_container(aws: StandIn, api: Any) -> None:
    assert api
    runtime = aws.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="endpoint", ContentType="application/json", Body=b"[1]")
    assert answer["Body"].read() == b"/invocations [1]"
    assert answer["InvokedProductionVariant"] == "primary"


def test_an_error_of_the_container_is_a_model_error(aws: StandIn, api: Any) -> None:
    assert api
    with pytest.raises(ClientError) as caught:
        aws.client("sagemaker-runtime").invoke_endpoint(EndpointName="endpoint", ContentType="text/csv", Body=b"1")
    answer: Any = caught.value.response
    assert answer["Error"]["Code"] == "ModelError"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert (answer["OriginalStatusCode"], answer["OriginalMessage"]) == (415, "send application/json")


def test_an_endpoint_that_does_not_exist_cannot_be_invoked(aws: StandIn) -> None:
    with pytest.raises(ClientError, match="Endpoint none of account 123456789012 not found"):
        aws.client("sagemaker-runtime").invoke_endpoint(EndpointName="none", Body=b"{}")


def test_a_variant_that_the_endpoint_has_not_cannot_be_asked(aws: StandIn, api: Any) -> None:
    assert api
    with pytest.raises(ClientError, match="Variant b not found"):
        aws.client("sagemaker-runtime").invoke_endpoint(EndpointName="endpoint", TargetVariant="b", Body=b"{}")


def stored(aws: StandIn, key: str, body: bytes) -> str:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key=key, Body=body)
    return f"s3://data/{key}"


def read(aws: StandIn, location: str) -> bytes:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bytes(aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def test_stock_moto_answers_an_asynchronous_invocation_without_an_endpoint(client: Client) -> None:
    answer = client("sagemaker-runtime").invoke_endpoint_async(EndpointName="none", InputLocation="s3://a/b")
    assert answer["OutputLocation"].startswith("s3://")


@pytest.mark.parametrize(
    ("kind", "where", "expected"),
    [
        ("application/json", "OutputLocation", b"/invocations [1]"),
        ("text/csv", "FailureLocation", b"send application/json"),
    ],
)
def test_an_asynchronous_invocation_leaves_the_answer_where_the_configuration_says(
    aws: StandIn, api: Any, kind: str, where: str, expected: bytes
) -> None:
    variant = {"VariantName": "p", "ModelName": "model", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
    output = {"S3OutputPath": "s3://data/done/", "S3FailurePath": "s3://data/failed/"}
    location, name = stored(aws, "in/1", b"[1]"), kind.replace("/", "-")
    api.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant], AsyncInferenceConfig={"OutputConfig": output}
    )
    api.create_endpoint(EndpointName=name, EndpointConfigName=name)
    runtime = aws.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint_async(EndpointName=name, ContentType=kind, InputLocation=location)
    assert read(aws, answer[where]) == expected


def test_a_synchronous_endpoint_takes_no_asynchronous_invocation(aws: StandIn, api: Any) -> None:
    assert api
    with pytest.raises(ClientError, match="not found"):
        aws.client("sagemaker-runtime").invoke_endpoint_async(EndpointName="endpoint", InputLocation="s3://data/in/1")


def transformed(api: Any, name: str, prefix: str, kind: str) -> str:
    api.create_transform_job(
        TransformJobName=name,
        ModelName="model",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": prefix}},
            "ContentType": kind,
        },
        TransformOutput={"S3OutputPath": f"s3://data/{name}/"},
        TransformResources={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    )
    return str(api.describe_transform_job(TransformJobName=name)["TransformJobStatus"])


def test_stock_moto_completes_a_transform_job_that_has_no_model(client: Client) -> None:
    assert transformed(client("sagemaker"), "job", "s3://data/none/", "application/json") == "Completed"


def test_a_transform_job_writes_what_the_container_answers(aws: StandIn, api: Any) -> None:
    prefix = stored(aws, "lines/1.json", b"[1]").removesuffix("1.json")
    assert transformed(api, "good", prefix, "application/json") == "Completed"
    assert read(aws, "s3://data/good/1.json.out") == b"/invocations [1]"
    assert transformed(api, "bad", prefix, "text/csv") == "Failed"


def test_one_of_several_models_is_invoked_by_name(aws: StandIn, api: Any) -> None:
    prefix = stored(aws, "models/a.tar.gz", b"a").removesuffix("a.tar.gz")
    container = {"Image": "image", "Mode": "MultiModel", "ModelDataUrl": prefix}
    api.create_model(ModelName="several", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {"VariantName": "p", "ModelName": "several", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
    api.create_endpoint_config(EndpointConfigName="several", ProductionVariants=[variant])
    api.create_endpoint(EndpointName="several", EndpointConfigName="several")
    asked = {"EndpointName": "several", "ContentType": "application/json", "Body": b"[1]"}
    runtime = aws.client("sagemaker-runtime")
    assert runtime.invoke_endpoint(**asked, TargetModel="a.tar.gz")["Body"].read() == b"/models/a.tar.gz/invoke [1]"
    with pytest.raises(ClientError, match=r"Failed to download model data for b\.tar\.gz"):
        runtime.invoke_endpoint(**asked, TargetModel="b.tar.gz")


def test_an_unknown_fault_is_an_error(aws: StandIn) -> None:
    request = urllib.request.Request(f"{aws.url}/_stand_in/nothing", method="POST")  # noqa: S310 - http on the loopback device
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request)  # noqa: S310


def test_the_environment_holds_no_account_of_this_machine(aws: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    environment = aws.environment()
    assert environment["AWS_ENDPOINT_URL"] == aws.url
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & environment.keys()


def test_the_server_is_gone_afterwards() -> None:
    with started() as running:
        assert running.client("sts").get_caller_identity()["Account"] == "123456789012"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(running.url)  # noqa: S310
