"""What records of the stack are called, hold and say of themselves. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from infra.naming import Naming, shortened
from infra.regions import MAINLAND_REGIONS

RECORD_TYPE = "alicloud:dns/alidnsRecord:AlidnsRecord"
# The shortest that every edition of Alibaba Cloud DNS takes.
# Source: the provider's page website/docs/r/alidns_record.html.markdown (v1.285.0, 2026-11-24)
TTL_S = 600
# Letters, digits and _-,. alone. Inferred from what is said of a domain's own note.
# Source: https://help.aliyun.com/zh/dns/api-alidns-2015-01-09-updatedomainremark (2026-11-24)
REMARK_MAX_CHARACTERS = 50


def logical_name(host: str) -> str:
    """Returns a record's name in Pulumi's state."""
    # `*` in a name means more than one resource to Pulumi's `--target`; no host name holds a `_`.
    return f"proxy-dns-{host.replace('*.', '_wildcard.', 1)}"


def host_record(host: str, zone: str) -> str:
    """Returns what a zone calls a host that is the zone itself or below it."""
    return "@" if host == zone else host.removesuffix(f".{zone}")


def remark(naming: Naming) -> str:
    """Returns the note of a stack's records, by which they are told from those of others."""
    return shortened(naming.physical("dns-record"), REMARK_MAX_CHARACTERS)


def told(hosts: Sequence[str], zone: str, address: str) -> str:
    """Returns the records, one a line: those that somebody is to set, or with a zone those that are set."""
    word = "set" if zone else "to set"
    return "\n".join(f"{word}: {host}. A {address}" for host in hosts)


def filing_notice(region: str, hosts: Sequence[str]) -> str | None:
    """Returns what is to be said of the duty to file a domain; None where there is none.

    Sources: https://help.aliyun.com/en/document_detail/145343.html (interception, over HTTPS too),
    https://help.aliyun.com/en/dws/faq-about-icp-filing (not for Hong Kong) (2026-11-24).
    """
    if not hosts or region not in MAINLAND_REGIONS:
        return None
    return (
        f"{region} is on the mainland of China, where a domain needs an ICP filing with Alibaba Cloud before "
        f"it leads to a server. Without one Alibaba Cloud may intercept {', '.join(hosts)} on ports 80 and "
        "443, over HTTPS too. See docs/dns.md."
    )
