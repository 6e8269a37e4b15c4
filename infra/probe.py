"""The key that readiness checks ask OSS for. Pure.

No object need be there: OSS answers 404 ``NoSuchKey`` only after it has let the request in, so that answer
proves name resolution, the Host header and the bucket policy. A policy that keeps the proxy out answers 403.
"""

from __future__ import annotations

from collections.abc import Sequence

from infra.oss_names import WHOLE_BUCKET

# Nobody's object has this name; should one have it, the checks hold all the same.
PROBE_NAME = ".oss-proxy-probe"


def probe_key(prefixes: Sequence[str]) -> str:
    """Returns the key of an object that the proxy may read and that is not there.

    Args:
        prefixes: Object prefixes, each ending with ``/``, or exactly ``["*"]`` for every object.

    Returns:
        A key below the first prefix, at most 16 bytes longer than it; not percent-encoded.

    Raises:
        ValueError: When there is no prefix.
    """
    if not prefixes:
        raise ValueError("there is no prefix to probe below")
    first = prefixes[0]
    return PROBE_NAME if first == WHOLE_BUCKET else first + PROBE_NAME
