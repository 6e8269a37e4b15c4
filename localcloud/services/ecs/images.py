"""Showing system images, and publishing further ones."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from typing import Any

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError
from localcloud.services.context import Call, Handler
from localcloud.services.ecs.image_catalog import Image, named
from localcloud.services.ids import to_seconds
from localcloud.services.paging import page
from localcloud.services.state import State


def publish(state: State, name: str) -> Image | None:
    """Adds an image to those that the cloud has, as if it came out now; None when the name is none."""
    image = named(name)
    if image is not None:
        state.images[image.id] = image
    return image


def newest_of_family(state: State, family: str) -> Image | None:
    """Returns the newest image of a family, or None."""
    members = [image for image in state.images.values() if image.family == family]
    return max(members, key=lambda image: image.created, default=None)


async def describe_images(call: Call) -> Answer:
    """Lists images by owner, ids (separated by commas), name (``*`` allowed), family, system and more."""
    params = call.params
    ids = set(filter(None, params.text("ImageId").split(",")))
    name = params.text("ImageName")
    owner = params.choice("ImageOwnerAlias", ("system", "self", "others", "marketplace"), "system")
    found = [
        image
        for image in call.env.state.images.values()
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
    image = newest_of_family(call.env.state, call.params.require("ImageFamily"))
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
