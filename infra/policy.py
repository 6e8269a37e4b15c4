"""The bucket policy as text, and what it means for two policies to be the same. Pure.

The first statement allows reading objects below the configured prefixes, and only to requests that come from
the proxy's private addresses inside the proxy's VPC; it lists, writes and deletes nothing. Those of
``infra.access.grants`` follow, for hosts that the settings name. There is no Deny: one that matches everybody
locks out the bucket's owner.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

from infra.access.grants import Grant, object_patterns, statements
from infra.errors import ProgramError

# Source: https://www.alibabacloud.com/help/en/oss/user-guide/oss-bucket-policy/ (Quotas, 2026-11-23)
POLICY_MAX_BYTES = 16 * 1024
POLICY_VERSION = "1"

# What the proxy's statement may allow, whatever the settings.
READ_ACTIONS = frozenset({"oss:GetObject", "oss:GetObjectVersion"})

# Stands in `policy_preview` for the id of a VPC that is yet to be made.
UNKNOWN_VPC = "<VPC id: known after creation>"

_LIST_ELEMENTS = ("Action", "NotAction", "Principal", "NotPrincipal", "Resource", "NotResource")


class PolicyError(ProgramError):
    """A policy that OSS would refuse."""


def build(
    *,
    owner_uid: str,
    bucket: str,
    prefixes: Sequence[str],
    private_ips: Sequence[IPv4Address],
    vpc_id: str,
    versions: bool = False,
    grants: Sequence[Grant] = (),
) -> str:
    """Builds the policy document that lets the proxy's instances read, and the hosts that are named.

    An address without its VPC is refused by OSS (EC 0030-00000008), because private addresses are not
    unique; with both fixed the statement counts as not public, so Block Public Access may stay on.

    Sources: https://help.aliyun.com/zh/oss/user-guide/0030-00000008 (2026-02-10),
    https://www.alibabacloud.com/help/en/oss/user-guide/block-public-access (2025-02).

    Args:
        owner_uid: The UID of the account that owns the bucket.
        bucket: The bucket's name.
        prefixes: Object prefixes, each ending with ``/``, or exactly ``["*"]`` for every object.
        private_ips: The private addresses of all proxy instances.
        vpc_id: The id of the VPC that they are in.
        versions: Whether older versions of objects may be read too, by their ``versionId``.
        grants: Who else is let in.

    Returns:
        JSON text, indented for readers, the same bytes for the same values.

    Raises:
        PolicyError: When there is no address, a grant names the proxy, or the text is larger than OSS
            accepts.
    """
    if not private_ips:
        raise PolicyError(
            "a policy without the address of an instance would let nobody in", fix="name at least one."
        )
    _require_others(grants, private_ips, vpc_id)
    document = {
        "Version": POLICY_VERSION,
        "Statement": [
            {
                "Effect": "Allow",
                # nginx does not sign: its requests are anonymous, and the condition tells who they are.
                "Principal": ["*"],
                "Action": sorted(READ_ACTIONS) if versions else ["oss:GetObject"],
                "Resource": [
                    f"acs:oss:*:{owner_uid}:{bucket}/{pattern}" for pattern in object_patterns(prefixes)
                ],
                "Condition": {
                    "IpAddress": {"acs:SourceIp": [str(ip) for ip in sorted(set(private_ips))]},
                    "StringEquals": {"acs:SourceVpc": [vpc_id]},
                },
            },
            *(one for grant in grants for one in statements(grant, owner_uid=owner_uid, bucket=bucket)),
        ],
    }
    # What does not fit for readers is written without white space.
    size = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
    if size > POLICY_MAX_BYTES:
        raise PolicyError(
            f"the bucket policy would have {size} bytes, OSS accepts {POLICY_MAX_BYTES}",
            fix="use fewer or shorter oss-proxy:objectPrefixes"
            + (" and oss-proxy:accessGrants." if grants else "."),
        )
    return json.dumps(document, indent=2, ensure_ascii=False)


def _require_others(grants: Sequence[Grant], private_ips: Sequence[IPv4Address], vpc_id: str) -> None:
    """Refuses a grant to the proxy itself, which everybody who reaches the proxy would have."""
    for grant in grants:
        for address in private_ips:
            if grant.lets_in(vpc_id, address):
                raise PolicyError(
                    f"the grant {grant.name} of accessGrants names {address} in {vpc_id}, which is the "
                    "proxy: what is granted to it, whoever reaches the proxy could use",
                    fix="name other addresses, or put the hosts into another VPC.",
                )


def proxys_part(text: str) -> str:
    """Returns a document of ``build`` as it is without grants: what the proxy itself may."""
    document = json.loads(text)
    return json.dumps({**document, "Statement": document["Statement"][:1]}, indent=2, ensure_ascii=False)


def same_meaning(one: str, other: str) -> bool:
    """Tells whether two policy documents say the same.

    The order of statements and of list elements, a single value in place of a list of one, and white
    space do not matter. Text that is no policy equals nothing but itself.
    """
    if one == other:
        return True
    try:
        return _canonical(json.loads(one)) == _canonical(json.loads(other))
    except (ValueError, TypeError, LookupError, AttributeError):
        return False


def fingerprint(statement: Mapping[str, Any]) -> str:
    """Returns the same text for statements that say the same.

    What does not look like a statement is told apart by every value that it holds.
    """
    try:
        canonical = _canonical_statement(statement)
    except (TypeError, AttributeError):
        canonical = dict(statement)
    return json.dumps(canonical, sort_keys=True)


def _canonical(document: Mapping[str, Any]) -> object:
    rest = {key: value for key, value in document.items() if key != "Statement"}
    return rest, sorted(
        json.dumps(_canonical_statement(statement), sort_keys=True) for statement in document["Statement"]
    )


def _canonical_statement(statement: Mapping[str, Any]) -> dict[str, object]:
    canonical: dict[str, object] = dict(statement)
    for element in _LIST_ELEMENTS:
        if element in canonical:
            canonical[element] = _as_sorted_list(canonical[element])
    # An empty list of principals means everybody.
    # Source: https://www.alibabacloud.com/help/en/oss/user-guide/oss-bucket-policy/ (2026-11-23)
    if canonical.get("Principal") == []:
        canonical["Principal"] = ["*"]
    condition: Mapping[str, Mapping[str, object]] = statement.get("Condition", {})
    canonical["Condition"] = {
        operator: {key: _as_sorted_list(value) for key, value in keys.items()}
        for operator, keys in condition.items()
    }
    return canonical


def _as_sorted_list(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return sorted({item if isinstance(item, str) else json.dumps(item, sort_keys=True) for item in values})
