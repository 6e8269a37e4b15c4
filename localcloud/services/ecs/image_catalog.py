"""Which system images a cloud has when it starts, and what a later one is made of.

Source: https://help.aliyun.com/en/ecs/user-guide/release-notes-for-images (2026-11-23) for the form of
the names; the builds listed here are likenesses, several per system so that "the newest" has a meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime


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


def image(stem: str, platform: str, release: str, date: str, size_gib: int = 20) -> Image:
    """Returns an image by the parts of its name.

    Args:
        stem: System, release and architecture, for example ``debian_13_2_x64``.
        platform: The distribution.
        release: The release, for people.
        date: When it was published, ``YYYYMMDD``.
        size_gib: The smallest system disk, in GiB.

    Raises:
        ValueError: The date is none.
    """
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
    one.id: one
    for one in (
        image("debian_13_2_x64", "Debian", "13.2", "20260910"),
        image("debian_13_0_x64", "Debian", "13.0", "20251103"),
        image("debian_13_1_x64", "Debian", "13.1", "20260316"),
        image("debian_13_2_x64", "Debian", "13.2", "20260722"),
        image("debian_13_2_arm64", "Debian", "13.2", "20260911"),
        image("debian_12_12_x64", "Debian", "12.12", "20260912"),
        image("debian_12_11_x64", "Debian", "12.11", "20251022"),
        image("debian_12_12_arm64", "Debian", "12.12", "20260912"),
        image("ubuntu_24_04_x64", "Ubuntu", "24.04", "20260908"),
        image("ubuntu_24_04_x64", "Ubuntu", "24.04", "20260522"),
        image("ubuntu_22_04_x64", "Ubuntu", "22.04", "20260908"),
        image("aliyun_3_x64", "Aliyun", "3.2104 LTS", "20260828"),
        image("aliyun_3_x64", "Aliyun", "3.2104 LTS", "20260517"),
        image("aliyun_4_x64", "Aliyun", "4 LTS", "20260828"),
    )
}

# System and release, architecture, size, date.
_NAME = re.compile(
    r"(?P<stem>(?P<system>[a-z]+)_(?P<release>[0-9]+(?:_[0-9]+)*)_(?:x64|arm64))"
    r"_(?P<size>[0-9]+)G_alibase_(?P<date>[0-9]{8})\.vhd"
)


def named(name: str) -> Image | None:
    """Returns the image that a name such as ``debian_13_3_x64_20G_alibase_20261120.vhd`` tells, or None."""
    parts = _NAME.fullmatch(name)
    if parts is None:
        return None
    release = parts["release"].replace("_", ".")
    try:
        return image(parts["stem"], parts["system"].capitalize(), release, parts["date"], int(parts["size"]))
    except ValueError:
        return None
