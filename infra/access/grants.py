"""Who else than the proxy may use the bucket from inside its region, as statements of a bucket policy. Pure.

Each grant names a VPC *and* private addresses in it, whoever its principals are: OSS refuses addresses
without a VPC (EC 0030-00000008), because private addresses are not unique, and with a fixed VPC a statement
for everybody counts as not public, so Block Public Access may stay on. What a statement allows makes no
difference to that.

- ``read`` is GetObject, which HeadObject and GetObjectMeta are judged by as well.
- ``list`` is ListObjects, of both versions of the operation. Its resource is the bucket, so a condition on
  the parameter ``prefix`` keeps it to the grant's prefixes: a client has to ask for one of them, or for
  something below it. Any ``delimiter`` will do, since all that it could group lies below the prefix.
- ``write`` is PutObject, which all steps of a multipart upload but two are judged by; these two are added. It
  replaces objects, and does not delete them or change their ACLs: neither is needed to upload.

Sources: https://help.aliyun.com/zh/oss/user-guide/0030-00000008 (2026-02-10),
https://www.alibabacloud.com/help/en/oss/user-guide/block-public-access (2025-02),
https://www.alibabacloud.com/help/en/oss/user-guide/authorization-syntax-and-elements (actions, resources and
conditions, 2026-06-03), https://help.aliyun.com/en/oss/developer-reference/listobjectsv2 (oss:ListObjects),
https://help.aliyun.com/en/oss/developer-reference/upload-part (oss:PutObject; all read 2026-11-24), and for
``StringLike oss:Prefix`` on the bucket
https://www.alibabacloud.com/help/en/oss/user-guide/common-examples-of-bucket-policy (2025-11-05).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final, Literal

from infra.oss_names import WHOLE_BUCKET

Permission = Literal["read", "list", "write"]

ANYBODY: Final = "*"

# By permission, what it allows on objects.
OBJECT_ACTIONS: Final[Mapping[Permission, tuple[str, ...]]] = {
    "read": ("oss:GetObject",),
    "list": (),
    "write": ("oss:PutObject", "oss:AbortMultipartUpload", "oss:ListParts"),
}
LIST_ACTION: Final = "oss:ListObjects"
# What a grant may allow, whatever the settings.
ACTIONS: Final = frozenset({LIST_ACTION, *(one for actions in OBJECT_ACTIONS.values() for one in actions)})

Statement = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One setting of ``accessGrants``, checked.

    Attributes:
        name: What people call it; it does not reach the cloud, since OSS's statements have no name.
        vpc_id: The VPC that requests come from.
        networks: Private addresses (``/32``) and networks in it.
        permissions: What is allowed; at least one.
        prefixes: Object prefixes, each ending with ``/``, or exactly ``*`` for every object.
        principals: UIDs of accounts and RAM users and ARNs of assumed roles, or exactly ``*`` for everybody,
            also without a signature.
    """

    name: str
    vpc_id: str
    networks: tuple[IPv4Network, ...]
    permissions: tuple[Permission, ...]
    prefixes: tuple[str, ...]
    principals: tuple[str, ...] = (ANYBODY,)

    @property
    def anonymous(self) -> bool:
        """Whether requests need no signature."""
        return ANYBODY in self.principals

    def lets_in(self, vpc_id: str, address: IPv4Address) -> bool:
        """Whether a host with this address in this VPC is one of those that are named."""
        return vpc_id == self.vpc_id and any(address in network for network in self.networks)


def statements(grant: Grant, *, owner_uid: str, bucket: str) -> list[Statement]:
    """Returns a grant's statements: one for objects and one for listing, as far as it allows either.

    Args:
        grant: The grant.
        owner_uid: The UID of the account that owns the bucket.
        bucket: The bucket's name.
    """
    resource = f"acs:oss:*:{owner_uid}:{bucket}"
    patterns = object_patterns(grant.prefixes)
    condition = {
        "IpAddress": {"acs:SourceIp": [_address(network) for network in sorted(grant.networks)]},
        "StringEquals": {"acs:SourceVpc": [grant.vpc_id]},
    }
    found = []
    if actions := [one for permission in grant.permissions for one in OBJECT_ACTIONS[permission]]:
        resources = [f"{resource}/{pattern}" for pattern in patterns]
        found.append(_allow(grant, sorted(actions), resources, condition))
    if "list" in grant.permissions:
        # With every object granted there is nothing to keep a listing to.
        limited = {} if patterns == [WHOLE_BUCKET] else {"StringLike": {"oss:Prefix": patterns}}
        found.append(_allow(grant, [LIST_ACTION], [resource], condition | limited))
    return found


def object_patterns(prefixes: Sequence[str]) -> list[str]:
    """Returns what a policy's wildcards make of object prefixes."""
    return [WHOLE_BUCKET if prefix == WHOLE_BUCKET else f"{prefix}*" for prefix in prefixes]


def could_be_granted(statement: Mapping[str, Any]) -> bool:
    """Tells whether a statement has the form of those that grants become, whosever it is."""
    condition = statement.get("Condition")
    if statement.get("Effect") != "Allow" or not isinstance(condition, Mapping):
        return False
    try:
        keys = {operator: set(keys) for operator, keys in condition.items()}
        actions = statement["Action"]
        allowed = {actions} if isinstance(actions, str) else set(actions)
    except (LookupError, TypeError):
        return False
    needed = {"IpAddress": {"acs:SourceIp"}, "StringEquals": {"acs:SourceVpc"}}
    return allowed <= ACTIONS and keys in (needed, needed | {"StringLike": {"oss:Prefix"}})


def _allow(
    grant: Grant, actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, Any]
) -> Statement:
    return {
        "Effect": "Allow",
        "Principal": list(grant.principals),
        "Action": list(actions),
        "Resource": list(resources),
        "Condition": dict(condition),
    }


def _address(network: IPv4Network) -> str:
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
