"""Finds the operation of a request, by level, subresources and method.

Unknown subresources are refused, never ignored: an answer to another question than was asked would be
a silent success. Parameters that are no subresources at all are ignored, as in the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping

from localcloud.oss.address import Endpoint, Target
from localcloud.oss.operations import service
from localcloud.oss.operations.bucket_table import BUCKET_OPERATIONS
from localcloud.oss.operations.object_table import COPY, OBJECT_OPERATIONS
from localcloud.oss.operations.operation import Operation
from localcloud.oss.signature.v1 import SUBRESOURCES

_SERVICE_OPERATIONS = {
    "": {
        "GET": Operation(
            name="ListBuckets", action="oss:ListBuckets", handler=service.list_buckets, needs_bucket=False
        )
    }
}

# Subresources that signature V1 does not cover, and which are therefore missing in its list.
_NEWER_SUBRESOURCES = frozenset(
    {
        "cleanRestoredObject",
        "dataPipeline",
        "legalHold",
        "metadataConfiguration",
        "objectWorm",
        "retention",
        "seal",
        "userDefinedLogFieldsConfig",
    }
)
# Names in the list of subresources that only modify an operation and are read where they matter.
_MODIFIERS = frozenset(
    {
        "continuation-token",
        "position",
        "security-token",
        "sequential",
        "versionId",
        "x-oss-request-payer",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
    }
)
_SELECTING = (SUBRESOURCES | _NEWER_SUBRESOURCES) - _MODIFIERS


def find_operation(
    method: str, endpoint: Endpoint, target: Target, headers: Mapping[str, str]
) -> tuple[Operation | None, str]:
    """Finds the operation.

    Returns:
        The operation, or None when there is none, and how the request is named in the coverage list.
    """
    if endpoint.bucket is None:
        level, table = "service", _SERVICE_OPERATIONS
    elif not target.key:
        level, table = "bucket", BUCKET_OPERATIONS
    else:
        level, table = "object", OBJECT_OPERATIONS
    names = " ".join(sorted({name for name, _ in target.query if name in _SELECTING}))
    operation = table.get(names, {}).get(method)
    if operation is None:
        return None, f"{method} {level}{'?' + names.replace(' ', '&') if names else ''}"
    if operation.name == "PutObject" and "x-oss-copy-source" in headers:
        operation = COPY
    return operation, operation.name
