"""Named network namespaces, and work inside them.

Links, addresses and routes are batches for ``ip``: it is needed anyway, starts in milliseconds (pyroute2
takes a second to import), and its batches can be read, logged and compared in tests.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from localcloud import linux
from localcloud.fabric.protocol import FabricError

FOLDER = Path("/run/netns")
_SYSCTLS = {
    # IPv6 has no place in the stand-in cloud; left on, it would delay and confuse.
    "ipv6/conf/all/disable_ipv6": "1",
    "ipv6/conf/default/disable_ipv6": "1",
}
_ROUTER_SYSCTLS = {
    "ipv4/ip_forward": "1",
    # Forged senders are dropped by MAC and address, which is stricter than the reverse path.
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv4/conf/all/send_redirects": "0",
    "ipv4/conf/default/send_redirects": "0",
    "ipv4/conf/default/proxy_arp": "1",
    # A client is to learn of each dead end at once, also of several in a row.
    "ipv4/icmp_ratelimit": "0",
    # The kernel answers for others only after a random delay of up to 0.8 s, unless told not to.
    "ipv4/neigh/default/proxy_delay": "0",
}

T = TypeVar("T")


def exists(name: str) -> bool:
    """Tells whether a namespace of this name is there."""
    return (FOLDER / name).exists()


def inside(name: str, work: Callable[[], T]) -> T:
    """Does work in a namespace: in a thread of its own, so that no other ever leaves its place.

    Raises:
        FabricError: There is no such namespace.
    """
    result: list[T] = []
    failure: list[BaseException] = []

    def enter() -> None:
        try:
            with (FOLDER / name).open() as handle:
                linux.setns(handle.fileno(), linux.CLONE_NEWNET)
            result.append(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=enter, name=f"netns-{name}")
    thread.start()
    thread.join()
    if failure:
        if isinstance(failure[0], FileNotFoundError):
            raise FabricError(
                f"The namespace {name} is gone. Restart: localcloud down, localcloud up."
            ) from failure[0]
        raise failure[0]
    return result[0]


async def make(name: str, *, router: bool = False) -> None:
    """Makes a namespace; one that is there already is kept.

    Args:
        name: Its name.
        router: Whether it forwards packets.
    """
    if not exists(name):
        await run("ip", "netns", "add", name)

    def configure() -> None:
        settings = _SYSCTLS | (_ROUTER_SYSCTLS if router else {})
        for key, value in settings.items():
            path = Path("/proc/sys/net", key)
            if path.exists():
                path.write_text(value)

    inside(name, configure)
    await batch(name, ["link set lo up"])


async def remove(name: str) -> None:
    """Removes a namespace with its links; one that is gone already is fine."""
    if exists(name):
        await run("ip", "netns", "delete", name)


async def batch(name: str, commands: Sequence[str]) -> None:
    """Has ``ip`` carry out commands inside a namespace, all of them in one process.

    Raises:
        FabricError: One of them failed.
    """
    await run("ip", "-netns", name, "-batch", "-", stdin="".join(f"{line}\n" for line in commands))


async def has_link(name: str, link: str) -> bool:
    """Tells whether a namespace has a link of this name."""
    names = inside(name, socket.if_nameindex)
    return any(found == link for _, found in names)


async def nft(name: str, rules: str) -> None:
    """Puts nftables rules in force in a namespace, in one transaction.

    Raises:
        FabricError: The kernel or nft refused them.
    """
    await run("ip", "netns", "exec", name, "nft", "-f", "-", stdin=rules)


async def run(*command: str, stdin: str = "") -> str:
    """Runs a tool to its end and returns what it said.

    Raises:
        FabricError: It is missing, or failed; the message holds its own.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except FileNotFoundError as error:
        raise FabricError(
            f"{command[0]} is missing. Install it: apt-get install iproute2 nftables"
        ) from error
    output, _ = await process.communicate(stdin.encode())
    text = output.decode(errors="replace")
    if process.returncode:
        raise FabricError(f"{' '.join(command)} failed: {text.strip()}\n{stdin}".rstrip())
    return text


def run_now(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Runs a tool outside an event loop; the caller looks at the result."""
    return subprocess.run(list(command), capture_output=True, text=True, check=False)
