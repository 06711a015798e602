"""The JSON Schema: draft-07, described, and of one mind with `load`."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from tests.unit.examples import EXAMPLES, HEAD, MINIMAL
from tests.unit.full import FULL

from byocgen.manifest import source
from byocgen.manifest.load import load
from byocgen.manifest.schema import schema

SCHEMA = schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def test_the_schema_is_draft_07() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    newer = {"$defs", "prefixItems", "unevaluatedProperties", "dependentRequired", "minContains", "$anchor"}
    assert keywords(SCHEMA) & newer == set()


def keywords(value: Any) -> set[str]:
    """Return every key anywhere in a schema."""
    if isinstance(value, list):
        return set().union(*(keywords(item) for item in value))
    if isinstance(value, dict):
        return set(value).union(*(keywords(item) for item in value.values()))
    return set()


def test_every_field_is_described() -> None:
    blocks = {"": SCHEMA, **SCHEMA["definitions"]}
    assert [
        (block, name)
        for block, one in blocks.items()
        for name, field in one["properties"].items()
        if not field.get("description", "").endswith(".")
    ] == []
    assert {one["additionalProperties"] for one in blocks.values()} == {False}


GOOD = {
    "the full example": FULL,
    "the shortest manifest": MINIMAL,
    "batching": MINIMAL + "serving: {batching: {max_size: 4}, workers: 3, threads: auto}\n",
    "an account's key": MINIMAL + "security: {kms: 'arn:aws:kms:us-east-1:123456789012:key/1a-b'}\n",
    "async": MINIMAL + "endpoint: {mode: async, async: {notify_email: a@b.c}}\n",
    "no size": HEAD + "model: {framework: sklearn, size_gib: null}\n",
}
BAD = {
    **{code: text for code, text in EXAMPLES.items() if "BYO201" <= code <= "BYO207" and isinstance(text, str)},
    "batching of one": MINIMAL + "serving: {batching: {max_size: 1}}\n",
    "batching of a word": MINIMAL + "serving: {batching: onn}\n",
    "workers of a word": MINIMAL + "serving: {workers: many}\n",
    "a list for a map": MINIMAL + "tags: [a]\n",
    "a tag of AWS": MINIMAL + "tags: {'aws:x': y}\n",
    "a variable of two words": MINIMAL + "serving: {environment: {a b: c}}\n",
    "a number for a text": MINIMAL + "description: 5\n",
    "a long name": f"version: 1\nname: {'n' * 41}\nmodel: {{framework: sklearn}}\n",
    "no region": MINIMAL + "regions: []\n",
    "no subnets": MINIMAL + "network: {vpc_id: vpc-1, subnet_ids: [subnet-a]}\n",
    "an empty block": MINIMAL + "endpoint:\n",
    "a whole number as a text": MINIMAL + "endpoint: {instance_count: '2'}\n",
    "yes for true": MINIMAL + "security: {run_as_root: yes}\n",
    "two lines": MINIMAL + 'description: "a\\nb"\n',
}


def values_of(text: str) -> Any:
    """Return a manifest's values as JSON has them."""
    parsed, _ = source.parse(text.encode(), "byocgen.yaml")
    assert parsed is not None
    return parsed.value


@pytest.mark.parametrize("case", GOOD)
def test_the_schema_takes(case: str) -> None:
    assert [one.message for one in VALIDATOR.iter_errors(values_of(GOOD[case]))] == []
    assert [one for one in load(GOOD[case].encode(), "byocgen.yaml").diagnostics if one.code < "BYO300"] == []


@pytest.mark.parametrize("case", BAD)
def test_the_schema_refuses(case: str) -> None:
    assert not VALIDATOR.is_valid(values_of(BAD[case]))
    assert [one for one in load(BAD[case].encode(), "byocgen.yaml").diagnostics if one.code < "BYO300"]
