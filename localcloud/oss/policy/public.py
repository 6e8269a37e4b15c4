"""Whether a policy grants something to the public, as Block Public Access judges it.

Action and Resource make no difference, and a Deny is never public. An Allow is not public when its
principals are fixed, or one of its conditions is: acs:SourceVpc, acs:SourceVpcId or acs:AccessId
without ``*``; acs:SourceIp or acs:SourceVpcIp with a mask of at least /8 (IPv4) or /32 (IPv6). Which
operators count is inferred: only those that name what is allowed, never a ``Not``.
Source: https://www.alibabacloud.com/help/en/oss/user-guide/block-public-access (2026-11-23).
"""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

from localcloud.oss.policy.model import Condition, Policy, Statement

IPV4_MASK_MIN = 8
IPV6_MASK_MIN = 32

_FIXED_TEXT_KEYS = frozenset({"acs:SourceVpc", "acs:SourceVpcId", "acs:AccessId"})
_FIXED_TEXT_OPERATORS = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike"})
_FIXED_IP_KEYS = frozenset({"acs:SourceIp", "acs:SourceVpcIp"})
_FIXED_IP_OPERATORS = frozenset({"IpAddress", "IpAddressIncludeBorder"})


def is_public(policy: Policy) -> bool:
    """Whether any statement is public."""
    return any(is_public_statement(statement) for statement in policy.statements)


def is_public_statement(statement: Statement) -> bool:
    """Whether this statement alone makes its policy public."""
    if statement.effect == "Deny":
        return False
    if not any("*" in principal for principal in statement.principals):
        return False
    return not any(_is_fixed(condition) for condition in statement.conditions)


def without_public(policy: Policy) -> Policy:
    """What is left of a policy while Block Public Access is on."""
    return Policy(tuple(item for item in policy.statements if not is_public_statement(item)))


def _is_fixed(condition: Condition) -> bool:
    if condition.key in _FIXED_TEXT_KEYS and condition.operator in _FIXED_TEXT_OPERATORS:
        return all(value and "*" not in value for value in condition.values)
    if condition.key in _FIXED_IP_KEYS and condition.operator in _FIXED_IP_OPERATORS:
        return all(_is_narrow(value) for value in condition.values)
    return False


def _is_narrow(value: str) -> bool:
    network = ip_network(value, strict=False)
    minimum = IPV4_MASK_MIN if isinstance(network, IPv4Network) else IPV6_MASK_MIN
    return network.prefixlen >= minimum
