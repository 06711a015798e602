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
"""A bucket name but for `-<account id>`: at most 50 characters, because the account takes 13 of 63."""
RoleName = NewType("RoleName", str)

PROJECT_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
PROJECT_NAME_MAX = 40


def slug(name: ProjectName) -> Slug:
    """Lower the case and collapse hyphens: `My--Model` is `my-model`."""
    return Slug(re.sub(r"-+", "-", name.lower()))


def repository_name(name: ProjectName) -> EcrRepositoryName:
    """Name the ECR repository; one character is too short for ECR, so it gets a suffix."""
    short = slug(name)
    return EcrRepositoryName(short if len(short) > 1 else f"{short}-model")


def bucket_prefix(name: ProjectName, region_code: str) -> BucketPrefix:
    """Name the model bucket up to the account id. Bucket names are global, so the region is part of it."""
    return BucketPrefix(f"{slug(name)}-{region_code}")


def role_name(name: ProjectName, region_code: str) -> RoleName:
    """Name the execution role. Role names are global to an account, so the region is part of it."""
    return RoleName(f"{name}-{region_code}-execution")
