"""The gate in front of moto: a role's call is answered only when the role's own policies grant all that it needs.

Rules: roles are known by the session that AssumeRole or AssumeRoleWithWebIdentity gave them; every other key may do anything.
`GET /_stand_in/needs/ROLE` tells what a role asked for so far.
"""

import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.iam.models import Policy, iam_backends
from moto.sts.models import sts_backends

from .access import needs
from .calls import decode
from .needs import Need, Statement, granted
from .stand_in import ACCOUNT_ID

ASKED: dict[str, set[Need]] = defaultdict(set)
"""Everything that each role asked for."""


def guarded(application: WSGIApplication) -> WSGIApplication:
    """Answer 403 for a role that lacks a permission; hand everything else on."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        role = _role(environ.get("HTTP_AUTHORIZATION", ""))
        if role is None:
            return application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        wanted = set(
            needs(
                decode(
                    environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], _Headers(environ), body
                )
            )
        )
        ASKED[role] |= wanted
        statements = list(statements_of(role))
        missing = [need for need in wanted if not granted(need, statements)]
        if not missing:
            return application(environ, start_response)
        start_response(
            "403 Forbidden", [("Content-Type", "text/xml" if b"Action=" in body else "application/x-amz-json-1.1")]
        )
        return [_refusal(role, missing[0], json_body="HTTP_X_AMZ_TARGET" in environ)]

    return call


class _Headers(dict[str, str]):
    """The headers of a request that say what it is."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        super().__init__({"Authorization": environ["HTTP_AUTHORIZATION"]})
        if "HTTP_X_AMZ_TARGET" in environ:
            self["X-Amz-Target"] = environ["HTTP_X_AMZ_TARGET"]


def _role(authorization: str) -> str | None:
    """The role whose session signed a request."""
    key = authorization.partition("Credential=")[2].partition("/")[0]
    sessions = sts_backends[ACCOUNT_ID]["aws"].assumed_roles
    return next((str(one.role_arn).rpartition("/")[2] for one in sessions if one.access_key_id == key), None)


def statements_of(role: str) -> Iterator[Statement]:
    """Every statement of the policies that a role has."""
    iam = iam_backends[ACCOUNT_ID]["aws"]
    inline = [iam.get_role_policy(role, name)[1] for name in iam.list_role_policies(role)]
    attached, _ = iam.list_attached_role_policies(role)
    for policy in (*inline, *(_text(one) for one in attached)):
        yield from json.loads(policy)["Statement"]


def _text(policy: Policy) -> str:
    return next(str(version.document) for version in policy.versions if version.is_default)


def _refusal(role: str, need: Need, *, json_body: bool) -> bytes:
    message = f"{role} is not authorized to perform: {need.action} on resource: {need.resource} ({dict(need.context)})"
    if json_body:
        return json.dumps({"__type": "AccessDeniedException", "message": message}).encode()
    return (
        f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>".encode()
    )


def told(role: str) -> list[dict[str, Any]]:
    """What a role asked for, for a test in another process."""
    return [{"action": one.action, "resource": one.resource, "context": dict(one.context)} for one in ASKED[role]]
