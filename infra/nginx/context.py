"""What nginx's configuration is made from. Pure.

Values that reach nginx are checked again here, by the same rules as the settings, because a template has
no types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, get_args

from infra import oss_names
from infra.nginx import rules
from infra.nginx.answers import Answers
from infra.nginx.cache import Cache
from infra.nginx.limits import Limits
from infra.nginx.sizing import USUAL, Sizing, sizing
from infra.nginx.tls import Tls
from infra.text import RenderError

Presigned = Literal["none", "allowed", "required"]

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,251})[a-z0-9]")


@dataclass(frozen=True, kw_only=True)
class NginxContext:
    """What the template of nginx's configuration needs.

    Attributes:
        bucket_host: The bucket's own host at the internal endpoint, ``BUCKET.oss-REGION-internal...``.
        listen_port: The TCP port that clients use.
        prefixes: Object prefixes, each ending with ``/``, or exactly ``("*",)`` for every object.
        allowed_query: Names of the query parameters that reach OSS in requests without a signature.
        presigned: Whether signed URLs pass as they are, and whether nothing else does.
        answers: What is made of OSS's answers.
        login: Whether clients have to log in.
        links: Whether requests need a link that is signed with one of the instance's keys.
        oss_over_https: Whether OSS is asked over HTTPS.
        limits: How much one client may take.
        cache: The cache of objects, or None for none.
        tls: HTTPS, or None for none.
        sizing: How much nginx takes on at a time.

    Raises:
        RenderError: When a value breaks a rule.
    """

    bucket_host: str
    listen_port: int
    prefixes: tuple[str, ...]
    allowed_query: tuple[str, ...] = ()
    presigned: Presigned = "none"
    answers: Answers = field(default_factory=Answers)
    login: bool = False
    links: bool = False
    oss_over_https: bool = False
    limits: Limits = field(default_factory=Limits)
    cache: Cache | None = None
    tls: Tls | None = None
    sizing: Sizing = field(default_factory=lambda: sizing(USUAL))

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.bucket_host):
            raise RenderError(f"{self.bucket_host!r} is no host name", fix="check oss-proxy:bucketName.")
        if not 1 <= self.listen_port <= 65535:
            raise RenderError(f"{self.listen_port} is no TCP port", fix="check oss-proxy:listenPort.")
        rules.checked(rules.require_free_port, self.listen_port, "listenPort")
        if self.tls and self.listen_port == self.tls.port:
            raise RenderError(f"{self.listen_port} is HTTPS's port", fix="check oss-proxy:listenPort.")
        if not self.prefixes:
            raise RenderError("there is no prefix to serve", fix="check oss-proxy:objectPrefixes.")
        for prefix in () if self.whole_bucket else self.prefixes:
            rules.checked(oss_names.require_prefix, prefix, "objectPrefixes")
        for name in self.allowed_query:
            rules.checked(rules.require_query_name, name, "allowedQuery")
        if self.presigned not in get_args(Presigned):
            raise RenderError(f"{self.presigned!r} is no mode", fix="check oss-proxy:presigned.")
        if self.links and self.presigned != "none":
            raise RenderError("links beside signed URLs", fix="check oss-proxy:linkKeys.")
        self.answers.require_documents_below(self.prefixes)

    @property
    def secret_queries(self) -> bool:
        """Whether a request's query may open an object to whoever reads it."""
        return self.links or self.presigned != "none"

    @property
    def whole_bucket(self) -> bool:
        """Whether every object of the bucket is served."""
        return self.prefixes == (oss_names.WHOLE_BUCKET,)

    @property
    def served_patterns(self) -> list[str]:
        """The prefixes as regular expressions, without what anchors them; none for the whole bucket."""
        return [] if self.whole_bucket else [re.escape(prefix) for prefix in self.prefixes]
