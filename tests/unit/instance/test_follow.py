"""nginx's addresses of OSS become those of DNS, seldom, and never with too many old workers."""

from __future__ import annotations

import fcntl
import itertools
import socket
from pathlib import Path
from typing import Any

import pytest

from infra.instance import change, follow
from infra.instance.follow import Follower, included, servers, used_in

HOST = "b.oss-cn-hangzhou-internal.aliyuncs.com"
A, B, C = "100.118.28.10", "100.118.28.11", "100.118.28.12"
CONF = f"upstream oss {{ include {follow.FOLDER}{HOST}_80.conf; keepalive 64; }}"


class World:
    """An instance in a folder; DNS, the clock, nginx's workers and its reloads are a test's."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.answer: set[str] | OSError = {A}
        self.time = 1000.0
        self.serving: set[int] = {10, 11}
        self.draining: list[int] = []
        self.refusal = ""
        self.reloads: list[set[str]] = []
        self.ended: list[int] = []
        for folder in ("etc/nginx", "run"):
            (root / folder).mkdir(parents=True)
        (root / "etc/nginx/nginx.conf").write_text(CONF)
        monkeypatch.setattr(follow, "workers", lambda root: (self.serving, self.draining))
        monkeypatch.setattr("os.kill", lambda pid, signal: self.ended.append(pid))
        monkeypatch.setattr(Follower, "reload", lambda follower, before: self.reload())
        self.follower = self.started()

    @property
    def place(self) -> Path:
        return self.root / follow.FOLDER[1:] / f"{HOST}_80.conf"

    @property
    def used(self) -> set[str]:
        return used_in(self.place)

    def started(self) -> Follower:
        return Follower(self.root, self.resolve, lambda: self.time)

    def resolve(self, host: str) -> set[str]:
        assert host == HOST
        if isinstance(self.answer, OSError):
            raise self.answer
        return self.answer

    def reload(self) -> str:
        self.reloads.append(self.used)
        return self.refusal

    def look(self, *answers: set[str] | OSError, every_s: float = follow.EVERY_S) -> None:
        for answer in answers:
            self.answer = answer
            self.time += every_s
            self.follower.look()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path, monkeypatch)
    made.look({A})
    return made


def test_the_first_look_makes_the_file_and_needs_no_reload(world: World) -> None:
    assert world.place.read_text() == servers([A], "80")
    assert world.reloads == []
    assert world.place.stat().st_mode & 0o777 == 0o644


def test_a_new_address_is_taken_up_at_the_next_look(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.look({B})
    # The old one stays for now: the answers may only be rotating.
    assert world.reloads == [{A, B}]
    assert f"New: {B}; gone: none" in capsys.readouterr().out


def test_an_address_is_gone_after_five_minutes_without_it(world: World) -> None:
    world.look(*[{B}] * 29)
    assert world.used == {A, B}
    world.look({B}, {B})
    assert world.reloads[1:] == [{B}]


def test_rotating_answers_are_no_reason(world: World) -> None:
    world.look({A, B}, {C})
    world.look(*[{A}, {B}, {C}] * 100)
    # B at once, C when 30 seconds were over; all in one file from then on.
    assert world.reloads == [{A, B}, {A, B, C}]


def test_reloads_are_half_a_minute_apart_and_a_new_address_waits_less_than_a_minute(world: World) -> None:
    addresses = [f"100.118.28.{number}" for number in range(20, 50)]
    moments = []
    for address in addresses:
        count = len(world.reloads)
        world.look({address})
        if len(world.reloads) > count:
            moments.append(world.time)
    apart = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert min(apart) >= 30
    assert max(apart) <= 40


def test_a_dns_failure_changes_nothing_and_is_said_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    world.look(*[OSError(f"DNS has no address for {HOST}")] * 100)
    assert world.used == {A}
    assert capsys.readouterr().out.count("DNS has no address") == 1
    # Nobody was seen to be gone meanwhile.
    world.look({A, B})
    assert world.reloads == [{A, B}]
    world.look(OSError("DNS has no address"))
    assert capsys.readouterr().out.count("DNS has no address") == 1


def test_after_a_long_dns_failure_a_used_address_counts_as_gone_only_when_it_is_not_in_the_answer(
    world: World,
) -> None:
    world.look(OSError("no"), {A}, every_s=1000)
    assert world.reloads == []
    world.look(OSError("no"), {B}, every_s=1000)
    assert world.reloads == [{B}]


def test_nothing_is_done_in_the_middle_of_a_change(world: World) -> None:
    assert change.LOCK == follow.LOCK
    with (world.root / follow.LOCK[1:]).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        world.look({B})
        assert (world.reloads, world.used) == ([], {A})
    world.look({B})
    assert world.reloads == [{A, B}]


@pytest.mark.parametrize("draining", [7, 8, 20])
def test_old_workers_are_bounded(world: World, draining: int, capsys: pytest.CaptureFixture[str]) -> None:
    world.draining = list(range(100, 100 + draining))
    world.look({A, B}, {A, B}, {A, B})
    if draining < follow.GENERATIONS * 2:
        assert world.reloads == [{A, B}]
        return
    # An address that works is left: clients' downloads go before spreading the load.
    assert world.reloads == []
    assert capsys.readouterr().out.count(f"{draining} old workers still have downloads") == 1
    world.draining = []
    world.look({A, B})
    assert world.reloads == [{A, B}]


def test_the_oldest_workers_end_where_nginx_would_be_left_without_an_address(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.look({A})
    world.draining = list(range(100, 110))
    world.look({B}, {B})
    assert world.reloads == []
    world.look({B})
    assert world.ended == [100, 101, 102]
    assert world.reloads == [{A, B}]
    assert "Ending the old worker 100 with the downloads that it has" in capsys.readouterr().out


def test_what_nginx_does_not_take_up_is_taken_back_and_tried_again(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.refusal = "nginx: [emerg] unknown directive"
    world.look(*[{B}] * 10)
    assert world.used == {A}
    assert len(world.reloads) == 4
    assert capsys.readouterr().out.count("unknown directive") == 1
    world.refusal = ""
    world.look({B}, {B}, {B})
    assert world.used == {A, B}
    assert sorted(path.name for path in world.place.parent.iterdir()) == [world.place.name]


def test_one_that_was_killed_before_nginx_knew_begins_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(follower: Follower, before: set[int]) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as context, pytest.raises(KeyboardInterrupt):
        context.setattr(Follower, "reload", killed)
        world.look({B})
    assert world.used == {A, B}
    world.follower = world.started()
    world.look({B})
    assert world.reloads == [{A, B}]


def test_a_restart_of_its_own_reloads_nothing(world: World) -> None:
    world.look({B})
    world.follower = world.started()
    world.look({B}, {B})
    assert len(world.reloads) == 1


def test_nginx_that_does_not_run_is_let_alone(world: World) -> None:
    world.serving = set()
    world.look({B}, {B})
    assert (world.reloads, world.used) == ([], {A})


def test_before_nginx_starts_it_gets_the_addresses_of_now(world: World) -> None:
    world.serving = set()
    world.answer = {B}
    world.started().look(nginx_waits=True)
    assert world.used == {B}
    # Without DNS it starts with those of before.
    world.answer = OSError("no")
    world.started().look(nginx_waits=True)
    assert world.used == {B}
    # And where it runs, nothing is written behind its back.
    world.serving, world.answer = {10}, {B}
    world.started().look(nginx_waits=True)
    assert world.reloads == []


def test_another_bucket_is_followed_from_its_beginning(world: World) -> None:
    other = "c.oss-cn-hangzhou-internal.aliyuncs.com"
    (world.root / "etc/nginx/nginx.conf").write_text(CONF.replace(HOST, other).replace("_80", "_443"))
    world.follower.resolve = lambda host: {C}
    world.follower.look()
    assert (world.place.parent / f"{other}_443.conf").read_text() == servers([C], "443")


def test_a_configuration_without_the_file_is_none_of_its_business(world: World) -> None:
    (world.root / "etc/nginx/nginx.conf").write_text(f"upstream oss {{ server {HOST}:80; }}")
    world.look({B})
    assert world.used == {A}


class TestChange:
    """What a change of the configuration brings."""

    def test_the_first_one_makes_the_file(self, tmp_path: Path) -> None:
        assert included(CONF, tmp_path, lambda host: {A}) == {
            f"{follow.FOLDER}{HOST}_80.conf": servers([A], "80")
        }

    def test_a_later_one_adds_what_dns_names_now(self, world: World) -> None:
        (text,) = included(CONF, world.root, lambda host: {B}).values()
        assert text == servers([A, B], "80")

    def test_it_goes_on_without_dns_where_there_is_a_file(self, world: World) -> None:
        world.answer = OSError("no")
        assert included(CONF, world.root, world.resolve) == {}
        with pytest.raises(OSError, match="no"):
            included(CONF.replace("_80", "_443"), world.root, world.resolve)


def test_only_internal_addresses_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*addresses: str) -> None:
        def getaddrinfo(*_: Any) -> list[Any]:
            return [(socket.AF_INET, kind, 0, "", (one, 0)) for one in addresses for kind in (1, 2)]

        monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)

    answer(A, B, "203.0.113.9")
    assert follow.resolve(HOST) == {A, B}
    answer("203.0.113.9")
    with pytest.raises(OSError, match=r"DNS says 203\.0\.113\.9 for .* not internal"):
        follow.resolve(HOST)


def test_a_name_without_an_address_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: Any) -> list[Any]:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    with pytest.raises(OSError, match=f"DNS has no address for {HOST}: .*Temporary failure"):
        follow.resolve(HOST)
