"""The types of the settings that nginx's configuration is made from. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from infra.nginx import cache, limits, rules
from infra.nginx.context import Presigned
from infra.oss_names import WHOLE_BUCKET
from infra.setting_types import distinct, parsed

__all__ = [
    "CacheMinutes",
    "CacheSize",
    "ClientConnections",
    "ClientRequests",
    "ConnectionMbps",
    "Document",
    "HeaderValue",
    "IndexDocument",
    "Origins",
    "Presigned",
    "QueryNames",
]


def _query_name(name: str) -> str:
    rules.require_query_name(name)
    return name


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    rules.require_origins(origins)
    return origins


def _header_value(value: str) -> str:
    rules.require_header_value(value)
    return value


def _index_document(name: str) -> str:
    rules.require_index_document(name)
    return name


def _document(key: str, info: ValidationInfo) -> str:
    # Without prefixes there is nothing to lie below; that fault stands under its own key.
    rules.require_document(key, info.data.get("object_prefixes", (WHOLE_BUCKET,)))
    return key


def _cache_size(size: int, info: ValidationInfo) -> int:
    disk = info.data.get("system_disk_size_gib")
    if size and disk and size > disk - cache.RESERVED_GIB:
        raise ValueError(
            f"must leave {cache.RESERVED_GIB} GiB of the system disk's {disk} to the system: "
            f"at most {disk - cache.RESERVED_GIB}, or a larger systemDiskSizeGib"
        )
    if size and info.data.get("presigned") == "required":
        raise ValueError("means nothing with `presigned: required`: what a signature opens is never cached")
    return size


QueryNames = Annotated[
    tuple[Annotated[str, AfterValidator(_query_name)], ...],
    BeforeValidator(parsed),
    AfterValidator(distinct),
]
Origins = Annotated[
    tuple[str, ...], BeforeValidator(parsed), AfterValidator(distinct), AfterValidator(_origins)
]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
IndexDocument = Annotated[str, AfterValidator(_index_document)]
# After the setting `object_prefixes`, which it asks.
Document = Annotated[str, AfterValidator(_document)]
ClientRequests = Annotated[int, Field(ge=0, le=limits.REQUESTS_PER_SECOND_MAX)]
ClientConnections = Annotated[int, Field(ge=0, le=limits.CONNECTIONS_MAX)]
ConnectionMbps = Annotated[int, Field(ge=0, le=limits.MBPS_MAX)]
# After the settings `system_disk_size_gib` and `presigned`, which it asks.
CacheSize = Annotated[int, Field(ge=0, le=cache.SIZE_GIB_MAX), AfterValidator(_cache_size)]
CacheMinutes = Annotated[int, Field(ge=1, le=cache.MINUTES_MAX)]
