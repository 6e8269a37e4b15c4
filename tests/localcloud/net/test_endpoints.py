# mypy: allow-untyped-calls
"""Addresses of internal endpoints move, go down and come back; whoever orders nonsense is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dnslib
import pytest

from localcloud.cli.endpoint import render
from localcloud.dns import NameServer, NameServiceFails, View, internal_addresses
from localcloud.endpoints import InternalEndpoints
from localcloud.errors import LocalcloudError

REGION, A, B = "cn-hangzhou", "100.118.28.200", "100.98.170.201"
VIEW = View(api="198.51.100.10", public_oss="198.51.100.20")


class Rules:
    """Stands for the VPCs' networks."""

    def __init__(self) -> None:
        self.down: Mapping[str, str] = {}

    async def put(self, down: Mapping[str, str]) -> None:
        self.down = dict(down)


def move(region: str, *addresses: str, dns_fails: bool = False) -> dict[str, Any]:
    return {"region": region, "addresses": list(addresses), "dns_fails": dns_fails}


async def test_a_name_moves_and_comes_back() -> None:
    endpoints = InternalEndpoints(None)
    assert endpoints.addresses(REGION) == internal_addresses(REGION)
    await endpoints.answer("move", move(REGION, A, B))
    assert endpoints.addresses(REGION) == [A, B]
    assert endpoints.addresses("cn-shanghai") == internal_addresses("cn-shanghai")
    await endpoints.answer("move", move(REGION))
    assert endpoints.addresses(REGION) == internal_addresses(REGION)


async def test_every_name_server_tells_at_once() -> None:
    endpoints = InternalEndpoints(None)
    server = NameServer(replace(VIEW, internal_oss=endpoints.addresses))
    question = dnslib.DNSRecord.question("b.oss-cn-hangzhou-internal.aliyuncs.com").pack()

    def ask() -> tuple[int, set[str]]:
        answer = server.answer(question)
        assert answer is not None
        parsed = dnslib.DNSRecord.parse(answer)
        return parsed.header.rcode, {str(record.rdata) for record in parsed.rr}

    await endpoints.answer("move", move(REGION, A))
    assert ask() == (dnslib.RCODE.NOERROR, {A})
    await endpoints.answer("move", move(REGION, dns_fails=True))
    with pytest.raises(NameServiceFails):
        endpoints.addresses(REGION)
    assert ask() == (dnslib.RCODE.SERVFAIL, set())


async def test_an_address_goes_down_and_comes_back() -> None:
    rules = Rules()
    endpoints = InternalEndpoints(rules.put)
    await endpoints.answer("down", {"address": A, "silent": False})
    told = await endpoints.answer("down", {"address": B, "silent": True})
    assert rules.down == told["down"] == {A: "refuses", B: "silent"}
    assert f"down             {B} (silent)" in render(told)
    await endpoints.answer("up", {"address": A})
    assert rules.down == {B: "silent"}
    assert f"{REGION}      {' '.join(internal_addresses(REGION))}" in render(told)


@pytest.mark.parametrize(
    ("command", "request_", "message"),
    [
        ("move", move("cn-atlantis", A), "no region cn-atlantis"),
        ("move", move("cn-shanghai", A), "none of cn-shanghai"),
        ("move", move(REGION, "10.0.0.1"), "no address of an internal endpoint"),
        ("move", move(REGION, "here"), "'here' is no address"),
        ("down", {"address": "100.100.2.136", "silent": False}, "no address of an internal endpoint"),
        ("up", {"address": A}, f"{A} is not down"),
    ],
)
async def test_nonsense_is_refused(command: str, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(LocalcloudError, match=message):
        await InternalEndpoints(Rules().put).answer(command, request_)


async def test_without_networks_nothing_can_go_down() -> None:
    with pytest.raises(LocalcloudError, match="Start the whole cloud as root"):
        await InternalEndpoints(None).answer("down", {"address": A, "silent": False})
