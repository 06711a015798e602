"""AWS: clients for the account and region of the stack, and what its errors mean to the person who runs a release.

Rules: plain boto3, so AWS_PROFILE, AWS_ENDPOINT_URL and the rest of its settings work; the region comes from the stack.
"""

from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from . import caller
from .failures import ReleaseError
from .stack import Stack

INVOCATION_SECONDS = 60  # SageMaker's own limit for one real-time invocation
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_INVALID = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}


class Account:
    """Clients of one account and region: those of the stack, checked once."""

    def __init__(self, stack: Stack) -> None:
        self._session: Any = boto3.Session(region_name=stack.region)
        present = caller.account_id()
        if present != stack.account_id:
            raise ReleaseError(
                f"these credentials are of account {present}, the stack is in {stack.account_id}: "
                "set AWS_PROFILE to a profile of that account"
            )

    def client(self, service: str) -> Any:
        config = Config(read_timeout=INVOCATION_SECONDS + 10, user_agent_extra="byocgen-release")
        return self._session.client(service, config=config)


def worded(error: BotoCoreError | ClientError) -> ReleaseError:
    """What to do about an error that boto3 raised."""
    if isinstance(error, ClientError):
        return _answered(error)
    match error:
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            return ReleaseError(
                "no AWS credentials were found: run `aws configure` or `aws sso login`, or set AWS_PROFILE"
            )
        case exceptions.ProfileNotFound():
            return ReleaseError(f"{error}: set AWS_PROFILE to a profile of ~/.aws/config")
        case (
            exceptions.TokenRetrievalError()
            | exceptions.UnauthorizedSSOTokenError()
            | exceptions.SSOTokenLoadError()
            | exceptions.CredentialRetrievalError()
        ):
            return ReleaseError(f"the AWS credentials cannot be refreshed ({error}): run `aws sso login`")
        case exceptions.ConnectionError() | exceptions.HTTPClientError():
            return ReleaseError(
                f"AWS cannot be reached ({error}): check the network, a proxy, and AWS_ENDPOINT_URL where it is set"
            )
    return ReleaseError(f"AWS settings: {error}")


def _answered(error: ClientError) -> ReleaseError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code in _EXPIRED:
        return ReleaseError("the AWS credentials have expired: run `aws sso login`, or renew the keys")
    if code in _INVALID:
        return ReleaseError(f"AWS does not know these credentials ({code}): check AWS_PROFILE and the AWS_* variables")
    if code in _DENIED:
        return ReleaseError(
            f"access denied for {error.operation_name}: {message}; grant this to the role or user that releases"
        )
    return ReleaseError(f"{error.operation_name} failed: {code}: {message}")
