"""The whole of ``nginx.conf``. Pure."""

from __future__ import annotations

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
        },
    )
