"""What the Terraform files say, without terraform: structure, encryption, public access, and who may do what."""

import json
from pathlib import Path
from typing import Any

import pytest

from . import hcl

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "terraform"
BASE, REALTIME = TEMPLATES / "base", TEMPLATES / "realtime"
REGION, ECR, IAM, S3, MODEL = (BASE / "modules" / name for name in ("region", "ecr", "iam", "s3", "model"))
CONFIGURATION, SAGEMAKER = (REALTIME / "modules" / name for name in ("configuration", "sagemaker"))
RESOURCES = {
    ECR: {"aws_ecr_repository", "aws_ecr_lifecycle_policy"},
    S3: {
        "aws_s3_bucket",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
    },
    IAM: {"aws_iam_role", "aws_iam_role_policy"},
    MODEL: {"aws_sagemaker_model", "terraform_data"},
    CONFIGURATION: {"aws_sagemaker_endpoint_configuration", "terraform_data"},
    SAGEMAKER: {"aws_sagemaker_endpoint", "terraform_data"},
    TEMPLATES / "serverless" / "modules" / "configuration": {"aws_sagemaker_endpoint_configuration", "terraform_data"},
    TEMPLATES / "serverless" / "modules" / "sagemaker": {"aws_sagemaker_endpoint", "terraform_data"},
    TEMPLATES / "vpc" / "modules" / "network": {"aws_security_group", "aws_vpc_security_group_egress_rule"},
    TEMPLATES / "vpc-endpoints" / "modules" / "vpc_endpoints": {
        "aws_security_group",
        "aws_vpc_endpoint",
        "aws_vpc_security_group_ingress_rule",
    },
    TEMPLATES / "data-events" / "modules" / "trail": {"aws_cloudtrail"},
    TEMPLATES / "async" / "modules" / "async": {"aws_sns_topic", "aws_sns_topic_subscription"},
    TEMPLATES / "scaling" / "modules" / "scaling": {
        "aws_appautoscaling_target",
        "aws_appautoscaling_policy",
        "aws_appautoscaling_scheduled_action",
        "terraform_data",
    },
    TEMPLATES / "wake" / "modules" / "wake": {
        "aws_appautoscaling_policy",
        "aws_cloudwatch_metric_alarm",
        "terraform_data",
    },
}
FOLDERS = sorted({path.parent for path in TEMPLATES.rglob("*.tf")})
NULL_MEANS_SOMETHING = {
    *(
        "alarm_email",
        "boundary",
        "capture",
        "email",
        "inference_ami_version",
        "permissions_boundary",
        "released_regions",
    ),
    *("volume_size_gib", "image_digest", "model_key", "kms_key", "release", "network", "async", "model", "endpoint"),
    *("configuration", "notify_email", "transform_input", "transform_output", "target"),
}
WITH_A_PIPELINE = "permissions_"
"""Files of bootstrap/ that come with a pipeline only."""
ENCODED = {"versions.tf", "providers.tf", "regions.tf", "modules/region/features.tf"}
PLAIN, ALL = sorted(TEMPLATES.rglob("*.tf")), sorted([*TEMPLATES.rglob("*.tf"), *TEMPLATES.rglob("*.tftest.hcl")])


def relative(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def test_every_module_is_four_files() -> None:
    modules = [path for path in TEMPLATES.glob("*/modules/*") if path.name != "region"]
    complete = ["main.tf", "outputs.tf", "variables.tf", "versions.tf"]
    first = {path: sorted(file.name for file in path.iterdir()) for path in modules if path in RESOURCES}
    assert first == dict.fromkeys(RESOURCES, complete)
    assert [path for path in modules if not {file.name for file in path.iterdir()} <= set(complete)] == []


def test_what_depends_on_the_plan_is_no_template() -> None:
    assert [path for path in PLAIN if path.relative_to(TEMPLATES).as_posix().partition("/")[2] in ENCODED] == []


@pytest.mark.parametrize("path", PLAIN, ids=relative)
def test_a_file_can_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize("path", ALL, ids=relative)
def test_no_file_is_a_template(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [tag for tag in ("{{", "{%", "{#") if tag in text] == []


@pytest.mark.parametrize("path", PLAIN, ids=relative)
def test_no_partition_is_assumed(path: Path) -> None:
    assert "arn:aws" not in path.read_text(encoding="utf-8")


def test_the_backend_is_an_example_in_comments() -> None:
    lines = (BASE / "backend.tf").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=relative)
def test_every_variable_is_typed_described_and_null_only_where_that_means_something(folder: Path) -> None:
    variables = hcl.named(folder, "variable")
    incomplete = [name for name, body in variables.items() if not {"type", "description"} <= body.keys()]
    nullable = {name for name, body in variables.items() if body.get("nullable") is not False}
    assert incomplete == []
    assert nullable <= NULL_MEANS_SOMETHING


@pytest.mark.parametrize("folder", FOLDERS, ids=relative)
def test_every_output_is_described(folder: Path) -> None:
    assert [name for name, body in hcl.named(folder, "output").items() if not body.get("description")] == []


def test_byocgen_gives_every_variable_of_the_root_a_value_and_no_other(rendered: Path) -> None:
    values = hcl.read(rendered / "terraform.tfvars")
    release = json.loads((rendered / "release.auto.tfvars.json").read_text(encoding="utf-8"))
    assert release == {"image_digest": None, "model_key": None}
    assert sorted([*values, *release]) == sorted(hcl.named(rendered, "variable"))


def test_a_region_gets_every_variable_and_no_other(rendered: Path) -> None:
    [call] = [body for entry in hcl.read(rendered / "regions.tf")["module"] for body in entry.values()]
    arguments = call.keys() - {"source", "providers"}
    assert arguments == hcl.named(rendered / "modules" / "region", "variable").keys()


def test_byocgen_ships_the_files_byte_for_byte(rendered: Path) -> None:
    layers = (BASE, REALTIME)
    shipped = {
        path.relative_to(layer): path.read_bytes()
        for layer in layers
        for path in ALL
        if layer in path.parents and not path.name.startswith(WITH_A_PIPELINE)
    }
    encoded = {Path(name): (rendered / name).read_bytes() for name in ENCODED}
    found = sorted([*rendered.rglob("*.tf"), *rendered.rglob("*.tftest.hcl")])
    assert {path.relative_to(rendered): path.read_bytes() for path in found} == {**shipped, **encoded}


@pytest.mark.parametrize("folder", RESOURCES, ids=relative)
def test_a_module_makes_what_its_name_says(folder: Path) -> None:
    assert {block.type for block in hcl.blocks(folder) if block.kind == "resource"} == RESOURCES[folder]


def test_the_root_only_calls() -> None:
    assert [block.type for block in hcl.blocks(BASE)] == []


def test_a_region_makes_the_key_and_the_log_group_itself() -> None:
    folders = (REGION, *(TEMPLATES / mode / "modules" / "region" for mode in ("realtime", "serverless", "batch")))
    made = [{block.type for block in hcl.blocks(folder) if block.kind == "resource"} for folder in folders]
    assert made == [
        {"aws_kms_key"},
        {"aws_cloudwatch_log_group", "aws_cloudwatch_metric_alarm"},
        {"aws_cloudwatch_log_group"},
        set(),  # transform jobs of an account share a log group
    ]


def test_a_resource_is_called_this() -> None:
    other = {
        f"{block.type}.{block.name}"
        for folder in FOLDERS
        for block in hcl.blocks(folder)
        if block.kind == "resource" and block.name != "this"
    }
    types = {"aws_cloudwatch_metric_alarm"}
    assert {name.split(".")[0] for name in other} == types  # several of a kind need names


def test_a_skipped_check_gives_its_reason() -> None:
    skips = [
        line.strip()
        for path in PLAIN
        for line in path.read_text(encoding="utf-8").splitlines()
        if "checkov:skip" in line
    ]
    assert skips
    assert [skip for skip in skips if len(skip.split(":", maxsplit=2)[2]) < len("as above")] == []


def test_the_role_may_do_this_and_no_more() -> None:
    assert hcl.statements(IAM, "this") == [
        {"sid": "RegistryLogin", "actions": ["ecr:GetAuthorizationToken"], "resources": ["*"]},
        {
            "sid": "PullImage",
            "actions": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "resources": ["${var.repository_arn}"],
        },
        {"sid": "ReadModel", "actions": ["s3:GetObject"], "resources": ["${var.bucket_arn}/${var.model_prefix}*"]},
        {
            "sid": "ListModels",
            "actions": ["s3:ListBucket"],
            "resources": ["${var.bucket_arn}"],
            "condition": [{"test": "StringLike", "variable": "s3:prefix", "values": ["${var.model_prefix}*"]}],
        },
        {
            "sid": "WriteLogs",
            "actions": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "resources": ["${local.log_group_arn}", "${local.log_group_arn}:*"],
        },
        {
            "sid": "PutMetrics",
            "actions": ["cloudwatch:PutMetricData"],
            "resources": ["*"],
            "condition": [
                {
                    "test": "StringEquals",
                    "variable": "cloudwatch:namespace",
                    "values": "${var.metric_namespaces}",
                }
            ],
        },
        {"sid": "DecryptModel", "actions": ["kms:Decrypt"], "resources": ["${statement.value.arn}"]},
    ]


def test_only_sagemaker_takes_the_role_and_only_for_this_account() -> None:
    assert hcl.statements(IAM, "trust") == [
        {
            "actions": ["sts:AssumeRole"],
            "principals": [{"type": "Service", "identifiers": ["sagemaker.amazonaws.com"]}],
            "condition": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["${local.account_id}"]}],
        }
    ]


def test_nobody_uses_the_key_but_through_a_service() -> None:
    uses = {
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
        "kms:CreateGrant",
    }
    limits = {
        statement["sid"]: sorted(condition["variable"] for condition in statement["condition"])
        for statement in hcl.statements(REGION, "key")
        if uses & set(statement["actions"])
    }
    assert limits == {
        "Models": ["kms:EncryptionContext:aws:s3:arn", "kms:ViaService"],
        "ImagesAndVolumes": ["kms:ViaService"],
        "Logs": ["kms:EncryptionContext:aws:logs:arn"],
    }


def test_the_bucket_is_private_encrypted_versioned_and_tls_only() -> None:
    access = hcl.resource(S3, "aws_s3_bucket_public_access_block")
    blocked = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert {name: access[name] for name in blocked} == dict.fromkeys(blocked, True)
    [rule] = hcl.resource(S3, "aws_s3_bucket_server_side_encryption_configuration")["rule"]
    assert rule["apply_server_side_encryption_by_default"] == [
        {
            "sse_algorithm": '${var.kms_key == null ? "AES256" : "aws:kms"}',
            "kms_master_key_id": "${one(var.kms_key[*].arn)}",
        }
    ]
    assert hcl.resource(S3, "aws_s3_bucket_versioning")["versioning_configuration"] == [{"status": "Enabled"}]
    assert hcl.resource(S3, "aws_s3_bucket_ownership_controls")["rule"] == [{"object_ownership": "BucketOwnerEnforced"}]
    denied = [(entry["effect"], entry["actions"], entry["condition"]) for entry in hcl.statements(S3, "this")]
    assert denied == [
        ("Deny", ["s3:*"], [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}]),
        ("Deny", ["s3:*"], [{"test": "NumericLessThan", "variable": "s3:TlsVersion", "values": ["1.2"]}]),
    ]


def test_images_are_immutable_scanned_and_encrypted() -> None:
    repository = hcl.resource(ECR, "aws_ecr_repository")
    assert repository["image_tag_mutability"] == "IMMUTABLE"
    assert repository["image_scanning_configuration"] == [{"scan_on_push": True}]
    assert repository["encryption_configuration"] == [
        {"encryption_type": '${var.kms_key == null ? "AES256" : "KMS"}', "kms_key": "${one(var.kms_key[*].arn)}"}
    ]


def test_destroying_takes_no_content_with_it() -> None:
    assert hcl.resource(ECR, "aws_ecr_repository")["force_delete"] is False
    assert hcl.resource(S3, "aws_s3_bucket")["force_destroy"] == "${var.disposable}"
    assert hcl.named(S3, "variable")["disposable"]["default"] is False


@pytest.mark.parametrize(
    ("folder", "type_"),
    [
        (MODEL, "aws_sagemaker_model"),
        (TEMPLATES / "containers" / "modules" / "model", "aws_sagemaker_model"),
        (CONFIGURATION, "aws_sagemaker_endpoint_configuration"),
        (TEMPLATES / "serverless" / "modules" / "configuration", "aws_sagemaker_endpoint_configuration"),
    ],
)
def test_what_cannot_change_is_made_anew_before_the_old_goes(folder: Path, type_: str) -> None:
    made = hcl.resource(folder, type_)
    assert made["lifecycle"][0]["create_before_destroy"] is True
    assert "substr(sha256(jsonencode(local." in made["name"]


def test_an_update_is_blue_green_and_rolled_back_by_alarms() -> None:
    endpoint = hcl.resource(SAGEMAKER, "aws_sagemaker_endpoint")
    [deployment] = endpoint["deployment_config"]
    ways = {name: body["for_each"] for entry in deployment["dynamic"] for name, body in entry.items()}
    assert ways.keys() == {"blue_green_update_policy", "rolling_update_policy"}
    [rollback] = deployment["auto_rollback_configuration"]
    assert rollback == {"dynamic": [{"alarms": _alarms()}]}
    assert "postcondition" in endpoint["lifecycle"][0]


def _alarms() -> dict[str, Any]:
    return {"for_each": "${var.rollback_alarms}", "content": [{"alarm_name": "${alarms.value}"}]}


def test_no_requests_are_no_alarm() -> None:
    alarms = [
        block.body for folder in FOLDERS for block in hcl.blocks(folder) if block.type == "aws_cloudwatch_metric_alarm"
    ]
    silent = {alarm["treat_missing_data"] for alarm in alarms if alarm["metric_name"] != "HasBacklogWithoutCapacity"}
    assert (len(alarms) > 3, silent) == (True, {"notBreaching"})
