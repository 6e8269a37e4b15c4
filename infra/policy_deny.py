"""Finds a statement of others that would keep the proxy out. Pure.

The proxy's request is known: anonymous, an action that its own statement allows, over HTTP or HTTPS as the
settings say, to the internal endpoint, from its private address in its VPC. A Deny counts unless it certainly
does not fit that request: what this module does not know, it takes for a match, because OSS lets an explicit
Deny win over every Allow.

Sources: https://www.alibabacloud.com/help/en/oss/user-guide/oss-bucket-policy/ (principals, conditions),
https://www.alibabacloud.com/help/en/oss/user-guide/authorization-syntax-and-elements (operators and keys),
https://www.alibabacloud.com/help/en/oss/user-guide/authentication (order of judgement; all 2026-11-23).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, ip_network

from infra.errors import ProgramError
from infra.policy import UNKNOWN_VPC
from infra.policy_merge import Statement, statements_of
from infra.wildcards import matches, overlap

# The form of a VPC id. One that is yet to be made is no id that a policy can name.
VPC_PATTERN = "vpc-*"


class ProxyDeniedError(ProgramError):
    """A statement of others denies what the proxy does."""


@dataclass(frozen=True)
class _Read:
    """One kind of request that the proxy makes.

    Attributes:
        source_ip: The address that it comes from.
        vpc_id: The VPC that it comes from, or None while that is yet to be made.
        secure: Whether it comes over HTTPS.
    """

    source_ip: IPv4Address
    vpc_id: str | None
    secure: bool


def require_allowed(found: str | None, own: str, *, secure: bool = False) -> None:
    """Checks that no statement of the bucket denies what the proxy's own allows.

    A Deny that strikes hosts which are named beside the proxy may be meant for them, and is left alone.

    Args:
        found: The bucket's document, or None where it has none.
        own: The document that holds this stack's statements alone, the proxy's first, perhaps with
            ``UNKNOWN_VPC`` in it.
        secure: Whether the proxy reads over HTTPS.

    Raises:
        ProxyDeniedError: When one does, or could.
        UnreadablePolicyError: When the document cannot be read.
    """
    allow, *_ = statements_of(own)
    for number, statement in enumerate(statements_of(found), start=1):
        if denies(statement, allow, secure=secure):
            how = "HTTPS" if secure else "plain HTTP"
            # What forbids the one way of asking alone, such as what wants encryption in transit.
            other = not denies(statement, allow, secure=not secure)
            raise ProxyDeniedError(
                f"statement {number} of the bucket's policy denies the proxy's reads, which are anonymous, "
                f"over {how} inside the VPC:\n{json.dumps(statement, indent=2, ensure_ascii=False)}",
                consequence="the proxy would answer 403 whatever this stack allows; "
                "the bucket's policy was not changed.",
                fix=f"let nginx ask OSS the other way: pulumi config set ossOverHttps {_flag(not secure)}"
                if other
                else "make an exception for the proxy's VPC or address in that statement, "
                "or use another bucket.",
            )


def _flag(value: bool) -> str:
    return "true" if value else "false"


def denies(statement: Statement, allow: Statement, *, secure: bool = False) -> bool:
    """Tells whether a statement could deny a read that this stack's own statement allows.

    Args:
        statement: Any statement.
        allow: This stack's own, as ``infra.policy.build`` writes it.
        secure: Whether the read comes over HTTPS.
    """
    if statement.get("Effect") == "Allow":
        return False
    covers = (
        _anonymous(_texts(statement.get("Principal")))
        and any(_any(statement.get("Action"), partial(_same_action, own)) for own in allow["Action"])
        and any(_any(statement.get("Resource"), partial(_same_objects, own)) for own in allow["Resource"])
    )
    return covers and any(_could_hold(statement.get("Condition"), read) for read in _reads(allow, secure))


def _same_action(own: str, pattern: str) -> bool:
    return matches(pattern.lower(), own.lower())


def _reads(allow: Statement, secure: bool) -> list[_Read]:
    condition = allow["Condition"]
    (vpc,) = condition["StringEquals"]["acs:SourceVpc"]
    return [
        _Read(IPv4Address(address), None if vpc == UNKNOWN_VPC else vpc, secure)
        for address in condition["IpAddress"]["acs:SourceIp"]
    ]


def _texts(value: object) -> Sequence[str] | None:
    """Returns a value or list of values as texts, None where it is neither."""
    values = value if isinstance(value, list) else [value]
    texts = [
        json.dumps(one) if isinstance(one, bool) else one for one in values if isinstance(one, str | bool)
    ]
    return texts if len(texts) == len(values) else None


def _anonymous(principals: Sequence[str] | None) -> bool:
    return not principals or any(set(principal) <= {"*"} for principal in principals)


def _any(value: object, fits: Callable[[str], bool]) -> bool:
    patterns = _texts(value)
    return patterns is None or any(fits(pattern) for pattern in patterns)


def _same_objects(own: str, pattern: str) -> bool:
    # acs:oss:REGION:OWNER:BUCKET/KEY. In the region's place only `*` is accepted, and it reaches no further;
    # a star in any other place may.
    region = "acs:oss:*:"
    if pattern.startswith(region):
        return overlap(pattern.removeprefix(region), own.removeprefix(region))
    return overlap(pattern, own)


def _could_hold(condition: object, read: _Read) -> bool:
    if not isinstance(condition, dict):
        return True
    return not any(
        _certainly_not(operator, key, _texts(values), read)
        for operator, keys in condition.items()
        if isinstance(keys, dict)
        for key, values in keys.items()
    )


def _certainly_not(operator: str, key: str, values: Sequence[str] | None, read: _Read) -> bool:
    if values is None:
        return False
    match key:
        case "acs:SourceIp":
            return _no_address(operator, values, read)
        case "acs:SourceVpc":
            return _no_vpc(operator, values, read.vpc_id)
        case "acs:AccessId":
            return _no_string(operator, values, "")
        case "acs:SecureTransport":
            # Only the two words are understood.
            return operator == "Bool" and {value.lower() for value in values} == {_flag(not read.secure)}
    return False


def _no_address(operator: str, values: Sequence[str], read: _Read) -> bool:
    try:
        networks = [ip_network(value, strict=False) for value in values]
    except ValueError:
        return False
    inside = any(read.source_ip in network for network in networks)
    match operator:
        case "IpAddress" | "IpAddressIncludeBorder":
            return not inside
        case "NotIpAddress":
            return inside
    return False


def _no_vpc(operator: str, values: Sequence[str], vpc_id: str | None) -> bool:
    if vpc_id is not None:
        return _no_string(operator, values, vpc_id)
    match operator:
        case "StringEquals" | "StringEqualsIgnoreCase":
            return True
        case "StringLike":
            return not any(overlap(value, VPC_PATTERN) for value in values)
        case "StringNotLike":
            return any(matches(value, VPC_PATTERN) for value in values)
    return False


def _no_string(operator: str, values: Sequence[str], actual: str) -> bool:
    match operator:
        case "StringEquals":
            return actual not in values
        case "StringEqualsIgnoreCase":
            return actual.lower() not in [value.lower() for value in values]
        case "StringLike":
            return not any(matches(value, actual) for value in values)
        case "StringNotEquals":
            return actual in values and bool(actual)
        case "StringNotEqualsIgnoreCase":
            return actual.lower() in [value.lower() for value in values] and bool(actual)
        case "StringNotLike":
            return any(matches(value, actual) for value in values) and bool(actual)
    return False
