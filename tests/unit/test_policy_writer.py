"""Writing this stack's statement and taking it out, alone and beside others who write at the same time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra import policy_writer, sdk
from infra.bucket_policy import BucketPolicyProvider
from infra.policy_deny import ProxyDeniedError
from infra.policy_merge import PolicyTooLargeError, UnreadablePolicyError
from infra.policy_writer import PolicyNotKeptError
from tests.unit.fakes import FakeBucket, FakeCloud
from tests.unit.policies import (
    BUCKET,
    DENY,
    FOREIGN,
    HTTPS_ALONE,
    LARGE,
    OLD,
    OWN,
    document,
    ours,
    props,
    state,
    statement,
    statements,
)

pytestmark = pytest.mark.usefixtures("no_pauses")


class TestWrite:
    def test_create_writes_and_looks_twice(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        made = provider.create({**state(ours()), "__provider": "code"})
        assert bucket.writes == [ours()]
        assert bucket.reads == 3
        assert (made.id, made.outs) == (BUCKET, state(ours()))

    def test_create_keeps_what_is_there_and_its_text(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = document(FOREIGN)
        made = provider.create(state(ours()))
        assert statements(bucket) == [FOREIGN, OWN]
        assert made.outs == state(ours(), document(FOREIGN, OWN), original=document(FOREIGN))

    def test_create_adopts_what_a_killed_update_wrote(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = document(FOREIGN, {**OWN, "Action": "oss:GetObject"})
        made = provider.create(state(ours()))
        assert bucket.writes == []
        assert made.outs is not None
        assert "original" not in made.outs

    @pytest.mark.parametrize(
        ("found", "kept"),
        [
            (document(FOREIGN, OLD, FOREIGN), [FOREIGN, OWN, FOREIGN]),
            (document(FOREIGN), [FOREIGN, OWN]),
            (None, [OWN]),
        ],
    )
    def test_update_replaces_its_own_and_keeps_the_first_text(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, found: str | None, kept: list[Any]
    ) -> None:
        bucket.text = found
        # A refresh or an older update has seen something else; what is there now counts.
        olds = state(ours("old/"), document(LARGE, OLD), original="first")
        outs = provider.update(BUCKET, olds, state(ours())).outs
        assert statements(bucket) == kept
        assert outs == state(ours(), document(*kept), original="first")

    def test_update_after_one_that_was_killed(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = document(FOREIGN, OWN)
        provider.update(BUCKET, state(ours("old/")), state(ours()))
        assert bucket.writes == []

    def test_update_of_a_state_of_the_first_release(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = ours("old/")
        outs = provider.update(BUCKET, props(ours("old/"), found=ours("old/")), state(ours())).outs
        assert outs == state(ours())

    @pytest.mark.parametrize(
        ("found", "fault"),
        [
            (document(DENY), ProxyDeniedError),
            (document(LARGE), PolicyTooLargeError),
            ("{}", UnreadablePolicyError),
        ],
    )
    def test_what_came_since_the_check_is_refused_before_a_write(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, found: str, fault: type[Exception]
    ) -> None:
        bucket.text = found
        with pytest.raises(fault):
            provider.create(state(ours()))
        with pytest.raises(fault):
            provider.update(BUCKET, state(ours("old/")), state(ours()))
        assert bucket.writes == []

    def test_a_deny_of_plain_http_is_in_nobodys_way_over_https(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = document(HTTPS_ALONE)
        with pytest.raises(ProxyDeniedError, match="ossOverHttps true"):
            provider.create(state(ours()))
        provider.create({**state(ours()), "secure": True})
        assert statements(bucket) == [HTTPS_ALONE, OWN]
        with pytest.raises(ProxyDeniedError):
            provider.update(BUCKET, state(ours("old/")), state(ours()))
        provider.update(BUCKET, state(ours()), {**state(ours("old/")), "secure": True})
        assert OWN not in statements(bucket)

    def test_an_unreadable_policy_stops_every_write(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.refuses_policy = sdk.CloudError("OSS refused oss:GetBucketPolicy", fix="grant it.")
        for write in (
            lambda: provider.create(state(ours())),
            lambda: provider.update(BUCKET, state(ours("old/")), state(ours())),
            lambda: provider.delete(BUCKET, state(ours())),
        ):
            with pytest.raises(sdk.CloudError):
                write()
        assert bucket.writes == []

    def test_a_crash_between_read_and_write_loses_nothing(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        def crash() -> None:
            raise KeyboardInterrupt

        bucket.text = document(FOREIGN)
        bucket.meanwhile[2] = crash
        with pytest.raises(KeyboardInterrupt):
            provider.create(state(ours()))
        assert bucket.text == document(FOREIGN)
        provider.create(state(ours()))
        assert statements(bucket) == [FOREIGN, OWN]

    def test_a_write_that_does_not_stay_is_told(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.forgets_writes = True
        with pytest.raises(PolicyNotKeptError, match="another policy than the one just written"):
            provider.create(state(ours()))
        assert len(bucket.writes) == policy_writer.ROUNDS


THEIRS = statement(ours(vpc_id="vpc-bp1other"))


class TestOthersAtTheSameTime:
    # Calls of a create: 1 read, 2 write, 3 read back, 4 last look.
    @pytest.mark.parametrize("before_call", [3, 4])
    def test_a_write_over_this_stacks_is_merged_with(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, before_call: int
    ) -> None:
        bucket.text = document(FOREIGN)
        bucket.meanwhile[before_call] = lambda: setattr(bucket, "text", document(FOREIGN, THEIRS))
        made = provider.create(state(ours()))
        assert statements(bucket) == [FOREIGN, THEIRS, OWN]
        assert made.outs is not None
        assert made.outs["original"] == document(FOREIGN)

    def test_a_statement_more_is_no_conflict(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.meanwhile[4] = lambda: setattr(bucket, "text", document(OWN, THEIRS))
        made = provider.create(state(ours()))
        assert len(bucket.writes) == 1
        assert made.outs == state(ours(), document(OWN, THEIRS))

    def test_a_read_that_lags_behind_is_waited_for(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        written = document(FOREIGN, OWN)
        bucket.text = document(FOREIGN)
        bucket.meanwhile[3] = lambda: setattr(bucket, "text", document(FOREIGN))
        bucket.meanwhile[5] = lambda: setattr(bucket, "text", written)
        provider.create(state(ours()))
        assert len(bucket.writes) == 1

    # Calls of a delete: 1 read, 2 write, 3 read back, 4 last look.
    @pytest.mark.parametrize("before_call", [3, 4])
    def test_a_statement_that_another_stack_brings_back_goes_again(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, before_call: int
    ) -> None:
        bucket.text = document(OWN)
        bucket.meanwhile[before_call] = lambda: setattr(bucket, "text", document(OWN, THEIRS))
        provider.delete(BUCKET, state(ours()))
        assert statements(bucket) == [THEIRS]


class TestDelete:
    def test_the_only_statement_goes_with_the_policy(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = json.dumps(json.loads(ours()))
        provider.delete(BUCKET, state(ours()))
        assert bucket.writes == [None]

    def test_the_original_comes_back_byte_for_byte(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        original = document(FOREIGN, {**FOREIGN, "Principal": ["2"]})
        bucket.text = original
        made = provider.create(state(ours())).outs
        assert made is not None
        provider.delete(BUCKET, made)
        assert bucket.text == original

    def test_what_others_did_since_stays(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        bucket.text = document(FOREIGN, OWN, LARGE)
        provider.delete(BUCKET, state(ours(), original=document(FOREIGN)))
        assert statements(bucket) == [FOREIGN, LARGE]

    def test_others_statements_that_are_gone_do_not_come_back(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = ours()
        provider.delete(BUCKET, state(ours(), original=document(FOREIGN)))
        assert bucket.text is None

    def test_a_state_of_the_first_release(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        bucket.text = ours()
        provider.delete(BUCKET, props(ours(), found=ours()))
        assert bucket.text is None

    @pytest.mark.parametrize("found", [None, document(FOREIGN), ours("newer/")])
    def test_gone_already(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, found: str | None
    ) -> None:
        bucket.text = found
        provider.delete(BUCKET, state(ours(), original="first"))
        assert bucket.writes == []

    def test_gone_with_its_bucket(self, provider: BucketPolicyProvider, cloud: FakeCloud) -> None:
        cloud.buckets.clear()
        provider.delete(BUCKET, state(ours()))

    def test_what_is_no_policy_is_left_alone(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = "{}"
        with pytest.raises(UnreadablePolicyError, match="was not touched"):
            provider.delete(BUCKET, state(ours()))
        assert bucket.writes == []
