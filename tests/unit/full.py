"""The manifest with every field: the example of the reference."""

FULL = """\
# yaml-language-server: $schema=<the published schema>
version: 1
name: churn                       # [a-zA-Z0-9](-*[a-zA-Z0-9])*, at most 40, so that every AWS name made from it fits
description: Churn score per customer

model:
  framework: sklearn              # sklearn | xgboost | lightgbm | pytorch | transformers | onnx | python
  framework_version: "1.9.1"      # default: the catalogue's; a pickle must be served by the version that wrote it
  python: "3.12"                  # 3.11 | 3.12 | 3.13; a number (3.10 = 3.1 in YAML) is an error that says so
  artifact: artifacts/model.joblib   # file or folder relative to the manifest, or s3://bucket/prefix; none: a sample
  task: text-classification       # transformers only
  size_gib: 1.2                   # only when it cannot be measured
  generation: {kv_kib_per_token: 36, context_tokens: 1024, sequences: 16}   # transformers that write texts
  requirements: ["pandas>=2.2"]   # beside the framework's own
  inputs: [{name: tenure, type: float},   # optional; column order and types for rows given as objects, validation, docs
    {name: plan, type: string, values: [basic, pro]}]

serving:
  workers: auto                   # auto or a number; likewise threads
  threads: auto
  batching: auto                  # auto | off | {max_size: 32, max_delay_ms: 4}
  timeout_seconds: 60             # per invocation; <= 60 real time, <= 3600 async
  max_payload_mib: 6
  stream: false                   # token or row streaming
  optimize: auto                  # auto | off: a faster equal of the model, only where its answers are shown equal
  environment: {FEATURE_FLAG: "on"}

endpoint:
  mode: realtime                  # realtime | serverless | async | batch | multi-model
  instance_type: ml.m5.xlarge     # or auto (the cheapest that fits, explained)
  instance_count: 1
  volume_size_gib: 50             # EBS families only
  autoscaling: {min: 1, max: 4, invocations_per_instance: 1000}
  serverless: {memory_mib: 3072, max_concurrency: 10, provisioned_concurrency: 0}
  async: {max_concurrent_per_instance: 4, notify_email: ml@example.com}
  deployment: {strategy: canary, step_percent: 10, wait_seconds: 300, rollback: true}   # all-at-once | canary | linear
  data_capture: {percent: 10}
  shadow: {instance_type: ml.c6i.xlarge, sample_percent: 5}

regions: [us-east-1, eu-west-1]   # the first is the default
network: {vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-b], isolation: false, interface_endpoints: true}
security: {kms: managed, run_as_root: false}          # managed (a key of the stack) | aws | an existing key's ARN
observability: {alarms: true, alarm_email: ml@example.com, dashboard: true, log_retention_days: 30}
cost: {monthly_budget_usd: 300}
ci: {provider: github, repository: acme/churn}        # github | codebuild | none
tags: {team: growth}
files: {eject: [Dockerfile]}      # managed files that are yours from now on
"""
