"""OSS's rules for bucket names, and this program's stricter ones for object prefixes. Pure.

A prefix ends up in an nginx ``location`` and in a policy ``Resource``; both have characters with a
meaning of their own. Only characters without one, in either, are let through.
"""

from __future__ import annotations

import re

# Stands for every object of the bucket. It has to be written out: no prefix at all is a fault.
WHOLE_BUCKET = "*"

# Source: https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions (2026-03-20)
BUCKET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")

# Source: https://www.alibabacloud.com/help/en/oss/user-guide/object-naming-conventions (2024-05-21)
OBJECT_KEY_MAX_BYTES = 1023

_PREFIX_PUNCTUATION = frozenset("-_.~+=@,/")


def require_bucket_name(name: str) -> None:
    """Checks a bucket's name.

    Raises:
        ValueError: When OSS would not accept it.
    """
    if not BUCKET_NAME.fullmatch(name):
        raise ValueError(
            "must have 3 to 63 characters, only lowercase letters, digits and hyphens, "
            "beginning and ending with a letter or digit"
        )


def require_prefix(prefix: str) -> None:
    """Checks one object prefix such as ``public/``.

    Letters and digits of every script are allowed, in composed form.

    Raises:
        ValueError: When it is not a prefix, could not be reached through the proxy, or holds a
            character that means something to nginx or to a bucket policy.
    """
    if not prefix.endswith("/"):
        raise ValueError("must end with `/`, so that `public/` does not also allow `public-drafts/`")
    if prefix.startswith("/"):
        raise ValueError("must not begin with `/`: object keys do not")
    segments = prefix.removesuffix("/").split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        raise ValueError("must not hold an empty segment, `.` or `..`: clients normalise such paths away")
    strange = sorted({char for char in prefix if not (char.isalnum() or char in _PREFIX_PUNCTUATION)})
    if strange:
        raise ValueError(
            f"holds {' '.join(map(repr, strange))}; allowed are letters, digits and "
            f"{' '.join(sorted(_PREFIX_PUNCTUATION))}"
        )
    if len(prefix.encode()) > OBJECT_KEY_MAX_BYTES:
        raise ValueError(f"must have at most {OBJECT_KEY_MAX_BYTES} bytes, as a whole object key")
