"""The operations on an object, by subresource and method.

The actions of versions (``oss:GetObjectVersion``...) are documented; that a ``versionId`` needs them
instead of the plain ones is inferred (2026-11-23).
"""

from __future__ import annotations

from localcloud.oss.operations import multipart, read, write
from localcloud.oss.operations.operation import Operation

_GET = Operation(
    name="GetObject",
    action="oss:GetObject",
    handler=read.get_object,
    data="read",
    version_action="oss:GetObjectVersion",
)
_HEAD = Operation(
    name="HeadObject",
    action="oss:GetObject",
    handler=read.head_object,
    data="read",
    version_action="oss:GetObjectVersion",
)
_META = Operation(
    name="GetObjectMeta",
    action="oss:GetObject",
    handler=read.get_object_meta,
    data="read",
    version_action="oss:GetObjectVersion",
)
_PUT = Operation(name="PutObject", action="oss:PutObject", handler=write.put_object, data="write")
COPY = Operation(name="CopyObject", action="oss:PutObject", handler=write.copy_object, data="write")

OBJECT_OPERATIONS: dict[str, dict[str, Operation]] = {
    "": {
        "GET": _GET,
        "HEAD": _HEAD,
        "PUT": _PUT,
        "DELETE": Operation(
            name="DeleteObject",
            action="oss:DeleteObject",
            handler=write.delete_object,
            data="write",
            version_action="oss:DeleteObjectVersion",
        ),
    },
    "objectMeta": {"GET": _META, "HEAD": _META},
    "acl": {
        "GET": Operation(
            name="GetObjectAcl",
            action="oss:GetObjectAcl",
            handler=read.get_object_acl,
            version_action="oss:GetObjectVersionAcl",
        ),
        "PUT": Operation(
            name="PutObjectAcl",
            action="oss:PutObjectAcl",
            handler=write.put_object_acl,
            version_action="oss:PutObjectVersionAcl",
        ),
    },
    "append": {
        "POST": Operation(
            name="AppendObject", action="oss:PutObject", handler=write.append_object, data="write"
        )
    },
    "uploads": {
        "POST": Operation(
            name="InitiateMultipartUpload", action="oss:PutObject", handler=multipart.initiate, data="write"
        )
    },
    "partNumber uploadId": {
        "PUT": Operation(
            name="UploadPart", action="oss:PutObject", handler=multipart.upload_part, data="write"
        )
    },
    "uploadId": {
        "POST": Operation(
            name="CompleteMultipartUpload", action="oss:PutObject", handler=multipart.complete, data="write"
        ),
        "DELETE": Operation(
            name="AbortMultipartUpload",
            action="oss:AbortMultipartUpload",
            handler=multipart.abort,
            data="write",
        ),
        "GET": Operation(name="ListParts", action="oss:ListParts", handler=multipart.list_parts),
    },
}
