"""Empties a bucket for good, with an official client."""

from __future__ import annotations

from typing import Any

import alibabacloud_oss_v2 as oss


def empty(client: Any, bucket: str) -> None:
    """Deletes every version of every object, and every unfinished upload.

    Args:
        client: The official client, which has no types.
        bucket: The bucket's name.
    """
    versions = client.list_object_versions_paginator().iter_page(oss.ListObjectVersionsRequest(bucket=bucket))
    for page in versions:
        for item in (*(page.version or ()), *(page.delete_marker or ())):
            client.delete_object(
                oss.DeleteObjectRequest(bucket=bucket, key=item.key, version_id=item.version_id)
            )
    uploads = client.list_multipart_uploads_paginator().iter_page(
        oss.ListMultipartUploadsRequest(bucket=bucket)
    )
    for page in uploads:
        for item in page.uploads or ():
            client.abort_multipart_upload(
                oss.AbortMultipartUploadRequest(bucket=bucket, key=item.key, upload_id=item.upload_id)
            )
