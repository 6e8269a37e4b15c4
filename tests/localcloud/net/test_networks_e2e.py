"""Real packets: VPCs, security groups, public addresses, forged senders."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.naming import API_ADDRESS, INTERNET_ADDRESS, PUBLIC_OSS_ADDRESS
from localcloud.fabric.protocol import SecurityPolicy
from tests.localcloud.net.conftest import Lab, allow, asks, echo, run_in

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

INTERNAL_OSS = "http://100.118.28.10/key"
BUCKET = ("-H", "Host: bucket.oss-cn-hangzhou-internal.aliyuncs.com", "-o", "/dev/null", "-w", "%{http_code}")


async def test_two_vpcs_with_one_cidr_are_two_worlds(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    clients = []
    for text in ("one", "two"):
        vpc = await lab.vpc()
        server = await lab.host(vpc, "10.1.1.20", SecurityPolicy(rules=(allow(80),)))
        clients.append((await lab.host(vpc, "10.1.1.10"), server, text))
    for client, server, _ in clients:
        assert await asks(client.namespace, "http://10.1.1.20/") == "no answer"
        async with echo(server.namespace, 80):
            assert await asks(client.namespace, "http://10.1.1.20/") == "10.1.1.10"
        with caplog.at_level(logging.INFO, logger="localcloud.access"):
            caplog.clear()
            assert await asks(client.namespace, INTERNAL_OSS, *BUCKET) == "404"
        assert f"from=10.1.1.10@{client.vpc_id} " in caplog.text


async def test_a_group_is_closed_until_a_rule_opens_it(lab: Lab) -> None:
    vpc = await lab.vpc()
    server, client = await lab.host(vpc, "10.1.1.20"), await lab.host(vpc, "10.1.1.10")
    async with echo(server.namespace, 80), echo(server.namespace, 81):
        assert await asks(client.namespace, "http://10.1.1.20/") == "no answer"
        await lab.secure(server, allow(80))
        assert await asks(client.namespace, "http://10.1.1.20/") == "10.1.1.10"
        assert await asks(client.namespace, "http://10.1.1.20:81/") == "no answer"
        await lab.secure(server, allow(80, cidr="10.1.2.0/24"))
        assert await asks(client.namespace, "http://10.1.1.20/") == "no answer"
        await lab.secure(server, allow(80), allow(80, policy="drop"))
        assert await asks(client.namespace, "http://10.1.1.20/") == "no answer", "of equals, drop wins"
        await lab.secure(server, allow(80), allow(80, policy="drop", priority=2))
        assert await asks(client.namespace, "http://10.1.1.20/") == "10.1.1.10"
        await lab.secure(server, peers=("10.1.1.10",))
        assert await asks(client.namespace, "http://10.1.1.20:81/") == "10.1.1.10", "members reach each other"


async def test_a_closed_group_ends_connections_that_are_open(lab: Lab) -> None:
    vpc = await lab.vpc()
    server, client = await lab.host(vpc, "10.1.1.20"), await lab.host(vpc, "10.1.1.10")
    await lab.secure(server, allow(80))
    async with echo(server.namespace, 80):
        process = await asyncio.create_subprocess_exec(
            *("ip", "netns", "exec", client.namespace, "bash", "-c"),
            "exec 3<>/dev/tcp/10.1.1.20/80; while read -r; do echo x >&3; "
            "read -r -t 1 a <&3 && echo ok || echo cut; while read -r -t 0.1 a <&3; do :; done; done",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n")
        assert await process.stdout.readline() == b"ok\n"
        await lab.secure(server)
        process.stdin.write(b"\n")
        assert await process.stdout.readline() == b"cut\n"
        process.kill()
        await process.wait()


async def test_egress_can_be_closed_to_everything_even_the_clouds_services(lab: Lab) -> None:
    vpc = await lab.vpc()
    host = await lab.host(vpc, "10.1.1.10")
    assert await asks(host.namespace, INTERNAL_OSS, *BUCKET) == "404"
    await lab.secure(host, default_egress="drop")
    assert await asks(host.namespace, INTERNAL_OSS, *BUCKET) == "no answer"
    await lab.secure(host, allow(80, direction="egress", cidr="100.118.28.0/24"), default_egress="drop")
    assert await asks(host.namespace, INTERNAL_OSS, *BUCKET) == "404"
    assert await asks(host.namespace, INTERNAL_OSS.replace(".28.", ".31."), *BUCKET) == "no answer"


async def test_a_public_address_is_the_way_in_and_out(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    vpc = await lab.vpc()
    network = lab.networks.get(vpc)
    host = await lab.host(vpc, "10.1.1.20", SecurityPolicy(rules=(allow(80),)))
    other = await lab.host(vpc, "10.1.1.21", SecurityPolicy(rules=(allow(80),)))
    public_oss = f"http://{PUBLIC_OSS_ADDRESS}/key"
    async with echo(host.namespace, 80), echo(other.namespace, 80):
        assert await asks(lab.names.internet, "http://203.0.113.7/") == "no answer"
        assert await asks(host.namespace, public_oss, *BUCKET) == "no answer"
        await network.bind_eip("203.0.113.7", host.ip, 100)
        assert await asks(lab.names.internet, "http://203.0.113.7/") == INTERNET_ADDRESS
        assert await asks(host.namespace, "http://203.0.113.7/") == "203.0.113.7", "out and in again"
        with caplog.at_level(logging.INFO, logger="localcloud.access"):
            caplog.clear()
            assert await asks(host.namespace, public_oss, *BUCKET) == "404"
        assert "from=203.0.113.7 " in caplog.text
        assert await asks(other.namespace, public_oss, *BUCKET) == "no answer", "only by a public address"
        await network.bind_eip("203.0.113.7", other.ip, 100)
        assert await asks(lab.names.internet, "http://203.0.113.7/") == INTERNET_ADDRESS
        await network.unbind_eip("203.0.113.7")
        assert await asks(lab.names.internet, "http://203.0.113.7/") == "no answer"


async def test_the_bandwidth_of_a_public_address_is_kept(lab: Lab) -> None:
    vpc = await lab.vpc()
    host = await lab.host(vpc, "10.1.1.20", SecurityPolicy(rules=(allow(80),)))
    await lab.networks.get(vpc).bind_eip("203.0.113.8", host.ip, 8)
    answer = b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 2_000_000

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    listener = namespaces.inside(host.namespace, lambda: socket.create_server(("0.0.0.0", 80)))
    listener.setblocking(False)
    async with await asyncio.start_server(serve, sock=listener):
        code, text = await run_in(
            lab.names.internet, "curl", "-s", "-o", "/dev/null", "-w", "%{time_total}", "http://203.0.113.8/"
        )
    assert code == 0
    # 2 MB at 8 Mbit/s take 2 s, less what the bucket of tokens lets through at once.
    assert 1.2 < float(text) < 4
    await lab.networks.get(vpc).unbind_eip("203.0.113.8")


async def test_forged_senders_get_nowhere(lab: Lab) -> None:
    vpc = await lab.vpc()
    server = await lab.host(vpc, "10.1.1.20", SecurityPolicy(rules=(allow(80),)))
    liar = await lab.host(vpc, "10.1.1.10")
    async with echo(server.namespace, 80):
        assert await asks(liar.namespace, "http://10.1.1.20/") == "10.1.1.10"
        await namespaces.batch(liar.namespace, ["address add 10.1.1.11/32 dev eth0"])
        assert await asks(liar.namespace, "http://10.1.1.20/", "--interface", "10.1.1.11") == "no answer"
        assert await asks(liar.namespace, INTERNAL_OSS, *BUCKET, "--interface", "10.1.1.11") == "no answer"
        await namespaces.batch(liar.namespace, ["link set eth0 address 00:16:3e:99:99:99"])
        assert await asks(liar.namespace, "http://10.1.1.20/") == "no answer"


async def test_an_address_cannot_be_taken_over(lab: Lab) -> None:
    vpc = await lab.vpc()
    owner, client = await lab.host(vpc, "10.1.1.20"), await lab.host(vpc, "10.1.1.10")
    thief = await lab.host(vpc, "10.1.1.30")
    await lab.secure(owner, allow(80))
    await lab.secure(thief, allow(80))
    await namespaces.batch(thief.namespace, ["address add 10.1.1.20/32 dev eth0"])
    async with echo(owner.namespace, 80):
        assert await asks(client.namespace, "http://10.1.1.20/") == "10.1.1.10"
    async with echo(thief.namespace, 80):
        assert await asks(client.namespace, "http://10.1.1.20/") == "no answer"


# curl's "could not connect" and "timed out": a refusal by ICMP that arrives while connect() is still at work
# is only a hint to the kernel, which then goes on trying.
NO_CONNECTION = (7, 28)


async def test_the_internet_reaches_public_services_and_nothing_internal(lab: Lab) -> None:
    vpc = await lab.vpc()
    await lab.host(vpc, "10.1.1.20", SecurityPolicy(rules=(allow(80),)))
    for client in (lab.names.internet, lab.names.operator):
        assert await asks(client, f"http://{PUBLIC_OSS_ADDRESS}/key", *BUCKET) == "404"
        assert await asks(client, f"http://{API_ADDRESS}/", "-o", "/dev/null", "-w", "%{http_code}") == "400"
        for internal in ("10.1.1.20", "100.118.28.10", "100.100.100.200", "100.100.2.136", "169.254.0.2"):
            code, text = await run_in(client, "curl", "-sS", "-m", "2", f"http://{internal}/")
            assert code in NO_CONNECTION, f"{internal}: {text}"
    code, _ = await run_in(lab.names.operator, "curl", "-s", "-m", "2", f"http://{INTERNET_ADDRESS}/")
    assert code in NO_CONNECTION


async def test_a_vpc_serves_nothing_but_its_services(lab: Lab) -> None:
    vpc = await lab.vpc(region_id="ap-southeast-1")
    host = await lab.host(vpc, "10.1.1.10")
    assert await asks(host.namespace, "http://100.118.219.77/key", *BUCKET) == "404"
    for address in ("10.1.1.253", "169.254.0.2", "169.254.0.1", "100.118.28.10", "192.0.2.1", "192.0.2.20"):
        assert await asks(host.namespace, f"http://{address}/", *BUCKET) == "no answer", address
    mirror = "http://100.100.2.148/debian/dists/trixie/InRelease"
    assert await asks(host.namespace, mirror, "-o", "/dev/null", "-w", "%{http_code}") == "200"


async def test_the_machine_itself_gets_nothing(lab: Lab) -> None:
    async def machine() -> list[bytes]:
        seen = []
        for command in (
            "ip -o link",
            "ip -o address",
            "ip route show table all",
            "ip rule",
            "nft list ruleset",
        ):
            process = await asyncio.create_subprocess_exec(*command.split(), stdout=asyncio.subprocess.PIPE)
            output, _ = await process.communicate()
            seen.append(output)
        return seen

    before = await machine()
    vpc = await lab.vpc()
    host = await lab.host(vpc, "10.1.1.20")
    await lab.networks.get(vpc).bind_eip("203.0.113.9", host.ip, 100)
    assert await machine() == before
