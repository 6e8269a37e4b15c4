"""The files of an instance: the first boot writes them, and later changes bring the same ones. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.bare import bare
from infra.instance.files import File
from infra.text import read

NGINX_CONF = "/etc/nginx/nginx.conf"
# Who may log in; secret, so no first boot writes it.
CLIENTS = "/etc/nginx/oss-proxy/clients"
# Keeps nginx's addresses of OSS those of DNS.
FOLLOW = "/usr/local/libexec/oss-proxy-follow"
_INSTANCE = Path(__file__).resolve().parent / "instance"


def nginx_file(text: str) -> File:
    """Returns the file that nginx reads first."""
    return File(path=NGINX_CONF, content=text)


@dataclass(frozen=True, kw_only=True)
class SystemContext:
    """What the files beside nginx's own are made from.

    Attributes:
        bucket_host: The bucket's own host at the internal endpoint.
    """

    bucket_host: str


def system_files(context: SystemContext) -> tuple[File, ...]:
    """Returns the files beside it, in the order in which they are written.

    Every timer among them runs on the instance, and every service that no timer starts.
    """
    return (
        File(path="/etc/apt/apt.conf.d/80-oss-proxy", content=read("cloud-init/apt.conf")),
        File(
            path="/etc/systemd/system/nginx.service.d/restart.conf",
            content=read("cloud-init/nginx-restart.conf"),
        ),
        File(path=FOLLOW, content=_program("workers.py", "follow.py"), mode=0o755),
        File(path="/etc/systemd/system/oss-proxy-follow.service", content=read("instance/follow.service")),
    )


def _program(*modules: str) -> str:
    return f"#!/usr/bin/python3\n{bare(*(_INSTANCE / module for module in modules), alone=True)}\n"
