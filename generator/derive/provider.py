"""The hosting instance types an AWS provider release accepts, asked of the provider itself.

Terraform's ``validate`` of a configuration with a type that cannot exist answers with the whole list. Needs terraform
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
SOURCE = f"terraform validate with AWS provider {VERIFIED}: the list in its refusal of an unknown instance_type"
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
  }}
}}
"""


def derive(derived: str) -> list[Output]:
    """One output: the accepted types of VERIFIED."""
    return [Output(DATA, rows_document(SOURCE, derived, version=VERIFIED, accepted=accepted_types(VERIFIED)))]


def accepted_types(version: str) -> list[str]:
    """The types that provider ``version`` lists when it refuses one. Raises CalledProcessError when init fails."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(CONFIGURATION.format(version=version), "utf-8")
        subprocess.run(["terraform", "init", "-input=false"], cwd=folder, check=True, capture_output=True)
        answer = subprocess.run(
            ["terraform", "validate", "-json"], cwd=folder, check=False, capture_output=True, text=True
        )
    refusal = " ".join(diagnostic["summary"] for diagnostic in json.loads(answer.stdout)["diagnostics"])
    return sorted(set(re.findall(r'"(ml\.[a-z0-9.-]+)"', refusal)))


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
