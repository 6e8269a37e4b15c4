"""The types of the settings: what a value may be by itself, and what is said when it is not. Pure.

What a value may be beside other settings stands on the model (``infra.settings``).
"""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Network
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from infra import addresses, naming, oss_names
from infra.nginx.rules import require_free_port
from infra.regions import REGIONS_WITH_SOURCE_VPC, REGIONS_WITHOUT_SOURCE_VPC, internal_endpoints
from infra.setting_faults import OtherSettingFault

_Item = TypeVar("_Item")


def matching(pattern: str, rule: str) -> AfterValidator:
    """Returns a check that a text matches a pattern as a whole; ``rule`` is said when it does not."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(rule)
        return value

    return AfterValidator(check)


def parsed(value: object) -> object:
    """Pulumi hands a list over as JSON text; what is no JSON is left to the type to refuse."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def distinct(items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    """Refuses a list that names something twice."""
    twice = sorted({str(item) for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} more than once")
    return items


def _region(region: str) -> str:
    supported = ", ".join(sorted(REGIONS_WITH_SOURCE_VPC))
    if not internal_endpoints(region):
        raise ValueError(
            "is for buckets of no single region, which have no internal endpoint; use a bucket in one of "
            f"{supported}"
        )
    if region in REGIONS_WITHOUT_SOURCE_VPC:
        raise ValueError(
            "is a region where OSS cannot tell a request's VPC (acs:SourceVpc), so the bucket policy "
            f"would never let the proxy in; use a bucket in one of {supported}"
        )
    if region not in REGIONS_WITH_SOURCE_VPC:
        raise ValueError(f"must be one of {supported}")
    return region


def _bucket_name(name: str) -> str:
    if not name:
        raise ValueError("is required: the name of the bucket to read")
    oss_names.require_bucket_name(name)
    return name


def prefix(text: str) -> str:
    """Refuses what is neither an object prefix nor ``*``."""
    if text != oss_names.WHOLE_BUCKET:
        oss_names.require_prefix(text)
    return text


def prefixes(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Refuses no prefix at all, and ``*`` beside others."""
    if not texts:
        raise ValueError(
            "is required: the prefixes of the objects that may be read, each ending with `/`, "
            f'or "{oss_names.WHOLE_BUCKET}" alone for every object'
        )
    if oss_names.WHOLE_BUCKET in texts and len(texts) > 1:
        raise ValueError(f'must hold nothing else when it holds "{oss_names.WHOLE_BUCKET}"')
    return texts


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


def _client_networks(networks: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
    if not networks:
        raise ValueError(
            "is required: the networks whose hosts may reach the proxy, and so read what it may read"
        )
    return networks


def _free_port(port: int) -> int:
    require_free_port(port)
    return port


def _tag_value(text: str) -> str:
    naming.require_tag_value(text)
    return text


def _vpc_network(network: IPv4Network) -> IPv4Network:
    addresses.require_vpc(network)
    return network


def _contact_group(name: str) -> str:
    # CloudMonitor takes several names as one text with commas.
    if not name.strip() or "," in name:
        raise ValueError("must be the name of a contact group of CloudMonitor, without a comma")
    return name


def _contact_groups(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    alarms = info.data.get("alarms")
    if alarms and not names:
        raise ValueError("is required while alarms is true: the contact groups of CloudMonitor that are told")
    if names and alarms is False:
        raise OtherSettingFault(
            "alarms", "must be true when alarmContactGroups says who is told of alarms", value=False
        )
    return names


Region = Annotated[str, AfterValidator(_region)]
BucketName = Annotated[str, AfterValidator(_bucket_name)]
Prefixes = Annotated[
    tuple[Annotated[str, AfterValidator(prefix)], ...],
    BeforeValidator(parsed),
    AfterValidator(distinct),
    AfterValidator(prefixes),
]
Network = Annotated[IPv4Network, BeforeValidator(_network)]
# After the setting `public`, which it asks.
ClientNetworks = Annotated[
    tuple[Annotated[Network, AfterValidator(_client_network)], ...],
    BeforeValidator(parsed),
    AfterValidator(distinct),
    AfterValidator(_client_networks),
]
VpcNetwork = Annotated[Network, AfterValidator(_vpc_network)]
Port = Annotated[int, Field(ge=1, le=65535), AfterValidator(_free_port)]
InstanceType = Annotated[
    str, matching(r"ecs\.[a-z0-9-]+\.[a-z0-9]+", "must be an instance type such as ecs.e-c1m2.large")
]
ImageId = Annotated[
    str,
    matching(r"[A-Za-z0-9_.-]*", "must be an image's id, or empty for the newest Debian 13 of the cloud"),
]
# After the setting `alarms`, which it asks.
ContactGroups = Annotated[
    tuple[Annotated[str, AfterValidator(_contact_group)], ...],
    BeforeValidator(parsed),
    AfterValidator(distinct),
    AfterValidator(_contact_groups),
]
TagValue = Annotated[str, AfterValidator(_tag_value)]
BandwidthBilling = Literal["PayByTraffic", "PayByBandwidth"]
# What an EIP that is not a subscription may have, in Mbit/s.
# Source: https://help.aliyun.com/en/eip/developer-reference/api-vpc-2016-04-28-allocateeipaddress-eips and
# the provider's page website/docs/r/eip_address.html.markdown (v1.285.0, 2026-11-23)
LARGEST_BANDWIDTH_MBPS = {"PayByTraffic": 200, "PayByBandwidth": 500}
DiskCategory = Literal["cloud_essd", "cloud_auto", "cloud_essd_entry"]
