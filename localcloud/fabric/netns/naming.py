"""Names and addresses of everything the fabric makes. Pure."""

from __future__ import annotations

import hashlib

# The public side lives in the three networks that are set aside for documentation (RFC 5737), so
# nothing here can be taken for, or reach, an address of the real Internet.
BACKBONE_ADDRESS = "192.0.2.1"
OPERATOR_ADDRESS = "192.0.2.10"
INTERNET_ADDRESS = "192.0.2.20"
# Whence a certificate authority looks at what it certifies.
VALIDATOR_ADDRESS = "192.0.2.30"
API_ADDRESS = "198.51.100.10"
PUBLIC_OSS_ADDRESS = "198.51.100.20"
ACME_ADDRESS = "198.51.100.30"
PUBLIC_DNS_ADDRESS = "198.51.100.53"
EIP_NETWORK = "203.0.113.0/24"

# Of the API services alone, in a network namespace that has nothing but its loopback interface.
LOCAL_API_ADDRESS = "127.1.0.10"
LOCAL_OSS_ADDRESS = "127.1.0.20"
LOCAL_ACME_ADDRESS = "127.1.0.30"
LOCAL_DNS_ADDRESS = "127.0.0.1"

# Between the backbone and a VPC's router; every VPC uses the same two, each on a link of its own.
UPLINK_BACKBONE_ADDRESS = "169.254.0.1"
UPLINK_VPC_ADDRESS = "169.254.0.2"

# Source: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata (2026-02).
METADATA_ADDRESS = "100.100.100.200"
# Source: https://help.aliyun.com/zh/oss/user-guide/access-oss-via-bucket-domain-name (2026-02).
VPC_DNS_ADDRESSES = ("100.100.2.136", "100.100.2.138")
# The mirror's real address is not documented; this one lies in the range of the cloud's own services.
MIRROR_ADDRESS = "100.100.2.148"

UPLINK = "uplink"
HOST_LINK = "eth0"


def interface_name(kind: str, key: str) -> str:
    """Returns an interface name (at most 15 characters) for one thing of a kind.

    Args:
        kind: One letter.
        key: The thing's id.
    """
    return kind + hashlib.sha256(key.encode()).hexdigest()[:10]


class Names:
    """Namespace names of one cloud.

    Args:
        prefix: What they all begin with, for example ``lc3f2a-``.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.operator = prefix + "operator"
        self.internet = prefix + "internet"
        self.backbone = prefix + "cloud"
        self.acme = prefix + "acme"
        self.public = (self.operator, self.internet, self.acme, self.backbone)

    def vpc(self, vpc_id: str) -> str:
        """Returns the name of a VPC's router."""
        return self.prefix + vpc_id

    def instance(self, instance_id: str) -> str:
        """Returns the name of an instance's namespace."""
        return self.prefix + instance_id

    def probe(self, key: str) -> str:
        """Returns the name of the namespace of a host that is no instance."""
        return f"{self.prefix}probe-{hashlib.sha256(key.encode()).hexdigest()[:10]}"
