"""The hosting instance types and inference AMIs an AWS provider release accepts, asked of the provider itself.

Terraform's ``validate`` of a configuration with names that cannot exist answers with the whole lists. Needs terraform
and the provider (from the registry, or from wherever the machine's terraform configuration points).
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from derive.outputs import Output, rows_document, run

DATA = Path(__file__).parent / "provider_types.json"
VERIFIED = "5.100.0"
SOURCE = f"terraform validate with AWS provider {VERIFIED}: the lists in its refusal of names that do not exist"
CONFIGURATION = """
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{version}"
    }}
  }}
}}

resource "aws_sagemaker_endpoint_configuration" "this" {{
  production_variants {{
    model_name             = "any"
    initial_instance_count = 1
    instance_type          = "ml.none.none"
    inference_ami_version  = "none"
  }}
}}
"""


def derive(derived: str) -> list[Output]:
    """One output: what VERIFIED accepts."""
    refusal = refused(VERIFIED)
    types = sorted(set(re.findall(r'"(ml\.[a-z0-9.-]+)"', refusal)))
    amis = sorted(set(re.findall(r'"(al2[a-z0-9.-]+)"', refusal)))
    return [Output(DATA, rows_document(SOURCE, derived, version=VERIFIED, accepted=types, amis=amis))]


def refused(version: str) -> str:
    """What provider ``version`` says to names that do not exist. Raises CalledProcessError when init fails."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(CONFIGURATION.format(version=version), "utf-8")
        subprocess.run(["terraform", "init", "-input=false"], cwd=folder, check=True, capture_output=True)
        answer = subprocess.run(
            ["terraform", "validate", "-json"], cwd=folder, check=False, capture_output=True, text=True
        )
    return " ".join(diagnostic["summary"] for diagnostic in json.loads(answer.stdout)["diagnostics"])


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
