"""AWS asked for its price list: GetProducts of AmazonSageMaker, one region and one family of products at a time.

Rules: boto3 is not a dependency of byocgen but an extra, imported here. Credentials are those that boto3 finds, and need
`pricing:GetProducts`; the service answers in few regions, of which one will do for all. Failures are worded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from byocgen.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE = "AmazonSageMaker"
FAMILIES = ("ML Instance", "ML Serverless")
ASKED_IN = "us-east-1"
"""Where the price list of every region is to be had."""
PERMISSION = "the identity needs the permission pricing:GetProducts"
INSTALL = "pip install 'byocgen[aws]'"
_WAYS_OUT = {
    "AccessDeniedException": PERMISSION,
    "AccessDenied": PERMISSION,
    "ExpiredTokenException": "the credentials have expired: sign in again",
    "ExpiredToken": "the credentials have expired: sign in again",
    "UnrecognizedClientException": "AWS does not know these credentials: look at AWS_PROFILE and aws sts get-caller-identity",
    "InvalidClientTokenId": "AWS does not know these credentials: look at AWS_PROFILE and aws sts get-caller-identity",
}


def products(region: str) -> Iterator[str]:
    """Yield every product of SageMaker's instances and serverless endpoints in a region, each a JSON text.

    Raises:
        ToolError: boto3 is missing, there are no credentials, AWS refuses or cannot be reached.
    """
    try:
        import boto3  # noqa: PLC0415 - an extra
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError  # noqa: PLC0415
    except ImportError as error:
        raise ToolError("AWS is asked through boto3, which is not installed", INSTALL) from error
    try:
        yield from _pages(boto3.Session().client("pricing", region_name=ASKED_IN), region)
    except NoCredentialsError as error:
        hint = f"set AWS_PROFILE or sign in (aws sso login); {PERMISSION}"
        raise ToolError("there are no AWS credentials to ask for prices with", hint) from error
    except ClientError as error:
        said = error.response["Error"]
        hint = _WAYS_OUT.get(said["Code"], "the price list is asked with GetProducts in us-east-1")
        raise ToolError(f"AWS refuses to say its prices: {said['Code']}: {said.get('Message', '')}", hint) from error
    except BotoCoreError as error:
        raise ToolError(
            f"the price list of AWS cannot be read: {error}", "try again where AWS can be reached"
        ) from error


def _pages(client: Any, region: str) -> Iterator[str]:
    pages = client.get_paginator("get_products")
    for family in FAMILIES:
        filters = [
            {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region},
            {"Type": "TERM_MATCH", "Field": "productFamily", "Value": family},
        ]
        for page in pages.paginate(ServiceCode=SERVICE, Filters=filters, FormatVersion="aws_v1"):
            yield from page["PriceList"]
