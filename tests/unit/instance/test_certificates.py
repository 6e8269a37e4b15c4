"""A change that wants an authority's certificate: what comes first, what a failure leaves, what is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.instance.acme_paths import LIVE, PROGRAM, WANTED
from infra.instance.outcomes import Outcome
from infra.instance.system import Result
from tests.support.certificates import authority, server
from tests.unit.instance import host as hosts
from tests.unit.instance.storage import DENIED
from tests.unit.instance.test_change import Deployer, oss, port
from tests.unit.nginx_process import nginx_binary

__all__ = ["oss", "port"]

FILES = [{"path": PROGRAM, "content": "#", "mode": 0o755}, {"path": WANTED, "content": "{}"}]
INSTALLED = {"dpkg-query": Result(0, "installed")}


@dataclass(frozen=True)
class AcmeHost(hosts.Host):
    """Shows another certificate when it is asked for one, unless that is refused."""

    def run(self, command: Sequence[str], *, timeout_s: float = 30, stdin: bytes = b"") -> Result:
        if command[0] == PROGRAM and not any(" ".join(command).startswith(one) for one in self.refusals):
            self.asked.append(" ".join(command))
            if command[1] == "--asked":
                show(self, "2")
            return Result(0, "Certificate: for 203.0.113.7")
        return super().run(command, timeout_s=timeout_s, stdin=stdin)


def show(host: hosts.Host, number: str) -> None:
    folder = host.path(LIVE).parent / "certificates" / number
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fullchain.pem").write_text(server(authority()).pem)
    host.path(LIVE).unlink(missing_ok=True)
    host.path(LIVE).symlink_to(f"certificates/{number}")


@pytest.fixture
def deployer(tmp_path: Path, oss: Any, port: int) -> Iterator[Deployer]:
    if nginx_binary() is None:
        pytest.skip("no nginx on this machine")
    with hosts.host(tmp_path) as plain:
        made = Deployer(AcmeHost(root=plain.root), oss, port)
        assert made.bring("first") == Outcome.DONE
        yield made


def bring(deployer: Deployer, https_port: int = 1, **refusals: Result) -> int:
    deployer.host.asked.clear()
    deployer.host.refusals.update({**INSTALLED, **refusals})
    probe = {
        **deployer.order("second")["probe"],
        "https": {"port": https_port, "name": "", "sha256": ""},
    }
    return deployer.bring("second", acme=True, files=FILES, probe=probe)


def test_what_is_known_to_fail_fails_before_anything_changes(
    deployer: Deployer, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = Result(1, "No certificate for a.example.com: the name leads elsewhere")
    assert bring(deployer, **{f"{PROGRAM} --before": refused}) == Outcome.NO_CERTIFICATE
    assert "the name leads elsewhere" in capsys.readouterr().out
    assert deployer.serves() == "first"
    assert not any(line.startswith(("systemctl", "nginx")) for line in deployer.host.asked)
    assert not deployer.host.path(WANTED).exists()


def test_what_the_authority_refuses_is_taken_back(
    deployer: Deployer, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = Result(1, "No certificate for 203.0.113.7: the authority refuses (rateLimited)")
    assert bring(deployer, **{f"{PROGRAM} --asked": refused}) == Outcome.NO_CERTIFICATE
    assert "NO_CERTIFICATE: No certificate for 203.0.113.7: the authority refuses" in capsys.readouterr().out
    assert deployer.serves() == "first"
    assert not deployer.host.path(WANTED).exists()


def test_the_authority_is_asked_only_when_all_else_is_right(deployer: Deployer) -> None:
    deployer.oss.answers = [DENIED]
    assert bring(deployer) == Outcome.ACCESS_DENIED
    assert f"{PROGRAM} --asked" not in deployer.host.asked


def test_a_change_that_fails_later_shows_the_former_certificate_again(
    deployer: Deployer, capsys: pytest.CaptureFixture[str]
) -> None:
    show(deployer.host, "1")
    assert bring(deployer, hosts.free_port()) == Outcome.PROXY_ANSWERS_OTHERWISE
    assert "does not speak HTTPS" in capsys.readouterr().out
    assert str(deployer.host.path(LIVE).readlink()) == "certificates/1"
    # The newer one stays at hand.
    assert (deployer.host.path(LIVE).parent / "certificates/2").exists()


def test_a_package_that_cannot_be_had_is_told_in_apts_words(
    deployer: Deployer, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = {"dpkg-query": Result(1, "no packages found"), "env": Result(100, "E: Unable to fetch")}
    assert bring(deployer, **refused) == Outcome.PACKAGES_NOT_INSTALLED
    told = capsys.readouterr().out
    assert "apt does not install python3-acme" in told
    assert "E: Unable to fetch" in told
    assert deployer.serves() == "first"
