"""The stack's settings: the one place that reads the configuration.

Every fault is reported together with all others. Types, descriptions and defaults stand in
``Pulumi.yaml`` and nowhere else: Pulumi hands a default over like a value, so no field has one here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, TypeVar

import pulumi.runtime.config as pulumi_config
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel

from infra import addresses, oss_names
from infra.regions import REGIONS_WITH_SOURCE_VPC, REGIONS_WITHOUT_SOURCE_VPC
from infra.setting_faults import SettingsError, faults_of

NAMESPACE = "oss-proxy"
REGION_KEY = "alicloud:region"

_Item = TypeVar("_Item")


def _parsed(value: object) -> object:
    """Pulumi hands a list over as JSON text; what is no JSON is left to the type to refuse."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _distinct(items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    twice = sorted({str(item) for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} more than once")
    return items


def _prefix(prefix: str) -> str:
    if prefix != oss_names.WHOLE_BUCKET:
        oss_names.require_prefix(prefix)
    return prefix


def _network(text: object) -> IPv4Network:
    try:
        return IPv4Network(str(text))
    except ValueError:
        pass
    try:
        loose = IPv4Network(str(text), strict=False)
    except ValueError:
        raise ValueError("must be an IPv4 network in CIDR form, ADDRESS/MASK") from None
    raise ValueError(f"has host bits set; the network is {loose}")


def _client_network(network: IPv4Network, info: ValidationInfo) -> IPv4Network:
    addresses.require_client_network(network, public=info.data.get("public", False))
    return network


def _matching(pattern: str, rule: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(rule)
        return value

    return AfterValidator(check)


Network = Annotated[IPv4Network, BeforeValidator(_network)]


class Settings(BaseModel):
    """What the stack is to be, checked. ``Pulumi.yaml`` describes the fields.

    A field's example is what the fix of a fault suggests. The order matters: a field is checked against
    those above it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    region: str = Field(alias="alicloud:region", examples=["cn-hangzhou"])
    bucket_name: str = Field(examples=["my-bucket"])
    object_prefixes: Annotated[
        tuple[Annotated[str, AfterValidator(_prefix)], ...],
        BeforeValidator(_parsed),
        AfterValidator(_distinct),
    ] = Field(examples=["public/"])
    public: bool = Field(examples=["false"])
    allowed_cidrs: Annotated[
        tuple[Annotated[Network, AfterValidator(_client_network)], ...],
        BeforeValidator(_parsed),
        AfterValidator(_distinct),
    ] = Field(examples=["203.0.113.0/24"])
    listen_port: int = Field(ge=1, le=65535, examples=["80"])
    vpc_cidr: Network = Field(examples=["172.16.0.0/24"])
    vswitch_cidr: Network = Field(examples=["172.16.0.0/28"])
    private_ip: IPv4Address = Field(examples=['""'])
    zone_id: str = Field(examples=['""'])
    instance_type: Annotated[
        str, _matching(r"ecs\.[a-z0-9-]+\.[a-z0-9]+", "must be an instance type such as ecs.e-c1m2.large")
    ] = Field(examples=["ecs.e-c1m2.large"])
    image_id: Annotated[
        str,
        _matching(
            r"[A-Za-z0-9_.-]*", "must be an image's id, or empty for the newest Debian 13 of the cloud"
        ),
    ] = Field(examples=['""'])
    system_disk_category: Literal["cloud_essd", "cloud_auto", "cloud_essd_entry"] = Field(
        examples=["cloud_essd"]
    )
    system_disk_size_gib: int = Field(ge=20, le=500, examples=["20"])
    bandwidth_mbps: int = Field(ge=1, le=200, examples=["20"])

    @field_validator("region")
    @classmethod
    def _region(cls, region: str) -> str:
        supported = ", ".join(sorted(REGIONS_WITH_SOURCE_VPC))
        if region in REGIONS_WITHOUT_SOURCE_VPC:
            raise ValueError(
                "is a region where OSS cannot tell a request's VPC (acs:SourceVpc), so the bucket policy "
                f"would never let the proxy in; use a bucket in one of {supported}"
            )
        if region not in REGIONS_WITH_SOURCE_VPC:
            raise ValueError(f"must be one of {supported}")
        return region

    @field_validator("bucket_name")
    @classmethod
    def _bucket_name(cls, name: str) -> str:
        if not name:
            raise ValueError("is required: the name of the bucket to read, which must exist already")
        oss_names.require_bucket_name(name)
        return name

    @field_validator("object_prefixes")
    @classmethod
    def _object_prefixes(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        if not prefixes:
            raise ValueError(
                "is required: the prefixes of the objects that may be read, each ending with `/`, "
                f'or "{oss_names.WHOLE_BUCKET}" alone for every object'
            )
        if oss_names.WHOLE_BUCKET in prefixes and len(prefixes) > 1:
            raise ValueError(f'must hold nothing else when it holds "{oss_names.WHOLE_BUCKET}"')
        return prefixes

    @field_validator("allowed_cidrs")
    @classmethod
    def _allowed_cidrs(cls, networks: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
        if not networks:
            raise ValueError(
                "is required: the networks whose hosts may reach the proxy, and so read what it may read"
            )
        return networks

    @field_validator("vpc_cidr")
    @classmethod
    def _vpc_cidr(cls, network: IPv4Network) -> IPv4Network:
        addresses.require_vpc(network)
        return network

    @field_validator("vswitch_cidr")
    @classmethod
    def _vswitch_cidr(cls, network: IPv4Network, info: ValidationInfo) -> IPv4Network:
        if vpc := info.data.get("vpc_cidr"):
            addresses.require_vswitch(network, vpc)
        return network

    @field_validator("private_ip", mode="before")
    @classmethod
    def _chosen_private_ip(cls, value: object, info: ValidationInfo) -> object:
        vswitch: IPv4Network | None = info.data.get("vswitch_cidr")
        if value != "":
            return value
        # Without a vSwitch there is nothing to choose from; that fault stands under its own key.
        return addresses.usable_range(vswitch)[0] if vswitch else IPv4Address(0)

    @field_validator("private_ip")
    @classmethod
    def _private_ip(cls, address: IPv4Address, info: ValidationInfo) -> IPv4Address:
        if vswitch := info.data.get("vswitch_cidr"):
            addresses.require_usable(address, vswitch)
        return address

    @field_validator("zone_id")
    @classmethod
    def _zone_id(cls, zone: str, info: ValidationInfo) -> str:
        region = info.data.get("region")
        if zone and region and not re.fullmatch(rf"{re.escape(region)}-?[a-z]", zone):
            raise ValueError(f"must be a zone of {region}, or empty for one that has the instance type")
        return zone


def parse(values: Mapping[str, str]) -> Settings:
    """Checks raw configuration values.

    Args:
        values: Text by key: this program's keys without their namespace, and ``alicloud:region``.

    Raises:
        SettingsError: When any of them cannot be used, with all that cannot.
    """
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        fields = {str(field.alias): field for field in Settings.model_fields.values()}
        raise SettingsError(faults_of(error, fields, NAMESPACE)) from None


def load() -> Settings:
    """Reads and checks the running stack's configuration.

    All keys of the namespace are read, not only the known ones: a misspelt key is a fault.

    Raises:
        SettingsError: As ``parse``.
    """
    given = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    own = {
        key.removeprefix(f"{NAMESPACE}:"): value
        for key, value in given.items()
        if key.startswith(f"{NAMESPACE}:")
    }
    if REGION_KEY in given:
        own[REGION_KEY] = given[REGION_KEY]
    return parse(own)
