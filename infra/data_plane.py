"""From the stack's settings to what an instance's files are made from."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from infra.instance_files import SystemContext
from infra.nginx.answers import Answers
from infra.nginx.cache import Cache
from infra.nginx.context import NginxContext
from infra.nginx.limits import Limits
from infra.nginx.sizing import USUAL, Machine, sizing
from infra.nginx.tls import Tls
from infra.setting_types_tls import ACME_PORT, DNS_01
from infra.settings import Settings

if TYPE_CHECKING:
    from infra.tls.certificate import Certificate


def nginx_context(settings: Settings, bucket_host: str, machine: Machine = USUAL) -> NginxContext:
    """Returns the context of an instance's ``nginx.conf``.

    Args:
        settings: What the stack is to be.
        bucket_host: The bucket's own host at the internal endpoint.
        machine: What the instance type has.

    Raises:
        RenderError: When a value breaks a rule after all.
    """
    return NginxContext(
        bucket_host=bucket_host,
        listen_port=settings.listen_port,
        prefixes=settings.object_prefixes,
        allowed_query=settings.allowed_query,
        presigned=settings.presigned,
        answers=Answers(
            preview_in_browser=settings.preview_in_browser,
            hide_existence=settings.hide_existence,
            cors_allowed_origins=settings.cors_allowed_origins,
            content_security_policy=settings.content_security_policy,
            index_document=settings.index_document,
            spa_fallback=settings.spa_fallback,
            not_found_document=settings.not_found_document,
            compression=settings.compression,
        ),
        limits=Limits(
            requests_per_second=settings.client_requests_per_second,
            connections=settings.client_connections,
            connection_mbps=settings.connection_mbps,
        ),
        login=bool(settings.client_passwords),
        links=bool(settings.link_keys),
        oss_over_https=settings.oss_over_https,
        cache=Cache(size_gib=settings.cache_size_gib, minutes=settings.cache_minutes)
        if settings.cache_size_gib
        else None,
        tls=tls(settings),
        sizing=sizing(machine),
    )


def tls(settings: Settings) -> Tls | None:
    """Returns what clients meet over HTTPS, None where there is none."""
    if settings.https == "off":
        return None
    made = partial(
        Tls, plain_http=settings.plain_http, port=settings.https_port, hsts_seconds=settings.hsts_seconds
    )
    if settings.https == "acme":
        return made(
            names=settings.domain_names,
            acme=True,
            clients=tuple(map(str, settings.allowed_cidrs)) if settings.acme_open_port80 else (),
        )
    certificate = provided_certificate(settings)
    return made(
        names=certificate.names,
        addresses=certificate.addresses,
        until=f"{certificate.not_after:%Y-%m-%d}",
    )


def provided_certificate(settings: Settings) -> Certificate:
    """Returns the owner's certificate, which the settings have checked."""
    return _certificate(settings.tls_certificate)


# Asked for by all that a run makes of it.
@cache
def _certificate(pem: str) -> Certificate:
    # What reads it takes a tenth of a second to import.
    from infra.tls.certificate import read_chain

    return read_chain(pem, datetime.now(UTC))


def system_context(settings: Settings, bucket_host: str) -> SystemContext:
    """Returns the context of the files beside ``nginx.conf``.

    Args:
        settings: What the stack is to be.
        bucket_host: The bucket's own host at the internal endpoint.
    """
    return SystemContext(
        bucket_host=bucket_host,
        listen_port=settings.listen_port,
        security_upgrades=settings.security_upgrades,
        acme=settings.https == "acme",
        acme_dns=settings.acme_challenge == DNS_01,
    )


def ports(settings: Settings) -> dict[str, int]:
    """Returns the TCP ports for clients, by what distinguishes them in the names of resources."""
    https = {"https-": settings.https_port} if settings.https != "off" else {}
    return {"": settings.listen_port, **https}


def open_ports(settings: Settings) -> dict[str, int]:
    """Returns the TCP ports that are open to all whatever allowedCidrs holds, named likewise."""
    return {"acme-": ACME_PORT} if settings.acme_open_port80 else {}
