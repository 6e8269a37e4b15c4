"""Secrets given in the clear are refused, and no message shows a secret.

The model here has some beside the real settings.
"""

from __future__ import annotations

import pytest
from pulumi.runtime.config import set_all_config
from pydantic import Field, SecretStr

from infra import settings
from infra.setting_faults import Fault, SettingsError
from infra.setting_secrets import is_secret

KEY = "Hunter2!"


class WithSecrets(settings.Settings):
    link_key: SecretStr = Field(min_length=8, examples=["KEY"])
    client_passwords: dict[str, SecretStr] | str = Field(default="", examples=['{"name": "word"}'])


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "Settings", WithSecrets)


def faults(values: dict[str, str], *, encrypted: tuple[str, ...] = ()) -> dict[str, Fault]:
    with pytest.raises(SettingsError) as caught:
        settings.parse(values, encrypted=encrypted)
    assert KEY not in str(caught.value)
    return {fault.key: fault for fault in caught.value.faults}


def test_the_type_alone_makes_a_secret() -> None:
    secret = {name for name, field in WithSecrets.model_fields.items() if is_secret(field)}
    assert secret == {"link_key", "client_passwords", "link_keys", "tls_private_key"}


def test_a_secret_in_the_clear_is_refused_and_not_shown(values: dict[str, str]) -> None:
    (fault,) = faults({**values, "linkKey": KEY}).values()
    assert fault.key == "oss-proxy:linkKey"
    assert "in the clear" in fault.rule
    assert fault.value is None
    assert fault.fix == "pulumi config set --secret oss-proxy:linkKey"


def test_an_encrypted_secret_is_taken_and_hidden(values: dict[str, str]) -> None:
    found = settings.parse({**values, "linkKey": KEY}, encrypted=["linkKey"])
    assert isinstance(found, WithSecrets)
    assert found.link_key.get_secret_value() == KEY
    assert KEY not in repr(found)


def test_all_faults_are_told_together_and_none_shows_a_secret(values: dict[str, str]) -> None:
    found = faults(
        {**values, "linkKey": "short", "clientPasswords": KEY, "linkKy": KEY, "listenPort": "0"},
        encrypted=("linkKey",),
    )
    assert set(found) == {
        f"oss-proxy:{key}" for key in ("linkKey", "clientPasswords", "linkKy", "listenPort")
    }
    assert "at least 8" in found["oss-proxy:linkKey"].rule
    assert found["oss-proxy:linkKey"].value is None
    assert "the nearest one is oss-proxy:linkKey" in found["oss-proxy:linkKy"].rule
    assert found["oss-proxy:linkKy"].value is None


@pytest.mark.parametrize("encrypted", [True, False])
def test_pulumi_tells_which_keys_are_encrypted(values: dict[str, str], encrypted: bool) -> None:
    given = {key if ":" in key else f"oss-proxy:{key}": value for key, value in values.items()}
    set_all_config(
        {**given, "oss-proxy:linkKey": KEY}, secret_keys=["oss-proxy:linkKey"] if encrypted else []
    )
    try:
        if encrypted:
            assert isinstance(settings.load(), WithSecrets)
        else:
            with pytest.raises(SettingsError, match="in the clear"):
                settings.load()
    finally:
        set_all_config({}, secret_keys=[])
