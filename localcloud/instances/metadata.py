"""The metadata service at 100.100.100.200, as instances and cloud-init's AliYun source ask it.

Source: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata (tree, 2026-02) and
cloud-init 25.1, cloudinit/sources/helpers/aliyun.py (the JSON of ``meta-data/all``).
"""

from __future__ import annotations

import ipaddress
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from localcloud.fabric.protocol import InstanceSpec
from localcloud.instances.recipe import MIRROR_HOST, NAME_SERVERS
from localcloud.origin import Origin

TOKEN_HEADER = "X-aliyun-ecs-metadata-token"  # noqa: S105 - the header's name, not a secret
TTL_HEADER = "X-aliyun-ecs-metadata-token-ttl-seconds"
# Source: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata (2026-02).
TTL_MAX_S = 21600
_VERSIONS = ("2016-01-01", "latest")
_TOKENS_MAX = 1000

Tree = Mapping[str, "Tree | str"]


@dataclass(frozen=True, kw_only=True)
class Guest:
    """What the service knows of the instance that asks.

    Attributes:
        spec: The instance.
        vpc_cidr: CIDR of its VPC.
        eip: The public address bound to it, or None.
        name: The instance's name, which need not be its host name.
        enabled: Whether the instance has metadata at all.
        role: The instance's RAM role, or None.
        credentials: Tells the role's credentials in JSON, when asked; new ones when it is time.
    """

    spec: InstanceSpec
    vpc_cidr: str
    eip: str | None = None
    name: str = ""
    enabled: bool = True
    role: str | None = None
    credentials: Callable[[], str | None] = lambda: None


def metadata_tree(guest: Guest) -> Tree:
    """Builds the tree below ``meta-data/``; leaves are the texts that are answered."""
    spec = guest.spec
    subnet = ipaddress.ip_network(spec.vswitch_cidr)
    interface = {
        "gateway": str(subnet[-3]),
        "netmask": str(subnet.netmask),
        "network-interface-id": "eni-" + spec.instance_id.removeprefix("i-"),
        "primary-ip-address": spec.private_ip,
        "private-ipv4s": json.dumps([spec.private_ip]),
        "vpc-cidr-block": guest.vpc_cidr,
        "vpc-id": spec.vpc_id,
        "vswitch-cidr-block": spec.vswitch_cidr,
        "vswitch-id": spec.vswitch_id,
    }
    tree: dict[str, Tree | str] = {
        "dns-conf": {"nameservers": "\n".join(NAME_SERVERS)},
        "hostname": spec.hostname,
        "image-id": spec.image_id,
        "instance": {"instance-name": guest.name or spec.instance_id, "instance-type": spec.instance_type},
        "instance-id": spec.instance_id,
        "mac": spec.mac,
        "network": {"interfaces": {"macs": {spec.mac: interface}}},
        "network-type": "vpc",
        "owner-account-id": spec.account_uid,
        "private-ipv4": spec.private_ip,
        "region-id": spec.region_id,
        "serial-number": spec.instance_id,
        "source-address": f"http://{MIRROR_HOST}",
        "vpc-cidr-block": guest.vpc_cidr,
        "vpc-id": spec.vpc_id,
        "vswitch-cidr-block": spec.vswitch_cidr,
        "vswitch-id": spec.vswitch_id,
        "zone-id": spec.zone_id,
    }
    if guest.eip is not None:
        tree["eipv4"] = guest.eip
    return tree


def identity_document(guest: Guest) -> str:
    """Returns ``dynamic/instance-identity/document``, unsigned."""
    spec = guest.spec
    return json.dumps(
        {
            "zone-id": spec.zone_id,
            "serial-number": spec.instance_id,
            "instance-id": spec.instance_id,
            "region-id": spec.region_id,
            "private-ipv4": spec.private_ip,
            "owner-account-id": spec.account_uid,
            "mac": spec.mac,
            "image-id": spec.image_id,
            "instance-type": spec.instance_type,
        }
    )


def look_up(guest: Guest, path: str) -> bytes | None:
    """Answers a path below the version, for example ``meta-data/instance-id``.

    Returns:
        The body: a leaf's text, or a folder's names with ``/`` after those of folders; None when there
        is nothing.
    """
    segments = [segment for segment in path.split("/") if segment]
    if segments == ["meta-data", "all"]:
        return json.dumps(metadata_tree(guest)).encode()
    if segments == ["user-data"]:
        return guest.spec.user_data or None
    if segments == ["vendor-data"]:
        return b""
    if guest.role and segments[:3] == ["meta-data", "ram", "security-credentials"]:
        return _credentials(guest, segments[3:])
    root: Tree = {
        "dynamic": {"instance-identity": {"document": identity_document(guest)}},
        "meta-data": {**metadata_tree(guest), **_role_tree(guest)},
        "user-data": "",
    }
    node: Tree | str = root
    for segment in segments:
        if isinstance(node, str) or segment not in node:
            return None
        node = node[segment]
    if isinstance(node, str):
        return node.encode()
    return "\n".join(name if isinstance(value, str) else f"{name}/" for name, value in node.items()).encode()


def _role_tree(guest: Guest) -> Tree:
    """Where credentials are told: at their own path alone, and not in `all`, which is inferred."""
    return {"ram": {"security-credentials": {}}} if guest.role else {}


def _credentials(guest: Guest, below: list[str]) -> bytes | None:
    if not below:
        return (guest.role or "").encode()
    told = guest.credentials() if below == [guest.role] else None
    return None if told is None else told.encode()


class Tokens:
    """The tokens of the hardened mode (IMDSv2): each good for one instance, for a time.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[str, float]] = {}

    def issue(self, instance_id: str, ttl_s: int) -> str:
        """Returns a new token for an instance."""
        now = self._clock()
        self._issued = {token: entry for token, entry in self._issued.items() if entry[1] > now}
        while len(self._issued) >= _TOKENS_MAX:
            del self._issued[next(iter(self._issued))]
        token = secrets.token_urlsafe(40)
        self._issued[token] = (instance_id, now + ttl_s)
        return token

    def holds(self, token: str, instance_id: str) -> bool:
        """Tells whether the token was issued for this instance and has not expired."""
        entry = self._issued.get(token)
        return entry is not None and entry[0] == instance_id and entry[1] > self._clock()


class MetadataService:
    """The HTTP service.

    Args:
        find_guest: Gives the instance with a private address in a VPC, or None.
        tokens: Where tokens are kept.
    """

    def __init__(self, find_guest: Callable[[str, str], Guest | None], tokens: Tokens | None = None) -> None:
        self._find_guest = find_guest
        self._tokens = tokens or Tokens()

    async def handle(self, request: web.BaseRequest, origin: Origin) -> web.StreamResponse:
        """Answers one request; who asks is told by where its packets come from."""
        guest = None if origin.vpc_id is None else self._find_guest(origin.vpc_id, origin.source_ip)
        if guest is None:
            return _error(404, "Not Found")
        if not guest.enabled:
            return _error(403, "Forbidden")
        version, _, path = request.path.lstrip("/").partition("/")
        if not version:
            return web.Response(text="\n".join(_VERSIONS))
        if version not in _VERSIONS:
            return _error(404, "Not Found")
        if path == "api/token":
            return self._token(request, guest)
        if request.method not in ("GET", "HEAD"):
            return _error(405, "Method Not Allowed")
        token = request.headers.get(TOKEN_HEADER)
        if token is None and guest.spec.http_tokens_required:
            return _error(403, "Forbidden")
        if token is not None and not self._tokens.holds(token, guest.spec.instance_id):
            return _error(401, "Unauthorized")
        body = look_up(guest, path)
        if body is None:
            return _error(404, "Not Found")
        return web.Response(body=body, content_type="text/plain")

    def _token(self, request: web.BaseRequest, guest: Guest) -> web.Response:
        if request.method != "PUT":
            return _error(405, "Method Not Allowed")
        ttl = request.headers.get(TTL_HEADER, "")
        # A token must not leave the instance: a proxy on it that passes requests on names itself here.
        if "X-Forwarded-For" in request.headers:
            return _error(403, "Forbidden")
        if not (ttl.isascii() and ttl.isdigit() and 1 <= int(ttl) <= TTL_MAX_S):
            return _error(400, "Bad Request")
        return web.Response(text=self._tokens.issue(guest.spec.instance_id, int(ttl)))


def _error(status: int, title: str) -> web.Response:
    page = f"<html><head><title>{status} - {title}</title></head></html>\n"
    return web.Response(status=status, text=page, content_type="text/html")
