"""The command line: what it refuses, what it says, what it prepares."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from localcloud import places
from localcloud.cli import life, look, main
from localcloud.errors import LocalcloudError
from localcloud.home import Home, Settings


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "COMMAND"),
        (["fly"], "invalid choice"),
        (["run", "--from", "operator"], "needs a command after --"),
        (["run", "--", "true"], "--from"),
        (["down", "--", "true"], "takes nothing after --"),
        (["status", "extra"], "unrecognized arguments"),
        (["ram", "user", "deployer"], "--policy"),
    ],
)
def test_a_command_line_that_cannot_be_understood(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "--from", "operator", "--", "true"], "No cloud runs in .*localcloud up"),
        (["shell"], "No cloud runs"),
        (["status"], "No cloud runs"),
        (["logs"], "There is no log yet"),
        (["logs", "i-1"], "There is no instance i-1"),
        (["logs", "../x"], "There is no instance"),
        (["up", "--api-only", "--operator-env", "nonsense"], "not of the form NAME=VALUE"),
        (["up", "--api-only", "--operator-env", "1A=x"], "not of the form NAME=VALUE"),
        (["up", "--api-only", "--account-uid", "123"], "16 digits"),
        (["ram", "list"], "No cloud runs"),
        (["endpoint", "move", "cn-hangzhou", "100.118.28.200"], "No cloud runs"),
        (
            ["run", "--from", "internet", "--as", "deployer", "--", "true"],
            "--as deployer needs --from operator or VPC_ID/ADDRESS",
        ),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path / "home"), *words]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.search(message, captured.err), captured.err


def test_down_without_a_cloud_is_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path / "home"), "down"]) == 0
    assert "No cloud" in capsys.readouterr().out
    assert not (tmp_path / "home").exists()


def test_without_root_the_way_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(LocalcloudError, match=r"sudo localcloud up; or .*--api-only"):
        life.check_machine()


def test_missing_tools_are_named_by_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda tool: None if tool in ("nft", "ip", "tc") else tool)
    with pytest.raises(LocalcloudError, match=r"apt-get install iproute2 nftables$"):
        life.check_machine()


def test_the_operators_environment(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    home.save_settings(Settings(operator_environment={"PULUMI_X": "y", "PATH": "/special"}))
    caller = {
        "PATH": "/usr/bin",
        "HTTPS_PROXY": "http://p",
        "no_proxy": "x",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "t",
        "AWS_PROFILE": "p",
    }
    environment = places.operator_environment(home, caller, Path("/venv/bin"))
    owner, _ = home.keys()
    for id_name, secret_name in (
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"),
        ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"),
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ):
        assert (environment.pop(id_name), environment.pop(secret_name)) == (owner.id, owner.secret)
    bundle = str(home.authority / "ca.pem")
    for name in (
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "AWS_CA_BUNDLE",
    ):
        assert environment.pop(name) == bundle
    assert environment == {"PATH": "/special", "PULUMI_X": "y", "LOCALCLOUD_HOME": str(home.path)}


def test_the_homes_programs_come_first_and_then_the_pythons(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    environment = places.operator_environment(home, {"PATH": "/usr/bin"}, Path("/venv/bin"))
    assert environment["PATH"] == f"{home.path}/bin:/venv/bin:/usr/bin"


def test_hosts_are_looked_up_by_dns_alone() -> None:
    switch = (
        "passwd: files\nhosts:  files mymachines resolve [!UNAVAIL=return] dns myhostname\nnetworks: files\n"
    )
    assert places.plain_host_lookup(switch) == "passwd: files\nhosts: files dns\nnetworks: files\n"


def test_status_for_people() -> None:
    text = look.render(
        {
            "mode": "full",
            "home": "/h",
            "pid": 7,
            "namespaces": ["lc1-operator"],
            "vpcs": [{"id": "vpc-1", "cidr": "10.0.0.0/8", "region": "cn-hangzhou", "name": ""}],
            "instances": [{"id": "i-1", "state": "Running", "private_ip": "10.0.0.1", "eip": None}],
            "domains": [{"name": "example.test", "records": [{}, {}]}],
            "roles": [{"name": "reader", "policies": ["rights"], "instances": ["i-1"]}],
            "alarms": [
                {"name": "a-1", "metric": "acs_vpc_eip/net_tx.rate", "resources": "[]", "enabled": False}
            ],
            "coverage": {"unknown": {"ecs": {"Fly": 2}}},
        }
    )
    assert "vpc         vpc-1  10.0.0.0/8  cn-hangzhou\n" in text
    assert "instance    i-1  Running  10.0.0.1  no public address\n" in text
    assert "alarm       a-1  acs_vpc_eip/net_tx.rate  []  off\n" in text
    assert "domain      example.test  2 records\n" in text
    assert "role        reader  1 policies  i-1\n" in text
    assert text.endswith("unknown     ecs:Fly (2x)")
