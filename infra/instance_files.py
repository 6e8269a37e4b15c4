"""The files of an instance: the first boot writes them, and later changes bring the same ones. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.bare import bare
from infra.instance.acme_paths import PACKAGE, PROGRAM
from infra.instance.files import File
from infra.nginx.sizing import BACKLOG, LOCAL_PORTS, OPEN_FILES_MAX
from infra.text import read, rendered

NGINX_CONF = "/etc/nginx/nginx.conf"
# Who may log in; secret, so no first boot writes it.
CLIENTS = "/etc/nginx/oss-proxy/clients"
# The certificate, its key, and what nginx is told of them; nginx is content without.
HTTPS_FILES = "/etc/nginx/oss-proxy/https*.conf"
HTTPS = "/etc/nginx/oss-proxy/https.conf"
CERTIFICATE = "/etc/nginx/oss-proxy/certificate.pem"
CERTIFICATE_KEY = "/etc/nginx/oss-proxy/certificate.key"
# What signs links; likewise.
LINK_KEYS = "/etc/nginx/oss-proxy/link-keys"
# The authorities that Debian trusts, of its package ca-certificates.
CA_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# Keeps nginx's addresses of OSS those of DNS.
FOLLOW = "/usr/local/libexec/oss-proxy-follow"
_UNITS = "/etc/systemd/system"
_INSTANCE = Path(__file__).resolve().parent / "instance"


def nginx_file(text: str) -> File:
    """Returns the file that nginx reads first."""
    return File(path=NGINX_CONF, content=text)


@dataclass(frozen=True, kw_only=True)
class SystemContext:
    """What the files beside nginx's own are made from.

    Attributes:
        bucket_host: The bucket's own host at the internal endpoint.
        listen_port: The TCP port that clients use.
        security_upgrades: Whether Debian's security upgrades are installed each day.
        acme: Whether an ACME authority's certificate is kept good.
        acme_dns: Whether it is proven by records in Alibaba Cloud DNS.
    """

    bucket_host: str
    listen_port: int = 80
    security_upgrades: bool = True
    acme: bool = False
    acme_dns: bool = False


def packages(context: SystemContext) -> tuple[str, ...]:
    """Returns the Debian packages that the first boot installs."""
    upgrades = ["unattended-upgrades"] if context.security_upgrades else []
    acme = [PACKAGE] if context.acme else []
    return ("nginx", "logrotate", "ca-certificates", *upgrades, *acme)


def system_files(context: SystemContext) -> tuple[File, ...]:
    """Returns the files beside it, in the order in which they are written.

    Every timer among them runs on the instance, and every service that no timer starts.
    """
    upgrades = context.security_upgrades
    files = [
        # After the files 20 and 50 of the packages.
        _made("/etc/apt/apt.conf.d/80-oss-proxy", "apt.conf", upgrades=upgrades),
        _made(
            f"{_UNITS}/nginx.service.d/oss-proxy.conf",
            "nginx-service.conf",
            open_files_max=OPEN_FILES_MAX,
            shut_metadata=context.acme_dns,
        ),
        # Debian's own place, so that nothing rotates them twice.
        _made("/etc/logrotate.d/nginx", "logrotate"),
        _made(f"{_UNITS}/logrotate.timer.d/oss-proxy.conf", "logrotate-timer.conf"),
        _made("/etc/systemd/journald.conf.d/oss-proxy.conf", "journald.conf"),
        _made(
            "/etc/sysctl.d/60-oss-proxy.conf",
            "sysctl.conf",
            backlog=BACKLOG,
            local_ports=LOCAL_PORTS,
            listen_port=context.listen_port,
        ),
    ]
    files += [
        File(path=FOLLOW, content=_program("workers.py", "follow.py"), mode=0o755),
        File(path=f"{_UNITS}/oss-proxy-follow.service", content=read("instance/follow.service")),
    ]
    if context.acme:
        proofs = ("told", "alidns") if context.acme_dns else ()
        modules = (f"acme/{name}.py" for name in ("order", "store", *proofs, "authority", "program"))
        files += [
            File(path=PROGRAM, content=_program("workers.py", "acme_paths.py", *modules), mode=0o755),
            File(path=f"{_UNITS}/oss-proxy-acme.service", content=read("instance/acme.service")),
            File(path=f"{_UNITS}/oss-proxy-acme.timer", content=read("instance/acme.timer")),
        ]
    if upgrades:
        path = f"{_UNITS}/apt-daily-upgrade.service.d/oss-proxy.conf"
        files.append(_made(path, "upgrades-install.conf"))
    return tuple(files)


def _made(path: str, template: str, **values: Any) -> File:  # a template has no types
    return File(path=path, content=rendered(f"system/{template}.j2", values))


def _program(*modules: str) -> str:
    return f"#!/usr/bin/python3\n{bare(*(_INSTANCE / module for module in modules), alone=True)}\n"
