"""What the provider says of the files: it knows every attribute; and the stack's own tests run where nothing but terraform is.

That every stack is formatted, valid, and passes its tests is asked by `test_matrix`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.aws.provider import Provider, without_aws

from . import hcl
from .conftest import NewStack
from .stacks import Stack
from .test_files import FOLDERS, relative

PROVIDERS = {"aws": "registry.terraform.io/hashicorp/aws", "terraform": "terraform.io/builtin/terraform"}


@pytest.fixture(scope="module")
def schemas(head_start: None, new_stack: NewStack, provider: Provider) -> dict[str, Any]:
    assert head_start is None
    with provider.running(without_aws()) as environment:
        done = new_stack(environment).terraform("providers", "schema", "-json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["provider_schemas"])


@pytest.mark.parametrize("folder", FOLDERS, ids=relative)
def test_the_provider_knows_every_attribute(folder: Path, schemas: dict[str, Any]) -> None:
    wrong = []
    for block in hcl.blocks(folder):
        provider = schemas[PROVIDERS[block.type.split("_", maxsplit=1)[0]]]
        schema = provider["resource_schemas" if block.kind == "resource" else "data_source_schemas"][block.type][
            "block"
        ]
        wrong += hcl.faults(block.body, schema, f"{block.kind} {block.type}.{block.name}")
    assert wrong == []


def test_what_the_provider_would_refuse_or_warn_of_is_found(schemas: dict[str, Any]) -> None:
    resources = schemas[PROVIDERS["aws"]]["resource_schemas"]
    endpoint = {
        "name": "x",
        "arn": "x",
        "colour": "red",
        "deployment_config": [{"dynamic": [{"auto_rollback_configuration": {"content": [{"x": 1}]}}]}],
    }
    assert hcl.faults(endpoint, resources["aws_sagemaker_endpoint"]["block"], "here") == [
        "here.arn is not to be set",
        "here.colour does not exist",
        "here.deployment_config.auto_rollback_configuration.x does not exist",
        "here.endpoint_config_name is missing",
    ]
    assert hcl.faults(
        {"acl": "private", "replication_configuration": []}, resources["aws_s3_bucket"]["block"], "here"
    ) == [
        "here.acl is deprecated",
        "here.replication_configuration is deprecated",
    ]
    assert hcl.faults({"x": 1}, resources["aws_sagemaker_endpoint_configuration"]["block"], "here") == [
        "here.x does not exist",
        "here.production_variants is missing",
    ]


def test_the_tests_of_the_stack_need_no_running_provider(provider: Provider) -> None:
    """As a user runs them: terraform starts the provider. All of them, with one that runs already: `test_matrix`."""
    stack = Stack(provider.folder, without_aws())
    done = stack.terraform("test", "-no-color", "-filter=tests/regions.tftest.hcl", "-filter=tests/model.tftest.hcl")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "Success! 5 passed, 0 failed."
