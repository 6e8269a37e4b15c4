"""The same configurations over HTTPS, all with one certificate: ECDSA P-256, as a new one has it today."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bench.nginx.others import caddy_command, caddy_conf, haproxy_command, haproxy_conf
from bench.nginx.setups import BUCKET_HOST, LIMITS, OURS, VENDOR, Setup, nginx_command, vendor_conf
from bench.nginx.setups import origin_conf as plain_origin_conf
from infra.instance_files import HTTPS_FILES
from infra.nginx.rules import LOCAL_PORT
from infra.nginx.tls import HTTPS_PORT, Tls, https_conf
from infra.render import NginxContext, nginx_conf
from tests.support.certificates import authority, server
from tests.support.nginx import free_port, relocated

NAME, ADDRESS = "localhost", "127.0.0.1"
# Settings take no host without a domain; wrk's has to be one that the machine knows.
_SETTING = "files.example.com"
CERTIFICATE, KEY, BOTH = "certificate.pem", "certificate.key", "both.pem"


def issue(folder: Path) -> None:
    """Puts a certificate, its key, and both in one file into a folder."""
    now = datetime.now(UTC)
    issued = server(authority(now=now), (NAME,), addresses=(ADDRESS,), now=now)
    for name, text in (
        (CERTIFICATE, issued.pem),
        (KEY, issued.key_pem()),
        (BOTH, issued.pem + issued.key_pem()),
    ):
        (folder / name).write_text(text)


def origin_conf(folder: Path, port: int, secure_port: int) -> str:
    """The origin's configuration: to proxies as ever, and over HTTPS to who asks it itself."""
    plain = f"listen 127.0.0.1:{port} backlog=4096;"
    secure = f"listen 127.0.0.1:{secure_port} ssl backlog=4096;"
    sessions = "ssl_session_cache shared:tls:10m;"
    lines = f"{plain}\n        {secure}\n        {_certificate(folder)} {sessions}"
    return plain_origin_conf(folder, port).replace(plain, lines)


def _ours(folder: Path, port: int, origin: int) -> str:
    tls = Tls(names=(_SETTING,), addresses=(ADDRESS,))
    context = NginxContext(
        bucket_host=BUCKET_HOST, listen_port=80, prefixes=("public/",), limits=LIMITS, tls=tls
    )
    text = https_conf(tls, str(folder / CERTIFICATE), str(folder / KEY))
    text = text.replace(f"listen {HTTPS_PORT} ", f"listen {ADDRESS}:{port} ").replace(
        " default_server", " default_server backlog=4096"
    )
    (folder / "https.conf").write_text(text)
    conf = relocated(
        nginx_conf(context),
        folder,
        context,
        listen=f"{ADDRESS}:{(plain := free_port())}",
        origin=f"{ADDRESS}:{origin}",
        measured=True,
    )
    places = {
        "listen 80;": f"listen {ADDRESS}:{plain};",
        _SETTING: NAME,
        HTTPS_FILES: f"{folder}/https*.conf",
        f"{ADDRESS}:{LOCAL_PORT}": f"{ADDRESS}:{free_port()}",
    }
    for old, new in places.items():
        conf = conf.replace(old, new)
    return conf


def _vendor(folder: Path, port: int, origin: int) -> str:
    """The vendor's form with the lines that its documentation has for HTTPS.

    Source: https://www.alibabacloud.com/help/en/oss/use-cases/use-ecs-instances-to-configure-a-reverse-proxy-for-access-to-oss
    (2025-11-21).
    """
    return vendor_conf(
        folder, port, origin, f"        {_certificate(folder)}\n        ssl_protocols TLSv1.2 TLSv1.3;\n"
    )


def _haproxy(folder: Path, port: int, origin: int) -> str:
    return haproxy_conf(folder, port, origin, BUCKET_HOST, f" ssl crt {folder / BOTH}")


def _caddy(folder: Path, port: int, origin: int) -> str:
    return caddy_conf(folder, port, origin, BUCKET_HOST, f"{folder / CERTIFICATE} {folder / KEY}")


def _certificate(folder: Path) -> str:
    return f"ssl_certificate {folder / CERTIFICATE}; ssl_certificate_key {folder / KEY};"


SECURE_SETUPS = (
    Setup(OURS, _ours, nginx_command),
    Setup(VENDOR, _vendor, nginx_command),
    Setup("HAProxy", _haproxy, haproxy_command),
    Setup("Caddy", _caddy, caddy_command),
)
