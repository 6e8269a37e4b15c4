"""A whole cloud in the test's own process, with hosts that need not boot."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.firewall import HostPort
from localcloud.fabric.netns.naming import Names, interface_name
from localcloud.fabric.netns.networks import Networks
from localcloud.fabric.netns.probes import probe_mac
from localcloud.fabric.protocol import SecurityPolicy, SecurityRule, VpcSpec
from localcloud.home import Home
from localcloud.instances.rootfs import ensure_rootfs
from localcloud.world import World, running


@dataclass
class Host:
    """A host in a VPC that is a bare namespace."""

    namespace: str
    ip: str
    key: str
    vpc_id: str

    async def run(self, *command: str) -> tuple[int, str]:
        """Runs a command there; returns its exit status and output."""
        return await run_in(self.namespace, *command)


async def run_in(namespace: str, *command: str) -> tuple[int, str]:
    """Runs a command in a namespace; returns its exit status and output, both streams."""
    process = await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", namespace, *command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


@asynccontextmanager
async def echo(namespace: str, port: int) -> AsyncIterator[None]:
    """Serves, at a port of a namespace, an HTTP answer that tells who asked; the connection stays open."""
    listener = namespaces.inside(namespace, lambda: socket.create_server(("0.0.0.0", port)))
    listener.setblocking(False)

    serving: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        try:
            while await reader.readline():
                body = writer.get_extra_info("peername")[0].encode()
                writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, sock=listener)
    try:
        yield
    finally:
        server.close()
        for task in serving:
            if task is not None:
                task.cancel()
        await asyncio.sleep(0)


async def asks(namespace: str, url: str, *options: str) -> str:
    """What a namespace gets from a URL within two seconds, or ``no answer``."""
    code, text = await run_in(namespace, "curl", "-s", "-m", "2", *options, url)
    return text if code == 0 else "no answer"


def allow(port: int = -1, *, cidr: str = "0.0.0.0/0", **changes: object) -> SecurityRule:
    """An ingress rule that accepts TCP."""
    values = {"direction": "ingress", "policy": "accept", "protocol": "tcp", "priority": 1, **changes}
    return SecurityRule(from_port=port, to_port=port, cidr=cidr, **values)  # type: ignore[arg-type]


@dataclass
class Lab:
    """A running cloud in which a test makes what it needs."""

    world: World
    networks: Networks
    names: Names
    home: Home
    _count: int = field(default=0)

    async def vpc(self, cidr: str = "10.1.0.0/16", region_id: str = "cn-hangzhou") -> str:
        """Makes a VPC; returns its id."""
        self._count += 1
        vpc_id = f"vpc-test{self._count:017d}"
        await self.networks.create_vpc(VpcSpec(vpc_id=vpc_id, region_id=region_id, cidr=cidr))
        return vpc_id

    async def host(self, vpc_id: str, ip: str, policy: SecurityPolicy | None = None) -> Host:
        """Makes a host with an address in a /24 of a VPC."""
        self._count += 1
        key = f"host{self._count}"
        namespace = self.names.probe(key)
        await self.networks.make_namespace(namespace)
        port = HostPort(
            interface=interface_name("t", key), ip=ip, mac=probe_mac(key), security=policy or SecurityPolicy()
        )
        await self.networks.get(vpc_id).add_host(key, namespace, port, ip.rpartition(".")[0] + ".0/24")
        return Host(namespace, ip, key, vpc_id)

    async def secure(self, host: Host, *rules: SecurityRule, **changes: object) -> None:
        """Puts rules in force for a host."""
        policy = SecurityPolicy(rules=rules, **changes)  # type: ignore[arg-type]
        await self.networks.get(host.vpc_id).set_security(host.key, policy)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    if os.geteuid() != 0:
        pytest.skip("networks need root; run: sudo make test")
    home = Home(tmp_path_factory.mktemp("cloud"))
    home.make()
    await asyncio.to_thread(ensure_rootfs, print)
    async with running(home, "full") as world:
        assert world.fabric is not None
        yield Lab(world, world.fabric.networks, Names(home.prefix), home)
    left = [name for name in os.listdir("/run/netns") if name.startswith(home.prefix)]  # noqa: PTH208
    for name in left:
        await namespaces.remove(name)
    assert all("probe" in name for name in left), "only the tests' own hosts may be left"
