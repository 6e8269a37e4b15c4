"""The instance's own certificates: when the authority is asked, what counts, and what a failure leaves."""

from __future__ import annotations

import json
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from infra.instance.acme import order as orders
from infra.instance.acme import program, store
from infra.instance.acme.order import FAILED_IN_AN_HOUR, NotIssued, Record, Wanted
from infra.instance.acme.program import Keeper
from infra.instance.acme_paths import CHALLENGES, LIVE, STATE, WANTED
from tests.support.certificates import NOW, Issued, authority, server

ADDRESS, NAME = "203.0.113.7", "files.example.com"
ROOT = authority()
HOURS = 3600.0


class World:
    """An instance in a folder, an authority that issues what it is told, and a clock."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.time = NOW.timestamp()
        self.asked: list[tuple[str, ...]] = []
        self.error: NotIssued | None = None
        self.other: Issued | None = None
        self.refusal = ""
        self.reloads = 0
        self.names: dict[tuple[str, socket.AddressFamily], set[str]] = {}
        (root / "run").mkdir()
        monkeypatch.setattr(orders, "_addresses", lambda name, family: self.names.get((name, family), set()))
        monkeypatch.setattr(program, "PAUSE_S", 0.0)
        monkeypatch.setattr(program.Keeper, "reload", lambda keeper: self.reload())
        self.want()

    def want(self, *names: str, **changes: Any) -> None:
        wanted = {
            "names": list(names),
            "address": ADDRESS,
            "directory": "https://ca.example.com/dir",
            "authority": "",
            "email": "",
            "profile": "" if names else "shortlived",
            "conf": "listen 443 ssl;\n",
            **changes,
        }
        place = self.root / WANTED[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(wanted))

    def reload(self) -> str:
        self.reloads += not self.refusal
        return self.refusal

    def issue(self, wanted: Wanted, root: Path) -> tuple[str, str]:
        self.asked.append(wanted.hosts)
        if self.error:
            raise self.error
        made = self.other or server(
            ROOT,
            wanted.names,
            addresses=() if wanted.names else (wanted.address,),
            now=datetime.fromtimestamp(self.time, UTC),
            starts=timedelta(0),
            lasts=timedelta(hours=160),
        )
        return made.pem, made.key_pem()

    def look(self, *, asked: bool = False, after_h: float = 0.0) -> int:
        self.time += after_h * HOURS
        return Keeper(self.root, self.issue, lambda: self.time, patience_s=0.0).look(asked=asked)

    def before(self) -> int:
        return Keeper(self.root, self.issue, lambda: self.time, patience_s=0.0).before()

    def live(self, name: str) -> str:
        return (self.root / LIVE[1:] / name).read_text()

    @property
    def noted(self) -> dict[str, Any]:
        noted: dict[str, Any] = json.loads((self.root / STATE[1:] / "status.json").read_text())
        return noted


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_without_an_order_nothing_is_done(world: World) -> None:
    (world.root / WANTED[1:]).unlink()
    assert world.look() == 0
    assert not (world.root / STATE[1:]).exists()


def test_the_first_is_for_the_address_and_nginx_is_told_of_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.look(asked=True) == 0
    assert world.asked == [(ADDRESS,)]
    assert world.live("https.conf") == "listen 443 ssl;\n"
    assert world.live("hosts.map") == f"{ADDRESS} {ADDRESS};\n"
    assert world.reloads == 1
    assert f"Certificate: for {ADDRESS}, from https://ca.example.com/dir, until " in capsys.readouterr().out
    assert {path.stat().st_mode & 0o7777 for path in (world.root / LIVE[1:]).resolve().iterdir()} == {0o600}
    assert (world.root / STATE[1:]).stat().st_mode & 0o7777 == 0o700


def test_it_is_renewed_when_a_third_is_left_and_not_before(world: World) -> None:
    world.look(asked=True)
    key = world.live("key.pem")
    assert world.look(after_h=106) == 0
    assert world.look(asked=True) == 0
    assert (len(world.asked), world.reloads) == (1, 1)
    assert world.look(after_h=1) == 0
    assert (len(world.asked), world.reloads) == (2, 2)
    assert world.live("key.pem") != key


@pytest.mark.parametrize(
    "change",
    [
        {"directory": "https://other.example.com/dir"},
        {"profile": "classic"},
        {"address": "203.0.113.8"},
    ],
)
def test_another_order_is_another_certificate(world: World, change: dict[str, str]) -> None:
    world.look(asked=True)
    world.want(**change)
    assert world.look(asked=True) == 0
    assert len(world.asked) == 2
    # The one of before is still good, if it is wanted again.
    world.want()
    assert world.look(asked=True) == 0
    assert (len(world.asked), world.reloads) == (2, 3)


def test_what_nginx_is_told_may_change_without_the_authority(world: World) -> None:
    world.look(asked=True)
    world.want(conf="listen 8443 ssl;\n")
    assert world.look(asked=True) == 0
    assert world.live("https.conf") == "listen 8443 ssl;\n"
    assert (len(world.asked), world.reloads) == (1, 2)


def test_a_failure_leaves_the_certificate_is_noted_and_waits_longer_each_time(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.look(asked=True)
    shown = world.live("fullchain.pem")
    world.error = NotIssued("the authority's validation failed: no", invalid=True)
    assert world.look(after_h=110) == 1
    assert world.noted["reason"] == "the authority's validation failed: no"
    assert world.live("fullchain.pem") == shown
    # A reboot knows it too: it is read from the file each time.
    for failures, wait_s in enumerate((300, 600, 1200), start=1):
        assert world.noted["failures"] == failures
        assert world.noted["next_try"] - world.time == wait_s
        asked = len(world.asked)
        world.look(after_h=(wait_s - 1) / HOURS)
        assert len(world.asked) == asked
        world.look(after_h=1 / HOURS)
        assert len(world.asked) == asked + 1
    assert "is not asked again before" in capsys.readouterr().out
    world.error = None
    assert world.look(after_h=24) == 0
    assert (world.noted["failures"], world.noted["reason"]) == (0, "")


def test_the_pause_has_an_end(world: World) -> None:
    record = Record(failures=100)
    record.failed(NotIssued("no"), 0.0)
    assert record.next_try == 24 * HOURS


def test_who_asks_need_not_wait_but_for_the_authoritys_limits(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.error = NotIssued("the authority's validation failed: no", invalid=True)
    for _ in range(FAILED_IN_AN_HOUR + 2):
        assert world.look(asked=True) == 1
    assert len(world.asked) == FAILED_IN_AN_HOUR
    assert "the authority is not asked again before 2026-11-24T13:00:00Z" in capsys.readouterr().out
    # Nor by asking for something else.
    world.names[NAME, socket.AF_INET] = {ADDRESS}
    world.want(NAME)
    assert world.look(asked=True) == 1
    assert len(world.asked) == FAILED_IN_AN_HOUR
    world.error = None
    assert world.look(asked=True, after_h=1.01) == 0


def test_what_the_authority_says_of_its_limits_holds_for_everybody(world: World) -> None:
    world.error = NotIssued("the authority refuses (rateLimited)", until=world.time + 10 * HOURS)
    assert world.look(asked=True) == 1
    world.error = None
    assert world.look(asked=True, after_h=9) == 1
    assert world.look(asked=True, after_h=1) == 0
    assert len(world.asked) == 2


def test_a_failed_renewal_is_no_reason_to_fail_while_the_certificate_is_good(world: World) -> None:
    world.look(asked=True)
    world.error = NotIssued("no")
    assert world.look(asked=True, after_h=110) == 0
    assert world.look(asked=True, after_h=50) == 1


def test_a_name_that_leads_elsewhere_costs_nothing_at_the_authority(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.want(NAME)
    assert world.look(asked=True) == 1
    assert (
        f"{NAME} does not lead to {ADDRESS}: set the record A {NAME} -> {ADDRESS}" in capsys.readouterr().out
    )
    world.names[NAME, socket.AF_INET] = {"198.51.100.1"}
    assert world.look(asked=True) == 1
    assert f"{NAME} leads to 198.51.100.1, not to {ADDRESS}" in capsys.readouterr().out
    world.names[NAME, socket.AF_INET] = {ADDRESS}
    world.names[NAME, socket.AF_INET6] = {"2001:db8::1"}
    assert world.look(asked=True) == 1
    assert "remove the record AAAA" in capsys.readouterr().out
    assert world.asked == []
    del world.names[NAME, socket.AF_INET6]
    assert world.look(asked=True) == 0
    assert world.live("hosts.map") == f"{NAME} {NAME};\n"


def test_what_nginx_refuses_is_kept_for_the_next_attempt(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.look(asked=True)
    shown = world.live("fullchain.pem")
    world.refusal = "emerg"
    assert world.look(after_h=110) == 1
    assert world.live("fullchain.pem") == shown
    assert "emerg" in capsys.readouterr().out
    world.refusal = ""
    assert world.look() == 0
    assert len(world.asked) == 2
    assert world.live("fullchain.pem") != shown


def test_a_certificate_that_is_not_what_was_asked_for_does_not_count(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.other = server(ROOT, ("other.example.com",))
    assert world.look(asked=True) == 1
    assert "the authority's certificate is for other.example.com" in capsys.readouterr().out
    made = server(ROOT, (), addresses=(ADDRESS,))
    world.other = Issued(made.certificate, ec.generate_private_key(ec.SECP256R1()))
    assert world.look(asked=True) == 1
    assert "not for the key" in capsys.readouterr().out
    assert not (world.root / LIVE[1:]).exists()


def test_killed_before_nginx_had_read_it_the_next_look_lets_it(world: World) -> None:
    world.look(asked=True)
    (world.root / STATE[1:] / "not-taken-up").touch()
    assert world.look() == 0
    assert world.reloads == 2


def test_what_cannot_be_had_is_known_before_a_change(world: World) -> None:
    conf = world.root / "etc/nginx/nginx.conf"
    conf.parent.mkdir()
    conf.write_text("# serves no challenges yet\n")
    world.want(NAME)
    assert world.before() == 1
    world.names[NAME, socket.AF_INET] = {ADDRESS}
    assert world.before() == 0
    assert world.asked == []
    # Nor before all else is known to be right, while there is nothing to lose.
    conf.write_text(f"alias {CHALLENGES}/$challenge;")
    assert world.before() == 0
    assert world.asked == []
    assert world.look(asked=True) == 0
    world.want()
    world.error = NotIssued("no")
    assert world.before() == 1
    assert len(world.asked) == 2
    world.asked.clear()
    world.want("other.example.com")
    assert world.before() == 1
    # What is still good is enough for a change, and the timer sees to the rest.
    world.want(NAME)
    world.time += 110 * HOURS
    assert world.before() == 0
    assert world.asked == []


def test_old_certificates_go_and_the_shown_one_stays(world: World) -> None:
    for _ in range(6):
        world.look(after_h=110)
    folders = list((world.root / STATE[1:] / "certificates").iterdir())
    assert len(folders) <= store.KEPT + 1
    assert (world.root / LIVE[1:]).resolve() in folders


def test_the_days_that_are_left_stand_at_each_date() -> None:
    end = datetime.now().astimezone() + timedelta(days=6, hours=1)
    lines = store.days(end.timestamp()).splitlines()
    assert lines[0] == f"{end:%Y-%m-%d} 0;"
    assert f"{end - timedelta(days=6):%Y-%m-%d} 6;" in lines


def test_the_file_on_the_instance_runs_by_itself(tmp_path: Path) -> None:
    from infra.instance_files import PROGRAM, SystemContext, packages, system_files

    context = SystemContext(bucket_host="b.example.com", acme=True)
    files = {file.path: file for file in system_files(context)}
    (tmp_path / "program").write_text(files[PROGRAM].content)
    (tmp_path / "program").chmod(0o755)
    # Nothing is wanted here.
    assert not Path(WANTED).exists()
    done = subprocess.run([str(tmp_path / "program")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "python3-acme" in packages(context)
    without = SystemContext(bucket_host="b.example.com")
    assert PROGRAM not in {file.path for file in system_files(without)}
    assert "python3-acme" not in packages(without)
