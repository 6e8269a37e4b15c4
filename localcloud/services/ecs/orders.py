"""Orders of instances: reading them from RunInstances and checking them as the cloud does."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from ipaddress import IPv4Address

from localcloud.rpc.errors import ApiError, invalid_parameter, missing_parameter, not_modelled
from localcloud.rpc.params import Params
from localcloud.services.context import Call
from localcloud.services.ecs import errors
from localcloud.services.ecs.catalog import (
    DEFAULT_PERFORMANCE_LEVEL,
    DISK_CATEGORIES,
    INSTANCE_TYPES,
    InstanceType,
    region_of,
    types_in,
)
from localcloud.services.ecs.groups import GROUPS_PER_INSTANCE
from localcloud.services.ecs.image_catalog import Image
from localcloud.services.ecs.images import newest_of_family
from localcloud.services.ecs.roles import find_instance_role
from localcloud.services.vpc.errors import vswitch_not_ready
from localcloud.services.vpc.models import VSwitch
from localcloud.services.vpc.switches import find_vswitch

# Source: https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances (2026-11-23).
USER_DATA_MAX_BYTES = 32 * 1024
DEFAULT_DISK_GIB = 40

# Parameters that would change what is made, and what to do without them here.
_NOT_MODELLED = {
    "DataDisk.1.Size": "instances have a system disk only",
    "InternetMaxBandwidthOut": "associate an EIP instead of giving the instance public bandwidth",
    "Ipv6AddressCount": "networks are IPv4 only",
    "KeyPairName": "bring keys in by user data",
    "LaunchTemplateId": "give the parameters in the call",
    "LaunchTemplateName": "give the parameters in the call",
    "NetworkInterface.1.InstanceType": "give VSwitchId and SecurityGroupIds of the instance itself",
    "NetworkInterface.1.NetworkInterfaceId": "give VSwitchId and SecurityGroupIds of the instance itself",
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was ordered, checked."""

    switch: VSwitch
    kind: InstanceType
    image: Image
    security_group_ids: list[str]
    disk_category: str
    disk_gib: int
    performance_level: str
    user_data: bytes
    ram_role_name: str


def decode_user_data(text: str) -> bytes:
    """Decodes user data.

    Raises:
        ApiError: ``InvalidUserData.Base64FormatInvalid`` or ``InvalidUserData.SizeExceeded``.
    """
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ApiError(
            "InvalidUserData.Base64FormatInvalid", "The specified UserData is not valid.", 403
        ) from None
    if len(decoded) > USER_DATA_MAX_BYTES:
        message = 'The specified parameter "UserData" exceeds the size.'
        raise ApiError("InvalidUserData.SizeExceeded", message)
    return decoded


def read_order(call: Call) -> Order:
    """Reads and checks what is wanted, but for the addresses.

    Raises:
        ApiError: What is wrong, in the cloud's terms.
    """
    params = call.params
    for name, instead in _NOT_MODELLED.items():
        if params.text(name) not in ("", "0"):
            raise not_modelled(name, instead)
    if params.text("InstanceChargeType", "PostPaid") != "PostPaid":
        raise not_modelled("InstanceChargeType", "use PostPaid")
    if params.text("SpotStrategy", "NoSpot") != "NoSpot":
        raise not_modelled("SpotStrategy", "use NoSpot")
    # Security Center's agent is no part of localcloud's images; the order is taken, as for any public image.
    params.choice("SecurityEnhancementStrategy", ("Active", "Deactive"), "Deactive")
    kind = _read_type(params)
    image = _read_image(call)
    switch = find_vswitch(call)
    if switch.status != "Available":
        raise vswitch_not_ready()
    if params.text("ZoneId", switch.zone_id) != switch.zone_id:
        raise errors.mismatch("Specified virtual switch is not in the specified zone.")
    if kind not in types_in(region_of(switch.region_id), switch.zone_id):
        message = "The specified zone does not support this instancetype."
        raise ApiError("InvalidInstanceType.ZoneNotSupported", message, 403)
    if image.architecture != "x86_64":
        message = "The specified image does not support the specified InstanceType."
        raise ApiError("ImageNotSupportInstanceType", message, 403)
    category, size, level = _read_disk(params.group("SystemDisk"), kind, image)
    return Order(
        switch=switch,
        kind=kind,
        image=image,
        security_group_ids=_read_groups(call, switch),
        disk_category=category,
        disk_gib=size,
        performance_level=level,
        user_data=decode_user_data(params.text("UserData")),
        ram_role_name=find_instance_role(call).name if params.text("RamRoleName") else "",
    )


def _read_type(params: Params) -> InstanceType:
    kind = INSTANCE_TYPES.get(params.require("InstanceType"))
    if kind is None:
        message = "The specified InstanceType does not exist or is not authorized."
        raise ApiError("InvalidInstanceType.ValueNotSupported", message)
    return kind


def _read_image(call: Call) -> Image:
    params, state = call.params, call.env.state
    if params.text("ImageFamily") and not params.text("ImageId"):
        image = newest_of_family(state, params.text("ImageFamily"))
    else:
        image = state.images.get(params.require("ImageId"))
    if image is None:
        raise errors.image_not_found()
    return image


def _read_groups(call: Call, switch: VSwitch) -> list[str]:
    ids = call.params.items("SecurityGroupIds") or call.params.items("SecurityGroupId")
    if not ids:
        raise missing_parameter("SecurityGroupId")
    if len(set(ids)) != len(ids) or len(ids) > GROUPS_PER_INSTANCE:
        raise invalid_parameter("SecurityGroupIds")
    for group_id in ids:
        group = call.find(call.env.state.security_groups, group_id)
        if group is None:
            raise errors.security_group_not_found()
        if group.vpc_id != switch.vpc_id:
            raise errors.mismatch("Specified security group and virtual switch are not in the same VPC.")
    return ids


def _read_disk(params: Params, kind: InstanceType, image: Image) -> tuple[str, int, str]:
    category = DISK_CATEGORIES.get(params.text("Category", kind.system_disks[0]))
    if category is None or category.id not in kind.system_disks:
        message = "The specified parameter SystemDisk.Category is not valid."
        raise ApiError("InvalidSystemDiskCategory.ValueNotSupported", message)
    size = params.integer("Size", max(DEFAULT_DISK_GIB, image.size_gib))
    if size < image.size_gib:
        message = "The specified parameter SystemDisk.Size is less than the image size."
        raise ApiError("InvalidSystemDiskSize.LessThanImageSize", message, 404)
    if not category.smallest_gib <= size <= category.largest_gib:
        raise ApiError("InvalidSystemDiskSize", "The specified parameter SystemDisk.Size is invalid.", 404)
    level = params.text("PerformanceLevel")
    if category.performance_levels:
        level = level or DEFAULT_PERFORMANCE_LEVEL
    if level and level not in category.performance_levels:
        message = "The specified parameter SystemDisk.PerformanceLevel is not valid."
        raise ApiError("InvalidPerformanceLevel.Malformed", message)
    return category.id, size, level


def choose_addresses(call: Call, switch: VSwitch, amount: int) -> list[str]:
    """Returns the wanted private address, or as many free ones of the vSwitch as are needed.

    Raises:
        ApiError: The wanted one cannot be had, or there are not enough.
    """
    taken = {item.private_ip for item in call.env.state.instances_in(switch.vswitch_id)}
    wanted = call.params.text("PrivateIpAddress")
    if wanted:
        if amount > 1:
            raise invalid_parameter("Amount", "One private address cannot be given to several instances.")
        return [_check_address(wanted, switch, taken)]
    free = (
        text
        for number in range(int(switch.first_address), int(switch.last_address) + 1)
        if (text := str(IPv4Address(number))) not in taken
    )
    chosen = [address for address, _ in zip(free, range(amount), strict=False)]
    if len(chosen) < amount:
        raise ApiError("QuotaExceeded.PrivateIpAddress", "Don't have enough private IPs in this switch.")
    return chosen


def _check_address(text: str, switch: VSwitch, taken: set[str]) -> str:
    try:
        address = IPv4Address(text)
    except ValueError:
        message = "Specified private IP address is malformed."
        raise ApiError("InvalidPrivateIpAddress.Malformed", message) from None
    if address not in switch.cidr:
        message = "Specified private IP address is not in the CIDR block of virtual switch."
        raise ApiError("InvalidPrivateIpAddress", message)
    if not switch.first_address <= address <= switch.last_address:
        message = "Specified private IP address is reserved: the first and the last three of a vSwitch are."
        raise ApiError("InvalidPrivateIpAddress", message)
    if text in taken:
        message = "The specified IPAddress is already used by other resource."
        raise ApiError("InvalidIPAddress.AlreadyUsed", message)
    return text
