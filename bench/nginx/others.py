"""Other proxies than nginx before the same origin, each with its log on."""

from __future__ import annotations

from pathlib import Path

from bench.nginx.tools import tool


def haproxy_conf(folder: Path, port: int, origin: int, host: str, secure: str = "") -> str:
    """Connections to the origin are kept and shared; there is no syslog, so the log is what it prints.

    Args:
        folder: Where it writes.
        port: Where it listens.
        origin: The origin's port.
        host: The host that the origin is asked for.
        secure: What its ``bind`` says of HTTPS; empty for none.
    """
    return f"""\
global
    log stdout format raw local0
    maxconn 8192
defaults
    mode http
    log global
    option httplog
    http-reuse always
    timeout connect 10s
    timeout client 30s
    timeout server 30s
frontend clients
    bind 127.0.0.1:{port} backlog 4096{secure}
    default_backend oss
backend oss
    http-request set-header Host {host}
    server oss 127.0.0.1:{origin}
"""


def haproxy_command(conf: Path) -> list[str]:
    """Returns the words that run it in the foreground."""
    return [tool("haproxy"), "-db", "-f", str(conf)]


def caddy_conf(folder: Path, port: int, origin: int, host: str, secure: str = "") -> str:
    """How many connections it keeps to the origin is its own choice.

    Args:
        folder: Where it writes.
        port: Where it listens.
        origin: The origin's port.
        host: The host that the origin is asked for.
        secure: The arguments of its ``tls``; empty for none.
    """
    # Clients that come by an address name none in the handshake.
    site, options = f"http://127.0.0.1:{port}", "auto_https off"
    if secure:
        # Its name is for the handshake alone: openssl asks for no host.
        site, options = f"https://:{port}", "auto_https off\n    default_sni localhost"
    tls = f"\n    bind 127.0.0.1\n    tls {secure}" if secure else ""
    return f"""\
{{
    admin off
    {options}
    storage file_system {folder}
}}
{site} {{{tls}
    log {{
        output file {folder}/access.log
    }}
    reverse_proxy 127.0.0.1:{origin} {{
        header_up Host {host}
    }}
}}
"""


def caddy_command(conf: Path) -> list[str]:
    """Returns the words that run it in the foreground."""
    return [tool("caddy"), "run", "--adapter=caddyfile", f"--config={conf}"]
