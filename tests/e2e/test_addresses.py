"""OSS's internal name moves to other addresses, and old ones die: no client loses a request."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.conftest import Bucket, Deployed

# Addresses of cn-hangzhou's ranges that its name does not have in the beginning.
FIRST, SECOND, THIRD = "100.118.28.200", "100.98.170.201", "100.118.31.202"
FOLLOWED_S = 60


class Site:
    """The cloud, the instance, and what its log tells of the addresses that were asked."""

    def __init__(self, deployed: Deployed, bucket: Bucket) -> None:
        self.cloud, self.bucket = deployed.project.cloud, bucket
        self.instance: str = deployed.outputs["instance_id"]
        self.url = f"{deployed.url}/{bucket.prefix}hello.txt"

    def endpoint(self, *words: str) -> None:
        self.cloud.cli("endpoint", *words)

    def inside(self, command: str, timeout_s: float = 120) -> str:
        done = self.cloud.run(self.instance, ["sh", "-ec", command], timeout_s=timeout_s)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
        return done.stdout.decode()

    def move(self, *addresses: str) -> None:
        self.endpoint("move", self.bucket.region, *addresses)

    def await_asked(self, address: str, times: int = 1) -> None:
        """Waits until nginx got so many more answers from an address; a minute at most."""
        asked = f'tail -n +$((from + 1)) $log | grep -c \'upstream":"[^"]*{address}:80\''
        self.inside(
            f"log=/var/log/nginx/access.log; from=$(wc -l < $log)\n"
            f"until [ $({asked}) -ge {times} ]\n"
            f"do [ $((n += 1)) -lt {FOLLOWED_S * 5} ]; sleep 0.2; done"
        )

    def used(self) -> set[str]:
        text = self.inside("cat /var/lib/oss-proxy/upstream/*_80.conf")
        return {line.split()[1].removesuffix(":80") for line in text.splitlines()}

    def followed(self, *addresses: str) -> None:
        """Moves the name and waits until nginx asks all of them, without looking at what it costs."""
        self.move(*addresses)
        with self.cloud.load("internet", self.url):
            for address in addresses:
                self.await_asked(address)

    def journal(self, cursor: str) -> str:
        return self.inside(f"journalctl -u oss-proxy-follow --after-cursor '{cursor}' -o cat --no-pager")

    def cursor(self) -> str:
        return self.inside("journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'").strip()


@pytest.fixture
def site(deployed: Deployed, bucket: Bucket) -> Iterator[Site]:
    made = Site(deployed, bucket)
    try:
        yield made
    finally:
        for address in json.loads(made.cloud.cli("endpoint", "show", "--json").stdout)["down"]:
            made.endpoint("up", address)
        made.move()


def test_it_runs_and_nginx_knows_what_dns_names(site: Site) -> None:
    assert site.inside("systemctl is-active oss-proxy-follow").strip() == "active"
    assert site.inside("systemctl is-enabled oss-proxy-follow").strip() == "enabled"
    told = json.loads(site.cloud.cli("endpoint", "show", "--json").stdout)
    assert site.used() >= set(told["addresses"][site.bucket.region])
    assert "server oss" not in site.inside("grep -v '#' /etc/nginx/nginx.conf")


def test_an_address_that_moves_is_followed_within_a_minute_without_a_lost_request(
    site: Site, deployed: Deployed, tmp_path: Path
) -> None:
    size = 96 << 20
    (tmp_path / "large").write_bytes(os.urandom(1 << 20) * 96)
    site.bucket.put(tmp_path / "large", f"{site.bucket.prefix}large.bin")
    cursor = site.cursor()
    with ThreadPoolExecutor() as pool, site.cloud.load("internet", site.url) as load:
        slow = pool.submit(
            site.cloud.curl,
            "internet",
            site.url.replace("hello.txt", "large.bin"),
            *("--limit-rate", "2M", "--output", str(tmp_path / "arrived")),
            timeout_s=180,
        )
        site.move(FIRST)
        site.await_asked(FIRST, 200)
        # What nginx asked before lives on for a while, and then no more.
        old = site.used() - {FIRST}
        assert old
        assert "old workers with downloads: " in site.journal(cursor)
        # The download's own address has to live as long as it takes.
        assert slow.result().status == 200
        for address in old:
            site.endpoint("down", address)
        site.await_asked(FIRST, 1000)
    assert load.counts.get("failed", 0) == 0, load.failures
    assert load.answered > 2000
    assert (tmp_path / "arrived").stat().st_size == size
    assert (tmp_path / "arrived").read_bytes() == (tmp_path / "large").read_bytes()


def test_one_of_two_addresses_dies_without_a_lost_request(site: Site) -> None:
    site.followed(SECOND, THIRD)
    with site.cloud.load("internet", site.url) as load:
        site.await_asked(SECOND, 100)
        site.endpoint("down", SECOND)
        site.await_asked(THIRD, 1000)
    assert load.counts.get("failed", 0) == 0, load.failures
    assert load.answered > 1000


def test_an_address_that_falls_silent_costs_time_and_no_request(site: Site) -> None:
    site.followed(SECOND, THIRD)
    site.endpoint("down", SECOND, "--silent")
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: site.cloud.curl("internet", site.url, timeout_s=70).status, range(100))
        )
    assert answers == [200] * 100


def test_nginx_starts_and_serves_while_dns_fails_which_is_said_once(site: Site) -> None:
    cursor = site.cursor()
    used = site.used()
    site.endpoint("move", site.bucket.region, "--dns-fails")
    # One complaint, however often it looks.
    site.inside(
        f"until journalctl -u oss-proxy-follow --after-cursor '{cursor}' -o cat | grep 'DNS has no address'\n"
        "do [ $((n += 1)) -lt 300 ]; sleep 0.2; done"
    )
    site.inside("systemctl restart nginx")
    deadline = time.monotonic() + 25
    while time.monotonic() < deadline:
        assert site.cloud.curl("internet", site.url).status == 200
        time.sleep(1)
    assert site.journal(cursor).count("DNS has no address") == 1
    assert site.used() == used


def test_its_service_may_little(site: Site) -> None:
    # 10 would be everything.
    text = site.inside("systemd-analyze security --no-pager oss-proxy-follow | tail -n 1")
    assert float(text.split("oss-proxy-follow.service: ")[1].split()[0]) < 3.5, text
