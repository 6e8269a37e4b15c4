"""What a cloud holds, in a form that can be compared: how many there are of each kind."""

from __future__ import annotations

import json
from typing import Any

from tests.support.localcloud import LocalCloud

KINDS = ("vpcs", "vswitches", "security_groups", "instances", "eips")
Shape = dict[str, int]


def shape_of(cloud: LocalCloud, bucket: str) -> Shape:
    """Counts all that there is, this stack's or not: the cloud is the stack's alone."""
    status: dict[str, Any] = cloud.status()
    counts = {kind: len(status[kind]) for kind in KINDS}
    counts["rules"] = sum(group["rules"] for group in status["security_groups"])
    counts["eips in use"] = sum(eip["instance"] is not None for eip in status["eips"])
    shown = cloud.cli("oss", "policy", "get", bucket, check=False)
    counts["statements"] = len(json.loads(shown.stdout)["Statement"]) if shown.returncode == 0 else 0
    return counts


def difference(found: Shape, wanted: Shape) -> str:
    """What differs, for people; empty when nothing does."""
    return ", ".join(
        f"{found[kind]} {kind} instead of {wanted[kind]}" for kind in wanted if found[kind] != wanted[kind]
    )
