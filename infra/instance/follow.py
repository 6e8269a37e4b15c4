"""Follows the addresses of OSS's internal name, so that nginx always asks one that DNS names now.

Open-source nginx looks a name up when it reads its configuration and never again (`resolve` came with 1.27.3)
and does not tell what it found. So its configuration names no host: it includes a file of addresses, which
is what nginx uses, after every reload by whomever. This program writes the file and reloads nginx.

It is one file on the instance (`infra.instance_files`) and a service that runs for good. What it does not
remember over a restart does no harm: a used address counts as seen just then.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, ip_address
from pathlib import Path

from infra.instance.workers import LOCK, taken_up, workers

CONFIGURATION = "/etc/nginx/nginx.conf"
FOLDER = "/var/lib/oss-proxy/upstream/"
# Name and port stand in the file's name: whoever reads the configuration knows both.
INCLUDE = re.compile(r"include \S*/oss-proxy/upstream/([a-z0-9.-]+)_([0-9]+)\.conf;")
# The internal endpoints' addresses. Source: https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints
# (2026-02-05). An answer from elsewhere would make the proxy serve what somebody else stores there.
INTERNAL = IPv4Network("100.64.0.0/10")
EVERY_S = 10.0
APART_S = 30.0
# OSS rotates its answers: an address that is missing in some is none that is gone.
KEEP_S = 300.0
# The same, where waiting longer would leave nginx without an address that works.
LOST_S = 25.0
# Each reload leaves workers behind that end their downloads first, some of them for hours.
GENERATIONS = 4
TAKE_UP_S = 20.0


def resolve(host: str) -> set[str]:
    """Returns a host's addresses.

    Raises:
        OSError: DNS names none that is OSS's.
    """
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, None, socket.AF_INET)}
    except OSError as error:
        raise OSError(f"DNS has no address for {host}: {error}") from None
    own = {address for address in found if ip_address(address) in INTERNAL}
    if not own:
        raise OSError(f"DNS says {listed(found)} for {host}, which is not internal")
    return own


def servers(addresses: Iterable[str], port: str) -> str:
    """Returns what nginx includes.

    Each address stands there twice: one that fails is left alone for a while, and when all have failed they
    are asked all the same, where nginx would otherwise answer 502 without asking.
    """
    return "".join(
        f"server {address}:{port} {how};\n"
        for how in ("max_fails=2 fail_timeout=10s", "max_fails=0 backup")
        for address in sorted(addresses)
    )


def used_in(place: Path) -> set[str]:
    """Returns the addresses in a file that nginx includes; none where there is no file."""
    return set(re.findall(r"server ([0-9.]+):", place.read_text())) if place.exists() else set()


def included(configuration: str, root: Path, resolve: Callable[[str], set[str]]) -> dict[str, str]:
    """Returns the file that a configuration includes, by its path, with what DNS names now added.

    A change of the configuration brings it: nginx would refuse an include that is not there, and `pulumi up`
    helps also where this program does not run.

    Raises:
        OSError: There is no file yet, and DNS names no address.
    """
    found = {}
    for host, port in INCLUDE.findall(configuration):
        path = f"{FOLDER}{host}_{port}.conf"
        used = used_in(root / path[1:])
        try:
            found[path] = servers(used | resolve(host), port)
        except OSError:
            if not used:
                raise
    return found


def write(place: Path, text: str) -> None:
    """Puts a file in place whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(".new")
    beside.write_text(text)
    beside.replace(place)


def listed(addresses: Iterable[str]) -> str:
    """Returns addresses for a sentence."""
    return ", ".join(sorted(addresses)) or "none"


class Follower:
    """Keeps nginx's addresses those of DNS.

    Args:
        root: Where the instance's files are; `/`, but for tests.
        resolve: Tells a host's addresses.
        now: Tells seconds that only grow.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        resolve: Callable[[str], set[str]] = resolve,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root, self.resolve, self.now = root, resolve, now
        self.place = root
        self.seen: dict[str, float] = {}
        self.reloaded = -APART_S
        self.complaint = ""

    def look(self, nginx_waits: bool = False) -> None:
        """Looks once, and does what is to be done.

        Args:
            nginx_waits: Whether nginx, where it does not run, starts only when this is over.
        """
        try:
            for host, port in INCLUDE.findall((self.root / CONFIGURATION[1:]).read_text()):
                self.follow(host, port, nginx_waits)
        except (OSError, subprocess.SubprocessError) as error:
            self.complain(f"nginx keeps its addresses: {error}")

    def follow(self, host: str, port: str, nginx_waits: bool) -> None:
        """Makes nginx use the addresses that a host has, when and as far as that is bearable."""
        place = self.root / f"{FOLDER}{host}_{port}.conf"[1:]
        if place != self.place:
            self.place, self.seen = place, {}
        answer = self.resolve(host)
        serving, draining = workers(self.root)
        if not place.exists() or (nginx_waits and not serving):
            write(place, servers(answer, port))
            print(f"{host} is at {listed(answer)}", flush=True)
            return
        former = place.with_suffix(".former")
        if former.exists():
            # Killed before nginx had taken the newer one up.
            former.replace(place)
        used, now = used_in(place), self.now()
        self.seen = {**dict.fromkeys(used, now), **self.seen, **dict.fromkeys(answer, now)}
        wanted = {address for address, seen in self.seen.items() if now - seen < KEEP_S}
        self.seen = {address: self.seen[address] for address in wanted | used}
        if wanted == used:
            self.complaint = ""
        if wanted == used or not serving or now - self.reloaded < APART_S:
            return
        with (self.root / LOCK[1:]).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # A change of the configuration is under way; it looks again afterwards.
                return
            if not self.make_room(used, len(serving), draining):
                return
            self.reloaded = now
            write(former, place.read_text())
            write(place, servers(wanted, port))
            if failed := self.reload(serving):
                former.replace(place)
                self.complain(f"nginx keeps its addresses, for it does not reload: {failed}")
                return
            former.unlink()
        self.complaint = ""
        print(
            f"{host} is at {listed(wanted)}: reloaded nginx. New: {listed(wanted - used)}; gone: "
            f"{listed(used - wanted)}; old workers with downloads: {len(workers(self.root)[1])}",
            flush=True,
        )

    def make_room(self, used: set[str], serving: int, draining: list[int]) -> bool:
        """Whether one more reload is bearable; makes it so where DNS names none of nginx's addresses."""
        over = len(draining) - GENERATIONS * serving + 1
        if over > 0 and any(self.now() - self.seen[address] < LOST_S for address in used):
            self.complain(f"{len(draining)} old workers still have downloads: other addresses have to wait")
            return False
        for pid in draining[: max(over, 0)]:
            print(f"Ending the old worker {pid} with the downloads that it has", flush=True)
            os.kill(pid, signal.SIGTERM)
        return True

    def reload(self, before: set[int]) -> str:
        """Makes nginx read its files anew; returns why it did not."""
        for command in (["nginx", "-t", "-q"], ["systemctl", "reload", "nginx"]):
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
            if done.returncode:
                return done.stderr.strip()
        return "" if taken_up(self.root, before, TAKE_UP_S) else "see its error.log"

    def complain(self, text: str) -> None:
        """Says something that lasts, once."""
        if text != self.complaint:
            print(text, flush=True)
        self.complaint = text


def main() -> None:
    """Follows for good; with ``--once`` makes what nginx needs before it starts."""
    follower = Follower()
    if sys.argv[1:]:
        follower.look(nginx_waits=True)
        return
    while True:
        follower.look()
        time.sleep(EVERY_S)


if __name__ == "__main__":
    main()
