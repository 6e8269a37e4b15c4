"""The whole of ``nginx.conf``. Pure."""

from __future__ import annotations

from infra.nginx import rules
from infra.nginx.context import NginxContext
from infra.text import rendered


def nginx_conf(context: NginxContext) -> str:
    """Returns the whole ``nginx.conf`` of an instance.

    Raises:
        RenderError: When the template asks for a value that the context does not have.
    """
    return rendered(
        "nginx/nginx.conf.j2",
        {
            "bucket_host": context.bucket_host,
            "listen_port": context.listen_port,
            "served_patterns": context.served_patterns,
            "whole_bucket": context.whole_bucket,
            "allowed_query": context.allowed_query,
            "presigned": context.presigned,
            "signature_names": rules.SIGNATURE_NAMES,
            "object_query": _object_query(context),
            "range_behavior": "standard" if context.presigned == "none" else "$range_behavior",
        },
    )


def _object_query(context: NginxContext) -> str:
    """Returns the variable with the query that reaches OSS, or nothing where none does."""
    if context.presigned != "none":
        return "$object_query"
    return "$allowed_query" if context.allowed_query else ""
