"""What a field of the manifest can hold: words, forms of text, ranges of numbers.

Rules: each kind is an annotation that pydantic, the JSON Schema and the diagnostics read alike (`form.Form`); where a limit
comes from a service, the service is named beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, WrapValidator

from byocgen.manifest.form import Form
from byocgen.names import PROJECT_NAME, PROJECT_NAME_MAX, ProjectName

if TYPE_CHECKING:
    from pydantic import ValidatorFunctionWrapHandler

CONFIG = ConfigDict(extra="forbid", strict=True)
"""Of every block: no other fields, and no text that becomes a number."""

FrameworkName = Literal["sklearn", "xgboost", "lightgbm", "pytorch", "transformers", "onnx", "python"]
PythonVersion = Literal["3.11", "3.12", "3.13"]
Mode = Literal["realtime", "serverless", "async", "batch", "multi-model"]
InputType = Literal["float", "integer", "string", "boolean"]


def _whole(value: Any, judge: ValidatorFunctionWrapHandler) -> Any:
    """Keep a literal number from taking what Python finds equal to it: True and 1.0 are 1 there."""
    return judge(str(value) if isinstance(value, bool | float) else value)


WHOLE = WrapValidator(_whole)
"""Stands beside every Literal of numbers."""
# The steps that CloudWatch Logs knows (PutRetentionPolicy).
LogRetention = Annotated[
    Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    WHOLE,
]


def _with_ml(text: str) -> str:
    """SageMaker's name of an EC2 type."""
    return f"ml.{text.strip().lower()}"


def _with_hyphens(text: str) -> str:
    """A region's name with its hyphens: us-east1, US_EAST_1."""
    return re.sub(r"(?<=[a-z])(?=[0-9]$)", "-", text.strip().lower().replace("_", "-"))


Line = Annotated[str, Form(r"[^\x00-\x1f\x7f\x85\u2028\u2029]*", "one line of text is wanted", 512)]
Word = Annotated[str, Form(r"[A-Za-z0-9][A-Za-z0-9.+_-]*", "a word of letters, digits and .+_- is wanted", 64)]
Email = Annotated[str, Form(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address is wanted", 320)]
InstanceType = Annotated[
    str, Form(r"ml\.[a-z0-9-]+\.[a-z0-9]+", "an instance type looks like ml.m5.xlarge", 64, repair=_with_ml)
]
InstanceTypeOrAuto = Annotated[
    str,
    Form(r"auto|ml\.[a-z0-9-]+\.[a-z0-9]+", "an instance type looks like ml.m5.xlarge; or auto", 64, repair=_with_ml),
]
Region = Annotated[str, Form(r"[a-z]{2,4}(-[a-z]+)+-[0-9]", "a region looks like us-east-1", 32, repair=_with_hyphens)]
# AWS Tagging: letters, digits, spaces and _.:/=+-@; keys may not start with aws:.
TagKey = Annotated[
    str,
    Form(
        r"(?![aA][wW][sS]:)[\w .:/=+\-@]+", "AWS takes letters, digits, spaces and _.:/=+-@, and no aws: in front", 128
    ),
]
TagValue = Annotated[
    str, Form(r"[\w .:/=+\-@]*", "AWS takes letters, digits, spaces and _.:/=+-@ in a tag's value", 256)
]
# SageMaker CreateModel, ContainerDefinition.Environment: 1,024 characters a key and a value.
EnvironmentName = Annotated[
    str, Form(r"[a-zA-Z_][a-zA-Z0-9_]*", "a variable's name has letters, digits and underscores", 1024)
]
EnvironmentValue = Annotated[str, Form(r"[^\x00]*", "any text without a NUL is wanted", 1024)]
# PEP 508 without URLs and parentheses: name, [extras], specifiers, and a marker behind a semicolon. Words of a
# marker stand apart, so that there is one way only to read it and no text takes long.
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_SPECIFIER = r"(?:===?|[~!<>]=|[<>]) *[vV]?[0-9][A-Za-z0-9.!+*_-]*"
_TERM = r"(?:[a-z_]+|'[A-Za-z0-9 .*+!,_-]*'|\"[A-Za-z0-9 .*+!,_-]*\")"
_COMPARISON = rf"[( ]*{_TERM}(?: *(?:===?|[~!<>]=|[<>]) *| +(?:not +)?in +){_TERM}[) ]*"
Requirement = Annotated[
    str,
    Form(
        rf"{_WORD} *(?:\[ *{_WORD}(?: *, *{_WORD})* *\] *)?(?:{_SPECIFIER} *(?:, *{_SPECIFIER} *)*)?"
        rf"(?:; *{_COMPARISON}(?:(?:and|or) {_COMPARISON})*)?",
        "one package is wanted, such as pandas>=2.2 or pandas[excel]>=2.2,<3; python_version < '3.13'",
        hint="a package of its own entry each; one that lies in Git, at a URL or in a folder: publish it to an index",
    ),
]
KmsKey = Annotated[
    str,
    Form(
        r"managed|aws|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-zA-Z-]+",
        "managed, aws or the ARN of a KMS key is wanted",
        2048,
    ),
]
# IAM, CreateRole: a boundary is the ARN of a managed policy.
PolicyArn = Annotated[
    str,
    Form(
        r"arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[\w+=,.@/-]+",
        "the ARN of a policy is wanted, such as arn:aws:iam::123456789012:policy/boundary",
        2048,
    ),
]
# What a condition on GitHub's tokens compares, so no pattern: a * would let others deploy.
BranchName = Annotated[str, Form(r"[A-Za-z0-9_][A-Za-z0-9_./-]*", "a branch is wanted, such as main", 200)]
EnvironmentOfPipeline = Annotated[
    str, Form(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", "the name of a GitHub environment is wanted, such as production", 200)
]
# Application Auto Scaling, PutScheduledAction: six fields of a cron, a rate, or one moment.
Schedule = Annotated[
    str,
    Form(
        r"cron\([0-9A-Z*?,/#-]+( [0-9A-Z*?,/#-]+){5}\)|rate\([1-9][0-9]* (minute|hour|day)s?\)"
        r"|at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\)",
        "a schedule looks like cron(0 8 ? * MON-FRI *), rate(1 hour) or at(2030-01-31T08:00:00)",
        hint="a cron has six fields: minute, hour, day of month, month, day of week, year",
    ),
]
TimeZone = Annotated[
    str, Form(r"[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}", "a time zone looks like Europe/Berlin", 64)
]
# SageMaker ProductionVariant: VariantName.
VariantName = Annotated[
    str, Form(PROJECT_NAME, "letters, digits and hyphens are wanted, a letter or digit at both ends", 63)
]
EcrImage = Annotated[
    str,
    Form(
        r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9]+([._/-][a-z0-9]+)*(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})",
        "an image in ECR looks like 123456789012.dkr.ecr.us-east-1.amazonaws.com/name@sha256:...",
        hint="SageMaker pulls from ECR only; name a digest, or a tag that does not move",
    ),
]
S3Archive = Annotated[
    str,
    Form(
        r"s3://[a-z0-9][a-z0-9.-]+/[^\x00-\x1f\x7f]+\.tar\.gz",
        "an archive in S3 looks like s3://bucket/key.tar.gz",
        1024,
    ),
]
S3Prefix = Annotated[
    str,
    Form(r"s3://[a-z0-9][a-z0-9.-]+/[^\x00-\x1f\x7f]+/", "a folder in S3 looks like s3://bucket/prefix/", 1024),
]
MediaType = Annotated[str, Form(r"[a-z]+/[a-z0-9][a-z0-9.+-]*", "a content type looks like text/csv", 256)]
VpcId = Annotated[str, Form(r"vpc-[0-9a-z]+", "a VPC id looks like vpc-0abc", 32)]
SubnetId = Annotated[str, Form(r"subnet-[0-9a-z]+", "a subnet id looks like subnet-0abc", 32)]
RepositoryName = Annotated[str, Form(r"[\w.-]+/[\w.-]+", "a repository looks like owner/name")]
Name = Annotated[
    ProjectName,
    Form(PROJECT_NAME, "letters, digits and hyphens are wanted, a letter or digit at both ends", PROJECT_NAME_MAX),
]
Percent = Annotated[int, Field(ge=1, le=100)]


def branch(value: object) -> str:
    """Say which half of a `word | value` field was meant, so that an error speaks of that half only."""
    return "word" if isinstance(value, str) else "value"


Workers = Annotated[
    Annotated[Literal["auto"], Tag("word")] | Annotated[int, Field(ge=1, le=256), Tag("value")], Discriminator(branch)
]
Threads = Annotated[
    Annotated[Literal["auto"], Tag("word")] | Annotated[int, Field(ge=1, le=64), Tag("value")], Discriminator(branch)
]
ServerlessMemory = Annotated[
    Annotated[Literal["auto"], Tag("word")]
    | Annotated[Literal[1024, 2048, 3072, 4096, 5120, 6144], WHOLE, Tag("value")],
    Discriminator(branch),
]
