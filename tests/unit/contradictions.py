"""The contradictions that the design of the manifest names, each as a manifest that has it.

Rules: the name is the design's own phrase; one case a phrase and a form; what the case speaks of stands last. The pickle of
another version needs a file and is in `test_artifacts`; a model that does not fit is in the tests of sizing as well.
"""

from __future__ import annotations

from tests.unit.examples import HEAD, MINIMAL

SERVERLESS = MINIMAL + "serving: {max_payload_mib: 4}\n"
TRANSFORMERS = HEAD + "model: {framework: transformers}\n"
PYTHON = HEAD + "model: {framework: python}\n"
SUBNETS = "subnet_ids: [subnet-a, subnet-b]"

CASES: dict[str, str] = {
    "serverless with a GPU": SERVERLESS + "endpoint: {mode: serverless, instance_type: ml.g5.xlarge}\n",
    "serverless with a VPC": SERVERLESS + f"endpoint: {{mode: serverless}}\nnetwork: {{vpc_id: vpc-1, {SUBNETS}}}\n",
    "serverless with isolation": SERVERLESS + "endpoint: {mode: serverless}\nnetwork: {isolation: true}\n",
    "serverless with capture": SERVERLESS + "endpoint: {mode: serverless, data_capture: {percent: 10}}\n",
    "serverless with a shadow": SERVERLESS + "endpoint: {mode: serverless, shadow: {instance_type: ml.c6i.xlarge}}\n",
    "serverless with multi-model": MINIMAL + "endpoint: {mode: multi-model, serverless: {memory_mib: 2048}}\n",
    "multi-model with an uncompressed artifact": HEAD
    + "model: {framework: sklearn, artifact: models/churn.joblib}\nendpoint: {mode: multi-model}\n",
    "batch on Graviton": MINIMAL + "endpoint: {mode: batch, instance_type: ml.c7g.xlarge}\n",
    "batch on p4d": PYTHON + "endpoint: {mode: batch, instance_type: ml.p4d.24xlarge}\n",
    "batch on p5": PYTHON + "endpoint: {mode: batch, instance_type: ml.p5.48xlarge}\n",
    "a timeout above the mode's, in real time": MINIMAL + "serving: {timeout_seconds: 61}\n",
    "a timeout above the mode's, serverless": MINIMAL
    + "endpoint: {mode: serverless}\nserving: {max_payload_mib: 4, timeout_seconds: 61}\n",
    "a timeout above the mode's, asynchronous": MINIMAL + "endpoint: {mode: async}\nserving: {timeout_seconds: 3601}\n",
    "a volume size on an NVMe family": MINIMAL + "endpoint: {instance_type: ml.c5d.xlarge, volume_size_gib: 50}\n",
    "isolation with a model fetched at start": TRANSFORMERS
    + f"network: {{vpc_id: vpc-1, {SUBNETS}, isolation: true}}\nserving: {{environment: {{HF_MODEL_ID: org/model}}}}\n",
    "an instance type that is none": MINIMAL + "endpoint: {instance_type: ml.m5.extralarge}\n",
    "an instance type that no provider has": PYTHON + "endpoint: {instance_type: ml.g7.2xlarge}\n",
    "an instance type that EC2 lacks in the region": MINIMAL
    + "regions: [me-south-1]\nendpoint: {instance_type: ml.c7i.large}\n",
    "a name that is too long": f"version: 1\nmodel: {{framework: sklearn}}\nname: {'churn-' * 7}x\n",
    "an environment over 32 KB": MINIMAL
    + "serving:\n  environment:\n"
    + "".join(f"    VARIABLE_{number:02}: {'x' * 1000}\n" for number in range(33)),
    "a block of another mode": MINIMAL + "endpoint: {serverless: {memory_mib: 2048}}\n",
    "a tag value that AWS refuses": MINIMAL + "tags: {team: growth & sales}\n",
    "scikit-learn on a GPU type": MINIMAL + "endpoint: {instance_type: ml.g5.xlarge}\n",
    "multi-model of a file": HEAD
    + "model: {framework: sklearn, artifact: models.tar.gz}\nendpoint: {mode: multi-model}\n",
    "multi-model of a prefix without its slash": HEAD
    + "model: {framework: sklearn, artifact: s3://bucket/models}\nendpoint: {mode: multi-model}\n",
    "an artifact with an absolute path": HEAD + "model: {framework: sklearn, artifact: /srv/model.joblib}\n",
    "an artifact that climbs out": HEAD + "model: {framework: sklearn, artifact: ../model.joblib}\n",
    "more than a transform job's variables": MINIMAL
    + "endpoint: {mode: batch}\nserving:\n  environment:\n"
    + "".join(f"    VARIABLE_{number:02}: a\n" for number in range(17)),
    "weights of 8 bits of a table's model": MINIMAL + "serving: {optimize: int8}\n",
    "a boolean of YAML 1.1": MINIMAL + "observability: {dashboard: yes}\n",
}
"""By the phrase of the design."""
