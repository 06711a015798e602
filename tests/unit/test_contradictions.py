"""What cannot be in the same manifest, and where an artifact may lie."""

from __future__ import annotations

import pytest
from tests.unit.asking import findings, generated, marked, with_value
from tests.unit.examples import HEAD, MINIMAL

from byocgen import catalog as catalogs

MODES = MINIMAL + "endpoint: {mode: %s}\n"
CONTRADICTIONS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "serverless in a VPC": (
        MODES % "serverless" + "serving: {max_payload_mib: 4}\n"
        "network: {vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-b]}\n",
        [("BYO303", "network")],
    ),
    "serverless with more payload than it carries": (
        MODES % "serverless" + "serving: {max_payload_mib: 5}\n",
        [("BYO304", "5")],
    ),
    "serverless with several workers": (
        MODES % "serverless" + "serving: {max_payload_mib: 4, workers: 2}\n",
        [("BYO303", "2")],
    ),
    "serverless with capture": (
        MINIMAL + "endpoint: {mode: serverless, data_capture: {}}\nserving: {max_payload_mib: 4}\n",
        [("BYO301", "data_capture")],
    ),
    "serverless with a shadow": (
        MINIMAL + "endpoint: {mode: serverless, shadow: {instance_type: ml.m5.large}}\nserving: {max_payload_mib: 4}\n",
        [("BYO301", "shadow")],
    ),
    "serverless kept warmer than it may run": (
        MINIMAL + "serving: {max_payload_mib: 4}\n"
        "endpoint: {mode: serverless, serverless: {max_concurrency: 2, provisioned_concurrency: 3}}\n",
        [("BYO303", "3")],
    ),
    "a shadow of an async endpoint": (
        MINIMAL + "endpoint: {mode: async, shadow: {instance_type: ml.m5.large}}\n",
        [("BYO301", "shadow")],
    ),
    "autoscaling of batch": (MINIMAL + "endpoint: {mode: batch, autoscaling: {}}\n", [("BYO301", "autoscaling")]),
    "a rollout of batch": (MINIMAL + "endpoint: {mode: batch, deployment: {}}\n", [("BYO301", "deployment")]),
    "async settings of an endpoint in real time": (MINIMAL + "endpoint: {async: {}}\n", [("BYO301", "async")]),
    "multi-model of one archive": (
        HEAD + "model: {framework: sklearn, artifact: m.tar.gz}\nendpoint: {mode: multi-model}\n",
        [("BYO310", "m.tar.gz")],
    ),
    "multi-model of a prefix without its slash": (
        HEAD + "model: {framework: sklearn, artifact: s3://bucket/models}\nendpoint: {mode: multi-model}\n",
        [("BYO310", "s3://bucket/models")],
    ),
    "an artifact in no bucket": (HEAD + "model: {framework: sklearn, artifact: s3://}\n", [("BYO310", "s3://")]),
    "batch on Graviton": (
        MINIMAL + "endpoint: {mode: batch, instance_type: ml.c7g.large}\n",
        [("BYO303", "ml.c7g.large")],
    ),
    "batch on p5": (
        HEAD + "model: {framework: pytorch}\nendpoint: {mode: batch, instance_type: ml.p5.48xlarge}\n",
        [("BYO303", "ml.p5.48xlarge")],
    ),
    "batch on p4d": (
        HEAD + "model: {framework: pytorch}\nendpoint: {mode: batch, instance_type: ml.p4d.24xlarge}\n",
        [("BYO303", "ml.p4d.24xlarge")],
    ),
    "an invocation longer than real time": (MINIMAL + "serving: {timeout_seconds: 61}\n", [("BYO304", "61")]),
    "more payload than real time": (MINIMAL + "serving: {max_payload_mib: 7}\n", [("BYO304", "7")]),
    "more payload than batch": (
        MODES % "batch" + "serving: {max_payload_mib: 101}\n",
        [("BYO304", "101")],
    ),
    "a model that does not fit": (HEAD + "model: {framework: sklearn, size_gib: 14}\n", [("BYO308", "14")]),
    "workers that do not fit": (
        HEAD + "model: {framework: python, size_gib: 2}\nserving: {workers: 4}\n",
        [("BYO308", "4")],
    ),
    "a volume beside NVMe": (
        MINIMAL + "endpoint: {instance_type: ml.m5d.large, volume_size_gib: 8}\n",
        [("BYO303", "8")],
    ),
    "a version that is not in the catalogue": (
        HEAD + 'model: {framework: sklearn, framework_version: "1.0"}\n',
        [("BYO305", '"1.0"')],
    ),
    "a Python without wheels": (
        HEAD + 'model: {framework: sklearn, framework_version: "1.9.1", python: "3.14"}\n',
        [("BYO203", '"3.14"')],
    ),
    "a version of no library": (
        HEAD + 'model: {framework: python, framework_version: "3.12"}\n',
        [("BYO303", '"3.12"')],
    ),
    "a Python that no version has wheels for": (
        HEAD + 'model: {framework: xgboost, framework_version: "3.4.1", python: "3.11"}\n',
        [("BYO305", '"3.11"')],
    ),
    "a task of another framework": (HEAD + "model: {framework: onnx, task: fill-mask}\n", [("BYO303", "fill-mask")]),
    "columns of texts": (
        HEAD + "model: {framework: transformers, inputs: [{name: a, type: string}]}\n",
        [("BYO303", "inputs")],
    ),
    "a stream of a table's answer": (
        HEAD + "model: {framework: lightgbm}\nserving: {stream: true}\n",
        [("BYO303", "true")],
    ),
    "requests joined for a predict_fn": (
        HEAD + "model: {framework: python}\nserving: {batching: {max_size: 8}}\n",
        [("BYO303", "batching")],
    ),
    "a stream of a class": (
        HEAD + "model: {framework: transformers, artifact: m, task: text-classification}\nserving: {stream: true}\n",
        [("BYO303", "true")],
    ),
    "a stream of the sample model": (
        HEAD + "model: {framework: transformers}\nserving: {stream: true}\n",
        [("BYO303", "true")],
    ),
    "a sample model of another task": (
        HEAD + "model: {framework: transformers, task: text-generation}\n",
        [("BYO353", "text-generation")],
    ),
    "columns that the sample model does not have": (
        HEAD + "model: {framework: onnx, inputs: [{name: a, type: float}]}\n",
        [("BYO353", "inputs")],
    ),
    "a GPU that LightGBM does not use": (
        HEAD + "model: {framework: lightgbm}\nendpoint: {instance_type: ml.g5.xlarge}\n",
        [("BYO351", "ml.g5.xlarge")],
    ),
    "isolation with a model fetched at start": (
        HEAD + "model: {framework: transformers}\nserving: {environment: {HF_MODEL_ID: org/model}}\n"
        "network: {vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-b], isolation: true}\n",
        [("BYO303", "org/model")],
    ),
    "a type that is none": (MINIMAL + "endpoint: {instance_type: ml.m55.xlarge}\n", [("BYO302", "ml.m55.xlarge")]),
    "a type that EC2 says nothing about": (
        MINIMAL + "endpoint: {instance_type: ml.inf2.xlarge}\n",
        [("BYO303", "ml.inf2.xlarge")],
    ),
    "a name that is too long": (
        f"version: 1\nname: {'n' * 41}\nmodel: {{framework: sklearn}}\n",
        [("BYO206", "n" * 41)],
    ),
    "a canary of more than half": (
        MINIMAL + "endpoint: {instance_count: 2, deployment: {strategy: canary, step_percent: 51}}\n",
        [("BYO304", "51")],
    ),
    "a linear step of less than a tenth": (
        MINIMAL + "endpoint: {instance_count: 2, deployment: {strategy: linear, step_percent: 9}}\n",
        [("BYO304", "9")],
    ),
    "a rolling step of less than a twentieth": (
        MINIMAL + "endpoint: {instance_count: 2, deployment: {strategy: rolling, step_percent: 4}}\n",
        [("BYO304", "4")],
    ),
    "scaling from more than its most": (
        MINIMAL + "endpoint: {instance_count: 5, autoscaling: {min: 5, max: 4}}\n",
        [("BYO303", "5")],
    ),
    "scaling to zero in real time": (
        MINIMAL + "endpoint: {autoscaling: {min: 0}}\n",
        [("BYO303", "0")],
    ),
    "fewer instances than scaling keeps": (
        MINIMAL + "endpoint: {instance_count: 1, autoscaling: {min: 2}}\n",
        [("BYO303", "1")],
    ),
    "a key in another region": (
        MINIMAL + "security: {kms: 'arn:aws:kms:eu-west-1:123456789012:key/1-a'}\n",
        [("BYO303", "'arn:aws:kms:eu-west-1:123456789012:key/1-a'")],
    ),
    "a key of one region for two": (
        MINIMAL + "regions: [us-east-1, eu-west-1]\nsecurity: {kms: 'arn:aws:kms:us-east-1:123456789012:key/1-a'}\n",
        [("BYO303", "'arn:aws:kms:us-east-1:123456789012:key/1-a'")],
    ),
    "a copy of images to nowhere": (MINIMAL + "replication: {images: ecr}\n", [("BYO303", "ecr")]),
    "a copy of models to nowhere": (MINIMAL + "replication: {models: s3}\n", [("BYO303", "s3")]),
    "regions that share no account": (MINIMAL + "regions: [us-east-1, cn-north-1]\n", [("BYO303", "cn-north-1")]),
    "a VPC without subnets": (MINIMAL + "network: {vpc_id: vpc-1}\n", [("BYO303", "vpc-1")]),
    "subnets without a VPC": (
        MINIMAL + "network: {subnet_ids: [subnet-a, subnet-b]}\n",
        [("BYO303", "subnet_ids")],
    ),
    "a subnet twice": (
        MINIMAL + "network: {vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-a]}\n",
        [("BYO303", "subnet_ids")],
    ),
    "endpoints of no VPC": (
        MINIMAL + "network: {isolation: true, interface_endpoints: false, s3_gateway: false}\n",
        [("BYO303", "false"), ("BYO303", "false")],
    ),
    "a VPC of several regions": (
        MINIMAL + "regions: [us-east-1, eu-west-1]\nnetwork: {vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-b]}\n",
        [("BYO303", "vpc-1")],
    ),
    "a pipeline without its repository": (MINIMAL + "ci: {provider: github}\n", [("BYO303", "github")]),
    "a repository without a pipeline": (MINIMAL + "ci: {repository: acme/churn}\n", [("BYO303", "acme/churn")]),
    "an environment of GitHub's on AWS": (
        MINIMAL + "ci: {provider: codebuild, repository: acme/churn, environment: production}\n",
        [("BYO303", "production")],
    ),
    "steps of one machine": (MINIMAL + "endpoint: {deployment: {strategy: rolling}}\n", [("BYO303", "rolling")]),
    "a budget that tells nobody": (MINIMAL + "cost: {monthly_budget_usd: 300}\n", [("BYO303", "300")]),
    "an address that nothing is sent to": (MINIMAL + "observability: {alarm_email: a@b.co}\n", [("BYO303", "a@b.co")]),
    "a dashboard of transform jobs": (
        MINIMAL + "endpoint: {mode: batch}\nobservability: {dashboard: true}\n",
        [("BYO301", "true")],
    ),
    "tags that differ in case only": (MINIMAL + "tags: {Team: a, team: b}\n", [("BYO303", "b")]),
    "two inputs of one name": (
        HEAD + "model: {framework: sklearn, artifact: m, inputs: [{name: a, type: float}, {name: a, type: float}]}\n",
        [("BYO303", "a")],
    ),
    "values of a number": (
        HEAD + 'model: {framework: sklearn, artifact: m, inputs: [{name: a, type: float, values: ["1"]}]}\n',
        [("BYO303", "values")],
    ),
}
BESIDE = ("BYO401", "BYO352")
"""What is not generated yet, and files that are not there, are other tests' matter."""


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_contradiction(case: str) -> None:
    text, expected = CONTRADICTIONS[case]
    assert [one for one in marked(text) if one[0] not in BESIDE] == expected


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_says_the_way_out(case: str) -> None:
    text, _ = CONTRADICTIONS[case]
    found = [one for one in findings(text) if one.code.startswith("BYO3")]
    assert [one.message for one in found if not one.help] == []


STREAMS = (
    "model: {framework: python}",
    "model: {framework: transformers, artifact: m, task: text-generation}",
    "model: {framework: transformers, artifact: m}",
)


@pytest.mark.parametrize("model", STREAMS)
def test_what_may_stream(model: str) -> None:
    made = generated(HEAD + model + "\nserving: {stream: true}\n")
    assert made.warnings == ()
    assert "stream = true  # the manifest says so\n" in made.tree["serving.toml"].content.decode()


ARTIFACTS = {
    "model.joblib": [],
    "artifacts/model v2 (final).joblib": [],
    "./artifacts/../artifacts/model.joblib": [],
    "..model/x": [],
    "/model.joblib": ["BYO306"],
    "~/model.joblib": ["BYO306"],
    "..": ["BYO306"],
    "../model.joblib": ["BYO306"],
    "a/../../model.joblib": ["BYO306"],
    ".": ["BYO306"],
    "a/..": ["BYO306"],
    "a\\b": ["BYO306"],
    "serving/model.joblib": ["BYO306"],
    "./terraform/x": ["BYO306"],
    "byocgen.yaml": ["BYO306"],
    "Makefile": ["BYO306"],
    "requirements-dev.lock": ["BYO306"],
    ".git/hooks/pre-commit": ["BYO306"],
    "": ["BYO306"],
}


@pytest.mark.parametrize("path", ARTIFACTS)
def test_where_an_artifact_may_lie(path: str) -> None:
    codes = [one.code for one in findings(with_value("model.artifact", path)) if one.code != "BYO352"]
    assert codes == ARTIFACTS[path]


def test_no_artifact_lies_where_something_is_generated() -> None:
    projects = [generated(HEAD + f"model: {{framework: {name}}}\n").tree for name in catalogs.load().frameworks]
    tops = sorted({path.split("/")[0] for tree in projects for path in [*tree, "byocgen.lock"]})
    assert {top: [one.code for one in findings(with_value("model.artifact", top))] for top in tops} == {
        top: ["BYO306"] for top in tops
    }
