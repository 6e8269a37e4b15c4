"""What a change of each setting does to a stack that is up: the table of docs/changes.md, as previews show.

A row's operations are all that a preview shows, by the resource's name; what is not named stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.support.certificates import authority, server

NOTHING = "nothing"
IN_PLACE = "in place"
RESTART = "in place, with a restart of the instance"
INSTANCE = "replaces the instance"
NETWORK = "replaces the network and the instance"
ADDRESS = "replaces the public address"
REFUSED = "refused"
EFFECTS = (NOTHING, IN_PLACE, RESTART, INSTANCE, NETWORK, ADDRESS, REFUSED)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One change of settings.

    Attributes:
        settings: The settings whose row in the docs this is.
        change: What is set, beside the stack's own settings; None removes. A text that begins with
            ``secret:`` is set as a secret.
        effect: The effect as the docs name it.
        operations: The operations of the preview by the resource's name.
        words: What a refused preview says.
    """

    settings: tuple[str, ...]
    change: dict[str, Any]
    effect: str
    operations: dict[str, str] = field(default_factory=dict)
    words: str = ""


def row(effect: str, settings: str, change: dict[str, Any], *operations: str, words: str = "") -> Row:
    """Makes a row; an operation is ``NAME`` for an update, or ``OPERATION NAME``, without ``proxy-``."""
    named = {}
    for operation in operations:
        kind, _, name = operation.rpartition(" ")
        named[f"proxy-{name}"] = kind or "update"
    return Row(settings=tuple(settings.split()), change=change, effect=effect, operations=named, words=words)


GRANT = {"name": "app", "vpc": "vpc-bp1other000000", "cidrs": ["10.0.1.5"], "permissions": ["read", "list"]}

# An instance's successor: its EIP, its configuration and what watches it follow.
SUCCESSOR = (
    "replace instance",
    "replace eip-association",
    "configuration",
    "alarm-cpu",
    "alarm-instance-down",
)
ALARMS = ("alarm-bandwidth", "alarm-cpu", "alarm-instance-down", "alarm-oss-errors")
PUT = "ingress-192.0.2.0-24"
EGRESS = tuple(f"egress-{role}" for role in ("tcp-80", "tcp-443", "tcp-53", "udp-53", "udp-123", "rest"))


def each(kind: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{kind} {name}" for name in names)


# What nginx does; each of them alone brings another configuration: tests/unit/test_settings_change.py.
DATA_PLANE = {
    "presigned": "allowed",
    "previewInBrowser": True,
    "hideExistence": True,
    "indexDocument": "index.html",
    "spaFallback": "public/index.html",
    "notFoundDocument": "public/404.html",
    "corsAllowedOrigins": ["https://app.example.com"],
    "contentSecurityPolicy": "default-src 'self'",
    "compression": True,
    "clientRequestsPerSecond": 50,
    "clientConnections": 16,
    "connectionMbps": 8,
    "cacheSizeGib": 2,
    "cacheMinutes": 5,
    "ossOverHttps": True,
}

SECRET = "secret:"
CERTIFICATE = server(authority(now=datetime.now(UTC)), now=datetime.now(UTC))

# The stack has the settings of Pulumi.dev.yaml, and alarms that tell the group `ops`.
ROWS = [
    row(
        IN_PLACE,
        "bucketName",
        {"bucketName": "oss-proxy-other"},
        "replace bucket-policy",
        *("bucket-guard", "bucket-guard-last", "configuration", "alarm-oss-errors"),
    ),
    row(REFUSED, "bucketMode", {"bucketMode": "managed"}, words="would take it over"),
    row(
        IN_PLACE,
        "objectPrefixes",
        {"objectPrefixes": ["public/", "more/"]},
        *("bucket-policy", "configuration"),
    ),
    row(IN_PLACE, "accessGrants", {"accessGrants": [GRANT]}, "bucket-policy"),
    row(
        IN_PLACE,
        "allowedCidrs",
        {"allowedCidrs": ["192.0.2.0/24", "198.51.100.0/24"]},
        "create ingress-198.51.100.0-24",
    ),
    row(
        IN_PLACE,
        "public",
        {"public": True, "allowedCidrs": ["0.0.0.0/0"]},
        *("create ingress-0.0.0.0-0", f"delete {PUT}"),
    ),
    row(IN_PLACE, "listenPort", {"listenPort": 8080}, f"replace {PUT}", "configuration"),
    row(
        IN_PLACE,
        "tls tlsCertificate tlsPrivateKey httpsPort plainHttp hstsSeconds",
        {
            "tls": "provided",
            "tlsCertificate": CERTIFICATE.pem,
            "tlsPrivateKey": SECRET + CERTIFICATE.key_pem(),
            "httpsPort": 8443,
            "plainHttp": "serve",
            "hstsSeconds": 300,
        },
        *("create ingress-https-192.0.2.0-24", "configuration"),
    ),
    row(
        IN_PLACE,
        "acmeOpenPort80 acmeDirectory acmeCaCertificate acmeEmail acmeProfile",
        {
            "tls": "acme",
            "acmeOpenPort80": True,
            "acmeDirectory": "https://acme.localcloud.test/dir",
            "acmeCaCertificate": CERTIFICATE.pem,
            "acmeEmail": "ops@example.com",
            "acmeProfile": "shortlived",
        },
        *("create ingress-https-192.0.2.0-24", "create ingress-acme-0.0.0.0-0", "configuration"),
    ),
    row(
        IN_PLACE,
        "acmeChallenge",
        {
            "tls": "acme",
            "acmeChallenge": "dns-01",
            "domainNames": ["files.example.com"],
            "dnsZone": "example.com",
        },
        *("create ingress-https-192.0.2.0-24", "create dns-files.example.com", "configuration"),
        *each("create", tuple(f"acme-dns-{one}" for one in ("role", "policy", "rights", "attachment"))),
    ),
    # Links name another host, and that is all.
    row(NOTHING, "domainNames", {"domainNames": ["files.example.com"]}),
    row(
        IN_PLACE,
        "dnsZone",
        {"dnsZone": "example.com", "domainNames": ["files.example.com"]},
        "create dns-files.example.com",
    ),
    row(
        NETWORK,
        "vpcCidr",
        {"vpcCidr": "172.16.0.0/23"},
        *each("replace", ("vpc", "vswitch", "security-group", PUT, *EGRESS)),
        "bucket-policy",
        *SUCCESSOR,
    ),
    row(INSTANCE, "vswitchCidr", {"vswitchCidr": "172.16.0.0/27"}, "replace vswitch", *SUCCESSOR),
    row(INSTANCE, "privateIp", {"privateIp": "172.16.0.5"}, "bucket-policy", *SUCCESSOR),
    row(INSTANCE, "zoneId", {"zoneId": "cn-hangzhou-k"}, "replace vswitch", *SUCCESSOR),
    # Of another size, so that nginx is sized anew.
    row(RESTART, "instanceType", {"instanceType": "ecs.u1-c1m4.large"}, "instance", "configuration"),
    row(INSTANCE, "imageId", {"imageId": "debian_13_1_x64_20G_alibase_20260316.vhd"}, *SUCCESSOR),
    row(INSTANCE, "systemDiskCategory", {"systemDiskCategory": "cloud_auto"}, *SUCCESSOR),
    row(IN_PLACE, "systemDiskSizeGib", {"systemDiskSizeGib": 40}, "instance"),
    row(
        ADDRESS,
        "bandwidthBilling",
        {"bandwidthBilling": "PayByBandwidth"},
        *("replace eip", "replace eip-association", "alarm-bandwidth"),
    ),
    row(IN_PLACE, "bandwidthMbps", {"bandwidthMbps": 50}, "eip"),
    row(
        NOTHING,
        "bootTimeoutSeconds readinessTimeoutSeconds",
        {"bootTimeoutSeconds": 900, "readinessTimeoutSeconds": 300},
    ),
    row(IN_PLACE, "alarms", {"alarms": False, "alarmContactGroups": None}, *each("delete", ALARMS)),
    row(IN_PLACE, "alarmContactGroups", {"alarmContactGroups": ["ops", "night"]}, *ALARMS),
    row(IN_PLACE, "alarmBandwidthPercent", {"alarmBandwidthPercent": 60}, "alarm-bandwidth"),
    row(IN_PLACE, "securityUpgrades", {"securityUpgrades": False}, "configuration"),
    row(
        IN_PLACE,
        "deletionProtection",
        {"deletionProtection": True},
        *("account", "account-last", "bucket-guard-last", "eip", "instance"),
    ),
    row(
        IN_PLACE,
        "owner",
        {"owner": "team-storage"},
        *("vpc", "vswitch", "security-group", "eip", "instance", *ALARMS),
    ),
    row(
        IN_PLACE,
        "clientPasswords",
        {"clientPasswords": SECRET + '{"alice": "correct-horse-battery-staple"}'},
        "configuration",
    ),
    row(
        IN_PLACE,
        "linkKeys",
        {"linkKeys": SECRET + '{"a": "GdXBOl7N6M3vMpVUAJ4ZkS1xR2c8wQ9y"}'},
        "configuration",
    ),
    row(IN_PLACE, "allowedQuery", {"allowedQuery": ["versionId"]}, "bucket-policy", "configuration"),
    row(IN_PLACE, " ".join(DATA_PLANE), DATA_PLANE, "configuration"),
]

# The stack makes its bucket.
MANAGED_ROWS = [
    row(REFUSED, "bucketName", {"bucketName": "oss-proxy-other"}, words="which is protected"),
    row(REFUSED, "bucketMode", {"bucketMode": "existing"}, words="which is protected"),
    row(IN_PLACE, "bucketVersioning", {"bucketVersioning": False}, "bucket"),
    row(IN_PLACE, "bucketEncryption", {"bucketEncryption": "none"}, "bucket"),
    row(IN_PLACE, "bucketProtection", {"bucketProtection": False}, "bucket-guard", "bucket-guard-last"),
]
