"""The bucket's policy and the claim on it: what they write, adopt, refuse and leave alone."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import pytest
from pulumi.runtime import rpc

from infra import bucket_policy, policy, sdk
from infra.bucket_claim import BucketClaimProvider
from infra.bucket_policy import BucketPolicyProvider, ForeignPolicyError, PolicyNotKeptError
from tests.unit.fakes import FakeBucket, FakeCloud

BUCKET = "oss-proxy-dev"
FOREIGN = (
    '{"Version":"1","Statement":[{"Effect":"Deny","Principal":["1"],"Action":["oss:*"],"Resource":["x"]}]}'
)


def ours(prefix: str = "public/") -> str:
    return policy.build(
        owner_uid="1234567890123456",
        bucket=BUCKET,
        prefixes=[prefix],
        private_ips=[IPv4Address("172.16.0.1")],
        vpc_id="vpc-bp1example",
    )


# The same policies as OSS may show them.
COMPACT = ours().replace("\n", "").replace("  ", "")


def props(text: str, **more: str) -> dict[str, Any]:
    return {"region": "cn-hangzhou", "bucket": BUCKET, "policy": text, **more}


def state(text: str, found: str | None = None) -> dict[str, Any]:
    return props(text, found=found or text)


@pytest.fixture
def provider(cloud: FakeCloud) -> BucketPolicyProvider:
    return BucketPolicyProvider()


@pytest.fixture
def bucket(cloud: FakeCloud) -> FakeBucket:
    return cloud.bucket


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_policy, "READ_BACK_PAUSE_S", 0)


class TestClaim:
    PROPS = {"region": "cn-hangzhou", "bucket": BUCKET}  # noqa: RUF012 - read only

    def test_a_bucket_without_a_policy(self) -> None:
        assert BucketClaimProvider().check({}, self.PROPS).failures == []
        made = BucketClaimProvider().create({**self.PROPS, "__provider": "code"})
        assert (made.id, made.outs) == (BUCKET, self.PROPS)

    def test_a_bucket_with_a_policy_is_refused_with_its_text(self) -> None:
        (failure,) = BucketClaimProvider().check({}, {**self.PROPS, "seen": FOREIGN}).failures
        assert "already has a bucket policy" in failure.reason
        assert FOREIGN in failure.reason
        assert "nothing was created or changed" in failure.reason
        assert "delete-bucket-policy" in failure.reason

    def test_a_claimed_bucket_may_have_one(self) -> None:
        answer = BucketClaimProvider().check(self.PROPS, {**self.PROPS, "seen": ours()})
        assert answer.failures == []

    def test_what_was_seen_is_not_kept(self) -> None:
        answer = BucketClaimProvider().check(self.PROPS, {**self.PROPS, "seen": ours()})
        assert answer.inputs == self.PROPS
        assert BucketClaimProvider().diff(BUCKET, self.PROPS, answer.inputs).changes is False

    def test_another_bucket_is_another_claim(self) -> None:
        news = {**self.PROPS, "bucket": "another", "seen": FOREIGN}
        assert BucketClaimProvider().check(self.PROPS, news).failures
        assert BucketClaimProvider().diff(BUCKET, self.PROPS, news).replaces == ["bucket"]


class TestCheck:
    @pytest.mark.parametrize("wanted", [ours(), rpc.UNKNOWN])
    def test_a_bucket_without_a_policy(self, provider: BucketPolicyProvider, wanted: str) -> None:
        answer = provider.check({}, props(wanted))
        assert answer.failures == []
        assert answer.inputs == props(wanted)

    @pytest.mark.parametrize("wanted", [ours(), rpc.UNKNOWN])
    def test_a_foreign_policy(self, provider: BucketPolicyProvider, wanted: str) -> None:
        (failure,) = provider.check({}, props(wanted, seen=FOREIGN)).failures
        assert "did not write" in failure.reason

    def test_one_that_a_killed_update_wrote(self, provider: BucketPolicyProvider) -> None:
        answer = provider.check({}, props(ours(), seen=COMPACT))
        assert answer.failures == []
        assert answer.inputs == props(ours())

    @pytest.mark.parametrize("seen", [ours("old/"), ours("new/")])
    def test_before_an_update(self, provider: BucketPolicyProvider, seen: str) -> None:
        assert provider.check(props(ours("old/")), props(ours("new/"), seen=seen)).failures == []

    def test_a_removed_policy_may_be_written_again(self, provider: BucketPolicyProvider) -> None:
        assert provider.check(props(ours("old/")), props(ours("new/"))).failures == []

    def test_a_foreign_policy_is_told_before_an_update(self, provider: BucketPolicyProvider) -> None:
        assert provider.check(props(ours("old/")), props(ours("new/"), seen=FOREIGN)).failures

    def test_no_call_is_made(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        provider.check({}, props(ours()))
        assert bucket.reads == 0


class TestDiff:
    @pytest.mark.parametrize(
        ("olds", "news", "changes"),
        [
            (state(ours()), props(ours()), False),
            (state(COMPACT), props(ours()), False),
            (state(ours("old/")), props(ours("new/")), True),
            (state(ours()), props(rpc.UNKNOWN), True),
            (state(ours(), found=FOREIGN), props(ours()), True),
        ],
    )
    def test_meanings_are_compared(
        self, provider: BucketPolicyProvider, olds: dict[str, Any], news: dict[str, Any], changes: bool
    ) -> None:
        answer = provider.diff(BUCKET, olds, news)
        assert answer.changes is changes
        assert answer.replaces == []

    def test_another_bucket_is_another_resource(self, provider: BucketPolicyProvider) -> None:
        answer = provider.diff(BUCKET, state(ours()), {**props(ours()), "bucket": "another"})
        assert answer.replaces == ["bucket"]


class TestWrite:
    def test_create_writes_and_reads_back(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        made = provider.create({**props(ours()), "__provider": "code"})
        assert bucket.writes == [ours()]
        assert bucket.reads == 2
        assert (made.id, made.outs) == (BUCKET, state(ours()))

    def test_create_adopts_what_a_killed_update_wrote(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = COMPACT
        provider.create(props(ours()))
        assert bucket.writes == []

    def test_create_refuses_one_that_came_since_the_check(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = FOREIGN
        with pytest.raises(ForeignPolicyError, match="would lose those statements"):
            provider.create(props(ours()))
        assert bucket.text == FOREIGN

    @pytest.mark.parametrize("found", [ours("old/"), None])
    def test_update_replaces_its_own(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, found: str | None
    ) -> None:
        bucket.text = found
        outs = provider.update(BUCKET, state(ours("old/")), props(ours("new/"))).outs
        assert bucket.text == ours("new/")
        assert outs == state(ours("new/"))

    def test_update_after_one_that_was_killed(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = ours("new/")
        provider.update(BUCKET, state(ours("old/")), props(ours("new/")))
        assert bucket.writes == []

    @pytest.mark.parametrize("found", [FOREIGN, ours("third/")])
    def test_update_refuses_what_others_wrote(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, found: str
    ) -> None:
        bucket.text = found
        # A refresh has seen it; that does not make it ours.
        with pytest.raises(ForeignPolicyError):
            provider.update(BUCKET, state(ours("old/"), found=found), props(ours("new/")))
        assert bucket.text == found

    def test_a_write_that_does_not_stay_is_told(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.forgets_writes = True
        with pytest.raises(PolicyNotKeptError, match="another policy than the one just written"):
            provider.create(props(ours()))
        assert bucket.reads == 1 + bucket_policy.READ_BACK_ATTEMPTS


class TestRead:
    def test_no_drift(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        bucket.text = COMPACT
        answer = provider.read(BUCKET, state(ours()))
        assert (answer.id, answer.outs) == (BUCKET, state(ours()))

    def test_a_foreign_policy_shows_and_is_still_not_ours(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = FOREIGN
        answer = provider.read(BUCKET, state(ours()))
        assert answer.outs == state(ours(), found=FOREIGN)
        with pytest.raises(ForeignPolicyError):
            provider.delete(BUCKET, answer.outs)
        assert bucket.text == FOREIGN

    def test_a_removed_policy_is_gone(self, provider: BucketPolicyProvider) -> None:
        assert provider.read(BUCKET, state(ours())).id == ""

    def test_a_removed_bucket_is_gone(self, provider: BucketPolicyProvider, cloud: FakeCloud) -> None:
        cloud.buckets.clear()
        assert provider.read(BUCKET, state(ours())).id == ""

    def test_an_unreadable_policy_is_not_gone(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.refusals = [sdk.CloudError("OSS refused oss:GetBucketPolicy", fix="grant it.")]
        with pytest.raises(sdk.CloudError):
            provider.read(BUCKET, state(ours()))


class TestDelete:
    def test_its_own(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        bucket.text = COMPACT
        provider.delete(BUCKET, state(ours()))
        assert bucket.text is None

    def test_gone_already(self, provider: BucketPolicyProvider, cloud: FakeCloud) -> None:
        provider.delete(BUCKET, state(ours()))
        cloud.buckets.clear()
        provider.delete(BUCKET, state(ours()))

    @pytest.mark.parametrize("found", [FOREIGN, ours("newer/")])
    def test_what_others_wrote_is_left_alone(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, found: str
    ) -> None:
        bucket.text = found
        with pytest.raises(ForeignPolicyError, match="was not touched"):
            provider.delete(BUCKET, state(ours()))
        assert bucket.text == found


@pytest.mark.parametrize("make", [BucketClaimProvider, BucketPolicyProvider])
def test_the_state_holds_a_reference_to_the_code(make: Callable[[], Any]) -> None:
    import base64

    from pulumi.dynamic.dynamic import serialize_provider

    pickled = base64.b64decode(serialize_provider(make()))
    assert make.__module__.encode() in pickled
    assert len(pickled) < 120
