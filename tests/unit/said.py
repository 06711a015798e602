"""What byocgen says to each of the examples, all of it. DOCS stands for the page that explains the codes."""

SAID = {
    "BYO101": """\
error[BYO101]: the file is not YAML: mapping values are not allowed here
 --> byocgen.yaml:3:19
  |
3 | description: Churn: a score per customer
  |                   ^
  = help: put the text in quotes when it holds ": "
  = docs: DOCS#byo101

1 error""",
    "BYO102": """\
error[BYO102]: a second document starts here
 --> byocgen.yaml:4:1
  |
4 | ---
  | ^
  = help: a file holds one manifest: remove the --- or move what follows into a file of its own
  = docs: DOCS#byo102

1 error""",
    "BYO103": """\
error[BYO103]: "name" is written twice; first on line 2
 --> byocgen.yaml:4:1
  |
4 | name: other
  | ^^^^
  = help: keep one of them
  = docs: DOCS#byo103

1 error""",
    "BYO104": """\
error[BYO104]: anchors and aliases are not read in a manifest
 --> byocgen.yaml:5:9
  |
5 |   team: &team growth
  |         ^^^^^^^^^^^^
  = help: write the value out
  = docs: DOCS#byo104

1 error""",
    "BYO105": """\
error[BYO105]: a tab stands where YAML wants spaces
 --> byocgen.yaml:4:1
  |
4 | \u2192framework: sklearn
  | ^
  = help: indent with spaces
  = docs: DOCS#byo105

1 error""",
    "BYO106": """\
error[BYO106]: byte 66 is not UTF-8
 --> byocgen.yaml:4:16
  = help: save the file as UTF-8
  = docs: DOCS#byo106

1 error""",
    "BYO107": """\
error[BYO107]: a manifest is a mapping of fields
 --> byocgen.yaml:1:1
  |
1 | - version: 1
  | ^
  = help: start with: version: 1
  = docs: DOCS#byo107

1 error""",
    "BYO108": """\
error[BYO108]: the manifest has version 2; this byocgen reads version 1
 --> byocgen.yaml:1:10
  |
1 | version: 2
  |          ^
  = help: byocgen is older than the manifest, so update byocgen: pip install --upgrade byocgen
  = docs: DOCS#byo108

1 error""",
    "BYO201": """\
error[BYO201]: `model.framework` is missing
 --> byocgen.yaml:3:1
  |
3 | model: {artifact: artifacts/model.joblib}
  | ^^^^^
  = help: write: framework: sklearn
  = docs: DOCS#byo201

warning[BYO352]: there is no artifacts/model.joblib yet
 --> byocgen.yaml:3:19
  |
3 | model: {artifact: artifacts/model.joblib}
  |                   ^^^^^^^^^^^^^^^^^^^^^^
  = help: put the model there before `make model`
  = docs: DOCS#byo352

1 error, 1 warning""",
    "BYO202": """\
error[BYO202]: there is no field "worker" in `serving`
 --> byocgen.yaml:4:11
  |
4 | serving: {worker: 2}
  |           ^^^^^^
  = help: did you mean "workers"?
  = docs: DOCS#byo202

1 error""",
    "BYO203": """\
error[BYO203]: `model.framework` is one of sklearn, xgboost, lightgbm, pytorch, transformers, onnx, python, not "sklern"
 --> byocgen.yaml:3:20
  |
3 | model: {framework: sklern}
  |                    ^^^^^^
  = help: did you mean "sklearn"?
  = docs: DOCS#byo203

1 error""",
    "BYO204": """\
error[BYO204]: `endpoint.instance_count` must be a whole number, not "two"
 --> byocgen.yaml:4:28
  |
4 | endpoint: {instance_count: two}
  |                            ^^^
  = docs: DOCS#byo204

1 error""",
    "BYO205": """\
error[BYO205]: `endpoint.instance_count` must be at least 1
 --> byocgen.yaml:4:28
  |
4 | endpoint: {instance_count: 0}
  |                            ^
  = docs: DOCS#byo205

1 error""",
    "BYO206": """\
error[BYO206]: `name`: letters, digits and hyphens are wanted, a letter or digit at both ends
 --> byocgen.yaml:2:7
  |
2 | name: churn_score
  |       ^^^^^^^^^^^
  = docs: DOCS#byo206

1 error""",
    "BYO207": """\
error[BYO207]: `model.python` is a number where a text is wanted
 --> byocgen.yaml:3:37
  |
3 | model: {framework: sklearn, python: 3.10}
  |                                     ^^^^
  = help: YAML reads 3.10 as the number 3.1; put it in quotes: "3.10"; allowed are: 3.11, 3.12, 3.13
  = docs: DOCS#byo207

1 error""",
    "BYO301": """\
error[BYO301]: `serverless` does not exist in mode realtime
 --> byocgen.yaml:5:3
  |
5 |   serverless: {memory_mib: 2048}
  |   ^^^^^^^^^^
  = help: delete the block, or set endpoint.mode: serverless
  = docs: DOCS#byo301

1 error""",
    "BYO302": """\
error[BYO302]: ml.m5.xlarg is no SageMaker hosting type
 --> byocgen.yaml:4:27
  |
4 | endpoint: {instance_type: ml.m5.xlarg}
  |                           ^^^^^^^^^^^
  = help: did you mean "ml.m5.xlarge"?
  = docs: DOCS#byo302

1 error""",
    "BYO303": """\
error[BYO303]: ml.c5d.xlarge has 100 GB of local NVMe storage and takes no EBS volume
 --> byocgen.yaml:4:59
  |
4 | endpoint: {instance_type: ml.c5d.xlarge, volume_size_gib: 50}
  |                                                           ^^
  = help: delete the line
  = docs: DOCS#byo303

1 error""",
    "BYO304": """\
error[BYO304]: 120 s; the platform ends an invocation of mode realtime after 60 s
 --> byocgen.yaml:4:28
  |
4 | serving: {timeout_seconds: 120}
  |                            ^^^
  = help: lower it, or use mode async (up to 3600 s)
  = docs: DOCS#byo304

1 error""",
    "BYO305": """\
error[BYO305]: scikit-learn 0.24.2 is not in the catalogue
 --> byocgen.yaml:3:48
  |
3 | model: {framework: sklearn, framework_version: "0.24.2"}
  |                                                ^^^^^^^^
  = help: known versions: 1.9.1, 1.9.0, 1.8.0, 1.7.2, 1.6.1, 1.5.2
  = docs: DOCS#byo305

1 error""",
    "BYO306": """\
error[BYO306]: the artifact must lie inside the project
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: ../model.joblib}
  |                                       ^^^^^^^^^^^^^^^
  = help: write a path relative to the manifest
  = docs: DOCS#byo306

1 error""",
    "BYO307": """\
error[BYO307]: SageMaker has no region us-east-9
 --> byocgen.yaml:4:11
  |
4 | regions: [us-east-9]
  |           ^^^^^^^^^
  = help: did you mean "us-east-2"?
  = docs: DOCS#byo307

1 error""",
    "BYO308": """\
error[BYO308]: 1 worker takes 26.7 GiB: 256 MiB process, 14.4 GiB weights, 12 GiB while it loads; \
ml.m5.xlarge has 12.8 GiB of its 16 GiB for that
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, size_gib: 12}
  |                                       ^^
  = help: name ml.r7i.2xlarge, which holds it, or write: instance_type: auto
  = docs: DOCS#byo308

1 error""",
    "BYO309": """\
error[BYO309]: "dockerfile" is no file that byocgen manages
 --> byocgen.yaml:4:17
  |
4 | files: {eject: [dockerfile]}
  |                 ^^^^^^^^^^
  = help: did you mean "Dockerfile"?
  = docs: DOCS#byo309

1 error""",
    "BYO310": """\
error[BYO310]: multi-model wants a folder of .tar.gz files
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: models.tar.gz}
  |                                       ^^^^^^^^^^^^^
  = help: name the folder that holds them
  = docs: DOCS#byo310

1 error""",
    "BYO311": """\
error[BYO311]: PYTHONPATH is not the manifest's to set
 --> byocgen.yaml:5:17
  |
5 |   environment: {PYTHONPATH: /opt/ml/code}
  |                 ^^^^^^^^^^
  = help: the image sets up Python; delete the line; packages go into model.requirements
  = docs: DOCS#byo311

1 error""",
    "BYO312": """\
error[BYO312]: us-east-1 has no ml.c7i.xlarge: AWS's price list of the region does not name it
 --> byocgen.yaml:4:27
  |
4 | endpoint: {instance_type: ml.c7i.xlarge}
  |                           ^^^^^^^^^^^^^
  = help: choose another type: `byocgen instances` lists them; a list that is old is read again by `byocgen catalog refresh`
  = docs: DOCS#byo312

1 error""",
    "BYO313": """\
error[BYO313]: ONNX Runtime 1.32.0 has no build for GPUs, such as the A10G of ml.g5.xlarge
 --> byocgen.yaml:3:45
  |
3 | model: {framework: onnx, framework_version: "1.32.0"}
  |                                             ^^^^^^^^
  = help: versions that ml.g5.xlarge runs: 1.31.1, 1.30.0, 1.29.0, 1.26.0
  = docs: DOCS#byo313

1 error""",
    "BYO315": """\
error[BYO315]: scikit-learn 1.5.2 wrote the artifact and 1.8.0 would serve it: a pickle is served by the version that wrote it
 --> byocgen.yaml:3:48
  |
3 | model: {framework: sklearn, framework_version: "1.8.0", artifact: models/churn.pkl}
  |                                                ^^^^^^^
  = help: write: framework_version: "1.5.2"
  = docs: DOCS#byo315

1 error""",
    "BYO351": """\
warning[BYO351]: scikit-learn does not use the T4 of ml.g4dn.xlarge, and you pay for it
 --> byocgen.yaml:4:27
  |
4 | endpoint: {instance_type: ml.g4dn.xlarge}
  |                           ^^^^^^^^^^^^^^
  = help: a CPU type such as ml.m5.xlarge costs a fraction
  = docs: DOCS#byo351

1 warning""",
    "BYO352": """\
warning[BYO352]: there is no artifacts/model.joblib yet
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: artifacts/model.joblib}
  |                                       ^^^^^^^^^^^^^^^^^^^^^^
  = help: put the model there before `make model`
  = docs: DOCS#byo352

1 warning""",
    "BYO353": """\
warning[BYO353]: without an artifact the project trains a sample model, which has columns of its own
 --> byocgen.yaml:5:3
  |
5 |   inputs: [{name: tenure, type: float}]
  |   ^^^^^^
  = help: change train.py to train on these columns, or name your model as model.artifact
  = docs: DOCS#byo353

1 warning""",
    "BYO354": """\
warning[BYO354]: 8 predictions at one time on 4 vCPUs slow each other down
 --> byocgen.yaml:4:20
  |
4 | serving: {workers: 8}
  |                    ^
  = help: let byocgen choose: write auto
  = docs: DOCS#byo354

1 warning""",
    "BYO355": """\
warning[BYO355]: me-south-1 may have no ml.c7i.xlarge: EC2 had no such machine there when that was last looked at
 --> byocgen.yaml:4:27
  |
4 | endpoint: {instance_type: ml.c7i.xlarge}
  |                           ^^^^^^^^^^^^^
  = help: `byocgen catalog refresh` asks AWS; or choose another type or region
  = docs: DOCS#byo355

1 warning""",
    "BYO356": """\
warning[BYO356]: the endpoint costs $167.90 a month or more, and the budget is $150.00
 --> byocgen.yaml:5:28
  |
5 | cost: {monthly_budget_usd: 150}
  |                            ^^^
  = help: raise it, or choose a smaller instance type, fewer instances, or a mode that scales to zero
  = docs: DOCS#byo356

1 warning""",
    "BYO360": """\
warning[BYO360]: loading the model runs what no model needs: builtins.eval
 --> byocgen.yaml:3:38
  |
3 | model: {framework: python, artifact: models/strange.pkl}
  |                                      ^^^^^^^^^^^^^^^^^^
  = help: see `byocgen inspect`; do not serve it before you know who made it
  = docs: DOCS#byo360

1 warning""",
    "BYO361": """\
warning[BYO361]: models/half.pkl cannot be read: it ends in the middle
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: models/half.pkl}
  |                                       ^^^^^^^^^^^^^^^
  = help: copy it again, or save it again where it was made
  = docs: DOCS#byo361

1 warning""",
    "BYO401": """\
warning[BYO353]: without an artifact the project trains a sample model, which is one for text-classification
 --> byocgen.yaml:3:40
  |
3 | model: {framework: transformers, task: ner}
  |                                        ^^^
  = help: change train.py to make a model for this task, or name your model as model.artifact
  = docs: DOCS#byo353

error[BYO401]: task ner is not generated yet
 --> byocgen.yaml:3:40
  |
3 | model: {framework: transformers, task: ner}
  |                                        ^^^
  = help: write: task: token-classification
  = docs: DOCS#byo401

1 error, 1 warning""",
}
