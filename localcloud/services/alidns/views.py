"""Domains and records as Alidns shows them.

Source: the SDK's models of the answers (alibabacloud_alidns20150109 4.6.1, 2026-11-24). The status is in
capitals, as the alicloud provider's own acceptance tests (v1.285.0) find it; the API reference writes Enable.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from localcloud.dns_zones import NAME_SERVERS
from localcloud.services.alidns.models import Domain, Record


def status(*, enabled: bool) -> str:
    """Returns a record's status."""
    return "ENABLE" if enabled else "DISABLE"


def record_view(record: Record) -> dict[str, Any]:
    """Returns a record."""
    shown: dict[str, Any] = {
        "DomainName": record.domain_name,
        "RecordId": record.record_id,
        "RR": record.rr,
        "Type": record.type,
        "Value": record.value,
        "Line": "default",
        "TTL": record.ttl_s,
        "Status": status(enabled=record.enabled),
        "Locked": False,
        "Remark": record.remark,
        "CreateTimestamp": _milliseconds(record.created),
        "UpdateTimestamp": _milliseconds(record.changed),
    }
    if record.priority is not None:
        shown["Priority"] = record.priority
    return shown


def domain_view(domain: Domain, record_count: int) -> dict[str, Any]:
    """Returns a domain."""
    return {
        "DomainId": domain.domain_id,
        "DomainName": domain.name,
        "PunyCode": domain.name,
        "AliDomain": False,
        "GroupId": "",
        "GroupName": "",
        "InstanceId": "",
        "InstanceExpired": False,
        "VersionCode": "mianfei",
        "VersionName": "Alibaba Cloud DNS Free",
        "RecordCount": record_count,
        "Starmark": False,
        "CreateTime": domain.created.strftime("%Y-%m-%dT%H:%MZ"),
        "CreateTimestamp": _milliseconds(domain.created),
        "DnsServers": {"DnsServer": list(NAME_SERVERS)},
        "Tags": {"Tag": []},
    }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
