"""`byocgen explain KEY`: the chain from a value back to what nobody decided."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit.asking import generated
from tests.unit.examples import HEAD, MINIMAL

from byocgen import explanation
from byocgen.manifest.wording import known_fields
from byocgen.plan.chain import anchor, walk

ROOT = Path(__file__).resolve().parents[2]
MODES = {
    "serverless": MINIMAL
    + "endpoint: {mode: serverless, serverless: {provisioned_concurrency: 1, provisioned_concurrency_max: 2}}\n",
    "async": MINIMAL + "endpoint: {mode: async, autoscaling: {min: 0}}\n",
    "batch": MINIMAL + "endpoint: {mode: batch}\n",
    "multi-model": MINIMAL + "endpoint: {mode: multi-model}\n",
    "scaled": MINIMAL + "endpoint: {autoscaling: {max: 2}}\n",
    "variants": MINIMAL + "endpoint: {variants: [{name: b, percent: 10}]}\n",
    "shadow": MINIMAL + "endpoint: {shadow: {instance_type: ml.m5.large}}\n",
    "pipeline": MINIMAL
    + "endpoint: {pipeline: {after: [{image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/after:1}]}}\n",
}
MANIFESTS = {
    "minimal": MINIMAL,
    "on Graviton": MINIMAL + "endpoint: {instance_type: ml.c7g.large}\n",
    "a network": HEAD + "model: {framework: transformers, size_gib: 2}\n",
    "auto": MINIMAL + "endpoint: {instance_type: auto}\n",
    "auto on a GPU": HEAD
    + "model: {framework: transformers, size_gib: 20, artifact: m, generation: {kv_kib_per_token: 36, context_tokens: 1024}}\n"
    + "endpoint: {instance_type: auto}\n",
    **MODES,
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_chain_ends_and_every_key_in_it_exists(name: str) -> None:
    plan = generated(MANIFESTS[name]).plan
    known = dict(plan.decisions())
    for key in known:
        links = list(walk(plan, key))
        assert links[0].key == key
        assert [link.key for link in links if link.shown and link.key == key] == [], f"{key} follows from itself"
        assert {link.key for link in links if link.key} <= set(known)


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_field_that_is_a_source_exists(name: str) -> None:
    plan = generated(MANIFESTS[name]).plan
    named = {link.what.source for key, _ in plan.decisions() for link in walk(plan, key)}
    fields = [source.removeprefix("manifest: ") for source in named if source.startswith("manifest: ")]
    lost = [path for path in fields if path.split(".")[-1] not in known_fields(tuple(path.split(".")[:-1]))]
    assert lost == []
    files = [source.removeprefix("catalogue: ") for source in named if source.startswith("catalogue: ")]
    data = ROOT / "generator" / "byocgen" / "catalog" / "data"
    assert [file for file in files if not (data / file).exists()] == []


def test_every_decision_has_a_section_in_the_docs() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    headings = [heading.replace("`", "") for heading in re.findall(r"^### (.*)$", text, re.MULTILINE)]
    made = [[key for key, _ in generated(text).plan.decisions()] for text in (MINIMAL, *MODES.values())]
    assert [keys for keys in made if [heading for heading in headings if heading in keys] != keys] == []
    assert set(headings) == set().union(*made)
    links = re.findall(r"\]\(#([^)]*)\)", text)
    assert set(links) <= {anchor(heading) for heading in headings}


def test_a_chain_as_a_person_reads_it() -> None:
    plan = generated(MINIMAL).plan
    assert explanation.chain(plan, "image.platform", 80) == """\
image.platform = linux/amd64
  an image of one platform: SageMaker refuses an index of several
  from catalogue: instances.json
    image.architecture = amd64
      ml.m5.xlarge has amd64 CPUs
      from catalogue: instances.json
        stack.instance_type = ml.m5.xlarge
          4 vCPUs, 16 GiB, amd64
          from manifest: endpoint.instance_type
            us-east-1 has ml.m5.xlarge: it has a price there
              from AWS price list, usage types USE1-Host
docs: https://github.com/byocgen/byocgen/blob/main/docs/decisions.md#imageplatform
"""  # fmt: skip


def test_what_was_shown_is_not_shown_again() -> None:
    plan = generated(MINIMAL).plan
    lines = explanation.chain(plan, "serving.blas_threads", 80).splitlines()
    first, *others = [line.strip() for line in lines if "stack.instance_type" in line]
    assert first == "stack.instance_type = ml.m5.xlarge"
    assert set(others) == {"stack.instance_type = ml.m5.xlarge (above)"}
