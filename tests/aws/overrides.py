"""What Terraform needs to work against the stand-in, in a file of its own beside the generated stack, and what it can do without.

Rules: the generated provider block stays as it is; Terraform merges `*_override.tf` into it, argument by argument.
"""

from pathlib import Path

FILE = "stand_in_override.tf"
TEXT = """\
provider "aws" {
  access_key                  = "testing"
  secret_key                  = "testing"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 2 # one call that the stand-in lacks would otherwise hang an apply for ten minutes
}
"""


def write(folder: Path) -> None:
    """Put the settings beside the root stack in `folder`."""
    (folder / FILE).write_text(TEXT, encoding="utf-8")


def hasten(folder: Path) -> None:
    """Take the lifecycle rules of the bucket out: the provider waits most of a minute for them, at AWS as here."""
    path = folder / "modules" / "s3" / "main.tf"
    before, rules, after = path.read_text("utf-8").partition('resource "aws_s3_bucket_lifecycle_configuration"')
    assert rules
    path.write_text(before + after.partition("\n}\n")[2], "utf-8")
