"""The home folder, its record of who runs, and the clean-up after a killed run."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from localcloud import linux, remains
from localcloud.accounts import DEFAULT_ACCOUNT_UID, STRANGER_ACCOUNT_UID
from localcloud.errors import LocalcloudError
from localcloud.home import HOME_VARIABLE, Home, Running, Settings
from localcloud.ledger import Ledger


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


def test_an_option_counts_more_than_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    assert Home.find(None).path == tmp_path / ".localcloud"
    monkeypatch.setenv(HOME_VARIABLE, "/a")
    assert Home.find(None).path == Path("/a")
    assert Home.find("/b").path == Path("/b")


def test_two_homes_have_two_prefixes(tmp_path: Path) -> None:
    assert Home(tmp_path / "a").prefix != Home(tmp_path / "b").prefix
    assert Home(tmp_path / "a").prefix == Home(tmp_path / "a").prefix


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalcloudError, match=r"cannot be used.*--home"):
        Home(tmp_path / "file" / "home").make()


def test_secrets_are_the_owners_alone(home: Home) -> None:
    home.keys()
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((home.path / "accounts.json").stat().st_mode) == 0o600


def test_keys_are_kept_until_the_account_changes(home: Home) -> None:
    owner, stranger = home.keys()
    assert (owner.account_uid, stranger.account_uid) == (DEFAULT_ACCOUNT_UID, STRANGER_ACCOUNT_UID)
    assert home.keys() == (owner, stranger)
    assert home.accounts().find(owner.id) == owner
    home.save_settings(Settings(account_uid="9000000000000007"))
    changed, same = home.keys()
    assert changed.account_uid == "9000000000000007"
    assert changed.id != owner.id
    assert same == stranger


def test_settings_come_back(home: Home) -> None:
    assert home.settings() == Settings()
    settings = Settings(account_uid="9000000000000007", operator_environment={"A": "b=c"})
    home.save_settings(settings)
    assert home.settings() == settings


def test_only_the_very_process_counts_as_running(home: Home) -> None:
    assert home.running() is None
    started = linux.start_time(os.getpid())
    assert started is not None
    running = Running(pid=os.getpid(), started=started, mode="full")
    home.record_running(running)
    assert home.running() == running
    home.record_running(Running(pid=os.getpid(), started=started - 1, mode="full"))
    assert home.running() is None, "another process with the same id"
    (home.path / "daemon.json").write_text("{")
    assert home.running() is None


def test_the_lock_keeps_two_commands_apart(home: Home) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        waiting.set()
        with home.locked():
            order.append("second")

    with home.locked():
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    assert ledger.entries("namespace") == []
    for name in ("b", "a", "b"):
        ledger.add("namespace", name)
    assert Ledger(tmp_path / "ledger.json").entries("namespace") == ["b", "a"]
    ledger.remove("namespace", "b")
    ledger.remove("namespace", "never there")
    assert ledger.entries("namespace") == ["a"]


def test_a_process_of_another_time_is_left_alone() -> None:
    process = subprocess.Popen(["sleep", "60"])
    started = linux.start_time(process.pid)
    assert started is not None
    try:
        assert not remains.end_process(process.pid, started + 1)
        assert process.poll() is None
        assert remains.end_process(process.pid, started)
        assert process.wait(5) == -signal.SIGKILL
        assert not remains.end_process(process.pid, started)
    finally:
        process.kill()
        process.wait()


def test_a_process_that_does_not_end_by_itself_is_killed() -> None:
    process = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 60 & wait; done"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    started = linux.start_time(process.pid)
    assert started is not None
    try:
        assert remains.end_process(process.pid, started, timeout_s=0.2, first=signal.SIGTERM)
        assert process.wait(5) == -signal.SIGKILL
    finally:
        process.stdout.close()
        os.killpg(process.pid, signal.SIGKILL)


def test_cleaning_forgets_what_is_gone(home: Home) -> None:
    ledger = Ledger(home.ledger)
    ledger.add("namespace", f"{home.prefix}never-made")
    ledger.add("cgroup", f"{home.prefix}never-made")
    (home.instances / "i-1/upper").mkdir(parents=True)
    (home.path / "daemon.json").write_text(json.dumps({"pid": 1, "started": 0, "mode": "full"}))
    assert remains.clean(home) == []
    assert json.loads(home.ledger.read_text()) == {"namespace": [], "cgroup": []}
    assert not home.instances.exists()
    assert not (home.path / "daemon.json").exists()


def test_foreign_namespaces_are_those_that_nobody_recorded(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(remains, "_NAMESPACES", tmp_path / "netns")
    assert remains.foreign_namespaces(home) == []
    (tmp_path / "netns").mkdir()
    for name in (f"{home.prefix}operator", f"{home.prefix}cloud", "other"):
        (tmp_path / "netns" / name).touch()
    Ledger(home.ledger).add("namespace", f"{home.prefix}cloud")
    assert remains.foreign_namespaces(home) == [f"{home.prefix}operator"]
