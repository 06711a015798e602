"""A copy of the Terraform that byocgen ships, with values of its own, and what one run of terraform on it did.

Rules: the only module that knows where the Terraform files come from and how values reach them; tests hand in plain Python values.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.aws import overrides

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "terraform"
VERSIONS = """\
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.70, < 7"
    }
  }
}
"""
VALUES: Mapping[str, Any] = {
    "name": "churn",
    "repository_name": "churn",
    "bucket_prefix": "churn-use1",
    "role_name": "churn-use1-execution",
    "region": "us-east-1",
    "tags": {"team": "growth"},
    "kms": "managed",
    "instance_type": "ml.m6g.xlarge",
    "instance_count": 2,
    "volume_size_gib": 30,
    "environment": {"MODE": "on"},
    "startup_health_check_timeout_seconds": 300,
    "model_download_timeout_seconds": 600,
    "log_retention_days": 30,
}
RELEASE: Mapping[str, str | None] = {"image_digest": None, "model_data_url": None}
BUCKET = "churn-use1-123456789012"


@dataclass(frozen=True)
class Run:
    """What one `terraform apply` or `plan` did."""

    status: int
    changes: Mapping[str, str]  # address -> create, update, delete, replace; what stays as it is has no entry
    errors: tuple[str, ...]  # summary and detail, in one line each
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Stack:
    """A root stack on disk, and the environment in which terraform runs on it."""

    folder: Path
    environment: Mapping[str, str]

    def terraform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["terraform", f"-chdir={self.folder}", *arguments]
        return subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, check=False)

    def release(self, digit: str | None) -> None:
        """Record a release whose digest and model hash are `digit`, 64 times; None: nothing is released."""
        values = dict(RELEASE)
        if digit is not None:
            values = {
                "image_digest": f"sha256:{digit * 64}",
                "model_data_url": f"s3://{BUCKET}/models/{digit * 64}/model.tar.gz",
            }
        (self.folder / "release.auto.tfvars.json").write_text(json.dumps(values), encoding="utf-8")

    def apply(self) -> Run:
        return _read(self.terraform("apply", "-auto-approve", "-input=false", "-json"))

    def destroy(self) -> Run:
        return _read(self.terraform("destroy", "-auto-approve", "-input=false", "-json"))

    def plan(self) -> Run:
        return _read(self.terraform("plan", "-detailed-exitcode", "-input=false", "-json"))

    def planned(self) -> dict[str, dict[str, Any]]:
        """Address -> values of every resource, as `terraform show` tells a plan."""
        self.terraform("plan", "-input=false", "-out=planned").check_returncode()
        shown = self.terraform("show", "-json", "planned")
        shown.check_returncode()
        root = json.loads(shown.stdout)["planned_values"]["root_module"]
        modules = [root, *root.get("child_modules", [])]
        return {resource["address"]: resource["values"] for module in modules for resource in module.get("resources", [])}


def write(folder: Path, environment: Mapping[str, str], /, **values: Any) -> Stack:
    """Lay the stack out in `folder` with VALUES and, on top, `values`; nothing is released and nothing is initialised."""
    shutil.copytree(TEMPLATES, folder, ignore=shutil.ignore_patterns(".terraform*"))
    (folder / "versions.tf").write_text(VERSIONS, encoding="utf-8")
    lines = [f"{name} = {encoded(value)}\n" for name, value in {**VALUES, **values}.items()]
    (folder / "terraform.tfvars").write_text("".join(lines), encoding="utf-8")
    overrides.write(folder)
    stack = Stack(folder, environment)
    stack.release(None)
    return stack


def encoded(value: Any) -> str:
    """A value in Terraform's own syntax: JSON, but for the two sequences that open a template in a string."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{encoded(key)} = {encoded(item)}" for key, item in value.items()) + "}"
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("${", "$${").replace("%{", "%%{")


def _read(done: subprocess.CompletedProcess[str]) -> Run:
    """Terraform's machine-readable output: one JSON object a line."""
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    changes = [event["change"] for event in events if event["type"] == "planned_change"]
    diagnostics = [event["diagnostic"] for event in events if event["type"] == "diagnostic"]
    outputs = [event["outputs"] for event in events if event["type"] == "outputs"]
    return Run(
        status=done.returncode,
        changes={change["resource"]["addr"]: change["action"] for change in changes if change["action"] != "read"},
        errors=tuple(_one_line(found) for found in diagnostics if found["severity"] == "error"),
        outputs={name: output.get("value") for name, output in (outputs[-1] if outputs else {}).items()},
    )


def _one_line(diagnostic: Mapping[str, str]) -> str:
    return " ".join(f"{diagnostic['summary']}: {diagnostic.get('detail', '')}".split())
