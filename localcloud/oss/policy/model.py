"""The shape of a bucket policy and of a request that is judged by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from typing import Literal


class PolicyError(ValueError):
    """A policy text that the service refuses.

    Attributes:
        ec: The EC of the refusal.
    """

    def __init__(self, message: str, ec: str) -> None:
        super().__init__(message)
        self.ec = ec


class Decision(Enum):
    """What a policy says about a request."""

    ALLOW = "Allow"
    DENY = "Deny"
    NONE = "no decision"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One key under one operator; it holds when any value does (for ``Not`` operators: when none does)."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One rule. An empty list of principals in the text is ``("*",)`` here, which means the same."""

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    principals: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Policy:
    """The statements of a valid policy, in the order of the text."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """What a policy can know of a request.

    Attributes:
        action: For example ``oss:GetObject``.
        resource: ``acs:oss:REGION:OWNER_UID:BUCKET`` or ``.../KEY``.
        source_ip: The peer's address.
        time: When the request arrived, with a time zone.
        principal_id: UID of the account or id of the RAM user, or None for an anonymous request.
        principal_arn: ``arn:sts::UID:assumed-role/ROLE/SESSION`` of temporary credentials, else None.
        is_owner: Whether the bucket's owner account itself signed the request.
        source_vpc: The VPC's id, or None when the request did not come from one (or cannot be tied to it).
        secure: Whether the connection is TLS.
        values: Further keys and their values: ``acs:UserAgent``, ``oss:Prefix``... A key without a value
            in the request is left out.
    """

    action: str
    resource: str
    source_ip: IPv4Address | IPv6Address
    time: datetime
    principal_id: str | None = None
    principal_arn: str | None = None
    is_owner: bool = False
    source_vpc: str | None = None
    secure: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
