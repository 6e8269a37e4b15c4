"""The configurations that are compared, each complete, on ports and paths of the measurement's own.

The origin is an nginx that serves files, so that it is not what limits. All stand before the same one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.nginx.others import caddy_command, caddy_conf, haproxy_command, haproxy_conf
from infra.nginx.cache import Cache
from infra.nginx.limits import Limits
from infra.render import NginxContext, nginx_conf
from tests.support.debian_nginx import unpacked
from tests.support.nginx import nginx_binary, relocated

BUCKET_HOST = "bench.oss-cn-hangzhou-internal.aliyuncs.com"
# One client asks for everything here, so the limits are as high as they go; they are judged all the same.
LIMITS = Limits(requests_per_second=100_000, connections=65_535)


@dataclass(frozen=True)
class Setup:
    """One way to serve the objects.

    Attributes:
        name: What the table calls it.
        conf: Makes its configuration from its folder, its port and the origin's.
        command: The words that run it with a configuration.
    """

    name: str
    conf: Callable[[Path, int, int], str]
    command: Callable[[Path], list[str]]


def nginx_command(conf: Path) -> list[str]:
    """Returns the words that run Debian 13's nginx, or this machine's where that cannot be had.

    Raises:
        RuntimeError: There is neither.
    """
    binary = str(unpacked()) if unpacked().exists() else nginx_binary()
    if binary is None:
        raise RuntimeError("there is no nginx. Run: make setup")
    return [binary, "-c", str(conf), "-e", str(conf.with_name("error.log")), "-g", "daemon off;"]


def origin_conf(folder: Path, port: int) -> str:
    """The origin's configuration: files below ``objects``, open for as many requests as come."""
    return frame(
        folder,
        f"""
    sendfile on;
    tcp_nopush on;
    open_file_cache max=100;
    keepalive_requests 1000000;
    access_log off;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {folder}/objects;
    }}""",
    )


def _other(make: Callable[[Path, int, int, str], str]) -> Callable[[Path, int, int], str]:
    return lambda folder, port, origin: make(folder, port, origin, BUCKET_HOST)


def _ours(cache: Cache | None) -> Callable[[Path, int, int], str]:
    def conf(folder: Path, port: int, origin: int) -> str:
        context = NginxContext(
            bucket_host=BUCKET_HOST, listen_port=80, prefixes=("public/",), limits=LIMITS, cache=cache
        )
        return relocated(
            nginx_conf(context),
            folder,
            context,
            listen=f"127.0.0.1:{port}",
            origin=f"127.0.0.1:{origin}",
            measured=True,
        )

    return conf


def vendor_conf(folder: Path, port: int, origin: int, secure: str = "") -> str:
    """The form that OSS's documentation describes for production over HTTP, in this project's words.

    A kept upstream, a log with times, addresses of the client passed on, 128 KB buffers, time-outs of 10 and
    30 seconds, a health location, large request bodies allowed; no limit, no cache, every method and header.
    Source: https://www.alibabacloud.com/help/en/oss/use-cases/use-ecs-instances-to-configure-a-reverse-proxy-for-access-to-oss
    (2025-11-21).

    Args:
        folder: Where it writes.
        port: Where it listens.
        origin: The origin's port.
        secure: What its server says of HTTPS; empty for none.
    """
    return frame(
        folder,
        f"""
    log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
        '"$http_referer" "$http_user_agent" $request_time $upstream_connect_time '
        '$upstream_header_time $upstream_response_time "$http_x_forwarded_for"';
    access_log {folder}/access.log timed;
    sendfile on;
    keepalive_timeout 65;
    upstream backend {{
        server 127.0.0.1:{origin};
        keepalive 64;
    }}
    server {{
        listen 127.0.0.1:{port}{" ssl" if secure else ""};
{secure}        location /health {{
            access_log off;
            return 200 "ok";
        }}
        location / {{
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host {BUCKET_HOST};
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_connect_timeout 10s;
            proxy_send_timeout 30s;
            proxy_read_timeout 30s;
            proxy_buffering on;
            proxy_buffer_size 128k;
            proxy_buffers 8 128k;
            proxy_busy_buffers_size 256k;
            client_max_body_size 1024m;
        }}
    }}""",
    )


def _naive(folder: Path, port: int, origin: int) -> str:
    """A variable behind ``proxy_pass``, so that names are looked up anew: no connection to OSS is kept."""
    return frame(
        folder,
        f"""
    access_log {folder}/access.log;
    sendfile on;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            set $backend "127.0.0.1:{origin}";
            proxy_pass http://$backend;
            proxy_set_header Host {BUCKET_HOST};
        }}
    }}""",
    )


DIRECT = "direct to the origin"
OURS, CACHED, VENDOR = "ours", "ours, cache hits", "vendor's form"
SETUPS = (
    Setup(OURS, _ours(None), nginx_command),
    Setup(CACHED, _ours(Cache(size_gib=4, minutes=60)), nginx_command),
    Setup(VENDOR, vendor_conf, nginx_command),
    Setup("variable proxy_pass", _naive, nginx_command),
    Setup("HAProxy", _other(haproxy_conf), haproxy_command),
    Setup("Caddy", _other(caddy_conf), caddy_command),
)


def frame(folder: Path, http: str) -> str:
    """Returns what any nginx needs around its http block to run here; the same for all."""
    # The folder is its owner's alone.
    user = "user root;\n" if os.geteuid() == 0 else ""
    return f"""\
{user}pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes auto;
worker_rlimit_nofile 16384;
events {{
    worker_connections 4096;
}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;{http}
}}
"""
