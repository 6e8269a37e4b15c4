"""Condition operators and keys: what may stand in a policy, and when it holds.

A string key that the request does not carry counts as the empty string. That follows from documented
examples: ``StringNotLike acs:SourceVpc "vpc-*"`` must hold for the Internet, and
``StringLike acs:SourceVpc "*"`` for every request, whatever its network (scenario 11 of the
bucket-policy page, 2026-11-23). For keys other than acs:SourceVpc it is inferred. A number, date or
Boolean that is missing or unreadable never satisfies anything.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from localcloud.oss.policy.model import Condition, RequestContext
from localcloud.oss.policy.wildcard import matches

SOURCE_IP = "acs:SourceIp"
SOURCE_VPC = "acs:SourceVpc"
SOURCE_VPC_IP = "acs:SourceVpcIp"

_IP_KEYS = frozenset({SOURCE_IP, SOURCE_VPC_IP})
_DATE_KEYS = frozenset({"acs:CurrentTime"})
_BOOL_KEYS = frozenset({"acs:SecureTransport", "acs:MFAPresent"})
_STRING_KEYS = frozenset(
    {
        SOURCE_VPC,
        "acs:SourceVpcId",
        "acs:UserAgent",
        "acs:AccessId",
        "oss:x-oss-acl",
        "oss:x-oss-object-acl",
        "oss:Prefix",
        "oss:Delimiter",
    }
)
_TAG_KEYS = ("oss:BucketTag/", "oss:ExistingObjectTag/", "oss:RequestObjectTag/")

_IP_OPERATORS = frozenset({"IpAddress", "NotIpAddress", "IpAddressIncludeBorder"})
_NUMERIC: dict[str, Callable[[float, float], bool]] = {
    "NumericEquals": operator.eq,
    "NumericNotEquals": operator.ne,
    "NumericLessThan": operator.lt,
    "NumericLessThanEquals": operator.le,
    "NumericGreaterThan": operator.gt,
    "NumericGreaterThanEquals": operator.ge,
}
_DATE: dict[str, Callable[[datetime, datetime], bool]] = {
    "DateEquals": operator.eq,
    "DateNotEquals": operator.ne,
    "DateLessThan": operator.lt,
    "DateLessThanEquals": operator.le,
    "DateGreaterThan": operator.gt,
    "DateGreaterThanEquals": operator.ge,
}
_STRING: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": operator.eq,
    "StringEqualsIgnoreCase": lambda value, actual: value.lower() == actual.lower(),
    "StringLike": matches,
}
_STRING_NOT = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
}
_ALL_OPERATORS = _IP_OPERATORS | {"Bool", *_NUMERIC, *_DATE, *_STRING, *_STRING_NOT}


def fault_of(condition: Condition) -> str | None:
    """What is wrong with a condition, in one sentence, or None.

    Checked: operator and key exist, they fit together, and the values are of their kind.
    """
    name, key = condition.operator, condition.key
    if name not in _ALL_OPERATORS:
        return f"Unknown condition operator {name}."
    if key in _IP_KEYS:
        fits, readable = name in _IP_OPERATORS, _is_network
    elif key in _DATE_KEYS:
        fits, readable = name in _DATE, _is_date
    elif key in _BOOL_KEYS:
        fits, readable = name == "Bool", _is_bool
    elif key in _STRING_KEYS or any(key.startswith(prefix) for prefix in _TAG_KEYS):
        fits = name in _STRING or name in _STRING_NOT or name in _NUMERIC
        readable = _is_number if name in _NUMERIC else _is_text
    else:
        return f"Unknown condition key {key}."
    if not fits:
        return f"Condition operator {name} does not fit the key {key}."
    for value in condition.values:
        if not readable(value):
            return f"Invalid value {value!r} for the condition key {key}."
    return None


def holds(condition: Condition, request: RequestContext) -> bool:
    """Whether a valid condition holds for a request."""
    name, key, values = condition.operator, condition.key, condition.values
    if name in _IP_OPERATORS:
        known = key != SOURCE_VPC_IP or request.source_vpc is not None
        inside = known and any(request.source_ip in _network(value) for value in values)
        return not inside if name == "NotIpAddress" else inside
    if name in _DATE:
        return _any_or_none(name, [_DATE[name](request.time, when) for when in map(_date, values) if when])
    if name == "Bool":
        actual_bool = request.secure if key == "acs:SecureTransport" else False
        return any((value.lower() == "true") is actual_bool for value in values)
    actual = _string(key, request)
    if name in _NUMERIC:
        number = _number(actual)
        if number is None:
            return False
        results = [_NUMERIC[name](number, limit) for limit in map(_number, values) if limit is not None]
        return _any_or_none(name, results)
    if name in _STRING_NOT:
        compare = _STRING[_STRING_NOT[name]]
        return not any(compare(value, actual) for value in values)
    return any(_STRING[name](value, actual) for value in values)


def _any_or_none(name: str, results: list[bool]) -> bool:
    return all(results) if "NotEquals" in name else any(results)


def _string(key: str, request: RequestContext) -> str:
    if key in (SOURCE_VPC, "acs:SourceVpcId"):
        return request.source_vpc or ""
    return request.values.get(key, "")


@lru_cache(maxsize=1024)
def _network(value: str) -> IPv4Network | IPv6Network:
    return ip_network(value, strict=False)


def _date(value: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _is_network(value: str) -> bool:
    try:
        _network(value)
    except ValueError:
        return False
    return True


def _is_date(value: str) -> bool:
    return _date(value) is not None


def _is_bool(value: str) -> bool:
    return value.lower() in ("true", "false")


def _is_number(value: str) -> bool:
    return _number(value) is not None


def _is_text(value: str) -> bool:
    return True
