"""How the proxy answers: what nginx makes of OSS's answers before a client sees them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from infra.nginx import rules
from infra.nginx.rules import checked

# Worth compressing. What is packed already (images, video, archives, fonts of today) is not among them.
COMPRESSED_TYPES = (
    "application/geo+json",
    "application/javascript",
    "application/json",
    "application/ld+json",
    "application/manifest+json",
    "application/wasm",
    "application/xhtml+xml",
    "application/xml",
    "image/bmp",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/javascript",
    "text/markdown",
    "text/plain",
    "text/xml",
)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What is made of OSS's answers. As it is without arguments, nothing is.

    Attributes:
        preview_in_browser: Whether downloads that OSS forced, and the owner did not, are shown instead.
        hide_existence: Whether 403 looks like 404.
        cors_allowed_origins: The origins whose pages may read, or exactly ``("*",)`` for those of all.
        content_security_policy: The header of that name, or empty for none.
        index_document: What is read for a path that ends with ``/``, or empty for nothing.
        spa_fallback: The key of what is read, with 200, for a page that is not there, or empty.
        not_found_document: The key of the text that comes with 404, or empty for a plain one.
        compression: Whether text is compressed for clients that accept it.

    Raises:
        RenderError: When a value breaks a rule.
    """

    preview_in_browser: bool = False
    hide_existence: bool = False
    cors_allowed_origins: tuple[str, ...] = ()
    content_security_policy: str = ""
    index_document: str = ""
    spa_fallback: str = ""
    not_found_document: str = ""
    compression: bool = False

    def __post_init__(self) -> None:
        checked(rules.require_origins, self.cors_allowed_origins, "corsAllowedOrigins")
        checked(rules.require_header_value, self.content_security_policy, "contentSecurityPolicy")
        checked(rules.require_index_document, self.index_document, "indexDocument")

    def require_documents_below(self, prefixes: Sequence[str]) -> None:
        """Checks that the documents lie where the proxy may read.

        Raises:
            RenderError: When one does not.
        """
        checked(lambda key: rules.require_document(key, prefixes), self.spa_fallback, "spaFallback")
        checked(
            lambda key: rules.require_document(key, prefixes), self.not_found_document, "notFoundDocument"
        )

    @property
    def spa_target(self) -> str:
        """The fallback's key as it stands in a request line."""
        return quote(self.spa_fallback, safe="/")

    @property
    def not_found_target(self) -> str:
        """The key of the text that comes with 404, as it stands in a request line."""
        return quote(self.not_found_document, safe="/")
