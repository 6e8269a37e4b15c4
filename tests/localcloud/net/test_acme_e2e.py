"""Certificates from the authority, over the path that a validation really takes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from localcloud import places
from localcloud.cli.acme import find_program
from localcloud.fabric.protocol import SecurityPolicy
from localcloud.home import Home
from tests.localcloud.net.conftest import Host, Lab, allow, asks, run_in

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

CLIENT = "tests.support.acme_client"
ROOT = Path(__file__).parents[3]
EIP = "203.0.113.7"


@dataclass
class Site:
    """A host with a public address, and the authority that certifies it."""

    lab: Lab
    vpc: str
    host: Host

    @property
    def home(self) -> Home:
        """The cloud's home."""
        return self.lab.home

    async def acme(self, verb: str, **more: Any) -> Any:
        """A command of the CLI."""
        return await self.lab.world.answer({"command": f"acme-{verb}", **more})

    async def obtain(self, *words: str) -> dict[str, Any]:
        """Runs the client on the host; returns what it printed."""
        environment = dict(os.environ)
        places.trust(environment, self.home.authority / "ca.pem")
        key = self.home.keys()[0]
        environment |= {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", CLIENT, self.host.namespace, str(self.home.network / "vpc")),
            *("https://acme.localcloud.test/dir", *words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=ROOT,
        )
        said, failed = await process.communicate()
        assert process.returncode == 0, failed.decode()
        told: dict[str, Any] = json.loads(said)
        return told

    async def verify(self, chain: str, subject: x509.DNSName | x509.IPAddress) -> x509.Certificate:
        """Checks a chain against the authority's root; returns the first certificate."""
        root = x509.load_pem_x509_certificate((await self.acme("root")).encode())
        leaf, *between = x509.load_pem_x509_certificates(chain.encode())
        PolicyBuilder().store(Store([root])).build_server_verifier(subject).verify(leaf, between)
        foreign = Store([x509.load_pem_x509_certificate((self.home.authority / "ca.pem").read_bytes())])
        with pytest.raises(VerificationError):
            PolicyBuilder().store(foreign).build_server_verifier(subject).verify(leaf, between)
        return leaf


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(lab: Lab) -> AsyncIterator[Site]:
    vpc = await lab.vpc()
    host = await lab.host(vpc, "10.1.1.20", SecurityPolicy(rules=(allow(80),)))
    await lab.networks.get(vpc).bind_eip(EIP, host.ip, 100)
    site = Site(lab, vpc, host)
    program = await asyncio.to_thread(find_program)
    up = {"program": program, "lifetimes": ["classic=3600"], "bad_nonces": 0, "reuse": 0}
    assert await site.acme("up", **up) == "https://acme.localcloud.test/dir"
    await lab.world.answer({"command": "dns-domain-add", "name": "example.test"})
    yield site
    await site.acme("down")
    await lab.networks.get(vpc).unbind_eip(EIP)


async def test_a_domain_gets_a_certificate_over_http(site: Site) -> None:
    told = await site.obtain("www.example.test", "--address", EIP, "--profile", "classic")
    leaf = await site.verify(told["chain"], x509.DNSName("www.example.test"))
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(seconds=3599)
    (shown,) = [one for one in await site.acme("issued") if "www.example.test" in one["names"]]
    assert int(shown["serial"], 16) == leaf.serial_number
    assert shown["status"] == "Valid"


async def test_an_address_gets_a_short_lived_certificate_and_no_other(site: Site) -> None:
    told = await site.obtain(EIP, "--profile", "shortlived")
    leaf = await site.verify(told["chain"], x509.IPAddress(ip_address(EIP)))
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(hours=160, seconds=-1)
    for profile in ((), ("--profile", "classic")):
        assert (await site.obtain(EIP, *profile))["error"] == "rejectedIdentifier"


async def test_a_failed_validation_is_told_and_nothing_is_issued(site: Site) -> None:
    before = await site.acme("issued")
    nobody = await site.obtain("nowhere.example.test", "--profile", "classic")
    assert nobody["error"] == "connection"
    assert "nowhere.example.test" in nobody["detail"]
    elsewhere = await site.obtain(EIP, "--profile", "shortlived", "--port", "8080")
    assert elsewhere["error"] == "connection"
    assert EIP in elsewhere["detail"]
    # Open to some clients alone, which the authority is none of.
    await site.lab.secure(site.host, allow(80, cidr="192.0.2.20/32"))
    try:
        closed = await site.obtain(EIP, "--profile", "shortlived")
        assert closed["error"] == "connection"
        text = await site.obtain("*.example.test", "--dns", "--profile", "classic")
        await site.verify(text["chain"], x509.DNSName("any.example.test"))
    finally:
        await site.lab.secure(site.host, allow(80))
    assert len(await site.acme("issued")) == len(before) + 1


async def test_a_revoked_certificate_is_shown_as_such(site: Site) -> None:
    told = await site.obtain(EIP, "--profile", "shortlived", "--revoke")
    serial = (await site.verify(told["chain"], x509.IPAddress(ip_address(EIP)))).serial_number
    (shown,) = [one for one in await site.acme("issued") if int(one["serial"], 16) == serial]
    assert (shown["status"], shown["reason"]) == ("Revoked", 4)


@pytest.mark.parametrize(
    ("kind", "error"),
    [("throttle", "rateLimited"), ("error", "serverInternal"), ("forbidden", "unauthorized")],
)
async def test_faults_strike_its_calls(site: Site, kind: str, error: str) -> None:
    order = {
        "action": "acme:NewOrder",
        "kind": kind,
        "times": 1,
        "after": 0,
        "delay_s": 0,
        "code": "",
        "status": 0,
    }
    await site.lab.world.answer({"command": "fault-add", **order})
    assert (await site.obtain(EIP, "--profile", "shortlived"))["error"] == error
    calls = await site.lab.world.answer({"command": "calls", "since": 0})
    assert error in {call["outcome"] for call in calls if call["action"] == "NewOrder"}


async def test_it_is_reached_by_its_public_name_alone(site: Site) -> None:
    url = (
        "--cacert",
        str(site.home.authority / "ca.pem"),
        "--resolve",
        "acme.localcloud.test:443:198.51.100.30",
    )
    seen = await asks(site.lab.names.internet, "https://acme.localcloud.test/dir", *url)
    assert json.loads(seen)["newOrder"] == "https://acme.localcloud.test/order-plz"
    assert await asks(site.lab.names.internet, "http://192.0.2.30:14000/dir") == "no answer"
    code, _ = await run_in(site.host.namespace, "curl", "-sf", "-m", "2", "http://198.51.100.30/dir")
    assert code == 22
