"""Ids and times in the cloud's forms."""

from __future__ import annotations

import secrets
import string
from datetime import datetime

# The default resource group, which everything here is in.
DEFAULT_RESOURCE_GROUP_ID = "rg-acfm0localcloud"

_ALPHABET = string.ascii_lowercase + string.digits
# Ids of a region's resources begin with these three characters, as seen in public examples.
_REGION_CODES = {
    "ap-northeast-1": "6we",
    "ap-southeast-1": "t4n",
    "ap-southeast-3": "8ps",
    "ap-southeast-5": "k1a",
    "cn-beijing": "2ze",
    "cn-chengdu": "2vc",
    "cn-guangzhou": "7xv",
    "cn-hangzhou": "bp1",
    "cn-heyuan": "f8z",
    "cn-hongkong": "j6c",
    "cn-huhehaote": "hp3",
    "cn-qingdao": "m5e",
    "cn-shanghai": "uf6",
    "cn-shenzhen": "wz9",
    "cn-wulanchabu": "0jl",
    "cn-zhangjiakou": "8vb",
    "eu-central-1": "gw8",
    "eu-west-1": "d7o",
    "me-east-1": "eb3",
    "us-east-1": "0xi",
    "us-west-1": "rj9",
}


def new_id(prefix: str, region_id: str) -> str:
    """Returns a new id: prefix, region code and random characters, 20 after the prefix's hyphen.

    Args:
        prefix: For example ``vpc``.
        region_id: The region that the resource is in.
    """
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(17))
    return f"{prefix}-{_REGION_CODES.get(region_id, 'lc0')}{tail}"


def new_mac() -> str:
    """Returns a MAC address of the block that ECS interfaces have."""
    return "00:16:3e:" + ":".join(f"{byte:02x}" for byte in secrets.token_bytes(3))


def to_seconds(moment: datetime) -> str:
    """Returns a time as ``2026-11-23T08:00:00Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_minutes(moment: datetime) -> str:
    """Returns a time as ``2026-11-23T08:00Z``, which is how ECS tells the times of instances."""
    return moment.strftime("%Y-%m-%dT%H:%MZ")
