"""This stack's statement in a bucket's policy: what it writes, adopts, refuses and leaves alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.output import Unknown

from infra import policy, policy_writer, sdk
from infra.bucket_claim import BucketClaimProvider
from infra.bucket_policy import BucketPolicyProvider
from infra.policy_deny import ProxyDeniedError
from infra.policy_merge import PolicyTooLargeError, UnreadablePolicyError, readable
from infra.policy_writer import PolicyNotKeptError
from tests.unit.fakes import FakeBucket, FakeCloud

BUCKET = "oss-proxy-dev"


def ours(prefix: str = "public/", vpc_id: str = "vpc-bp1example") -> str:
    return policy.build(
        owner_uid="1234567890123456",
        bucket=BUCKET,
        prefixes=[prefix],
        private_ips=[IPv4Address("172.16.0.1")],
        vpc_id=vpc_id,
    )


def statement(text: str) -> dict[str, Any]:
    (one,) = json.loads(text)["Statement"]
    assert isinstance(one, dict)
    return one


FOREIGN = {"Effect": "Deny", "Principal": ["1"], "Action": ["oss:*"], "Resource": ["x"]}
DENY = {**FOREIGN, "Principal": ["*"], "Resource": ["*"]}
LARGE = {**FOREIGN, "Principal": ["1" * 4090] * 4}
OWN = statement(ours())
OLD = statement(ours("old/"))
UNKNOWN: Any = Unknown()
DRAFT = ours(vpc_id=policy.UNKNOWN_VPC)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": statements, "Version": "1"}, indent=5)


def props(text: str, **more: str | None) -> dict[str, Any]:
    return {"region": "cn-hangzhou", "bucket": BUCKET, "policy": text, **more}


def state(text: str, bucket_text: str | None = None, **more: str) -> dict[str, Any]:
    return props(text, document=readable(bucket_text or text), **more)


@pytest.fixture
def provider(cloud: FakeCloud) -> BucketPolicyProvider:
    return BucketPolicyProvider()


@pytest.fixture
def bucket(cloud: FakeCloud) -> FakeBucket:
    return cloud.bucket


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_writer, "READ_BACK_PAUSE_S", 0)
    monkeypatch.setattr(policy_writer, "LAST_LOOK_PAUSE_S", 0)


def statements(bucket: FakeBucket) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(bucket.text or '{"Statement": []}')["Statement"]
    return found


class TestCheck:
    @pytest.fixture
    def planned(self, provider: BucketPolicyProvider) -> Callable[..., list[dict[str, Any]]]:
        def planned(olds: dict[str, Any], news: dict[str, Any]) -> list[dict[str, Any]]:
            answer = provider.check(olds, {"draft": news["policy"], **news})
            assert answer.failures == []
            shown: list[dict[str, Any]] = json.loads(answer.inputs["document"])["Statement"]
            return shown

        return planned

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


def test_a_state_of_before_can_let_go_of_its_claim() -> None:
    BucketClaimProvider().delete(BUCKET, {"region": "cn-hangzhou", "bucket": BUCKET})


@pytest.mark.parametrize("make", [BucketClaimProvider, BucketPolicyProvider])
def test_the_state_holds_a_reference_to_the_code(make: Callable[[], Any]) -> None:
    pickled = base64.b64decode(serialize_provider(make()))
    assert make.__module__.encode() in pickled
    assert len(pickled) < 120
