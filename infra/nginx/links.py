"""Links that open one object until a time: what is signed, how, and with which keys. Pure.

nginx's own module compares them (``secure_link``), and MD5 is all that it has. MD5 has collisions: who may
choose two texts can make them have one sum. What is signed here has the key at its beginning and at its end,
so nobody without the key can make such texts, or a longer one of a known sum; what is left is to guess key or
sum, and for that the key has to be long and random. HMAC by nginx's JavaScript would be sounder on
paper, and one more package, with an interpreter, in the process that meets the Internet.
Source: https://nginx.org/en/docs/http/ngx_http_secure_link_module.html, and for MD5
https://www.rfc-editor.org/rfc/rfc6151 (both 2026-11-24).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

# One to sign with, and one whose links are still out there.
KEYS_MAX = 2
KEY_MIN, KEY_MAX = 32, 128
# Fewer in so long a text are no accident: a word that is repeated, not a random key.
DISTINCT_MIN = 8
_KEY = re.compile(rf"[A-Za-z0-9+/=_-]{{{KEY_MIN},{KEY_MAX}}}")
NAME = r"[a-z0-9-]{1,32}"


def require_key(key: str) -> None:
    """Checks a key that signs links.

    Raises:
        ValueError: When it could be guessed, or holds what means something to nginx.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(
            f"must have {KEY_MIN} to {KEY_MAX} letters, digits and +/=_-, from a generator: "
            "openssl rand -base64 32"
        )
    if len(set(key)) < DISTINCT_MIN:
        raise ValueError("must be random, from a generator: openssl rand -base64 32")


def signed_text(key: str, expires: str, query: str, path: str) -> str:
    """Returns the text whose MD5 a link carries; nginx's variables may stand for all of it.

    Neither of the first three holds a space, so no two links have the same text.

    Args:
        key: The key.
        expires: When the link ends, in seconds since 1970.
        query: The parameters that reach OSS, as they are sent, ``&NAME=VALUE``, in the order of their names.
        path: The path, decoded: the object's key behind a slash.
    """
    return f"{key} {expires} {query} {path} {key}"


def signature(text: bytes) -> str:
    """Returns a text's MD5 as nginx reads it from a link."""
    digest = hashlib.md5(text, usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def link(object_key: str, expires: int, name: str, key: str, query: Mapping[str, str] | None = None) -> str:
    """Returns path and query of a link.

    Args:
        object_key: The object's key.
        expires: When the link ends, in seconds since 1970.
        name: The name of the key that signs.
        key: The key that signs.
        query: Parameters that reach OSS, by their names, percent-encoded where they need it.
    """
    passed = "".join(f"&{parameter}={value}" for parameter, value in sorted((query or {}).items()))
    text = signed_text(key, str(expires), passed, f"/{object_key}")
    own = f"expires={expires}&key={name}&md5={signature(text.encode())}"
    return f"/{quote(object_key)}?{passed.removeprefix('&')}{'&' if passed else ''}{own}"


def key_file(keys: Mapping[str, str]) -> str:
    """Returns the lines of an nginx map from a link's own parameters to the key that its name stands for."""
    return "".join(f'"~&key={name}&" "{key}";\n' for name, key in sorted(keys.items()))


def signed_by_variables(allowed_query: Sequence[str]) -> str:
    """Returns the signed text as nginx makes it, of the variables of ``templates/nginx``.

    Args:
        allowed_query: The names of the parameters that reach OSS.
    """
    query = "".join(f"$allowed_query_{allowed_query.index(name) + 1}" for name in sorted(allowed_query))
    return signed_text("$link_secret", "$secure_link_expires", query, "$uri")
