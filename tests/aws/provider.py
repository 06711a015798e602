"""Terraform's AWS provider, found once and then kept running for all commands of a life.

Left to itself every command reads the provider's 700 MB to compare them with the lock file, and starts it several times: most of
the time of a test.

Rules: credentials and the address of AWS are those of the environment that a running provider was started in, so each role of
each AWS has a process of its own. One process holds one configuration, the last that it was given: a stack with several
`provider "aws"`, which has several regions, has it started anew instead. At least one test goes a user's way, with neither.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REATTACH = "TF_REATTACH_PROVIDERS"
RARELY_COLLECTED = {"GOGC": "400"}  # a fourth less CPU for both programs, which hold 0.2 GB each
UNVERIFIED = """\
provider_installation {{
  dev_overrides {{
    "hashicorp/aws" = "{folder}"
  }}
  direct {{}}
}}
disable_checkpoint = true
"""


@dataclass(frozen=True)
class Provider:
    """The provider that `terraform init` found for the stack in `folder`."""

    folder: Path

    @property
    def program(self) -> Path:
        [found] = self.folder.glob(".terraform/providers/*/*/*/*/*/terraform-provider-aws*")
        return found

    @contextmanager
    def running(self, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """Start it in this environment until the block ends; the environment in which terraform finds it."""
        mine = {**environment, **RARELY_COLLECTED}
        command = [str(self.program), "-debug"]
        with subprocess.Popen(
            command, env=mine, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                assert process.stdout is not None
                said = next(line for line in process.stdout if f"{REATTACH}=" in line)
                yield {**mine, REATTACH: said.strip().partition("=")[2].strip("'")}
            finally:
                process.terminate()

    def started_anew(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment in which terraform starts it whenever it needs one, and takes it as it is: for several regions.

        A stack needs no lock file then, and `terraform get` in the place of `init`.
        """
        settings = self.folder / "unverified.tfrc"
        settings.write_text(UNVERIFIED.format(folder=self.program.parent.as_posix()), "utf-8")
        return {**environment, **RARELY_COLLECTED, "TF_CLI_CONFIG_FILE": str(settings)}

    @contextmanager
    def serving(self, stack: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """The environment for the commands on this stack, whichever of the two it needs."""
        with contextlib.ExitStack() as ended:
            several = configurations(stack) > 1
            yield self.started_anew(environment) if several else ended.enter_context(self.running(environment))


def configurations(stack: Path) -> int:
    """How many configurations of the provider the stack in this folder has; what overrides one is none."""
    files = [path for path in stack.glob("*.tf") if not path.name.endswith("_override.tf")]
    return sum(path.read_text("utf-8").count('provider "aws" {') for path in files)


def without_aws() -> dict[str, str]:
    """The environment of a reader's machine, which knows no AWS account."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**plain, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_CONFIG_FILE": os.devnull}
