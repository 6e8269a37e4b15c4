"""Where this host is, as the metadata service of ECS says."""

import json
from http.client import HTTPException
from typing import Dict, Optional

from infra.access.diagnose.network import Network

METADATA = "100.100.100.200"
METADATA_TIMEOUT_S = 2


class Place:
    """An instance. Empty texts where the service did not tell."""

    def __init__(self, region: str, vpc_id: str, instance_id: str, private_ip: str) -> None:
        self.region = region
        self.vpc_id = vpc_id
        self.instance_id = instance_id
        self.private_ip = private_ip


def where(network: Network) -> Optional[Place]:
    """Returns this instance, or None on a host that is none.

    Source: https://help.aliyun.com/en/ecs/user-guide/view-instance-metadata (2026-11-24), tokens included.
    """
    token = _token(network)
    if token is None:
        return None
    words = [_asked(network, token, name) for name in ("region-id", "vpc-id", "instance-id", "private-ipv4")]
    return Place(*words) if words[0] or words[2] else None


def role_keys(network: Network) -> Optional[Dict[str, str]]:
    """Returns the keys of the instance's RAM role: ``id``, ``secret``, ``token``; None without a role."""
    token = _token(network)
    if token is None:
        return None
    role = _asked(network, token, "ram/security-credentials/").strip()
    try:
        keys = json.loads(_asked(network, token, "ram/security-credentials/" + role)) if role else {}
        return {
            "id": keys["AccessKeyId"],
            "secret": keys["AccessKeySecret"],
            "token": keys["SecurityToken"],
        }
    except (ValueError, KeyError, TypeError):
        return None


def _token(network: Network) -> Optional[str]:
    wish = {"X-aliyun-ecs-metadata-token-ttl-seconds": "60"}
    try:
        answer = network.get(
            *("http", METADATA, 80, "/latest/api/token", wish),
            method="PUT",
            timeout_s=METADATA_TIMEOUT_S,
        )
    except (OSError, HTTPException):
        return None
    return answer.body.strip() if answer.status == 200 else ""


def _asked(network: Network, token: str, name: str) -> str:
    headers = {"X-aliyun-ecs-metadata-token": token} if token else {}
    try:
        answer = network.get(
            *("http", METADATA, 80, "/latest/meta-data/" + name, headers), timeout_s=METADATA_TIMEOUT_S
        )
    except (OSError, HTTPException):
        return ""
    return answer.body.strip() if answer.status == 200 else ""
