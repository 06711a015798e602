"""A failing manifest for every diagnostic code: the tests hold its whole output, docs/diagnostics.md shows it.

Rules: one example a code, as short as it can be, with what the code speaks of last.
"""

from __future__ import annotations

HEAD = "version: 1\nname: churn\n"
MINIMAL = HEAD + "model: {framework: sklearn}\n"
"""The shortest manifest, and the start of most examples."""

EXAMPLES: dict[str, str | bytes] = {
    "BYO101": HEAD + "description: Churn: a score per customer\n",
    "BYO102": MINIMAL + "---\nversion: 1\n",
    "BYO103": MINIMAL + "name: other\n",
    "BYO104": MINIMAL + "tags:\n  team: &team growth\n",
    "BYO105": HEAD + "model:\n\tframework: sklearn\n",
    "BYO106": MINIMAL.encode() + "description: Größe\n".encode("latin-1"),
    "BYO107": "- version: 1\n",
    "BYO108": "version: 2\nname: churn\nmodel: {framework: sklearn}\n",
    "BYO201": HEAD + "model: {artifact: artifacts/model.joblib}\n",
    "BYO202": MINIMAL + "serving: {worker: 2}\n",
    "BYO203": HEAD + "model: {framework: sklern}\n",
    "BYO204": MINIMAL + "endpoint: {instance_count: two}\n",
    "BYO205": MINIMAL + "endpoint: {instance_count: 0}\n",
    "BYO206": "version: 1\nname: churn_score\nmodel: {framework: sklearn}\n",
    "BYO207": HEAD + "model: {framework: sklearn, python: 3.10}\n",
    "BYO301": MINIMAL + "endpoint:\n  serverless: {memory_mib: 2048}\n",
    "BYO302": MINIMAL + "endpoint: {instance_type: ml.m5.xlarg}\n",
    "BYO303": MINIMAL + "endpoint: {instance_type: ml.c5d.xlarge, volume_size_gib: 50}\n",
    "BYO304": MINIMAL + "serving: {timeout_seconds: 120}\n",
    "BYO305": HEAD + 'model: {framework: sklearn, framework_version: "0.24.2"}\n',
    "BYO306": HEAD + "model: {framework: sklearn, artifact: ../model.joblib}\n",
    "BYO307": MINIMAL + "regions: [us-east-9]\n",
    "BYO308": HEAD + "model: {framework: sklearn, size_gib: 12}\n",
    "BYO309": MINIMAL + "files: {eject: [dockerfile]}\n",
    "BYO310": HEAD + "model: {framework: sklearn, artifact: models.tar.gz}\nendpoint: {mode: multi-model}\n",
    "BYO311": MINIMAL + "serving:\n  environment: {PYTHONPATH: /opt/ml/code}\n",
    "BYO312": HEAD + "model: {framework: python}\nendpoint: {instance_type: ml.c7i.xlarge}\n",
    "BYO313": HEAD + 'model: {framework: onnx, framework_version: "1.32.0"}\nendpoint: {instance_type: ml.g5.xlarge}\n',
    "BYO315": HEAD + 'model: {framework: sklearn, framework_version: "1.8.0", artifact: models/churn.pkl}\n',
    "BYO351": MINIMAL + "endpoint: {instance_type: ml.g4dn.xlarge}\n",
    "BYO352": HEAD + "model: {framework: sklearn, artifact: artifacts/model.joblib}\n",
    "BYO353": HEAD + "model:\n  framework: sklearn\n  inputs: [{name: tenure, type: float}]\n",
    "BYO354": MINIMAL + "serving: {workers: 8}\n",
    "BYO355": MINIMAL + "endpoint: {instance_type: ml.c7i.xlarge}\nregions: [me-south-1]\n",
    "BYO356": MINIMAL + "observability: {alarm_email: a@b.co}\ncost: {monthly_budget_usd: 150}\n",
    "BYO360": HEAD + "model: {framework: python, artifact: models/strange.pkl}\n",
    "BYO361": HEAD + "model: {framework: sklearn, artifact: models/half.pkl}\n",
    "BYO401": HEAD + "model: {framework: transformers, task: ner}\n",
}

PRICES: dict[str, bytes] = {
    "BYO312": b"""\
{
  "source": "AWS price list",
  "derived": "2026-09-28",
  "complete": ["us-east-1"],
  "hourly": [
    {"region": "us-east-1", "type": "ml.m5.xlarge", "use": "hosting", "usd_per_hour": "1", "as_of": "2026-09-28", "source": "AWS"}
  ],
  "serverless": []
}
""",
}
"""The `byocgen.prices.json` beside an example, where it takes one."""
