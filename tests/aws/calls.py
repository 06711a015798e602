"""What an HTTP request asks of AWS: the service in IAM's words, the operation and its parameters.

Rules: decoded from the request alone, before moto sees it. S3 has no operations on the wire, so its table is here: method and
subresource to IAM's action, which for S3 is not the API's name (S3, "Required permissions for Amazon S3 API operations").
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

SIGNED_AS = {"monitoring": "cloudwatch"}
"""Services that sign with another name than IAM's."""
INVOKED_AT = {"invocations": "InvokeEndpoint", "async-invocations": "InvokeEndpointAsync"}
"""How the path of a request to an endpoint ends."""
ON_A_BUCKET = {
    "": {"PUT": "CreateBucket", "GET": "ListBucket", "HEAD": "ListBucket", "DELETE": "DeleteBucket"},
    "accelerate": {"GET": "GetAccelerateConfiguration"},
    "acl": {"GET": "GetBucketAcl", "PUT": "PutBucketAcl"},
    "cors": {"GET": "GetBucketCORS"},
    "encryption": dict.fromkeys(("PUT", "DELETE"), "PutEncryptionConfiguration")
    | {"GET": "GetEncryptionConfiguration"},
    "lifecycle": dict.fromkeys(("PUT", "DELETE"), "PutLifecycleConfiguration") | {"GET": "GetLifecycleConfiguration"},
    "logging": {"GET": "GetBucketLogging", "PUT": "PutBucketLogging"},
    "object-lock": {"GET": "GetBucketObjectLockConfiguration"},
    "ownershipControls": dict.fromkeys(("PUT", "DELETE"), "PutBucketOwnershipControls")
    | {"GET": "GetBucketOwnershipControls"},
    "policy": {"GET": "GetBucketPolicy", "PUT": "PutBucketPolicy", "DELETE": "DeleteBucketPolicy"},
    "publicAccessBlock": dict.fromkeys(("PUT", "DELETE"), "PutBucketPublicAccessBlock")
    | {"GET": "GetBucketPublicAccessBlock"},
    "replication": dict.fromkeys(("PUT", "DELETE"), "PutReplicationConfiguration")
    | {"GET": "GetReplicationConfiguration"},
    "requestPayment": {"GET": "GetBucketRequestPayment"},
    "tagging": dict.fromkeys(("PUT", "DELETE"), "PutBucketTagging") | {"GET": "GetBucketTagging"},
    "versioning": {"GET": "GetBucketVersioning", "PUT": "PutBucketVersioning"},
    "versions": {"GET": "ListBucketVersions"},
    "website": {"GET": "GetBucketWebsite"},
    "delete": {"POST": "DeleteObjects"},
}
ON_AN_OBJECT = {
    "GET": "GetObject",
    "HEAD": "GetObject",
    "PUT": "PutObject",
    "POST": "PutObject",
    "DELETE": "DeleteObject",
}


@dataclass(frozen=True)
class Call:
    """One operation, decoded."""

    service: str  # IAM's prefix, such as cloudwatch
    operation: str
    region: str
    parameters: Mapping[str, Any]


def decode(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Call:
    """Read a signed request as AWS would."""
    scope = headers["Authorization"].partition("Credential=")[2].partition(",")[0].split("/")
    region, service = scope[2], SIGNED_AS.get(scope[3], scope[3])
    target = headers.get("X-Amz-Target", "")
    if service == "s3":
        operation, parameters = _s3(method, unquote(path), dict(parse_qsl(query, keep_blank_values=True)), body)
    elif target:
        operation, parameters = target.rpartition(".")[2], json.loads(body or b"{}")
    elif (last := path.rpartition("/")[2]) in INVOKED_AT:
        operation, parameters = INVOKED_AT[last], {"EndpointName": path.split("/")[2]}
    else:
        parameters = dict(parse_qsl(body.decode(), keep_blank_values=True))
        operation = parameters.pop("Action")
    return Call(service, operation, region, parameters)


def _s3(method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
    bucket, _, key = path.lstrip("/").partition("/")
    if key:
        action = ON_AN_OBJECT[method]
        versioned = "versionId" in query and action != "PutObject"
        return f"{action}Version" if versioned else action, {"Bucket": bucket, "Key": key}
    subresource = next((name for name in query if name in ON_A_BUCKET), "")
    keys = re.findall(r"<Key>(.*?)</Key>", body.decode()) if subresource == "delete" else []
    action = ON_A_BUCKET[subresource][method]
    handed_on = re.findall(r"<Role>(.*?)</Role>", body.decode()) if action == "PutReplicationConfiguration" else []
    asked = {"Prefix": query["prefix"]} if "prefix" in query else {}
    return action, {"Bucket": bucket, "Keys": keys, **asked, **({"Role": handed_on[0]} if handed_on else {})}
