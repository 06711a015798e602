"""What byocgen says to each contradiction, all of it. DOCS stands for the page that explains the codes."""

SAID = {
    "serverless with a GPU": """\
error[BYO303]: a serverless endpoint has no machines, so no type of them
 --> byocgen.yaml:5:45
  |
5 | endpoint: {mode: serverless, instance_type: ml.g5.xlarge}
  |                                             ^^^^^^^^^^^^
  = help: delete the line; endpoint.serverless.memory_mib chooses its size
  = docs: DOCS#byo303

1 error""",
    "serverless with a VPC": """\
error[BYO303]: a serverless endpoint runs in no VPC
 --> byocgen.yaml:6:1
  |
6 | network: {vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-b]}
  | ^^^^^^^
  = help: delete the block, or use mode realtime
  = docs: DOCS#byo303

1 error""",
    "serverless with isolation": """\
error[BYO303]: a serverless endpoint has a network that is not isolated
 --> byocgen.yaml:6:1
  |
6 | network: {isolation: true}
  | ^^^^^^^
  = help: delete the block, or use mode realtime
  = docs: DOCS#byo303

1 error""",
    "serverless with capture": """\
error[BYO301]: `data_capture` does not exist in mode serverless
 --> byocgen.yaml:5:30
  |
5 | endpoint: {mode: serverless, data_capture: {percent: 10}}
  |                              ^^^^^^^^^^^^
  = help: delete the block, or set endpoint.mode: realtime
  = docs: DOCS#byo301

1 error""",
    "serverless with a shadow": """\
error[BYO301]: `shadow` does not exist in mode serverless
 --> byocgen.yaml:5:30
  |
5 | endpoint: {mode: serverless, shadow: {instance_type: ml.c6i.xlarge}}
  |                              ^^^^^^
  = help: delete the block, or set endpoint.mode: realtime
  = docs: DOCS#byo301

1 error""",
    "serverless with multi-model": """\
error[BYO301]: `serverless` does not exist in mode multi-model
 --> byocgen.yaml:4:31
  |
4 | endpoint: {mode: multi-model, serverless: {memory_mib: 2048}}
  |                               ^^^^^^^^^^
  = help: delete the block, or set endpoint.mode: serverless
  = docs: DOCS#byo301

1 error""",
    "multi-model with an uncompressed artifact": """\
error[BYO310]: multi-model wants a folder of .tar.gz files
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: models/churn.joblib}
  |                                       ^^^^^^^^^^^^^^^^^^^
  = help: name the folder that holds them
  = docs: DOCS#byo310

1 error""",
    "batch on Graviton": """\
error[BYO303]: batch transform does not run on ml.c7g.xlarge
 --> byocgen.yaml:4:40
  |
4 | endpoint: {mode: batch, instance_type: ml.c7g.xlarge}
  |                                        ^^^^^^^^^^^^^
  = help: use a type such as ml.m5.xlarge
  = docs: DOCS#byo303

1 error""",
    "batch on p4d": """\
error[BYO303]: batch transform does not run on ml.p4d.24xlarge
 --> byocgen.yaml:4:40
  |
4 | endpoint: {mode: batch, instance_type: ml.p4d.24xlarge}
  |                                        ^^^^^^^^^^^^^^^
  = help: use a type such as ml.m5.xlarge
  = docs: DOCS#byo303

warning[BYO351]: the image of framework python does not use the A100 of ml.p4d.24xlarge, and you pay for it
 --> byocgen.yaml:4:40
  |
4 | endpoint: {mode: batch, instance_type: ml.p4d.24xlarge}
  |                                        ^^^^^^^^^^^^^^^
  = help: a CPU type such as ml.m5.xlarge costs a fraction
  = docs: DOCS#byo351

1 error, 1 warning""",
    "batch on p5": """\
error[BYO303]: batch transform does not run on ml.p5.48xlarge
 --> byocgen.yaml:4:40
  |
4 | endpoint: {mode: batch, instance_type: ml.p5.48xlarge}
  |                                        ^^^^^^^^^^^^^^
  = help: use a type such as ml.m5.xlarge
  = docs: DOCS#byo303

warning[BYO351]: the image of framework python does not use the H100 of ml.p5.48xlarge, and you pay for it
 --> byocgen.yaml:4:40
  |
4 | endpoint: {mode: batch, instance_type: ml.p5.48xlarge}
  |                                        ^^^^^^^^^^^^^^
  = help: a CPU type such as ml.m5.xlarge costs a fraction
  = docs: DOCS#byo351

1 error, 1 warning""",
    "a timeout above the mode's, in real time": """\
error[BYO304]: 61 s; the platform ends an invocation of mode realtime after 60 s
 --> byocgen.yaml:4:28
  |
4 | serving: {timeout_seconds: 61}
  |                            ^^
  = help: lower it, or use mode async (up to 3600 s)
  = docs: DOCS#byo304

1 error""",
    "a timeout above the mode's, serverless": """\
error[BYO304]: 61 s; the platform ends an invocation of mode serverless after 60 s
 --> byocgen.yaml:5:48
  |
5 | serving: {max_payload_mib: 4, timeout_seconds: 61}
  |                                                ^^
  = help: lower it, or use mode async (up to 3600 s)
  = docs: DOCS#byo304

1 error""",
    "a timeout above the mode's, asynchronous": """\
error[BYO205]: `serving.timeout_seconds` must be at most 3600
 --> byocgen.yaml:5:28
  |
5 | serving: {timeout_seconds: 3601}
  |                            ^^^^
  = docs: DOCS#byo205

1 error""",
    "a volume size on an NVMe family": """\
error[BYO303]: ml.c5d.xlarge has 100 GB of local NVMe storage and takes no EBS volume
 --> byocgen.yaml:4:59
  |
4 | endpoint: {instance_type: ml.c5d.xlarge, volume_size_gib: 50}
  |                                                           ^^
  = help: delete the line
  = docs: DOCS#byo303

1 error""",
    "isolation with a model fetched at start": """\
error[BYO303]: an isolated container cannot fetch a model at start
 --> byocgen.yaml:5:38
  |
5 | serving: {environment: {HF_MODEL_ID: org/model}}
  |                                      ^^^^^^^^^
  = help: name it as model.artifact instead
  = docs: DOCS#byo303

1 error""",
    "an instance type that is none": """\
error[BYO302]: ml.m5.extralarge is no SageMaker hosting type
 --> byocgen.yaml:4:27
  |
4 | endpoint: {instance_type: ml.m5.extralarge}
  |                           ^^^^^^^^^^^^^^^^
  = help: did you mean "ml.m5.xlarge"?
  = docs: DOCS#byo302

1 error""",
    "an instance type that no provider has": """\
error[BYO302]: no AWS provider for Terraform that accepts ml.g7.2xlarge is in the catalogue
 --> byocgen.yaml:4:27
  |
4 | endpoint: {instance_type: ml.g7.2xlarge}
  |                           ^^^^^^^^^^^^^
  = help: choose a type of a released provider, such as ml.m7i.xlarge
  = docs: DOCS#byo302

warning[BYO351]: the image of framework python does not use the RTX PRO 4500 of ml.g7.2xlarge, and you pay for it
 --> byocgen.yaml:4:27
  |
4 | endpoint: {instance_type: ml.g7.2xlarge}
  |                           ^^^^^^^^^^^^^
  = help: a CPU type such as ml.m5.xlarge costs a fraction
  = docs: DOCS#byo351

1 error, 1 warning""",
    "an instance type that EC2 lacks in the region": """\
warning[BYO355]: me-south-1 may have no ml.c7i.large: EC2 had no such machine there when that was last looked at
 --> byocgen.yaml:5:27
  |
5 | endpoint: {instance_type: ml.c7i.large}
  |                           ^^^^^^^^^^^^
  = help: `byocgen catalog refresh` asks AWS; or choose another type or region
  = docs: DOCS#byo355

1 warning""",
    "a name that is too long": """\
error[BYO206]: `name`: 43 characters; at most 40 fit
 --> byocgen.yaml:3:7
  |
3 | name: churn-churn-churn-churn-churn-churn-churn-x
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = docs: DOCS#byo206

1 error""",
    "an environment over 32 KB": """\
error[BYO304]: the variables have 33,363 bytes together; a container takes 32,768
 --> byocgen.yaml:5:3
  |
5 |   environment:
  |   ^^^^^^^^^^^
  = help: put long values into the model or into the image
  = docs: DOCS#byo304

1 error""",
    "a block of another mode": """\
error[BYO301]: `serverless` does not exist in mode realtime
 --> byocgen.yaml:4:12
  |
4 | endpoint: {serverless: {memory_mib: 2048}}
  |            ^^^^^^^^^^
  = help: delete the block, or set endpoint.mode: serverless
  = docs: DOCS#byo301

1 error""",
    "a tag value that AWS refuses": """\
error[BYO206]: `tags.team`: AWS takes letters, digits, spaces and _.:/=+-@ in a tag's value
 --> byocgen.yaml:4:14
  |
4 | tags: {team: growth & sales}
  |              ^^^^^^^^^^^^^^
  = docs: DOCS#byo206

1 error""",
    "scikit-learn on a GPU type": """\
warning[BYO351]: scikit-learn does not use the A10G of ml.g5.xlarge, and you pay for it
 --> byocgen.yaml:4:27
  |
4 | endpoint: {instance_type: ml.g5.xlarge}
  |                           ^^^^^^^^^^^^
  = help: a CPU type such as ml.m5.xlarge costs a fraction
  = docs: DOCS#byo351

1 warning""",
    "multi-model of a file": """\
error[BYO310]: multi-model wants a folder of .tar.gz files
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: models.tar.gz}
  |                                       ^^^^^^^^^^^^^
  = help: name the folder that holds them
  = docs: DOCS#byo310

1 error""",
    "multi-model of a prefix without its slash": """\
error[BYO310]: multi-model wants a prefix that ends in /
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: s3://bucket/models}
  |                                       ^^^^^^^^^^^^^^^^^^
  = help: write: s3://bucket/models/
  = docs: DOCS#byo310

1 error""",
    "an artifact with an absolute path": """\
error[BYO306]: the artifact must lie inside the project
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: /srv/model.joblib}
  |                                       ^^^^^^^^^^^^^^^^^
  = help: write a path relative to the manifest
  = docs: DOCS#byo306

1 error""",
    "an artifact that climbs out": """\
error[BYO306]: the artifact must lie inside the project
 --> byocgen.yaml:3:39
  |
3 | model: {framework: sklearn, artifact: ../model.joblib}
  |                                       ^^^^^^^^^^^^^^^
  = help: write a path relative to the manifest
  = docs: DOCS#byo306

1 error""",
    "more than a transform job's variables": """\
error[BYO304]: 17 variables; a transform job takes 16
 --> byocgen.yaml:6:3
  |
6 |   environment:
  |   ^^^^^^^^^^^
  = help: put values that belong together into one, or into the model
  = docs: DOCS#byo304

1 error""",
    "weights of 8 bits of a table's model": """\
error[BYO303]: weights of 8 bits are made for framework transformers, not for sklearn
 --> byocgen.yaml:4:21
  |
4 | serving: {optimize: int8}
  |                     ^^^^
  = help: write: optimize: auto
  = docs: DOCS#byo303

1 error""",
    "a boolean of YAML 1.1": """\
error[BYO204]: `observability.dashboard` must be true or false, not "yes"
 --> byocgen.yaml:4:28
  |
4 | observability: {dashboard: yes}
  |                            ^^^
  = help: byocgen reads YAML 1.2, where yes, no, on and off are texts: write true or false
  = docs: DOCS#byo204

1 error""",
}
