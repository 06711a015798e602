"""The manifests whose Terraform is judged: every option that shapes it, and rows that have every pair of their levels.

Rules: a level is what it adds to the manifest, valid with no more than a level of NEEDED. A refusal never goes away because
a further option is added, so a pair that is refused with each level of NEEDED is one that no manifest can have. The rows are
kept in matrix.json, which `python -m tests.terraform.matrix` writes; `test_matrix` holds that they are whole.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from byocgen import catalog as catalogs
from byocgen.diagnostics import Diagnostic, has_errors
from byocgen.manifest import contradictions, pending
from byocgen.manifest.load import adapter
from byocgen.plan import layers as plan_layers
from byocgen.plan.decide import decide

Blocks = Mapping[str, Any]
Row = Mapping[str, str]  # option -> level

ROWS = Path(__file__).with_name("matrix.json")
MAIL = "ml@example.com"
ELSEWHERE = "s3://elsewhere/churn"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
BASE: Blocks = {"version": 1, "name": "churn", "model": {"framework": "sklearn"}}


def _endpoint(**blocks: Any) -> Blocks:
    return {"endpoint": {name.rstrip("_"): block for name, block in blocks.items()}}


NIGHT = {"name": "night", "schedule": "cron(0 22 * * ? *)", "timezone": "Europe/Berlin"}
MORNING = {"name": "morning", "schedule": "cron(0 8 ? * MON-FRI *)", "timezone": "Asia/Tokyo", "min": 1, "max": 1}
RESTS = {"scale_out_cooldown_seconds": 30, "scale_in_cooldown_seconds": 600}
ON_GITHUB = {"provider": "github", "repository": "acme/churn"}
TEXTS = {
    "framework": "transformers",
    "framework_version": "5.23.0",
    "artifact": "artifacts/texts",
    "size_gib": 2.0,
    "task": "text-generation",
    "generation": {"kv_kib_per_token": 36.0, "context_tokens": 512, "sequences": 4},
}
OPTIONS: Mapping[str, Mapping[str, Blocks]] = {
    "mode": {mode: _endpoint(mode=mode) for mode in ("realtime", "serverless", "async", "batch", "multi-model")},
    "settings": {
        "none": {},
        "sized": _endpoint(serverless={"memory_mib": 2048, "max_concurrency": 20}),
        "notified": _endpoint(async_={"max_concurrent_per_instance": 2, "notify_email": MAIL}),
        "folders": _endpoint(batch={"input_folder": f"{ELSEWHERE}/in/", "output_folder": f"{ELSEWHERE}/out/"}),
    },
    "scaling": {
        "none": {},
        "between": _endpoint(autoscaling={"min": 1, "max": 4, "schedule": [{**NIGHT, "max": 1}, MORNING], **RESTS}),
        "by invocations": _endpoint(autoscaling={"invocations_per_instance": 300}),
        "from zero": _endpoint(autoscaling={"min": 0, "max": 2, "backlog_per_instance": 3}),
        "warm": _endpoint(serverless={"provisioned_concurrency": 1, "schedule": [MORNING]}),
        "warm by use": _endpoint(serverless={"provisioned_concurrency": 1, "provisioned_concurrency_max": 3}),
    },
    "machine": {
        "default": {},
        "with a volume": _endpoint(instance_type="ml.m6g.xlarge", instance_count=2, volume_size_gib=30),
        "with a GPU": _endpoint(instance_type="ml.g5.xlarge", instance_count=2),
        "chosen": _endpoint(instance_type="auto"),
    },
    "model": {
        "sample": {},
        "texts": {"model": TEXTS},
        "archive in S3": {"model": {"artifact": f"{ELSEWHERE}.tar.gz"}},
        "folder in S3": {"model": {"artifact": f"{ELSEWHERE}/"}},
    },
    "fleet": {
        "one": {},
        "variants": _endpoint(
            variants=[
                {"name": "b", "percent": 10},
                {"name": "c", "percent": 5, "instance_type": "ml.c5.2xlarge", "instance_count": 2},
            ]
        ),
        "shadow": _endpoint(shadow={"instance_type": "ml.m5.2xlarge", "sample_percent": 20}),
        "containers": _endpoint(
            pipeline={
                "before": [
                    {"image": f"{REGISTRY}/prepare:1", "artifact": f"{ELSEWHERE}.tar.gz", "environment": {"A": "b"}}
                ],
                "after": [
                    {"image": f"{REGISTRY}/name:2", "artifact": f"{ELSEWHERE}.tar.gz", "environment": {"A": "b"}}
                ],
            }
        ),
    },
    "strategy": {
        "default": {},
        "canary": _endpoint(deployment={"strategy": "canary", "step_percent": 20}, instance_count=2),
        "linear": _endpoint(deployment={"strategy": "linear", "step_percent": 50}, instance_count=2),
        "rolling": _endpoint(deployment={"strategy": "rolling", "step_percent": 5}, instance_count=2),
    },
    "rollback": {"yes": {}, "no": _endpoint(deployment={"rollback": False, "wait_seconds": 60})},
    "capture": {"no": {}, "yes": _endpoint(data_capture={"percent": 50, "retention_days": 7})},
    "alarms": {
        "no": {},
        "topic": {"observability": {"alarms": True}},
        "mail": {"observability": {"alarms": True, "alarm_email": MAIL}},
    },
    "dashboard": {"no": {}, "yes": {"observability": {"dashboard": True}}},
    "budget": {"no": {}, "yes": {"observability": {"alarm_email": MAIL}, "cost": {"monthly_budget_usd": 99.5}}},
    "logs": {"default": {}, "long": {"observability": {"log_retention_days": 365}}},
    "key": {"managed": {}, "aws": {"security": {"kms": "aws"}}, "given": {"security": {"kms": KEY}}},
    "vpc": {"no": {}, "yes": {"network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-a", "subnet-b"]}}},
    "interfaces": {"made": {}, "there": {"network": {"interface_endpoints": False}}},
    "gateway": {"made": {}, "there": {"network": {"s3_gateway": False}}},
    "isolation": {"no": {}, "yes": {"network": {"isolation": True}}},
    "access logs": {"no": {}, "yes": {"security": {"access_logs": True}}},
    "data events": {"no": {}, "yes": {"security": {"data_events": True}}},
    "boundary": {"no": {}, "yes": {"security": {"permissions_boundary": "arn:aws:iam::123456789012:policy/bounds"}}},
    "regions": {"one": {}, "two": {"regions": ["us-east-1", "eu-west-1"]}},
    "images": {"pushed": {}, "copied": {"replication": {"images": "ecr"}}},
    "models": {"uploaded": {}, "copied": {"replication": {"models": "s3"}}},
    "pipeline": {
        "none": {},
        "GitHub": {"ci": {**ON_GITHUB, "branch": "trunk"}},
        "GitHub, approved": {"ci": {**ON_GITHUB, "environment": "production"}},
        "CodeBuild": {"ci": {"provider": "codebuild", "repository": "acme/churn"}},
    },
    "container": {
        "default": {},
        "told": {"serving": {"timeout_seconds": 30, "environment": {"QUOTES": "\"${x}\" '%{if}'", "EMPTY": ""}}},
    },
    "names": {
        "short": {},
        "long": {
            "name": "A-Name-that-has-the-Forty-that-are-taken",
            "tags": {"Project": "Größe + Zahl", "team": "a=b"},
        },
    },
}

NEEDED = ("mode", "regions", "vpc")
"""Options that levels of others need: a schedule of machines needs a mode that has machines."""


def manifest(row: Row) -> Blocks:
    """Return the manifest of a row; an option that the row does not have adds nothing."""
    merged: dict[str, Any] = dict(BASE)
    for option, level in row.items():
        merged = with_blocks(merged, OPTIONS[option][level])
    return merged


def with_blocks(blocks: Blocks, more: Blocks) -> dict[str, Any]:
    both = {
        name: with_blocks(blocks[name], more[name])
        for name in blocks.keys() & more.keys()
        if isinstance(more[name], dict)
    }
    return {**blocks, **more, **both}


def refused(row: Row) -> list[Diagnostic]:
    """Return the errors that byocgen's own rules find in a row's manifest: between its fields, or else with the catalogue."""
    given = adapter().validate_json(json.dumps(manifest(row)))
    found = [*contradictions.check(given), *pending.check(given)]
    if not has_errors(found):
        found = decide(given, catalogs.load())[1]
    return [one for one in found if has_errors([one])]


def layers(row: Row) -> tuple[str, ...]:
    """Return the layers of a row's stack."""
    return plan_layers.decide(adapter().validate_json(json.dumps(manifest(row)))).value


@cache
def possible(*levels: tuple[str, str]) -> bool:
    """Whether some manifest has these levels, with what they need."""
    row = dict(levels)
    needs = [list(OPTIONS[option]) if option not in row else [row[option]] for option in NEEDED]
    return any(not refused({**dict(zip(NEEDED, need, strict=True)), **row}) for need in itertools.product(*needs))


def pairs() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Walk every two levels of different options."""
    for one, other in itertools.combinations(OPTIONS, 2):
        yield from itertools.product(_levels(one), _levels(other))


def _levels(option: str) -> list[tuple[str, str]]:
    return [(option, level) for level in OPTIONS[option]]


def rows() -> list[Row]:
    """Read the rows that are kept."""
    kept: list[Row] = json.loads(ROWS.read_text("utf-8"))
    return kept


def fields_of(schema: Mapping[str, Any], block: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Walk a manifest's schema down to the fields that have no fields of their own, those of lists included."""
    for name, field in block["properties"].items():
        below = re.findall(r"#/definitions/(\w+)", json.dumps(field))
        for definition in below:
            yield from fields_of(schema, schema["definitions"][definition], f"{above}{name}.")
        if not below:
            yield f"{above}{name}"


def has(blocks: Any, path: str) -> bool:
    """Whether blocks set a field, in any entry of the lists on its way."""
    if isinstance(blocks, list | tuple):
        return any(has(one, path) for one in blocks)
    name, _, below = path.partition(".")
    return isinstance(blocks, dict) and name in blocks and (not below or has(blocks[name], below))


def _constraints() -> Iterator[Blocks]:
    """What byocgen refuses, as the library is told: two options, and two in a mode."""
    two = [*itertools.combinations(OPTIONS, 2)]
    for names in (*two, *(("mode", *names) for names in two if "mode" not in names)):
        new = [levels for levels in itertools.product(*map(_levels, names)) if len(names) == 2 or _in_twos(levels)]
        if not all(possible(*levels) for levels in new):
            yield {"operator": "fn", "requires": list(names), "evaluate": partial(_judge, names)}


def _in_twos(levels: tuple[tuple[str, str], ...]) -> bool:
    return all(possible(*two) for two in itertools.combinations(levels, 2))


def _judge(names: tuple[str, ...], row: Row) -> bool:
    return possible(*((name, row[name]) for name in names))


def main() -> None:
    """Write the rows."""
    import covertable  # noqa: PLC0415 - who only reads the rows needs no library to make them

    made = covertable.make(
        {option: list(levels) for option, levels in OPTIONS.items()}, constraints=list(_constraints())
    )
    ROWS.write_text(json.dumps([{option: row[option] for option in OPTIONS} for row in made], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
