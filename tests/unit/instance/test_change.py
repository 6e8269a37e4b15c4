"""A change reaches a running nginx whole, or leaves it as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.instance import change, channel, follow, readiness
from infra.instance.change import main
from infra.instance.files import MANIFEST
from infra.instance.outcomes import Outcome
from infra.instance.system import Result
from infra.rollout import sealing
from tests.unit.instance import host as hosts
from tests.unit.instance.storage import DENIED, Storage, storage
from tests.unit.nginx_process import nginx_binary

CONF = "/etc/nginx/nginx.conf"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[hosts.Host]:
    if nginx_binary() is None:
        pytest.skip("no nginx on this machine")
    with hosts.host(tmp_path) as made:
        yield made


@pytest.fixture
def oss(monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    monkeypatch.setattr(readiness, "PAUSE_S", 0.01)
    monkeypatch.setattr(readiness, "_addresses", lambda name: ["127.0.0.1"])
    monkeypatch.setattr(readiness, "INTERNAL_NETWORK", readiness.IPv4Network("127.0.0.0/8"))
    with storage() as made:
        yield made


@pytest.fixture
def port() -> int:
    return hosts.free_port()


class Deployer:
    """Gives a host one configuration after another."""

    def __init__(self, host: hosts.Host, oss: Storage, port: int) -> None:
        self.host, self.oss, self.port = host, oss, port

    def order(self, answer: str, **changes: Any) -> dict[str, Any]:
        order: dict[str, Any] = {
            "revision": answer,
            "nginx_conf": {"path": CONF, "content": self.host.conf(answer, self.port)},
            "files": [{"path": "/etc/systemd/system/nginx.service.d/a.conf", "content": f"# {answer}\n"}],
            "sealed": "",
            "probe": {
                "bucket_host": "bucket.example",
                "key": "public/a b",
                "listen_port": self.port,
                "proxy_path": "/public/a%20b",
                "proxy_statuses": [200],
                "storage_port": self.oss.port,
            },
            "boot_timeout_s": 5,
            "readiness_timeout_s": 0.05,
        }
        return {**order, **changes}

    def bring(self, answer: str, **changes: Any) -> int:
        return main({"task": "change", "order": self.order(answer, **changes)}, self.host)

    def serves(self) -> str:
        return hosts.get(self.port)


@pytest.fixture
def deployer(host: hosts.Host, oss: Storage, port: int) -> Deployer:
    made = Deployer(host, oss, port)
    assert made.bring("first") == Outcome.DONE
    return made


def leftovers(host: hosts.Host) -> list[str]:
    return [str(path) for path in host.root.rglob("*.oss-proxy-*") if "proc" not in path.parts]


def test_the_first_change_starts_nginx_where_it_does_not_run(deployer: Deployer) -> None:
    assert deployer.serves() == "first"
    assert json.loads(deployer.host.path(MANIFEST).read_text())["revision"] == "first"


def test_a_change_is_taken_up_without_a_restart(
    deployer: Deployer, capsys: pytest.CaptureFixture[str]
) -> None:
    master = deployer.host.path("/run/nginx.pid").read_text()
    deployer.host.asked.clear()
    assert deployer.bring("second") == Outcome.DONE
    assert deployer.serves() == "second"
    assert deployer.host.path("/run/nginx.pid").read_text() == master
    assert "systemctl daemon-reload" in deployer.host.asked
    assert "OSS answered HTTP 404 NoSuchKey, EC 0026-00000001" in capsys.readouterr().out
    assert leftovers(deployer.host) == []
    assert deployer.oss.asked[-1] == ("bucket.example", "/public/a%20b")


def test_what_nginx_refuses_is_told_in_its_words_and_changes_nothing(
    deployer: Deployer, capsys: pytest.CaptureFixture[str]
) -> None:
    deployer.host.asked.clear()
    bad = {"path": CONF, "content": deployer.host.conf("bad", deployer.port, "no_such_directive on;")}
    assert deployer.bring("bad", nginx_conf=bad) == Outcome.CONFIGURATION_REFUSED
    assert 'unknown directive "no_such_directive"' in capsys.readouterr().out
    assert deployer.serves() == "first"
    assert not any(line.startswith("systemctl") for line in deployer.host.asked)
    assert "# first" in deployer.host.path("/etc/systemd/system/nginx.service.d/a.conf").read_text()
    assert leftovers(deployer.host) == []


def test_what_nginx_refuses_only_when_it_reloads_is_taken_back(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("infra.instance.nginx.RELOAD_TIMEOUT_S", 2)
    # `nginx -t` lets a port that is in use pass; a reload does not, and keeps the old workers.
    taken = f"127.0.0.1:{deployer.oss.port}"
    bad = {"path": CONF, "content": deployer.host.conf("bad", deployer.port, f"listen {taken};")}
    assert deployer.bring("bad", nginx_conf=bad) == Outcome.CONFIGURATION_REFUSED
    told = capsys.readouterr().out
    assert f"bind() to {taken} failed" in told
    assert "The former configuration is back in place and serving." in told
    assert deployer.serves() == "first"
    assert deployer.host.path(CONF).read_text() == deployer.host.conf("first", deployer.port)


def test_a_configuration_that_storage_does_not_answer_right_is_taken_back(
    deployer: Deployer, capsys: pytest.CaptureFixture[str]
) -> None:
    deployer.oss.answers = [DENIED]
    assert deployer.bring("second") == Outcome.ACCESS_DENIED
    assert "EC 0003-00000905" in capsys.readouterr().out
    assert deployer.serves() == "first"
    assert json.loads(deployer.host.path(MANIFEST).read_text())["revision"] == "first"


def test_a_change_that_was_killed_half_way_is_made_whole_by_the_next(deployer: Deployer) -> None:
    # The files are in place, nginx has not been told.
    deployer.host.path(CONF).write_text(deployer.host.conf("second", deployer.port))
    assert deployer.serves() == "first"
    assert deployer.bring("second") == Outcome.DONE
    assert deployer.serves() == "second"


def test_a_file_that_is_wanted_no_more_goes(deployer: Deployer) -> None:
    assert deployer.bring("second", files=[]) == Outcome.DONE
    assert not deployer.host.path("/etc/systemd/system/nginx.service.d/a.conf").exists()


def test_a_file_that_goes_comes_back_when_the_change_fails(deployer: Deployer) -> None:
    deployer.oss.answers = [DENIED]
    assert deployer.bring("second", files=[]) == Outcome.ACCESS_DENIED
    assert "# first" in deployer.host.path("/etc/systemd/system/nginx.service.d/a.conf").read_text()


TIMER = {"path": "/etc/systemd/system/a.timer", "content": "[Timer]\n"}


def test_a_timer_runs_while_its_file_is_there(deployer: Deployer) -> None:
    assert deployer.bring("second", files=[TIMER]) == Outcome.DONE
    assert deployer.host.enabled() == ["a.timer"]
    assert deployer.host.asked.count("systemctl restart a.timer") == 1
    assert deployer.bring("third", files=[TIMER]) == Outcome.DONE
    assert deployer.host.asked.count("systemctl restart a.timer") == 1
    assert deployer.bring("fourth", files=[{**TIMER, "content": "[Timer]\n# other\n"}]) == Outcome.DONE
    assert deployer.host.asked.count("systemctl restart a.timer") == 2
    assert deployer.bring("fifth", files=[]) == Outcome.DONE
    assert deployer.host.enabled() == []


def test_a_timer_of_a_change_that_fails_goes_with_it(deployer: Deployer) -> None:
    deployer.oss.answers = [DENIED]
    assert deployer.bring("second", files=[TIMER]) == Outcome.ACCESS_DENIED
    assert deployer.host.enabled() == []
    assert not deployer.host.path(TIMER["path"]).exists()


def test_a_timer_that_was_to_go_stays_when_the_change_fails(deployer: Deployer) -> None:
    assert deployer.bring("second", files=[TIMER]) == Outcome.DONE
    deployer.oss.answers = [DENIED]
    assert deployer.bring("third", files=[]) == Outcome.ACCESS_DENIED
    assert deployer.host.enabled() == ["a.timer"]


def test_a_timer_of_a_package_goes_by_what_is_said_about_it(deployer: Deployer) -> None:
    more = {"path": "/etc/systemd/system/b.timer.d/a.conf", "content": "[Timer]\n"}
    assert deployer.bring("second", files=[more]) == Outcome.DONE
    assert deployer.host.asked.count("systemctl try-restart b.timer") == 1
    assert deployer.bring("third", files=[more]) == Outcome.DONE
    assert deployer.host.asked.count("systemctl try-restart b.timer") == 1
    assert deployer.bring("fourth", files=[]) == Outcome.DONE
    assert deployer.host.asked.count("systemctl try-restart b.timer") == 2
    # It is the package's: it runs or not as before.
    assert deployer.host.enabled() == []


def test_the_journal_goes_by_what_is_said_about_it(deployer: Deployer) -> None:
    journal = {"path": "/etc/systemd/journald.conf.d/a.conf", "content": "[Journal]\n"}
    for answer in ("second", "third"):
        assert deployer.bring(answer, files=[journal]) == Outcome.DONE
        assert deployer.host.asked.count("systemctl restart systemd-journald") == 1


def test_what_the_kernel_refuses_is_told_and_fails_no_change(
    deployer: Deployer, capsys: pytest.CaptureFixture[str]
) -> None:
    # A key that no kernel has: the others would be this machine's.
    sysctl = {"path": "/etc/sysctl.d/a.conf", "content": "-oss_proxy.none=1\n"}
    assert deployer.bring("second", files=[sysctl]) == Outcome.DONE
    assert "The kernel refuses oss_proxy.none: No such file or directory." in capsys.readouterr().out


PROGRAM = {"path": "/usr/local/libexec/a", "content": "#!/bin/sh\n", "mode": 0o755}
SERVICE = {"path": "/etc/systemd/system/a.service", "content": "[Service]\n"}


def test_a_service_runs_while_its_file_is_there_and_begins_anew_with_another_program(
    deployer: Deployer,
) -> None:
    asked = deployer.host.asked
    assert deployer.bring("second", files=[PROGRAM, SERVICE]) == Outcome.DONE
    assert deployer.host.enabled() == ["a.service"]
    assert deployer.bring("third", files=[PROGRAM, SERVICE]) == Outcome.DONE
    assert asked.count("systemctl restart a.service") == 1
    other = {**PROGRAM, "content": "#!/bin/sh\nexit\n"}
    assert deployer.bring("fourth", files=[other, SERVICE]) == Outcome.DONE
    assert asked.count("systemctl restart a.service") == 2
    assert deployer.bring("fifth", files=[]) == Outcome.DONE
    assert deployer.host.enabled() == []


def test_a_service_of_a_timer_runs_when_the_timer_says(deployer: Deployer) -> None:
    assert deployer.bring("second", files=[TIMER, SERVICE]) == Outcome.DONE
    assert deployer.host.enabled() == ["a.timer"]


def test_a_change_that_fails_gives_a_service_its_former_program_back(deployer: Deployer) -> None:
    assert deployer.bring("second", files=[PROGRAM, SERVICE]) == Outcome.DONE
    deployer.oss.answers = [DENIED]
    other = {**PROGRAM, "content": "#!/bin/sh\nexit\n"}
    new = {"path": "/etc/systemd/system/b.service", "content": "[Service]\n"}
    assert deployer.bring("third", files=[other, SERVICE, new]) == Outcome.ACCESS_DENIED
    assert deployer.host.enabled() == ["a.service"]
    assert deployer.host.path(PROGRAM["path"]).read_text() == PROGRAM["content"]
    assert deployer.host.asked.count("systemctl restart a.service") == 3


@pytest.fixture
def including(deployer: Deployer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A configuration that includes OSS's addresses, and the name service's answer, which a test changes."""
    folder = f"{deployer.host.root}{follow.FOLDER}"
    answer: dict[str, Any] = {"addresses": {"100.118.28.10"}}

    def resolve(host: str) -> set[str]:
        if not answer["addresses"]:
            raise OSError(f"DNS has no address for {host}")
        return set(answer["addresses"])

    monkeypatch.setattr(follow, "resolve", resolve)
    http = f"http {{ upstream oss {{ include {folder}bucket.example_80.conf; }} "
    text = deployer.host.conf("new", deployer.port).replace("http {", http)
    answer["conf"] = {"path": CONF, "content": text}
    return answer


def test_addresses_are_in_place_before_nginx_reads_its_configuration(
    deployer: Deployer, including: dict[str, Any]
) -> None:
    assert deployer.bring("second", nginx_conf=including["conf"]) == Outcome.DONE
    place = deployer.host.path(f"{follow.FOLDER}bucket.example_80.conf")
    assert follow.used_in(place) == {"100.118.28.10"}
    including["addresses"] = {"100.118.28.11"}
    assert deployer.bring("third", nginx_conf=including["conf"]) == Outcome.DONE
    assert follow.used_in(place) == {"100.118.28.10", "100.118.28.11"}
    # Not a file of the deployer's: it does not go with what comes next.
    assert deployer.bring("fourth") == Outcome.DONE
    assert place.exists()


def test_addresses_of_a_change_that_fails_are_taken_back(
    deployer: Deployer, including: dict[str, Any]
) -> None:
    assert deployer.bring("second", nginx_conf=including["conf"]) == Outcome.DONE
    including["addresses"] = {"100.118.28.11"}
    deployer.host.refusals["nginx -t"] = Result(1, "no")
    assert deployer.bring("third", nginx_conf=including["conf"]) == Outcome.CONFIGURATION_REFUSED
    assert follow.used_in(deployer.host.path(f"{follow.FOLDER}bucket.example_80.conf")) == {"100.118.28.10"}


def test_a_name_without_an_address_is_told_before_anything_changes(
    deployer: Deployer, including: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    including["addresses"] = set()
    assert deployer.bring("second", nginx_conf=including["conf"]) == Outcome.NAME_NOT_RESOLVED
    assert "DNS has no address for bucket.example" in capsys.readouterr().out
    assert deployer.serves() == "first"


def test_a_nginx_that_cannot_start_is_told(
    host: hosts.Host, oss: Storage, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    host.refusals["systemctl restart"] = Result(1, "Job for nginx.service failed.")
    assert Deployer(host, oss, port).bring("first") == Outcome.NGINX_NOT_RUNNING
    assert "Job for nginx.service failed." in capsys.readouterr().out


def test_secrets_are_in_place_before_nginx_reads_its_configuration(deployer: Deployer) -> None:
    secret = {"path": "/etc/nginx/oss-proxy/clients", "content": "alice:geheim\n", "mode": 0o640}
    sealed = sealing.seal(channel.certificate(deployer.host), [secret])
    include = f"include {deployer.host.root}/etc/nginx/oss-proxy/clients*;"
    conf = {"path": CONF, "content": deployer.host.conf("second", deployer.port, f"# {include}\n")}
    assert deployer.bring("second", nginx_conf=conf, sealed=sealed) == Outcome.DONE
    place = deployer.host.path("/etc/nginx/oss-proxy/clients")
    assert place.read_text() == "alice:geheim\n"
    assert place.stat().st_mode & 0o777 == 0o640
    assert deployer.bring("third") == Outcome.DONE
    assert not place.exists()


def test_secrets_of_a_refused_change_are_taken_back(deployer: Deployer) -> None:
    secret = {"path": "/etc/nginx/oss-proxy/clients", "content": "alice:geheim\n"}
    sealed = sealing.seal(channel.certificate(deployer.host), [secret])
    deployer.host.refusals["nginx -t"] = Result(1, "no")
    assert deployer.bring("second", sealed=sealed) == Outcome.CONFIGURATION_REFUSED
    assert not deployer.host.path("/etc/nginx/oss-proxy/clients").exists()


def test_two_changes_at_once_wait_for_each_other(deployer: Deployer) -> None:
    with change._alone(deployer.host), pytest.raises(BlockingIOError):
        import fcntl

        with deployer.host.path(change.LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert deployer.bring("second") == Outcome.DONE
