"""RAM users: made, changed, removed, kept, and what is remembered of them."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from localcloud import places
from localcloud.accounts import Accounts, make_key
from localcloud.errors import LocalcloudError
from localcloud.home import Home, Settings
from localcloud.oss.policy.model import Decision, RequestContext
from localcloud.ram.authority import RESOURCES_PER_ACTION_MAX, RamAuthority

UID = "9000000000000001"


def text(action: str, effect: str = "Allow") -> str:
    return json.dumps({"Version": "1", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})


def asked(action: str, resource: str = "*") -> RequestContext:
    return RequestContext(
        action=action, resource=resource, source_ip=ip_address("127.0.0.1"), time=datetime.now(UTC)
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


def authority_of(home: Home) -> RamAuthority:
    return RamAuthority(UID, home.ram_users(), home.accounts(), home.save_ram_users)


def test_a_user_keeps_its_key_and_gets_another_policy(home: Home) -> None:
    authority = authority_of(home)
    key = authority.put_user("deployer", text("vpc:*"))
    assert key.account_uid == UID
    assert key.user_id is not None
    assert (len(key.user_id), key.user_id[0]) == (18, "2")
    assert authority.decide(key, asked("vpc:CreateVpc")) is Decision.ALLOW
    assert authority.put_user("deployer", text("ecs:*")) == key
    assert authority.decide(key, asked("vpc:CreateVpc")) is Decision.NONE


def test_users_survive_a_restart_in_a_file_for_nobody_else(home: Home) -> None:
    key = authority_of(home).put_user("deployer", text("vpc:*"))
    (file,) = home.path.glob("ram.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    accounts = home.accounts()
    again = RamAuthority(UID, home.ram_users(), accounts, home.save_ram_users)
    assert accounts.find(key.id) == key
    assert again.decide(key, asked("vpc:CreateVpc")) is Decision.ALLOW


def test_a_removed_users_key_is_unknown_and_its_successor_is_another(home: Home) -> None:
    accounts = Accounts([])
    authority = RamAuthority(UID, [], accounts, home.save_ram_users)
    key = authority.put_user("deployer", text("vpc:*"))
    authority.remove_user("deployer")
    assert accounts.find(key.id) is None
    assert home.ram_users() == []
    other = authority.put_user("deployer", text("vpc:*"))
    assert other.id != key.id
    assert authority.decide(key, asked("vpc:CreateVpc")) is Decision.NONE
    with pytest.raises(LocalcloudError, match="no RAM user nobody"):
        authority.remove_user("nobody")


def test_users_of_another_account_are_left_out(home: Home) -> None:
    authority_of(home).put_user("deployer", text("vpc:*"))
    home.save_settings(Settings(account_uid="9000000000000077"))
    assert home.ram_users() == []


@pytest.mark.parametrize(
    ("name", "policy", "message"),
    [("a b", text("vpc:*"), "no RAM user's name"), ("x" * 65, text("*"), "64"), ("ok", "{}", "Version")],
)
def test_what_is_refused_changes_nothing(home: Home, name: str, policy: str, message: str) -> None:
    authority = authority_of(home)
    with pytest.raises(LocalcloudError, match=message):
        authority.put_user(name, policy)
    assert authority.users() == []
    assert home.ram_users() == []


def test_a_key_that_is_no_users_has_no_rights(home: Home) -> None:
    authority = authority_of(home)
    authority.put_user("deployer", text("*"))
    stray = make_key(UID, user_id="200000000000000009", user_name="deployer")
    assert authority.decide(stray, asked("vpc:CreateVpc")) is Decision.NONE


def test_what_users_were_allowed_and_refused_is_remembered(home: Home) -> None:
    authority = authority_of(home)
    key = authority.put_user("deployer", text("vpc:*"))
    authority.note(key, asked("vpc:CreateVpc", "b"), allowed=True)
    authority.note(key, asked("vpc:CreateVpc", "a"), allowed=True)
    authority.note(key, asked("ecs:RunInstances"), allowed=False)
    assert authority.as_dict() == {
        "authorised": {"deployer": {"vpc:CreateVpc": ["a", "b"]}},
        "refused": {"deployer": {"ecs:RunInstances": ["*"]}},
    }
    for number in range(2 * RESOURCES_PER_ACTION_MAX):
        authority.note(key, asked("oss:GetObject", str(number)), allowed=True)
    remembered = authority.as_dict()["authorised"]["deployer"]["oss:GetObject"]
    assert len(remembered) == RESOURCES_PER_ACTION_MAX


def test_the_list_shows_no_secret(home: Home) -> None:
    authority = authority_of(home)
    key = authority.put_user("deployer", text("vpc:*"))
    (listed,) = authority.users()
    assert listed == {
        "name": "deployer",
        "user_id": key.user_id,
        "access_key_id": key.id,
        "statements": 1,
    }
    assert key.secret not in json.dumps([authority.users(), authority.as_dict()])


def test_the_operators_environment_with_a_users_key(home: Home) -> None:
    key = authority_of(home).put_user("deployer", text("vpc:*"))
    environment = places.operator_environment(home, {}, Path("/venv/bin"), "deployer")
    owner, _ = home.keys()
    assert environment["ALIBABA_CLOUD_ACCESS_KEY_ID"] == environment["ALICLOUD_ACCESS_KEY"] == key.id
    assert environment["OSS_ACCESS_KEY_SECRET"] == key.secret
    assert owner.secret not in environment.values()
    with pytest.raises(LocalcloudError, match="localcloud ram user nobody --policy FILE"):
        places.operator_environment(home, {}, Path("/venv/bin"), "nobody")
