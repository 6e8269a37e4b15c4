"""What nginx's configuration is made from. Pure.

Values that reach nginx are checked again here, by the same rules as the settings, because a template has
no types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra import oss_names
from infra.text import RenderError

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,251})[a-z0-9]")


@dataclass(frozen=True, kw_only=True)
class NginxContext:
    """What the template of nginx's configuration needs.

    Attributes:
        bucket_host: The bucket's own host at the internal endpoint, ``BUCKET.oss-REGION-internal...``.
        listen_port: The TCP port that clients use.
        prefixes: Object prefixes, each ending with ``/``, or exactly ``("*",)`` for every object.

    Raises:
        RenderError: When a value breaks a rule.
    """

    bucket_host: str
    listen_port: int
    prefixes: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.bucket_host):
            raise RenderError(f"{self.bucket_host!r} is no host name", fix="check oss-proxy:bucketName.")
        if not 1 <= self.listen_port <= 65535:
            raise RenderError(f"{self.listen_port} is no TCP port", fix="check oss-proxy:listenPort.")
        if not self.prefixes:
            raise RenderError("there is no prefix to serve", fix="check oss-proxy:objectPrefixes.")
        for prefix in () if self.whole_bucket else self.prefixes:
            try:
                oss_names.require_prefix(prefix)
            except ValueError as error:
                raise RenderError(
                    f"the prefix {prefix!r} {error}", fix="check oss-proxy:objectPrefixes."
                ) from error

    @property
    def whole_bucket(self) -> bool:
        """Whether every object of the bucket is served."""
        return self.prefixes == (oss_names.WHOLE_BUCKET,)

    @property
    def served_patterns(self) -> list[str]:
        """The prefixes as regular expressions, without what anchors them; none for the whole bucket."""
        return [] if self.whole_bucket else [re.escape(prefix) for prefix in self.prefixes]
