"""The files of an instance: the first boot writes them, and later changes bring the same ones. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from infra.instance.files import File
from infra.text import read

NGINX_CONF = "/etc/nginx/nginx.conf"
# Who may log in; secret, so no first boot writes it.
CLIENTS = "/etc/nginx/oss-proxy/clients"
# What signs links; likewise.
LINK_KEYS = "/etc/nginx/oss-proxy/link-keys"
# The authorities that Debian trusts, of its package ca-certificates.
CA_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


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

    Every timer among them runs on the instance.
    """
    return (
        File(path="/etc/apt/apt.conf.d/80-oss-proxy", content=read("cloud-init/apt.conf")),
        File(
            path="/etc/systemd/system/nginx.service.d/restart.conf",
            content=read("cloud-init/nginx-restart.conf"),
        ),
    )
