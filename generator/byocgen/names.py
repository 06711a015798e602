"""Names that cannot be wrong: each type is made by its one parser, and nothing below checks again.

Sources of the limits: SageMaker CreateEndpoint (63, `[a-zA-Z0-9](-*[a-zA-Z0-9])*`), ECR CreateRepository (2 to 256,
lower case), S3 bucket naming (3 to 63, lower case), IAM CreateRole (64).
"""

from __future__ import annotations

import re
from typing import NewType

ProjectName = NewType("ProjectName", str)
"""The manifest's `name`: a SageMaker name of at most 40 characters, so that every AWS name made from it fits."""
Slug = NewType("Slug", str)
"""Lower case letters, digits and single hyphens."""
EcrRepositoryName = NewType("EcrRepositoryName", str)
BucketPrefix = NewType("BucketPrefix", str)
"""A bucket name but for `-<region code>-<account id>`: at most 42 characters, because those take 21 of 63."""
RolePrefix = NewType("RolePrefix", str)
"""A role name but for `-<region code>-execution`, at most 46 characters."""

PROJECT_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
PROJECT_NAME_MAX = 40


def slug(name: ProjectName) -> Slug:
    """Lower the case and collapse hyphens: `My--Model` is `my-model`."""
    return Slug(re.sub(r"-+", "-", name.lower()))


def repository_name(name: ProjectName) -> EcrRepositoryName:
    """Name the ECR repository; one character is too short for ECR, so it gets a suffix."""
    short = slug(name)
    return EcrRepositoryName(short if len(short) > 1 else f"{short}-model")


def bucket_prefix(name: ProjectName) -> BucketPrefix:
    """Name the model buckets up to region and account id, which follow because bucket names are global."""
    return BucketPrefix(slug(name))


def role_prefix(name: ProjectName) -> RolePrefix:
    """Name the execution roles up to the region, which follows because role names are global to an account."""
    return RolePrefix(name)
