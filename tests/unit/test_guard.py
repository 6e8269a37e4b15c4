"""The account guard: what it refuses, in which commands, and what it lets through."""

from __future__ import annotations

import pytest

from infra import sdk
from infra.guard import AccountGuardProvider, WrongAccountError
from tests.unit.fakes import ACCOUNT_UID, FakeCloud

OTHER_UID = "9999999999999999"
PROPS = {"account_uid": ACCOUNT_UID, "region": "cn-hangzhou"}


@pytest.fixture
def guard(cloud: FakeCloud) -> AccountGuardProvider:
    return AccountGuardProvider()


def test_the_first_update_records_account_and_region(guard: AccountGuardProvider) -> None:
    assert guard.check({}, PROPS).failures == []
    made = guard.create({**PROPS, "__provider": "code"})
    assert made.id == ACCOUNT_UID
    assert made.outs == PROPS


def test_the_same_account_goes_on(guard: AccountGuardProvider) -> None:
    assert guard.check(PROPS, PROPS).failures == []
    assert guard.diff(ACCOUNT_UID, PROPS, PROPS).changes is False
    assert guard.read(ACCOUNT_UID, PROPS).outs == PROPS
    guard.delete(ACCOUNT_UID, PROPS)


def test_another_account_is_refused_in_preview_and_update(guard: AccountGuardProvider) -> None:
    (failure,) = guard.check(PROPS, {**PROPS, "account_uid": OTHER_UID}).failures
    assert failure.property == "account_uid"
    assert f"made in account {ACCOUNT_UID}" in failure.reason
    assert f"belong to account {OTHER_UID}" in failure.reason
    assert "Nothing was changed. Fix: " in failure.reason


def test_another_region_is_refused(guard: AccountGuardProvider) -> None:
    (failure,) = guard.check(PROPS, {**PROPS, "region": "cn-beijing"}).failures
    assert "pulumi config set alicloud:region cn-hangzhou" in failure.reason


def test_another_account_is_refused_in_refresh(guard: AccountGuardProvider, cloud: FakeCloud) -> None:
    cloud.account_uid = OTHER_UID
    with pytest.raises(WrongAccountError, match="would forget every resource"):
        guard.read(ACCOUNT_UID, PROPS)


def test_another_account_is_refused_in_destroy(guard: AccountGuardProvider, cloud: FakeCloud) -> None:
    cloud.account_uid = OTHER_UID
    with pytest.raises(WrongAccountError, match="nothing was deleted"):
        guard.delete(ACCOUNT_UID, PROPS)


def test_an_unknown_account_is_refused_in_destroy(
    guard: AccountGuardProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(region: str) -> str:
        raise sdk.CloudError("STS did not say whose credentials these are", fix="check the network.")

    monkeypatch.setattr(sdk, "caller_uid", no_answer)
    with pytest.raises(sdk.CloudError, match="STS did not say"):
        guard.delete(ACCOUNT_UID, PROPS)
