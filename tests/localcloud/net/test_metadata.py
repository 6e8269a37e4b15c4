"""The metadata service: the tree, tokens, and who is answered what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from localcloud.fabric.protocol import InstanceSpec
from localcloud.instances.metadata import TOKEN_HEADER, TTL_HEADER, Guest, MetadataService, Tokens, look_up
from localcloud.origin import Origin


def spec(*, required: bool = False, user_data: bytes = b"#cloud-config\n") -> InstanceSpec:
    return InstanceSpec(
        instance_id="i-bp1abc",
        account_uid="9000000000000001",
        region_id="cn-hangzhou",
        zone_id="cn-hangzhou-k",
        vpc_id="vpc-1",
        vswitch_id="vsw-1",
        vswitch_cidr="172.16.1.0/24",
        private_ip="172.16.1.10",
        mac="00:16:3e:00:00:01",
        hostname="proxy",
        image_id="debian_13_x64",
        instance_type="ecs.e-c1m1.large",
        user_data=user_data,
        http_tokens_required=required,
    )


def guest(*, required: bool = False) -> Guest:
    return Guest(spec=spec(required=required), vpc_cidr="172.16.0.0/16", eip="203.0.113.9", name="my-proxy")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("meta-data/instance-id", "i-bp1abc"),
        ("meta-data/region-id", "cn-hangzhou"),
        ("meta-data/zone-id", "cn-hangzhou-k"),
        ("meta-data/private-ipv4", "172.16.1.10"),
        ("meta-data/eipv4", "203.0.113.9"),
        ("meta-data/mac", "00:16:3e:00:00:01"),
        ("meta-data/hostname", "proxy"),
        ("meta-data/vpc-id", "vpc-1"),
        ("meta-data/vswitch-id", "vsw-1"),
        ("meta-data/instance/instance-name", "my-proxy"),
        ("meta-data/network/interfaces/macs/", "00:16:3e:00:00:01/"),
        ("meta-data/network/interfaces/macs/00:16:3e:00:00:01/gateway", "172.16.1.253"),
        ("meta-data/network/interfaces/macs/00:16:3e:00:00:01/netmask", "255.255.255.0"),
        ("user-data", "#cloud-config\n"),
        ("vendor-data", ""),
        ("", "dynamic/\nmeta-data/\nuser-data"),
    ],
)
def test_the_tree(path: str, text: str) -> None:
    body = look_up(guest(), path)
    assert body is not None
    assert body.decode() == text


@pytest.mark.parametrize("path", ["meta-data/nothing", "meta-data/mac/deeper", "elsewhere"])
def test_what_is_not_in_the_tree(path: str) -> None:
    assert look_up(guest(), path) is None


def test_a_folder_lists_its_names() -> None:
    listed = (look_up(guest(), "meta-data/") or b"").decode().splitlines()
    assert "instance-id" in listed
    assert "network/" in listed


def test_everything_at_once_is_what_cloud_init_reads() -> None:
    everything = json.loads(look_up(guest(), "meta-data/all") or b"")
    assert everything["hostname"] == "proxy"
    interface = everything["network"]["interfaces"]["macs"]["00:16:3e:00:00:01"]
    assert interface["vpc-cidr-block"] == "172.16.0.0/16"


def test_no_user_data_is_not_found() -> None:
    assert look_up(Guest(spec=spec(user_data=b""), vpc_cidr="172.16.0.0/16"), "user-data") is None


def test_a_token_is_good_for_its_instance_and_its_time() -> None:
    now = 100.0
    tokens = Tokens(lambda: now)
    token = tokens.issue("i-1", 60)
    assert tokens.holds(token, "i-1")
    assert not tokens.holds(token, "i-2")
    assert not tokens.holds("made-up", "i-1")
    now = 160.0
    assert not tokens.holds(token, "i-1")


def test_tokens_do_not_pile_up() -> None:
    tokens = Tokens()
    first = tokens.issue("i-1", 60)
    for _ in range(1000):
        last = tokens.issue("i-1", 60)
    assert not tokens.holds(first, "i-1")
    assert tokens.holds(last, "i-1")


@asynccontextmanager
async def served(
    find: Callable[[str, str], Guest | None], vpc_id: str | None = "vpc-1"
) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    service = MetadataService(find)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await service.handle(request, Origin(source_ip="172.16.1.10", vpc_id=vpc_id))

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as client:
            yield client, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def get(client: aiohttp.ClientSession, url: str, token: str | None = None) -> tuple[int, str]:
    headers = {} if token is None else {TOKEN_HEADER: token}
    async with client.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def put_token(client: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, str]:
    async with client.put(f"{url}/latest/api/token", headers=headers) as answer:
        return answer.status, await answer.text()


async def test_required_tokens_are_required() -> None:
    async with served(lambda *_: guest(required=True)) as (client, url):
        leaf = f"{url}/latest/meta-data/instance-id"
        assert (await get(client, leaf))[0] == 403
        assert (await get(client, leaf, "made-up"))[0] == 401
        status, token = await put_token(client, url, **{TTL_HEADER: "60"})
        assert status == 200
        assert await get(client, leaf, token) == (200, "i-bp1abc")
        assert await get(client, f"{url}/2016-01-01/user-data", token) == (200, "#cloud-config\n")


async def test_optional_tokens_are_optional_but_must_be_good() -> None:
    async with served(lambda *_: guest()) as (client, url):
        leaf = f"{url}/latest/meta-data/instance-id"
        assert await get(client, leaf) == (200, "i-bp1abc")
        assert (await get(client, leaf, "made-up"))[0] == 401
        assert await get(client, f"{url}/") == (200, "2016-01-01\nlatest")
        assert (await get(client, f"{url}/1999-01-01/meta-data/"))[0] == 404


@pytest.mark.parametrize("ttl", ["", "0", "21601", "-1", "abc", "1.5", "²"])
async def test_a_token_needs_a_life_time(ttl: str) -> None:
    async with served(lambda *_: guest()) as (client, url):
        assert (await put_token(client, url, **{TTL_HEADER: ttl}))[0] == 400


async def test_a_proxy_on_the_instance_gets_no_token() -> None:
    async with served(lambda *_: guest()) as (client, url):
        headers = {TTL_HEADER: "60", "X-Forwarded-For": "203.0.113.1"}
        assert (await put_token(client, url, **headers))[0] == 403


@pytest.mark.parametrize("vpc_id", [None, "vpc-1"])
async def test_who_is_no_instance_is_told_nothing(vpc_id: str | None) -> None:
    async with served(lambda *_: None, vpc_id) as (client, url):
        assert (await get(client, f"{url}/latest/meta-data/"))[0] == 404


async def test_metadata_can_be_switched_off() -> None:
    off = Guest(spec=spec(), vpc_cidr="172.16.0.0/16", enabled=False)
    async with served(lambda *_: off) as (client, url):
        assert (await get(client, f"{url}/latest/meta-data/"))[0] == 403
        assert (await put_token(client, url, **{TTL_HEADER: "60"}))[0] == 403


def test_a_role_and_its_credentials_are_told_at_their_own_path_alone() -> None:
    told = iter(['{"AccessKeyId": "STS.1"}', '{"AccessKeyId": "STS.2"}'])
    with_role = replace(guest(), role="reader", credentials=lambda: next(told))
    folder = "meta-data/ram/security-credentials"
    assert look_up(with_role, "meta-data/ram/") == b"security-credentials/"
    assert look_up(with_role, folder + "/") == b"reader"
    assert look_up(with_role, folder + "/other") is None
    assert look_up(with_role, folder + "/reader") == b'{"AccessKeyId": "STS.1"}'
    assert look_up(with_role, folder + "/reader") == b'{"AccessKeyId": "STS.2"}'
    assert b"STS" not in (look_up(with_role, "meta-data/all") or b"")
    assert look_up(guest(), folder + "/") is None
