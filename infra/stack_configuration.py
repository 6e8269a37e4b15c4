"""The part of the stack that brings the instance its configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pulumi

from infra.bucket_policy import BucketPolicy
from infra.data_plane import provided_certificate, system_context, tls
from infra.instance.acme_paths import LIVE
from infra.instance.readiness import HttpsProbe, Probe
from infra.instance_files import CERTIFICATE, CERTIFICATE_KEY, nginx_file, system_files
from infra.naming import Naming
from infra.nginx.rules import LOCAL_PORT
from infra.nginx.tls import Tls, https_conf
from infra.policy import proxys_part
from infra.probe import probe_key
from infra.proxy import Proxy
from infra.rollout.configuration import Configuration, require_bringable
from infra.setting_types_acme import ADDRESS_PROFILE, LETS_ENCRYPT
from infra.setting_types_tls import DNS_01
from infra.settings import Settings
from infra.survey import Site

NO_HTTPS = (
    "HTTPS is off: `tls: auto` gets a certificate only where port 80 is open to the Internet anyhow. "
    "`tls: acme` with `acmeOpenPort80: true` opens it for the authority's question alone, with "
    "`acmeChallenge: dns-01` none is opened, `tls: provided` takes a certificate of yours, `tls: off` ends "
    "this warning. See docs/https.md."
)
READINESS_PATH = "/readyz"
# nginx answers 429 when others ask for its readiness too often; OSS is asked beside it.
READINESS_STATUSES = (200, 429)


def content(settings: Settings, site: Site, nginx_conf: str) -> dict[str, Any]:
    """Returns what the instance gets, as inputs of ``Configuration``; secrets stand in the clear here.

    Args:
        settings: What the stack is to be.
        site: Where it goes.
        nginx_conf: The text of ``nginx.conf``.

    Raises:
        DeliveryError: When no command could bring it; nothing has been registered then.
    """
    https = tls(settings)
    made = {
        "nginx_conf": asdict(nginx_file(nginx_conf)),
        "files": [asdict(file) for file in system_files(system_context(settings, site.bucket_host))],
        # Added when the address is known.
        "acme": {},
        "secrets": secrets_of(settings),
        "probe": asdict(
            Probe(
                bucket_host=site.bucket_host,
                key=probe_key(settings.object_prefixes),
                listen_port=LOCAL_PORT if https else settings.listen_port,
                https=_https_probe(settings, https) if https else None,
                proxy_path=READINESS_PATH,
                proxy_statuses=READINESS_STATUSES,
                storage_tls=settings.oss_over_https,
                storage_port=443 if settings.oss_over_https else 80,
            )
        ),
        "boot_timeout_s": settings.boot_timeout_seconds,
        "readiness_timeout_s": settings.readiness_timeout_seconds,
    }
    require_bringable(made)
    return made


def secrets_of(settings: Settings) -> dict[str, Any]:
    """Returns what ``infra.rollout.secret_files`` makes files of, in the clear."""
    hidden = {"client_passwords": settings.client_passwords, "link_keys": settings.link_keys}
    found: dict[str, Any] = {
        kind: {name: one.get_secret_value() for name, one in given.items()}
        for kind, given in hidden.items()
        if given
    }
    if settings.https == "provided" and (https := tls(settings)):
        found["https"] = {
            "conf": https_conf(https, CERTIFICATE, CERTIFICATE_KEY),
            "certificate": settings.tls_certificate,
            "key": settings.tls_private_key.get_secret_value(),
        }
    return found


def _https_probe(settings: Settings, https: Tls) -> HttpsProbe:
    if https.acme:
        return HttpsProbe(port=https.port, name=https.handshake_name, sha256="")
    return HttpsProbe(
        port=https.port, name=https.handshake_name, sha256=provided_certificate(settings).sha256
    )


def acme_of(settings: Settings, address: str) -> dict[str, Any]:
    """Returns what the instance is to get a certificate for; empty for none.

    Args:
        settings: What the stack is to be.
        address: The proxy's public address.
    """
    https = tls(settings)
    if not https or not https.acme:
        return {}
    return {
        "names": list(https.names),
        "address": address,
        "directory": settings.acme_directory or LETS_ENCRYPT,
        "authority": settings.acme_ca_certificate,
        "email": settings.acme_email,
        "profile": settings.acme_profile or ("" if https.names else ADDRESS_PROFILE),
        "conf": https_conf(https, f"{LIVE}/fullchain.pem", f"{LIVE}/key.pem"),
        # Without it the order is as in older releases.
        **({"zone": settings.dns_zone} if settings.acme_challenge == DNS_01 else {}),
    }


def certificate_of(settings: Settings, configuration: Configuration) -> pulumi.Input[str]:
    """Returns what the stack tells of its certificate: for whom it is, from where, until when."""
    if settings.https == "off":
        return "none: clients come by plain HTTP"
    if settings.https == "provided":
        certificate = provided_certificate(settings)
        hosts = ", ".join((*certificate.names, *certificate.addresses))
        return f"for {hosts}, of the owner's, until {certificate.not_after:%Y-%m-%d}"
    return configuration.certificate.apply(
        lambda told: (
            f"{told} as of this update; renewed in time, /readyz tells the days that are left"
            if told
            else "not known: none has been seen yet"
        )
    )


def bring_configuration(
    name: str,
    settings: Settings,
    site: Site,
    naming: Naming,
    *,
    content: Mapping[str, Any],
    proxy: Proxy,
    access: BucketPolicy,
    after: Sequence[pulumi.Resource] = (),
) -> Configuration:
    """Registers what the instance serves.

    Args:
        name: What logical names begin with.
        settings: What the stack is to be.
        site: Where it goes.
        naming: Makes the names and tags that the cloud shows.
        content: What the instance gets, as ``content`` returns it.
        proxy: The instance and its address.
        access: What lets it read.
        after: What must be there before, beside these.
    """
    # The keys of links do not travel, what they sign does.
    kinds = {"client_passwords": "clientPasswords", "link_keys": "links"}
    what = " and ".join(told for kind, told in kinds.items() if kind in content["secrets"])
    if what and (settings.https == "off" or settings.plain_http == "serve"):
        pulumi.log.warn(
            f"{what} travel over plain HTTP: whoever is on the way between a client and the proxy "
            "can read them, and the objects too."
        )
    if settings.tls == "auto" and settings.https == "off":
        pulumi.log.warn(NO_HTTPS)
    # Their order would make every stack wait for its address.
    acme: pulumi.Input[Mapping[str, Any]] = (
        proxy.reached_at.apply(lambda address: acme_of(settings, address)) if settings.https == "acme" else {}
    )
    # Without secrets no stack needs a key to encrypt its state with.
    secrets: pulumi.Input[Mapping[str, Any]] = (
        pulumi.Output.secret(content["secrets"]) if content["secrets"] else {}
    )
    return Configuration(
        f"{name}-configuration",
        **{**content, "secrets": secrets, "acme": acme},
        region=settings.region,
        instance_id=proxy.instance_id,
        # What others are granted is nothing that the instance could notice.
        policy=access.policy.apply(proxys_part),
        command_name=naming.physical("configuration"),
        tags=naming.tags(),
        seen=[asdict(one) for one in site.commands],
        opts=pulumi.ResourceOptions(depends_on=after),
    )
