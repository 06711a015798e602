"""`terraform/bootstrap` of a project: the state's bucket and, where a pipeline releases, its roles.

Rules: a layer says in its `bootstrap/permissions_NAME.tf` what a pipeline may do with what the layer makes, in the documents
`NAME_read` and `NAME_write`. They come into a project with a pipeline only, and so do their tests; `permissions.tf`, encoded
here, collects them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from byocgen.render.encode import MANAGED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from byocgen.plan.plan import Plan

FOLDER = "bootstrap/"
_PERMISSIONS = f"{FOLDER}permissions_"
_DOCUMENT = re.compile(r'^data "aws_iam_policy_document" "(\w+_(read|write))"', re.MULTILINE)
_ALWAYS = ("state", "base", "release", "hosting", "invocation")
"""Parts of a stack without any feature. They, a network and the other features are policies of their own: IAM takes 6,144
characters in one."""
_NETWORK = "vpc_"


def fitting(copied: Mapping[str, bytes], plan: Plan) -> dict[str, bytes]:
    """Leave the permissions of a pipeline out where there is none."""
    wanted = plan.pipeline.provider.value != "none"
    ours = (_PERMISSIONS, f"{FOLDER}tests/permissions_")
    return {path: text for path, text in copied.items() if wanted or not path.startswith(ours)}


def texts(copied: Mapping[str, bytes]) -> dict[str, str]:
    """Encode what depends on which permissions there are: path -> text."""
    found = [name for path, text in copied.items() if path.startswith(_PERMISSIONS) for name in _documents(text)]
    return {f"{FOLDER}permissions.tf": permissions_tf(found)} if found else {}


def _documents(text: bytes) -> list[str]:
    return [name for name, _ in _DOCUMENT.findall(text.decode())]


def permissions_tf(documents: list[str]) -> str:
    """Write the lists of documents that the policies are made of."""
    always = {f"{part}_write" for part in _ALWAYS}
    further = [name for name in documents if name.endswith("_write") and name not in always]
    policies = {
        "read": [name for name in documents if name.endswith("_read")],
        "stack": [name for name in documents if name in always],
        "features": [name for name in further if not name.startswith(_NETWORK)],
        "network": [name for name in further if name.startswith(_NETWORK)],
    }
    lines = [
        f"# {MANAGED}",
        "# What the pipeline's policies are made of, part by part.",
        "locals {",
        "  permissions = {",
    ]
    for policy, names in policies.items():
        entries = (f"      data.aws_iam_policy_document.{name}.json," for name in names)
        lines += [f"    {policy} = [", *entries, "    ]", ""] if names else []
    return "\n".join([*lines[:-1], "  }", "}"]) + "\n"
