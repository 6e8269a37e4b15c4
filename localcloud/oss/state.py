"""Buckets and objects as records in memory. Changed on the event loop only, never across an ``await``."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from localcloud.oss.blobs import Blob, Content
from localcloud.oss.policy.model import Policy

NULL_VERSION = "null"

BucketAcl = Literal["private", "public-read", "public-read-write"]
ObjectAcl = Literal["default", "private", "public-read", "public-read-write"]
ObjectType = Literal["Normal", "Multipart", "Appendable"]


@dataclass(frozen=True, kw_only=True)
class ObjectVersion:
    """One version of an object, or a delete marker.

    Attributes:
        key: The key.
        version_id: An id, or ``null`` for what was written while versioning was not enabled.
        content: The bytes, or None for a delete marker.
        etag: Without quotation marks.
        crc64: CRC-64 of the bytes.
        md5: MD5 of the bytes, or None where it was never computed as a whole.
        type: How it was written.
        headers: Content-Type and the other headers kept for every download, lower-case names.
        acl: Its own ACL, or ``default`` for the bucket's.
        storage_class: For example ``Standard``.
        last_modified: Whole seconds, UTC.
    """

    key: str
    version_id: str
    content: Content | None
    last_modified: datetime
    etag: str = ""
    crc64: int = 0
    md5: bytes | None = None
    type: ObjectType = "Normal"
    headers: Mapping[str, str] = field(default_factory=dict)
    acl: ObjectAcl = "default"
    storage_class: str = "Standard"

    @property
    def size(self) -> int:
        """The length in bytes; 0 for a delete marker."""
        return self.content.size if self.content else 0


@dataclass(frozen=True, kw_only=True)
class Part:
    """An uploaded part."""

    number: int
    blob: Blob
    md5: bytes
    crc64: int
    last_modified: datetime


@dataclass(kw_only=True)
class Upload:
    """A multipart upload in progress."""

    id: str
    key: str
    started: datetime
    headers: Mapping[str, str]
    acl: ObjectAcl
    storage_class: str
    parts: dict[int, Part] = field(default_factory=dict)

    def discard(self) -> None:
        """Frees the parts."""
        for part in self.parts.values():
            part.blob.release()
        self.parts.clear()


@dataclass(kw_only=True)
class Bucket:
    """A bucket with its settings and objects."""

    name: str
    region: str
    owner_uid: str
    created: datetime
    acl: BucketAcl = "private"
    storage_class: str = "Standard"
    redundancy: str = "LRS"
    block_public_access: bool = True
    forced_download: bool = True
    versioning: Literal["Enabled", "Suspended"] | None = None
    sse_algorithm: str | None = None
    policy_text: bytes | None = None
    policy: Policy = field(default_factory=lambda: Policy(()))
    tags: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    _versions: dict[str, list[ObjectVersion]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no version of any object and no upload in progress."""
        return not self._versions and not self.uploads

    def find(self, key: str, version_id: str | None = None) -> ObjectVersion | None:
        """The newest version of a key, or the one named; a delete marker is a version."""
        versions = self._versions.get(key, [])
        if version_id is None:
            return versions[-1] if versions else None
        return next((item for item in versions if item.version_id == version_id), None)

    def current(self, key: str) -> ObjectVersion | None:
        """What a download without a version id gets, or None."""
        version = self.find(key)
        return version if version is not None and version.content is not None else None

    def keys(self) -> list[str]:
        """The keys with a current version, in the order of their UTF-8 bytes (that of their code points)."""
        return sorted(key for key in self._versions if self.current(key) is not None)

    def versions(self) -> Iterator[tuple[ObjectVersion, bool]]:
        """Every version, by key and newest first, and whether it is the newest."""
        for key in sorted(self._versions):
            for index, version in enumerate(reversed(self._versions[key])):
                yield version, index == 0

    def next_version_id(self) -> str:
        """The id that a write now gets."""
        return "CAE" + secrets.token_hex(29).upper() if self.versioning == "Enabled" else NULL_VERSION

    def put(self, version: ObjectVersion) -> None:
        """Makes a version the newest; one with the same id (``null``) goes."""
        # Acquired first: a copy onto itself and an append share blobs with the version that goes.
        if version.content is not None:
            version.content.acquire()
        self.remove(version.key, version.version_id)
        self._versions.setdefault(version.key, []).append(version)

    def replace(self, version: ObjectVersion) -> None:
        """Puts a changed record (an ACL) in the place of the one with the same id."""
        versions = self._versions[version.key]
        versions[[item.version_id for item in versions].index(version.version_id)] = version

    def remove(self, key: str, version_id: str) -> ObjectVersion | None:
        """Takes one version away for good; returns it, or None when there was none."""
        version = self.find(key, version_id)
        if version is None:
            return None
        self._versions[key].remove(version)
        if not self._versions[key]:
            del self._versions[key]
        if version.content is not None:
            version.content.release()
        return version


class State:
    """All buckets; their names are unique over all accounts and regions."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def find(self, name: str) -> Bucket | None:
        """The bucket with this name, or None."""
        return self._buckets.get(name)

    def add(self, bucket: Bucket) -> None:
        """Adds a bucket; its name must be free."""
        self._buckets[bucket.name] = bucket

    def remove(self, name: str) -> None:
        """Takes an empty bucket away."""
        del self._buckets[name]

    def owned_by(self, account_uid: str) -> list[Bucket]:
        """An account's buckets, by name."""
        return sorted(
            (bucket for bucket in self._buckets.values() if bucket.owner_uid == account_uid),
            key=lambda bucket: bucket.name,
        )
