"""Objects kept on the instance's disk. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from infra.text import RenderError

SIZE_GIB_MAX = 400
MINUTES_MAX = 30 * 24 * 60
# The system, its packages and updates, logs, and what nginx fetches before it throws older files away.
RESERVED_GIB = 8

# One megabyte of memory knows 8,000 files. Source: https://nginx.org/en/docs/http/ngx_http_proxy_module.html
# (proxy_cache_path, 2026-11-23)
_ZONE_MB_PER_GIB = 4
_ZONE_MB_MIN, _ZONE_MB_MAX = 8, 128


@dataclass(frozen=True, kw_only=True)
class Cache:
    """The cache of objects.

    Attributes:
        size_gib: Its size on the disk in GiB.
        minutes: For how long an object counts as fresh whose owner set no Cache-Control or Expires.

    Raises:
        RenderError: When a value is out of range.
    """

    size_gib: int
    minutes: int

    def __post_init__(self) -> None:
        for value, most, setting in (
            (self.size_gib, SIZE_GIB_MAX, "cacheSizeGib"),
            (self.minutes, MINUTES_MAX, "cacheMinutes"),
        ):
            if not 1 <= value <= most:
                raise RenderError(f"{value} is not from 1 to {most}", fix=f"check oss-proxy:{setting}.")

    @property
    def zone_mb(self) -> int:
        """The memory that knows the files, in MB."""
        return min(max(self.size_gib * _ZONE_MB_PER_GIB, _ZONE_MB_MIN), _ZONE_MB_MAX)
