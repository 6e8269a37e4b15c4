"""System images.

Source: https://help.aliyun.com/en/ecs/user-guide/release-notes-for-images (2026-11-23) for the form of
the names; the builds listed here are likenesses, several per system so that "the newest" has a meaning.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError
from localcloud.services.context import Call, Handler
from localcloud.services.ids import to_seconds
from localcloud.services.paging import page


@dataclass(frozen=True, kw_only=True)
class Image:
    """A system image.

    Attributes:
        id: Id and name alike, for example ``debian_13_2_x64_20G_alibase_20260910.vhd``.
        family: For example ``acs:debian_13_2_x64``; a family's newest image is what it stands for.
        platform: The distribution, for example ``Debian``.
        os_name: Distribution and release, for people.
        architecture: ``x86_64`` or ``arm64``.
        size_gib: The smallest system disk, in GiB.
        created: When it was published.
    """

    id: str
    family: str
    platform: str
    os_name: str
    architecture: str
    size_gib: int
    created: datetime


def _image(stem: str, platform: str, release: str, date: str, size_gib: int = 20) -> Image:
    return Image(
        id=f"{stem}_{size_gib}G_alibase_{date}.vhd",
        family=f"acs:{stem}",
        platform=platform,
        os_name=f"{platform} {release} 64 bit",
        architecture="arm64" if stem.endswith("_arm64") else "x86_64",
        size_gib=size_gib,
        created=datetime.strptime(date, "%Y%m%d").replace(tzinfo=UTC),
    )


# The order is not that of the dates: clients that want the newest have to look at CreationTime.
IMAGES: dict[str, Image] = {
    image.id: image
    for image in (
        _image("debian_13_2_x64", "Debian", "13.2", "20260910"),
        _image("debian_13_0_x64", "Debian", "13.0", "20251103"),
        _image("debian_13_1_x64", "Debian", "13.1", "20260316"),
        _image("debian_13_2_x64", "Debian", "13.2", "20260722"),
        _image("debian_13_2_arm64", "Debian", "13.2", "20260911"),
        _image("debian_12_12_x64", "Debian", "12.12", "20260912"),
        _image("debian_12_11_x64", "Debian", "12.11", "20251022"),
        _image("debian_12_12_arm64", "Debian", "12.12", "20260912"),
        _image("ubuntu_24_04_x64", "Ubuntu", "24.04", "20260908"),
        _image("ubuntu_24_04_x64", "Ubuntu", "24.04", "20260522"),
        _image("ubuntu_22_04_x64", "Ubuntu", "22.04", "20260908"),
        _image("aliyun_3_x64", "Aliyun", "3.2104 LTS", "20260828"),
        _image("aliyun_3_x64", "Aliyun", "3.2104 LTS", "20260517"),
        _image("aliyun_4_x64", "Aliyun", "4 LTS", "20260828"),
    )
}


def newest_of_family(family: str) -> Image | None:
    """Returns the newest image of a family, or None."""
    members = [image for image in IMAGES.values() if image.family == family]
    return max(members, key=lambda image: image.created, default=None)


async def describe_images(call: Call) -> Answer:
    """Lists images by owner, ids (separated by commas), name (``*`` allowed), family, system and more."""
    params = call.params
    ids = set(filter(None, params.text("ImageId").split(",")))
    name = params.text("ImageName")
    owner = params.choice("ImageOwnerAlias", ("system", "self", "others", "marketplace"), "system")
    found = [
        image
        for image in IMAGES.values()
        if owner == "system"
        and (not ids or image.id in ids)
        and (not name or fnmatch.fnmatchcase(image.id, name))
        and params.text("ImageFamily") in ("", image.family)
        and params.text("Architecture") in ("", image.architecture)
        and params.text("OSType") in ("", "linux")
        and "Available" in params.text("Status", "Available").split(",")
        and params.flag("IsSupportCloudinit", True)
        and params.flag("IsSupportIoOptimized", True)
        and not params.groups("Tag")
    ]
    call.end_dry_run()
    shown, fields = page(found, params)
    return {**fields, "RegionId": call.region or "", "Images": {"Image": _views(shown)}}


async def describe_image_from_family(call: Call) -> Answer:
    """Shows the newest image of a family.

    Raises:
        ApiError: ``InvalidImageFamily.NotFound``.
    """
    image = newest_of_family(call.params.require("ImageFamily"))
    if image is None:
        raise ApiError("InvalidImageFamily.NotFound", "The specified ImageFamily does not exist.", 404)
    return {"Image": _views([image])[0]}


def _views(images: Sequence[Image]) -> list[dict[str, Any]]:
    return [
        {
            "ImageId": image.id,
            "ImageName": image.id,
            "ImageFamily": image.family,
            "ImageOwnerAlias": "system",
            "ImageVersion": "",
            "Description": "",
            "Platform": image.platform,
            "OSName": image.os_name,
            "OSNameEn": image.os_name,
            "OSType": "linux",
            "Architecture": image.architecture,
            "BootMode": "BIOS-Preferred" if image.architecture == "x86_64" else "UEFI",
            "Size": image.size_gib,
            "Status": "Available",
            "Progress": "100%",
            "Usage": "none",
            "Usable": True,
            "IsPublic": True,
            "IsCopied": False,
            "IsSelfShared": "",
            "IsSubscribed": False,
            "IsSupportCloudinit": True,
            "IsSupportIoOptimized": True,
            "LoginAsNonRootSupported": True,
            "ProductCode": "",
            "CreationTime": to_seconds(image.created),
            "Features": {"NvmeSupport": "supported", "ImdsSupport": "v2"},
            "DiskDeviceMappings": {"DiskDeviceMapping": []},
            "Tags": {"Tag": []},
        }
        for image in images
    ]


ACTIONS: dict[str, Handler] = {
    "DescribeImages": describe_images,
    "DescribeImageFromFamily": describe_image_from_family,
}
