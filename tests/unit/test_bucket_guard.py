"""The guards of the bucket: nothing is taken over, nothing that is protected is lost."""

from __future__ import annotations

from typing import Any

import pytest

from infra import sdk
from infra.bucket_guard import BucketGuardProvider, BucketProtectedError, LastBucketGuardProvider
from infra.guard import WrongAccountError
from infra.protection import ProtectedError
from tests.unit.fakes import ACCOUNT_UID, FakeBucket, FakeCloud


def props(**changes: Any) -> dict[str, Any]:
    """What is wanted of a protected bucket that the stack makes."""
    return {
        "account_uid": ACCOUNT_UID,
        "region": "cn-hangzhou",
        "bucket": "oss-proxy-dev",
        "mode": "managed",
        "protected": True,
        "exists": True,
        **changes,
    }


def recorded(**changes: Any) -> dict[str, Any]:
    """What the state holds."""
    return {key: value for key, value in props(**changes).items() if key != "exists"}


EXISTING = {"mode": "existing", "protected": False}
UNPROTECTED = {"protected": False}
OTHER = {"bucket": "another"}


def said(olds: dict[str, Any], news: dict[str, Any]) -> str:
    result = BucketGuardProvider().check(olds, news)
    assert result.inputs == {key: value for key, value in news.items() if key != "exists"}
    return "\n".join(failure.reason for failure in result.failures)


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        ({}, props(exists=False)),
        ({}, props(**EXISTING)),
        (recorded(), props()),
        # The bucket was deleted by hand, or could not be made.
        (recorded(), props(exists=False)),
        (recorded(), props(**UNPROTECTED)),
        (recorded(**EXISTING), props(**EXISTING)),
        (recorded(**EXISTING), props(**EXISTING, **OTHER)),
        (recorded(**EXISTING), props(**OTHER, exists=False)),
        # The protection was lifted and applied: the stack may let go.
        (recorded(**UNPROTECTED), props(**EXISTING)),
        (recorded(**UNPROTECTED), props(**OTHER, exists=False)),
    ],
)
def test_what_passes(cloud: FakeCloud, olds: dict[str, Any], news: dict[str, Any]) -> None:
    assert said(olds, news) == ""


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        ({}, props()),
        (recorded(**EXISTING), props()),
        (recorded(**EXISTING), props(**OTHER)),
        (recorded(**UNPROTECTED), props(**OTHER)),
    ],
)
def test_a_bucket_that_exists_is_not_taken_over(
    cloud: FakeCloud, olds: dict[str, Any], news: dict[str, Any]
) -> None:
    text = said(olds, news)
    assert f"the bucket {news['bucket']} exists, and is not this stack's own" in text
    assert "pulumi config set oss-proxy:bucketMode existing" in text


@pytest.mark.parametrize(
    ("news", "words"),
    [
        (props(**EXISTING), "bucketMode existing"),
        (props(**EXISTING, **OTHER), "bucketMode existing"),
        (props(**OTHER, exists=False), "bucketName another"),
    ],
)
def test_a_protected_bucket_is_not_let_go(cloud: FakeCloud, news: dict[str, Any], words: str) -> None:
    text = said(recorded(), news)
    assert "this stack made the bucket oss-proxy-dev, which is protected" in text
    assert words in text
    assert "oss-proxy:bucketProtection false, pulumi up" in text


@pytest.mark.parametrize("refusal", [None, sdk.ForbiddenError("somebody else's", fix="choose another.")])
@pytest.mark.parametrize("news", [props(**EXISTING, **OTHER), props(**OTHER, exists=False)])
def test_a_bucket_that_was_never_made_holds_nobody_up(
    cloud: FakeCloud, refusal: Exception | None, news: dict[str, Any]
) -> None:
    del cloud.buckets["oss-proxy-dev"]
    if refusal:
        cloud.buckets["oss-proxy-dev"] = FakeBucket(refusals=[refusal])
    assert said(recorded(), news) == ""


def test_a_bucket_that_cannot_be_looked_at_counts_as_there(cloud: FakeCloud) -> None:
    cloud.bucket.refusals = [sdk.CloudError("OSS did not answer", fix="try again.")]
    assert "OSS did not answer" in said(recorded(), props(**EXISTING))


@pytest.mark.parametrize("provider", [BucketGuardProvider(), LastBucketGuardProvider()])
def test_only_what_is_recorded_makes_a_difference(provider: BucketGuardProvider) -> None:
    assert provider.diff("bucket", recorded(), recorded()).changes is False
    for change in (EXISTING, UNPROTECTED, OTHER):
        result = provider.diff("bucket", recorded(), recorded(**change))
        assert result.changes
        assert not result.replaces
    assert provider.create(props()).outs == recorded()
    assert provider.update("bucket", recorded(), props(**EXISTING)).outs == recorded(**EXISTING)
    assert provider.read("bucket", {**recorded(), "__provider": "x"}).outs == recorded()


def test_the_last_guard_leaves_judging_to_the_first(cloud: FakeCloud) -> None:
    # It comes when the bucket was just made.
    assert LastBucketGuardProvider().check({}, props()).failures == []


def test_the_first_guard_goes_last_and_deletes_nothing(cloud: FakeCloud) -> None:
    BucketGuardProvider().delete("bucket", recorded(**UNPROTECTED))
    assert not cloud.bucket.deleted


def destroy(**changes: Any) -> None:
    LastBucketGuardProvider().delete("bucket", recorded(**changes))


def test_a_destroy_deletes_an_empty_bucket_whose_protection_was_lifted(cloud: FakeCloud) -> None:
    destroy(**UNPROTECTED)
    assert cloud.bucket.deleted


def test_a_destroy_leaves_an_existing_bucket_alone(cloud: FakeCloud) -> None:
    destroy(**EXISTING)
    assert not cloud.bucket.deleted


def test_a_destroy_is_refused_while_the_bucket_is_protected(cloud: FakeCloud) -> None:
    with pytest.raises(BucketProtectedError, match="oss-proxy:bucketProtection false, pulumi up"):
        destroy()
    assert not cloud.bucket.deleted


def test_a_destroy_is_refused_while_the_bucket_holds_anything(cloud: FakeCloud) -> None:
    cloud.bucket.empty = False
    with pytest.raises(sdk.BucketNotEmptyError) as caught:
        destroy(**UNPROTECTED)
    assert caught.value.__suppress_context__
    assert not cloud.bucket.deleted


@pytest.mark.parametrize("mode", [EXISTING, UNPROTECTED])
def test_a_destroy_does_not_begin_while_the_rest_of_the_stack_is_protected(
    cloud: FakeCloud, mode: dict[str, Any]
) -> None:
    with pytest.raises(ProtectedError, match="deletionProtection is on"):
        destroy(**mode, deletion_protection=True)
    assert not cloud.bucket.deleted


def test_the_last_guard_alone_remembers_that() -> None:
    on, off = props(deletion_protection=True), recorded(deletion_protection=False)
    assert LastBucketGuardProvider().diff("bucket", off, on).changes
    assert "deletion_protection" not in (BucketGuardProvider().create(on).outs or {})


@pytest.mark.parametrize("mode", [EXISTING, UNPROTECTED, {}])
def test_a_destroy_with_credentials_of_another_account_is_refused(
    cloud: FakeCloud, mode: dict[str, Any]
) -> None:
    cloud.account_uid = "9999999999999999"
    with pytest.raises(WrongAccountError, match="9999999999999999"):
        destroy(**mode)
    assert not cloud.bucket.deleted
