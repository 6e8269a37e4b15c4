"""What is refused because of the deletion protection, and what the state remembers for it."""

from __future__ import annotations

from typing import Any

import pytest

from infra import protection
from infra.guard import AccountGuardProvider
from infra.protection import REPLACING, ProtectedError
from infra.settings import parse
from tests.unit.fakes import ACCOUNT_UID, FakeCloud
from tests.unit.recorder import deploy

STANDS_ON_IT = {"proxy-vpc", "proxy-vswitch", "proxy-security-group", "proxy-eip", "proxy-instance"}
ACCOUNT = {"account_uid": ACCOUNT_UID, "region": "cn-hangzhou"}


def record(values: dict[str, str], **changes: str) -> dict[str, Any]:
    return protection.record(parse({**values, **changes}).model_dump(by_alias=True))


@pytest.mark.parametrize("setting", ["true", "false"])
def test_cloud_and_pulumi_protect_together(values: dict[str, str], cloud: FakeCloud, setting: str) -> None:
    made = deploy({**values, "deletionProtection": setting})
    expected = setting == "true"
    for name in ("proxy-eip", "proxy-instance"):
        assert made[name].inputs["deletionProtection"] is expected
    # Rules, policy and association change or go while the rest stays; so they are not protected.
    assert {one.name for one in made.registrations if one.request.protect} == (
        STANDS_ON_IT if expected else set()
    )
    for name in ("proxy-account", "proxy-account-last"):
        assert made[name].inputs["protected"] is expected


def test_the_update_that_takes_it_off_replaces_nothing(values: dict[str, str]) -> None:
    on = record(values, deletionProtection="true", imageId="m-old")
    assert protection.refusal(on, record(values, imageId="m-old")) is None
    reason = protection.refusal(on, record(values, imageId="m-new", privateIp="172.16.0.9"))
    assert reason is not None
    assert "changes privateIp, imageId" in reason
    assert "pulumi config set oss-proxy:imageId m-old" in reason
    assert "Nothing was changed." in reason


def test_what_replaces_nothing_may_change_with_it(values: dict[str, str]) -> None:
    on = record(values, deletionProtection="true", imageId="m-old", zoneId="cn-hangzhou-j")
    assert protection.refusal(on, record(values, owner="me", bandwidthMbps="7")) is None


@pytest.mark.parametrize("olds", [{}, {"protected": False, "replacing": {"imageId": "m-old"}}])
def test_without_protection_everything_may_change(values: dict[str, str], olds: dict[str, Any]) -> None:
    assert protection.refusal(olds, record(values, imageId="m-new")) is None


def test_under_protection_a_failed_update_is_not_remembered_as_done(values: dict[str, str]) -> None:
    on = record(values, deletionProtection="true", imageId="m-old")
    guard = AccountGuardProvider()
    tried = guard.check({**ACCOUNT, **on}, {**ACCOUNT, **on, "replacing": {"imageId": "m-new"}})
    assert tried.failures == []
    assert tried.inputs["replacing"] == on["replacing"]
    assert protection.refusal(tried.inputs, record(values, imageId="m-new")) is not None


def test_without_protection_no_preview_shows_a_change_of_the_record(values: dict[str, str]) -> None:
    guard = AccountGuardProvider()
    first, second = (
        guard.check({}, {**ACCOUNT, **record(values, imageId=image)}).inputs for image in ("m-old", "m-new")
    )
    assert not guard.diff(ACCOUNT_UID, first, second).changes


def test_the_guard_refuses_in_its_check_and_remembers_in_an_update(values: dict[str, str]) -> None:
    guard = AccountGuardProvider()
    on = {**ACCOUNT, **record(values, deletionProtection="true")}
    off = {**ACCOUNT, **record(values, privateIp="172.16.0.9")}
    (failure,) = guard.check(on, off).failures
    assert failure.property == "protected"
    assert guard.diff(ACCOUNT_UID, on, off).changes
    assert guard.update(ACCOUNT_UID, {**on, "__provider": "code"}, off).outs == off
    assert not guard.diff(ACCOUNT_UID, {**off, "__provider": "code"}, off).changes


def test_a_state_of_before_the_protection_gets_its_record(values: dict[str, str]) -> None:
    guard = AccountGuardProvider()
    news = {**ACCOUNT, **record(values, deletionProtection="true")}
    assert guard.check(ACCOUNT, news).failures == []
    assert guard.diff(ACCOUNT_UID, ACCOUNT, news).changes


def test_a_destroy_without_a_preview_is_refused_first(cloud: FakeCloud, values: dict[str, str]) -> None:
    guard = AccountGuardProvider()
    with pytest.raises(ProtectedError, match="nothing was deleted"):
        guard.delete(ACCOUNT_UID, {**ACCOUNT, **record(values, deletionProtection="true")})
    guard.delete(ACCOUNT_UID, {**ACCOUNT, **record(values)})


def test_what_replaces_is_a_setting(values: dict[str, str]) -> None:
    assert set(REPLACING) <= set(values)
