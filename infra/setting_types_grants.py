"""The type of the setting that says who else may use the bucket from inside its region. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    PlainSerializer,
    ValidationInfo,
)
from pydantic.alias_generators import to_camel

from infra.access.grants import ANYBODY, Grant, Permission
from infra.addresses import PRIVATE_RANGES
from infra.setting_faults import Parts
from infra.setting_types import Network, distinct, matching, parsed
from infra.setting_types import prefix as one_prefix
from infra.setting_types import prefixes as all_prefixes

# What a reviewer can take in; OSS's own limit is the policy's size.
GRANTS_MAX = 20

# Accounts and RAM users have UIDs, roles only what their sessions are called. The ARNs of RAM policies
# (acs:ram::...) are no principals here.
# Source: https://www.alibabacloud.com/help/en/oss/user-guide/oss-bucket-policy/ (2026-11-24)
_UID = r"[0-9]{10,20}"
_ROLE = r"arn:sts::[0-9]{10,20}:assumed-role/[A-Za-z0-9.-]{1,64}/(?:\*|[A-Za-z0-9.@_-]{2,64})"


def _private(given: IPv4Network) -> IPv4Network:
    if not any(given.subnet_of(private) for private in PRIVATE_RANGES):
        ranges = ", ".join(map(str, PRIVATE_RANGES))
        raise ValueError(
            f"must lie inside one of {ranges}: at the internal endpoint a host has its private address"
        )
    return given


def _principal(text: str) -> str:
    if text != ANYBODY and not re.fullmatch(f"{_UID}|{_ROLE}", text):
        raise ValueError(
            "must be the UID of an account or RAM user, or arn:sts::UID:assumed-role/ROLE/* for a RAM role, "
            f'or "{ANYBODY}" alone for everybody, also without a signature'
        )
    return text


def _principals(principals: tuple[str, ...]) -> tuple[str, ...]:
    if ANYBODY in principals and len(principals) > 1:
        raise ValueError(f'must hold nothing else when it holds "{ANYBODY}"')
    return principals


def _some(what: str) -> AfterValidator:
    def check(items: Sequence[object]) -> Sequence[object]:
        if not items:
            raise ValueError(f"must not be empty: {what}")
        return items

    return AfterValidator(check)


def _text(value: object) -> object:
    """Pulumi keeps a UID that is set by ``--path`` as a number, with all its digits."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _write_needs_names(principals: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if ANYBODY in principals and "write" in info.data.get("permissions", ()):
        raise ValueError(
            "must be UIDs or roles where write is granted: without a signature whatever runs on those hosts, "
            "or makes one of them send a request, could replace objects, and no log would say who did"
        )
    return principals


class _Given(BaseModel):
    """A grant as it stands in the configuration; a field's example is what the fix of a fault suggests."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    name: Annotated[
        str, matching(r"[a-z0-9][a-z0-9-]{0,31}", "must have 1 to 32 lower-case letters, digits and hyphens")
    ] = Field(examples=["app"])
    vpc: Annotated[
        str, matching(r"vpc-[a-z0-9]{8,40}", "must be the id of one VPC, such as vpc-bp1aevy8sofi8mh1qabcd")
    ] = Field(examples=["vpc-ID"])
    cidrs: Annotated[
        tuple[Annotated[Network, AfterValidator(_private)], ...],
        AfterValidator(distinct),
        _some("the private addresses and networks of the hosts"),
    ] = Field(examples=["10.0.1.5"])
    permissions: Annotated[
        tuple[Permission, ...], AfterValidator(distinct), _some("read, list, write, or several of them")
    ] = Field(examples=["read"])
    prefixes: Annotated[
        tuple[Annotated[str, AfterValidator(one_prefix)], ...],
        AfterValidator(distinct),
        AfterValidator(all_prefixes),
    ] = Field(default=(), examples=["public/"])
    principals: Annotated[
        tuple[Annotated[str, BeforeValidator(_text), AfterValidator(_principal)], ...],
        AfterValidator(distinct),
        _some(f'UIDs and roles, or "{ANYBODY}"; left out, it is everybody'),
        AfterValidator(_principals),
        AfterValidator(_write_needs_names),
    ] = Field(default=(ANYBODY,), examples=["UID"], validate_default=True)


def _an_object(value: object) -> object:
    if not isinstance(value, dict):
        parts = ", ".join(_Given.model_fields)
        raise ValueError(f"must be an object of {parts} (the last two may be left out)")
    return value


def _grants(given: tuple[_Given, ...], info: ValidationInfo) -> tuple[Grant, ...]:
    if len(given) > GRANTS_MAX:
        raise ValueError(f"must hold at most {GRANTS_MAX} grants")
    distinct(tuple(one.name for one in given))
    return tuple(
        Grant(
            name=one.name,
            vpc_id=one.vpc,
            networks=one.cidrs,
            permissions=one.permissions,
            # Where those have a fault, that one is told.
            prefixes=one.prefixes or info.data.get("object_prefixes", ()),
            principals=one.principals,
        )
        for one in given
    )


# After the setting `objectPrefixes`, which it asks.
AccessGrants = Annotated[
    tuple[Grant, ...],
    GetPydanticSchema(
        lambda _, handler: handler.generate_schema(tuple[Annotated[_Given, BeforeValidator(_an_object)], ...])
    ),
    BeforeValidator(parsed),
    AfterValidator(_grants),
    PlainSerializer(tuple),
    Parts(_Given.model_fields),
]
