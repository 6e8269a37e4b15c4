"""The resource: what makes a change, what is brought, and what a failure leaves in the state."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest

from infra.instance.outcomes import Outcome
from infra.rollout import configuration, delivery
from infra.rollout.assistant import Assistant
from infra.rollout.configuration import ConfigurationProvider
from infra.rollout.failures import ChangeError
from tests.unit.rollout.test_assistant import Ecs, row
from tests.unit.rollout.test_delivery import order

PASSWORD = "ein-langes-Geheimnis"
PROVIDER = ConfigurationProvider()


def props(**changes: Any) -> dict[str, Any]:
    kept = order()
    return {
        "region": "cn-hangzhou",
        "instance_id": "i-1",
        "nginx_conf": kept["nginx_conf"],
        "files": kept["files"],
        "acme": {},
        "secrets": {},
        # As Pulumi hands numbers over.
        "probe": {**kept["probe"], "listen_port": 80.0},
        "policy": "{}",
        "command_name": "oss-proxy-dev-configuration",
        "tags": {"stack": "dev"},
        "boot_timeout_s": 600.0,
        "readiness_timeout_s": 120.0,
        "seen": [],
        **changes,
    }


@pytest.fixture
def ecs(monkeypatch: pytest.MonkeyPatch) -> Ecs:
    made = Ecs(rows=[row("Success", 0, output="ready")])
    monkeypatch.setattr(configuration, "RpcClient", lambda api, region: made)
    monkeypatch.setattr(
        configuration,
        "Assistant",
        lambda ecs, id_: Assistant(ecs, id_, sleep=made.sleep, clock=lambda: made.now),
    )
    return made


def given(ecs: Ecs) -> list[Any]:
    return [params for action, params in ecs.calls if action == "RunCommand"]


def state(ecs: Ecs, **changes: Any) -> dict[str, Any]:
    made = PROVIDER.create(PROVIDER.check({}, props(**changes)).inputs).outs
    assert made is not None
    return made


def test_a_command_that_brings_a_revision_is_named_after_it(ecs: Ecs) -> None:
    made = state(ecs)
    (command,) = given(ecs)
    assert command["Name"] == f"oss-proxy-dev-configuration-{made['revision']}"
    assert command["Timeout"] == 600 + 120 + 60
    assert command["Tag"] == [{"Key": "stack", "Value": "dev"}]
    script = base64.b64decode(command["CommandContent"]).decode()
    assert delivery.size(script) <= delivery.COMMAND_MAX_BASE64_BYTES


def large(size: int) -> dict[str, Any]:
    """A file that nothing makes much smaller."""
    return {"path": "/etc/large", "content": os.urandom(size).hex()}


def test_what_one_command_cannot_hold_is_laid_down_in_parts_before(ecs: Ecs) -> None:
    made = state(ecs, files=[large(12_000)])
    names = [command["Name"].rpartition("-")[2] for command in given(ecs)]
    assert names == ["part", made["revision"]]


def test_nothing_is_kept_but_what_was_asked_for(ecs: Ecs) -> None:
    assert state(ecs).keys() == (props().keys() - {"seen"}) | {"revision", "certificate"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"boot_timeout_s": 30.0}, False),
        ({"tags": {}}, False),
        ({"instance_id": "i-2"}, True),
        ({"files": []}, True),
        ({"policy": "other"}, True),
        ({"secrets": {"client_passwords": {"alice": PASSWORD}}}, True),
        ({"seen": [{"name": "n-other", "instance_id": "i-1", "status": "Success"}]}, True),
        ({"seen": [{"name": "n-other", "instance_id": "i-1", "status": "Failed"}]}, False),
        ({"seen": [{"name": "n-part", "instance_id": "i-1", "status": "Success"}]}, False),
        ({"seen": [{"name": "n-other", "instance_id": "i-2", "status": "Success"}]}, False),
    ],
)
def test_what_makes_a_change(ecs: Ecs, changes: dict[str, Any], expected: bool) -> None:
    olds = state(ecs)
    # The engine hands the inputs of before to a check, and what became of them to a diff.
    checked = PROVIDER.check({key: olds[key] for key in olds if key != "revision"}, props(**changes))
    assert not checked.failures
    assert PROVIDER.diff("id", olds, checked.inputs).changes is expected


def test_a_state_of_before_there_were_authorities_is_no_change_in_a_refresh() -> None:
    old = {key: value for key, value in props().items() if key != "acme"}
    old["revision"] = "0" * 16
    assert PROVIDER.diff("id", old, props()).changes is False
    assert PROVIDER.diff("id", old, old).changes is False
    assert PROVIDER.diff("id", old, props(acme={"address": "203.0.113.9"})).changes is True


def test_what_an_update_knew_of_before_is_no_drift_in_a_refresh(ecs: Ecs) -> None:
    first = state(ecs)
    seen = [{"name": f"n-{first['revision']}", "instance_id": "i-1", "status": "Success"}]
    inputs = PROVIDER.check(first, props(seen=seen, files=[])).inputs
    assert inputs["last_brought"] == first["revision"]
    second = PROVIDER.update("id", first, inputs).outs
    assert second is not None
    assert PROVIDER.diff("id", second, inputs).changes is False
    # The first configuration again, brought by an update whose result was lost.
    again = [{"name": "n-another", "instance_id": "i-1", "status": "Running"}]
    assert PROVIDER.diff("id", second, PROVIDER.check(second, props(seen=again, files=[])).inputs).changes


def test_a_refused_configuration_is_told_and_not_in_the_state(ecs: Ecs) -> None:
    ecs.rows = [row("Failed", int(Outcome.CONFIGURATION_REFUSED), output="x" * 3000 + " unknown directive")]
    with pytest.raises(ChangeError, match="nginx refuses the new configuration") as caught:
        state(ecs)
    assert "unknown directive" in str(caught.value)
    assert len(str(caught.value)) < 2600
    assert "the instance serves what it served before" in str(caught.value)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one != Outcome.DONE])
def test_every_failure_has_a_way_out(ecs: Ecs, outcome: Outcome) -> None:
    ecs.rows = [row("Failed", int(outcome), output="the reason")]
    with pytest.raises(ChangeError, match="the reason") as caught:
        state(ecs)
    assert "`pulumi up`" in caught.value.fix or "pulumi up --replace" in caught.value.fix


def test_a_refresh_turns_nothing_green(ecs: Ecs) -> None:
    olds = {**state(ecs), "__provider": "..."}
    read = PROVIDER.read("id", olds)
    assert read.outs == {key: value for key, value in olds.items() if key != "__provider"}
    assert len(given(ecs)) == 1


def test_a_delete_needs_no_cloud(ecs: Ecs) -> None:
    PROVIDER.delete("id", props())
    assert ecs.calls == []


def test_secrets_are_sealed_to_the_instances_own_key(ecs: Ecs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.rollout.sealing.seal", lambda pem, files: f"sealed to {pem}")
    ecs.rows = [row("Success", 0, output="PEM"), row("Success", 0)]
    made = state(ecs, secrets={"client_passwords": {"alice": PASSWORD}})
    first, second = given(ecs)
    assert first["Name"] == "oss-proxy-dev-configuration-key"
    assert second["Name"].endswith(made["revision"])
    for command in (first, second):
        assert PASSWORD not in json.dumps(command)
    # The name of a revision must not be a hash of the secret, which could be guessed.
    brought = {
        **{key: value for key, value in order().items() if key != "revision"},
        "sealed": "sealed to PEM",
    }
    assert made["revision"][:10] == delivery.revision(brought, "123456")[:10]


def test_a_configuration_that_no_command_can_bring_is_refused_in_previews() -> None:
    (failure,) = PROVIDER.check({}, props(files=[large(60_000)])).failures
    assert "4 commands of 24576 are the most" in failure.reason
