"""The types of the settings of names: by which hosts clients come. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from infra.nginx.rules import is_host_name
from infra.setting_types import distinct, parsed
from infra.setting_types_tls import is_by_dns

# As many as a certificate of the public authorities may be for, and as many as are served.
# Source: https://letsencrypt.org/docs/rate-limits/ (2026-11-24): 100 identifiers in a certificate
NAMES_MAX = 100


def _host(name: str, info: ValidationInfo) -> str:
    if name.startswith("*.") and not _is_proven_by_dns(info):
        raise ValueError(
            "must be a name that clients ask for; a wildcard is none, and stands beside them only with "
            "`tls: acme` and `acmeChallenge: dns-01`"
        )
    return _domain_name(name)


def _is_proven_by_dns(info: ValidationInfo) -> bool:
    return is_by_dns(info.data) and info.data.get("tls") == "acme"


def _domain_name(name: str) -> str:
    if name != name.lower():
        raise ValueError(f"must be in lower case: {name.lower()}")
    # Of names alone, no last label is a number: what looks like an address is one, to clients too.
    # Source: RFC 1123, 2.1; https://url.spec.whatwg.org/#ends-in-a-number-checker (2026-11-24)
    if not is_host_name(name) or name.rpartition(".")[2].isdigit():
        raise ValueError(
            "must be a host name with at least one dot, such as files.example.com: no address, no port, no "
            "scheme, of letters, digits and - (others as their xn-- form)"
        )
    return name


def _domain_names(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if len(names) > NAMES_MAX:
        raise ValueError(f"holds {len(names)} names, at most {NAMES_MAX} can be served")
    _check_wildcards(names, info)
    # A certificate with a fault of its own is told of under its key.
    if names and info.data.get("tls") == "provided" and (chain := info.data.get("tls_certificate")):
        from infra.tls.certificate import read_chain

        certificate = read_chain(chain, datetime.now(UTC))
        if missing := [name for name in names if not certificate.covers(name)]:
            raise ValueError(
                f"holds {', '.join(missing)}, which tlsCertificate is not for: "
                f"it is for {', '.join((*certificate.names, *certificate.addresses))}"
            )
    return names


def _check_wildcards(names: tuple[str, ...], info: ValidationInfo) -> None:
    if _is_proven_by_dns(info) and not names:
        raise ValueError("is needed with `acmeChallenge: dns-01`: no record proves an address")
    wildcards = {name for name in names if name.startswith("*.")}
    if wildcards and len(wildcards) == len(names):
        raise ValueError("must hold a name beside the wildcards: links name one")
    # Let's Encrypt does. Source: https://github.com/letsencrypt/boulder, ra/ra.go (2026-11-24)
    if within := [name for name in names if f"*.{name.partition('.')[2]}" in wildcards - {name}]:
        raise ValueError(
            f"holds {', '.join(within)} beside a wildcard that covers it, which authorities refuse; keep one"
        )


def _zone(zone: str, info: ValidationInfo) -> str:
    if not zone:
        if _is_proven_by_dns(info):
            raise ValueError("is needed with `acmeChallenge: dns-01`: a record there proves each name")
        return zone
    _domain_name(zone)
    if zone.startswith("*."):
        raise ValueError("must be a domain; a wildcard is none")
    names = info.data.get("domain_names")
    if names == ():
        raise ValueError("means nothing without domainNames: it is where their records are made")
    if outside := [name for name in names or () if name != zone and not name.endswith(f".{zone}")]:
        raise ValueError(
            f"does not hold {', '.join(outside)}: each of domainNames must be {zone} or end with .{zone}"
        )
    return zone


# After the settings `acme_challenge`, `tls` and `tls_certificate`, which it asks.
DomainNames = Annotated[
    tuple[Annotated[str, AfterValidator(_host)], ...],
    BeforeValidator(parsed),
    AfterValidator(distinct),
    AfterValidator(_domain_names),
]
# After the setting `domain_names`, which it asks.
DnsZone = Annotated[str, AfterValidator(_zone)]
