"""`terraform/` of a project: the layers of the plan, copied, and what depends on values, encoded.

Rules: `.tf` files of `templates/terraform/LAYER/` are copied byte for byte; a later layer may take the place of an earlier
one's file. Encoded are the values, the versions, and what Terraform cannot loop over: a provider and a module call for each
region. A variable of `modules/region` gets the region's own value or the root's variable of the same name. What a feature
shares with all others is a local called `SLOT_FEATURE` in its file of `modules/region`; `features.tf` collects each slot.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from byocgen import bundle
from byocgen.render import bootstrap, hosting, watching
from byocgen.render.encode import MANAGED, comment, hcl_string, hcl_value
from byocgen.render.template import LEFT_BEHIND
from byocgen.render.tree import File, Ownership, text_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from byocgen.plan.decision import Decision
    from byocgen.plan.plan import Plan

SEEDED = frozenset({"backend.tf"})
SLOTS: Mapping[str, tuple[str, str]] = {
    "role_policies": ("concat", "policy documents of the execution role"),
    "key_policies": ("concat", "policy documents of the key"),
    "rollback_alarms": ("merge", "alarms that roll an update back, beside those of every endpoint"),
    "alarm_actions": ("concat", "who is told when an alarm fires"),
    "expirations": ("merge", "folders of the bucket whose objects are deleted after some days"),
    "capture": ("one", "share of the requests that is kept, and where; null: none"),
    "environment": ("merge", "variables of the container, beside the manifest's"),
    "boundary": ("one", "policy that bounds the execution role; null: none"),
    "log_policies": ("concat", "policy documents of the bucket of logs"),
    "isolation": ("one", "whether the containers have no outbound network; null: they have one"),
    "variants": ("concat", "production variants beside primary"),
    "shadows": ("concat", "shadow variants"),
    "async": ("one", "where an asynchronous endpoint leaves its answers; null: callers wait for them"),
    "network": ("one", "where the containers run in a VPC; null: outside of one"),
}
"""What features share: how their parts become one value, and what it is."""
_OF_NOTHING = {"concat": "[]", "merge": "{}", "one": "null"}
_VARIABLE = re.compile(r'^variable "(\w+)"', re.MULTILINE)
_PART = re.compile(rf"^  ((?:{'|'.join(SLOTS)})_\w+) += ", re.MULTILINE)
_REGION = "modules/region/"


def files(plan: Plan) -> Iterator[File]:
    """Make every file of `terraform/`."""
    copied = bootstrap.fitting(layered(plan.stack.layers.value), plan)
    texts = {
        "versions.tf": versions_tf(plan),
        "providers.tf": providers_tf(plan),
        "regions.tf": regions_tf(plan, _declared(copied, _REGION), _declared(copied, "")),
        f"{_REGION}features.tf": features_tf(copied),
        "terraform.tfvars": tfvars(plan, _declared(copied, "")),
        f"{bootstrap.FOLDER}terraform.tfvars": tfvars(plan, _declared(copied, bootstrap.FOLDER)),
        **bootstrap.texts(copied),
    }
    for path, content in copied.items():
        owner = Ownership.SEEDED if path in SEEDED else Ownership.MANAGED
        yield File(f"terraform/{path}", content + _mocks(path, plan), owner)
    for path, text in texts.items():
        yield text_file(f"terraform/{path}", text)
    release = dict.fromkeys(("image_digest", "model_key"))
    yield text_file("terraform/release.auto.tfvars.json", json.dumps(release, indent=2) + "\n", Ownership.SEEDED)


def layered(layers: tuple[str, ...]) -> dict[str, bytes]:
    """Read the layers' files: path inside `terraform/` -> content, the last layer's where several have one."""
    found: dict[str, bytes] = {}
    for layer in layers:
        folder = bundle.templates() / "terraform" / layer
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not LEFT_BEHIND & set(inside.parts):
                found[inside.as_posix()] = path.read_bytes()
    return dict(sorted(found.items()))


def _declared(copied: Mapping[str, bytes], folder: str) -> list[str]:
    """The variables of the module in `folder`, in the order of its files."""
    texts = [text.decode() for path, text in copied.items() if re.fullmatch(rf"{folder}[^/]+\.tf", path)]
    return [name for text in texts for name in _VARIABLE.findall(text)]


def values(plan: Plan) -> Mapping[str, Decision[Any]]:
    """Return the value of every variable that the root stack can have, in whatever layer it is declared."""
    names, stack = plan.names, plan.stack
    return {
        "name": names.endpoint,
        "repository_name": names.repository,
        "bucket_prefix": names.bucket_prefix,
        "role_prefix": names.role_prefix,
        "region": stack.region,
        "regions": stack.regions,
        "repository": plan.pipeline.repository,
        "deployed_from": plan.pipeline.subject,
        "vpc_id": stack.vpc_id,
        "subnet_ids": stack.subnet_ids,
        "permissions_boundary": stack.permissions_boundary,
        "tags": stack.tags,
        "kms": stack.kms,
        "instance_type": stack.instance_type,
        "instance_count": stack.instance_count,
        "volume_size_gib": stack.volume_size_gib,
        "inference_ami_version": stack.ami_version,
        "environment": plan.serving.environment,
        "startup_health_check_timeout_seconds": stack.startup_health_check_timeout_seconds,
        "model_download_timeout_seconds": stack.model_download_timeout_seconds,
        "log_retention_days": stack.log_retention_days,
        **hosting.values(plan),
        **watching.values(plan),
    }


def tfvars(plan: Plan, declared: list[str]) -> str:
    """Write terraform.tfvars: each variable of the root stack that is no part of a release, with its reason."""
    blocks = [
        f"# {comment(one.reason)}\n{name} = {hcl_value(one.value)}"
        for name, one in values(plan).items()
        if name in declared
    ]
    return f"# {MANAGED}\n# Values of your own go into another *.auto.tfvars file.\n\n" + "\n\n".join(blocks) + "\n"


def versions_tf(plan: Plan) -> str:
    """Write the root stack's versions.tf: the provider's range follows from what the manifest uses."""
    return f"""\
# {MANAGED}
terraform {{
  # {comment(plan.stack.terraform.reason)}
  required_version = {hcl_string(plan.stack.terraform.value)}

  required_providers {{
    # {comment(plan.stack.provider.reason)}
    aws = {{
      source  = "hashicorp/aws"
      version = {hcl_string(plan.stack.provider.value)}
    }}
  }}
}}
"""


def providers_tf(plan: Plan) -> str:
    """Write a provider for each region: the default one, and one called by the region's code for each further."""
    blocks = [f"# {MANAGED} What every resource is tagged with is in tags.tf."]
    for region, code in _further(plan):
        alias = [] if code is None else [f"  alias  = {hcl_string(code)}"]
        where = "var.region" if code is None else hcl_string(region)
        tags = ["", "  default_tags {", "    tags = local.tags", "  }"]
        blocks.append("\n".join(['provider "aws" {', *alias, f"  region = {where}", *tags, "}"]))
    return "\n\n".join(blocks) + "\n"


def _further(plan: Plan) -> Iterator[tuple[str, str | None]]:
    """Each region with the alias of its provider; the default region has none."""
    for region, code in plan.stack.regions.value.items():
        yield region, None if region == plan.stack.region.value else code


def regions_tf(plan: Plan, arguments: list[str], declared: list[str]) -> str:
    """Write one call of modules/region for each region: Terraform cannot loop over providers."""
    regions = plan.stack.regions.value
    calls = {code: hcl_string(region) for region, code in regions.items()}
    home = regions[plan.stack.region.value]
    blocks = [f"# {MANAGED}", _known(regions, home)]
    for code, region in calls.items():
        own = {"region": "var.region" if code == home else region, "region_code": hcl_string(code)}
        if "released_regions" in declared:
            own["image_digest"] = (
                f"var.released_regions == null || contains(coalesce(var.released_regions, []), {region}) "
                "? var.image_digest : null"
            )
        provider = "aws" if code == home else f"aws.{code}"
        pairs = [(name, own.get(name, f"var.{name}")) for name in arguments]
        blocks.append(_call(code, provider, pairs))
    return "\n\n".join(blocks) + "\n"


def _known(regions: Mapping[str, str], home: str) -> str:
    """The regions as locals: their short forms, known before anything exists, and what was made in each."""
    width = max(len(region) for region in regions)
    codes = [f"    {region:<{width}} = {hcl_string(code)}" for region, code in regions.items()]
    made = [f"    {region:<{width}} = module.{code}" for region, code in regions.items()]
    default = [f"  home      = module.{home} # the default region", f"  home_code = {hcl_string(home)}"]
    lines = ["locals {", *default, "", "  region_codes = {", *codes, "  }", "", "  regions = {", *made, "  }", "}"]
    return "\n".join(lines)


def _call(code: str, provider: str, pairs: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in pairs)
    lines = [f'module "{code}" {{', '  source    = "./modules/region"', f"  providers = {{ aws = {provider} }}", ""]
    return "\n".join([*lines, *(f"  {name:<{width}} = {value}" for name, value in pairs), "}"])


def features_tf(copied: Mapping[str, bytes]) -> str:
    """Write what the features of modules/region share, each slot collected from the files that fill it."""
    found = [
        part
        for path, text in copied.items()
        if path.startswith(_REGION) and path.endswith(".tf")
        for part in _PART.findall(text.decode())
    ]
    lines = [f"# {MANAGED}", "# What features share: each one's part is a local in its own file.", "locals {"]
    for slot, (how, what) in SLOTS.items():
        parts = [f"local.{part}" for part in found if part.startswith(f"{slot}_")]
        value = _OF_NOTHING[how] if not parts else parts[0] if how == "one" else f"{how}({', '.join(parts)})"
        lines += [f"  # {what}", f"  {slot} = {value}", ""]
    return "\n".join([*lines[:-1], "}"]) + "\n"


def _mocks(path: str, plan: Plan) -> bytes:
    """A test of the root stack needs a provider for each region; the file has the default one, the only one of the bootstrap."""
    if not path.endswith(".tftest.hcl") or path.startswith(bootstrap.FOLDER):
        return b""
    aliases = [code for _, code in _further(plan) if code is not None]
    mock = 'mock_provider "aws" {{\n  alias  = "{}"\n  source = "./tests/mocks"\n}}\n'
    return "".join("\n" + mock.format(code) for code in aliases).encode()
