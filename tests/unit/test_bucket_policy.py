"""The resource of this stack's statement: what previews show, what is a change, what a refresh finds."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from infra import sdk
from infra.bucket_claim import BucketClaimProvider
from infra.bucket_policy import BucketPolicyProvider
from infra.policy_merge import UnreadablePolicyError, readable
from tests.unit.fakes import FakeBucket, FakeCloud
from tests.unit.policies import (
    BUCKET,
    DENY,
    DRAFT,
    FOREIGN,
    HTTPS_ALONE,
    LARGE,
    OLD,
    OWN,
    UNKNOWN,
    document,
    ours,
    props,
    state,
    statement,
)


class TestCheck:
    @pytest.fixture
    def planned(self, provider: BucketPolicyProvider) -> Callable[..., list[dict[str, Any]]]:
        def planned(olds: dict[str, Any], news: dict[str, Any]) -> list[dict[str, Any]]:
            answer = provider.check(olds, {"draft": news["policy"], **news})
            assert answer.failures == []
            shown: list[dict[str, Any]] = json.loads(answer.inputs["document"])["Statement"]
            return shown

        return planned

    def test_a_deny_of_plain_http_is_refused_unless_oss_is_asked_over_https(
        self, provider: BucketPolicyProvider
    ) -> None:
        news = props(ours(), draft=ours(), seen=document(HTTPS_ALONE))
        (failure,) = provider.check({}, {**news, "secure": False}).failures
        assert "pulumi config set ossOverHttps true" in failure.reason
        answer = provider.check({}, {**news, "secure": True})
        assert not answer.failures
        assert answer.inputs["secure"] is True
        # The setting alone changes nothing of the policy.
        assert not provider.diff(BUCKET, state(ours()), {**state(ours()), "secure": True}).changes

    def test_what_was_seen_is_judged_and_not_kept(self, provider: BucketPolicyProvider) -> None:
        answer = provider.check({}, props(ours(), draft=ours(), seen=document(FOREIGN)))
        assert answer.failures == []
        assert answer.inputs == props(ours(), document=readable(document(FOREIGN, OWN)))

    def test_a_draft_stands_for_what_is_unknown(self, provider: BucketPolicyProvider) -> None:
        answer = provider.check({}, props(UNKNOWN, draft=DRAFT, seen=document(FOREIGN)))
        assert answer.inputs["policy"] is UNKNOWN
        assert answer.inputs["document"] == readable(document(FOREIGN, statement(DRAFT)))

    def test_a_bucket_without_a_policy(self, planned: Callable[..., Any]) -> None:
        assert planned({}, props(ours())) == [OWN]

    def test_one_that_a_killed_update_wrote_is_not_doubled(self, planned: Callable[..., Any]) -> None:
        assert planned({}, props(ours(), seen=document(FOREIGN, OWN))) == [FOREIGN, OWN]
        assert planned(props(ours("old/")), props(ours(), seen=document(OWN))) == [OWN]

    def test_a_changed_one_takes_the_formers_place(self, planned: Callable[..., Any]) -> None:
        found = document(OLD, FOREIGN)
        assert planned(props(ours("old/")), props(ours(), seen=found)) == [OWN, FOREIGN]

    @pytest.mark.parametrize("own", [ours(), UNKNOWN])
    @pytest.mark.parametrize(
        ("seen", "words"),
        [
            (document(FOREIGN, DENY), "statement 2 of the bucket's policy denies"),
            (document(LARGE), "OSS accepts 16384"),
            ("{}", "cannot be read"),
        ],
    )
    def test_what_cannot_be_merged_is_refused(
        self, provider: BucketPolicyProvider, own: str, seen: str, words: str
    ) -> None:
        (failure,) = provider.check({}, props(own, draft=DRAFT, seen=seen)).failures
        assert words in failure.reason

    @pytest.mark.parametrize("seen", [None, document(FOREIGN)])
    def test_a_statement_that_somebody_took_out_is_told(
        self, provider: BucketPolicyProvider, seen: str | None
    ) -> None:
        inputs = provider.check(props(ours()), props(ours(), draft=ours(), seen=seen)).inputs
        assert "no longer holds" in inputs["restore"]
        assert provider.diff(BUCKET, state(ours()), inputs).changes is True

    @pytest.mark.parametrize("olds", [{}, props(ours("old/"), bucket="another")])
    def test_a_bucket_that_is_new_to_the_stack_misses_nothing(
        self, provider: BucketPolicyProvider, olds: dict[str, Any]
    ) -> None:
        assert "restore" not in provider.check(olds, props(ours(), draft=ours())).inputs

    def test_no_call_is_made(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        provider.check({}, props(ours(), draft=ours()))
        assert bucket.calls == 0


class TestDiff:
    @pytest.mark.parametrize(
        ("olds", "news", "changes"),
        [
            (state(ours()), state(ours()), False),
            (state(json.dumps(json.loads(ours()))), state(ours()), False),
            (state(ours("old/")), state(ours()), True),
            (state(ours()), props(UNKNOWN, document=DRAFT), True),
            # What others change is theirs.
            (state(ours()), state(ours(), document(FOREIGN, OWN)), False),
            # A state of the first release.
            (props(ours(), found=ours()), state(ours()), False),
        ],
    )
    def test_this_stacks_statement_alone_is_compared(
        self, provider: BucketPolicyProvider, olds: dict[str, Any], news: dict[str, Any], changes: bool
    ) -> None:
        answer = provider.diff(BUCKET, olds, news)
        assert answer.changes is changes
        assert answer.replaces == []

    def test_another_bucket_is_another_resource(self, provider: BucketPolicyProvider) -> None:
        answer = provider.diff(BUCKET, state(ours()), {**state(ours()), "bucket": "another"})
        assert answer.replaces == ["bucket"]


class TestRead:
    def test_no_drift(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        bucket.text = json.dumps(json.loads(ours()))
        answer = provider.read(BUCKET, {**state(ours()), "__provider": "code"})
        assert (answer.id, answer.outs) == (BUCKET, state(ours()))

    def test_what_others_did_shows(self, provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
        bucket.text = document(FOREIGN, OWN)
        answer = provider.read(BUCKET, state(ours(), original="first"))
        assert answer.outs == state(ours(), document(FOREIGN, OWN), original="first")

    def test_a_state_of_the_first_release_stays_as_it_is(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = ours()
        assert provider.read(BUCKET, props(ours(), found=ours())).outs == props(ours(), found=ours())

    @pytest.mark.parametrize("found", [None, document(FOREIGN)])
    def test_a_removed_statement_is_gone(
        self, provider: BucketPolicyProvider, bucket: FakeBucket, found: str | None
    ) -> None:
        bucket.text = found
        assert provider.read(BUCKET, state(ours())).id == ""

    def test_a_removed_bucket_is_gone(self, provider: BucketPolicyProvider, cloud: FakeCloud) -> None:
        cloud.buckets.clear()
        assert provider.read(BUCKET, state(ours())).id == ""

    def test_an_unreadable_policy_is_not_gone(
        self, provider: BucketPolicyProvider, bucket: FakeBucket
    ) -> None:
        bucket.text = "{}"
        with pytest.raises(UnreadablePolicyError):
            provider.read(BUCKET, state(ours()))
        bucket.refuses_policy = sdk.CloudError("OSS refused oss:GetBucketPolicy", fix="grant it.")
        with pytest.raises(sdk.CloudError):
            provider.read(BUCKET, state(ours()))


def test_a_state_of_before_can_let_go_of_its_claim() -> None:
    BucketClaimProvider().delete(BUCKET, {"region": "cn-hangzhou", "bucket": BUCKET})


@pytest.mark.parametrize("make", [BucketClaimProvider, BucketPolicyProvider])
def test_the_state_holds_a_reference_to_the_code(make: Callable[[], Any]) -> None:
    pickled = base64.b64decode(serialize_provider(make()))
    assert make.__module__.encode() in pickled
    assert len(pickled) < 120
