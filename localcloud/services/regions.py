"""Regions and zones.

Source: https://help.aliyun.com/en/ecs/product-overview/regions-and-zones (2026-11-23); zones come and
go there, so the lists are a likeness, not a reference.
"""

from __future__ import annotations

from dataclasses import dataclass

from localcloud.rpc.answer import Answer
from localcloud.services.context import Call


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region.

    Attributes:
        id: For example ``cn-hangzhou``.
        name: For people, in English.
        zones: The zone ids, oldest first.
    """

    id: str
    name: str
    zones: tuple[str, ...]


_TABLE = (
    ("cn-qingdao", "China (Qingdao)", "bc"),
    ("cn-beijing", "China (Beijing)", "cdefghijkl"),
    ("cn-zhangjiakou", "China (Zhangjiakou)", "abc"),
    ("cn-huhehaote", "China (Hohhot)", "ab"),
    ("cn-wulanchabu", "China (Ulanqab)", "abc"),
    ("cn-hangzhou", "China (Hangzhou)", "befghijk"),
    ("cn-shanghai", "China (Shanghai)", "abefglmn"),
    ("cn-nanjing", "China (Nanjing - Local Region)", "a"),
    ("cn-fuzhou", "China (Fuzhou - Local Region)", "a"),
    ("cn-wuhan-lr", "China (Wuhan - Local Region)", "a"),
    ("cn-shenzhen", "China (Shenzhen)", "abcdef"),
    ("cn-heyuan", "China (Heyuan)", "ab"),
    ("cn-guangzhou", "China (Guangzhou)", "ab"),
    ("cn-chengdu", "China (Chengdu)", "ab"),
    ("cn-hongkong", "China (Hong Kong)", "bcd"),
    ("ap-northeast-1", "Japan (Tokyo)", "abc"),
    ("ap-northeast-2", "South Korea (Seoul)", "ab"),
    ("ap-southeast-1", "Singapore", "abc"),
    ("ap-southeast-3", "Malaysia (Kuala Lumpur)", "abc"),
    ("ap-southeast-5", "Indonesia (Jakarta)", "abc"),
    ("ap-southeast-6", "Philippines (Manila)", "ab"),
    ("ap-southeast-7", "Thailand (Bangkok)", "ab"),
    ("us-east-1", "US (Virginia)", "ab"),
    ("us-west-1", "US (Silicon Valley)", "ab"),
    ("na-south-1", "Mexico", "a"),
    ("eu-west-1", "UK (London)", "ab"),
    ("eu-central-1", "Germany (Frankfurt)", "abc"),
    ("me-east-1", "UAE (Dubai)", "a"),
    ("me-central-1", "SAU (Riyadh - Partner Region)", "ab"),
    ("cn-hangzhou-finance", "China East 1 Finance", "ghi"),
    ("cn-shanghai-finance-1", "China East 2 Finance", "bfgk"),
    ("cn-shenzhen-finance-1", "China South 1 Finance", "de"),
    ("cn-beijing-finance-1", "China North 2 Finance (Preview)", "kl"),
    ("cn-north-2-gov-1", "China North 2 Ali Gov 1", "abc"),
)


def _zone_id(region_id: str, letter: str) -> str:
    # Regions whose names end with a number join the letter to it: ap-southeast-1a, cn-hangzhou-k.
    return f"{region_id}{letter}" if region_id[-1].isdigit() else f"{region_id}-{letter}"


REGIONS: dict[str, Region] = {
    region_id: Region(id=region_id, name=name, zones=tuple(_zone_id(region_id, zone) for zone in zones))
    for region_id, name, zones in _TABLE
}


async def describe_regions(call: Call) -> Answer:
    """Lists all regions."""
    rows = [
        {
            "RegionId": region.id,
            "LocalName": region.name,
            "RegionEndpoint": f"ecs.{region.id}.aliyuncs.com",
            "Status": "available",
        }
        for region in REGIONS.values()
    ]
    return {"Regions": {"Region": rows}}
