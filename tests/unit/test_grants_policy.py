"""A stack that owns several statements: what is planned, written, read back, taken out and shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from infra.bucket_policy import BucketPolicyProvider
from infra.policy import POLICY_MAX_BYTES, UNKNOWN_VPC
from infra.policy_merge import PolicyTooLargeError, readable
from infra.policy_plan import require_plan
from tests.unit.bad_values import GRANT
from tests.unit.fakes import FakeBucket, FakeCloud
from tests.unit.policies import BUCKET, DENY, FOREIGN, document, props, state, statements
from tests.unit.raw import raw
from tests.unit.recorder import Answers, Deployment, deploy
from tests.unit.test_grants import READERS, WRITERS, make

pytestmark = pytest.mark.usefixtures("no_pauses")

PROXY, *READING = json.loads(make(READERS))["Statement"]
_, *WRITING = json.loads(make(WRITERS))["Statement"]


def created(provider: BucketPolicyProvider, policy: str) -> dict[str, Any]:
    return provider.create(state(policy)).outs or {}


def planned(provider: BucketPolicyProvider, olds: dict[str, Any], policy: str, seen: str | None) -> Any:
    answer = provider.check(olds, props(policy, draft=policy, seen=seen))
    assert answer.failures == []
    return json.loads(answer.inputs["document"])["Statement"]


def test_a_preview_shows_a_grant_that_comes_and_one_that_goes(provider: BucketPolicyProvider) -> None:
    seen = document(FOREIGN, PROXY, *READING)
    both = planned(provider, state(make(READERS)), make(READERS, WRITERS), seen)
    assert both == [FOREIGN, PROXY, *READING, *WRITING]
    assert planned(provider, state(make(READERS)), make(), seen) == [FOREIGN, PROXY]


def test_a_grant_that_changes_is_a_change_and_another_order_is_none(provider: BucketPolicyProvider) -> None:
    changed = replace(READERS, permissions=("read",))
    assert provider.diff(BUCKET, state(make(READERS)), props(make(changed))).changes
    assert not provider.diff(BUCKET, state(make(READERS, WRITERS)), props(make(WRITERS, READERS))).changes


def test_a_life_of_two_grants_beside_a_foreign_statement(
    provider: BucketPolicyProvider, bucket: FakeBucket
) -> None:
    bucket.text = original = document(FOREIGN)
    outs = created(provider, make(READERS, WRITERS))
    assert statements(bucket) == [FOREIGN, PROXY, *READING, *WRITING]
    outs = provider.update(BUCKET, outs, state(make(WRITERS))).outs or {}
    assert statements(bucket) == [FOREIGN, PROXY, *WRITING]
    provider.delete(BUCKET, outs)
    assert bucket.text == original


@pytest.mark.parametrize("gone", [[PROXY], READING, [PROXY, READING[0]]])
def test_a_destroy_takes_out_what_is_left_when_somebody_took_some(
    provider: BucketPolicyProvider, bucket: FakeBucket, gone: list[Any]
) -> None:
    outs = created(provider, make(READERS))
    bucket.text = document(FOREIGN, *(one for one in (PROXY, *READING) if one not in gone))
    provider.delete(BUCKET, outs)
    assert statements(bucket) == [FOREIGN]


@pytest.mark.parametrize("gone", [[PROXY], READING, [PROXY, READING[0]]])
def test_a_refresh_remembers_what_is_left_so_that_it_can_be_taken_out(
    provider: BucketPolicyProvider, bucket: FakeBucket, gone: list[Any]
) -> None:
    outs = created(provider, make(READERS))
    kept = [one for one in (PROXY, *READING) if one not in gone]
    bucket.text = document(*kept, FOREIGN)
    read = provider.read(BUCKET, outs)
    assert read.id == BUCKET
    left = read.outs or {}
    assert json.loads(left["policy"])["Statement"] == kept
    # Also where the settings have let the grant go meanwhile.
    assert provider.diff(BUCKET, left, props(make())).changes == (kept != [PROXY])
    provider.update(BUCKET, left, state(make()))
    assert {json.dumps(one) for one in statements(bucket)} == {json.dumps(one) for one in (PROXY, FOREIGN)}


def test_a_refresh_where_nothing_is_left(provider: BucketPolicyProvider, bucket: FakeBucket) -> None:
    outs = created(provider, make(READERS))
    bucket.text = document(FOREIGN)
    assert provider.read(BUCKET, outs).id == ""


def test_a_grant_that_somebody_took_out_is_put_back(
    provider: BucketPolicyProvider, bucket: FakeBucket
) -> None:
    own = make(READERS)
    answer = provider.check(state(own), props(own, draft=own, seen=document(PROXY, READING[0])))
    assert "no longer holds" in answer.inputs["restore"]
    bucket.text = document(PROXY, READING[0])
    provider.update(BUCKET, state(own), state(own))
    assert statements(bucket) == [PROXY, *READING]


def test_two_stacks_with_the_same_grant_share_it_and_the_next_update_puts_it_back(
    provider: BucketPolicyProvider, bucket: FakeBucket
) -> None:
    other_vpc = make(READERS, vpc_id="vpc-bp1second")
    one = created(provider, make(READERS))
    two = created(provider, other_vpc)
    assert len(statements(bucket)) == 4
    provider.delete(BUCKET, one)
    assert statements(bucket) == [json.loads(other_vpc)["Statement"][0]]
    answer = provider.check(two, props(other_vpc, draft=other_vpc, seen=bucket.text))
    assert "no longer holds" in answer.inputs["restore"]
    provider.update(BUCKET, two, state(other_vpc))
    assert bucket.text is not None
    assert readable(bucket.text) == readable(other_vpc)


class TestBeforeAnythingIsRegistered:
    def test_a_deny_of_the_proxy_is_still_found(self) -> None:
        with pytest.raises(Exception, match="denies the proxy's reads"):
            require_plan(document(DENY), lambda vpc_id: make(READERS, vpc_id=vpc_id))

    def test_grants_of_before_do_not_count(self) -> None:
        """Nearly all of the room, twice: the one of before goes when the new one comes."""
        prefixes = tuple(f"{number:0>900}/" for number in range(8))
        before, now = (replace(READERS, prefixes=(f"{name}/", *prefixes)) for name in ("a", "b"))
        assert len(make(before)) + len(make(now)) > POLICY_MAX_BYTES
        require_plan(make(before), lambda vpc_id: make(now, vpc_id=vpc_id))
        require_plan(make(before, vpc_id=UNKNOWN_VPC), lambda vpc_id: make(now, vpc_id=vpc_id))

    def test_foreign_statements_do(self) -> None:
        large = {**FOREIGN, "Principal": ["1" * 4000] * 4}
        with pytest.raises(PolicyTooLargeError, match="accessGrants"):
            require_plan(document(large), lambda vpc_id: make(READERS, vpc_id=vpc_id))


class TestOutputs:
    @pytest.fixture
    def run(self, values: dict[str, str], cloud: FakeCloud) -> Callable[..., Deployment]:
        return lambda *grants, **more: deploy({**values, "accessGrants": raw(list(grants))}, **more)

    def test_the_policy_of_the_output_has_the_grants(self, run: Callable[..., Deployment]) -> None:
        shown = json.loads(run(GRANT).outputs["bucket_policy"])["Statement"]
        assert [one["Action"] for one in shown] == [["oss:GetObject"], ["oss:GetObject"], ["oss:ListObjects"]]
        assert shown[1]["Condition"]["StringEquals"] == {"acs:SourceVpc": [GRANT["vpc"]]}

    def test_a_grant_that_goes_is_gone_from_the_output(
        self, run: Callable[..., Deployment], cloud: FakeCloud
    ) -> None:
        own = run(GRANT).outputs["bucket_policy"]
        known = {"type": "pulumi-python:dynamic:BucketPolicy", "urn": "urn:pulumi:dev::oss-proxy::x::y"}
        cloud.deployment = {"resources": [{**known, "id": BUCKET, "outputs": {"policy": own}}]}
        cloud.bucket.text = own
        made = run(answers=Answers(policy_before=props(own)))
        assert len(json.loads(made.outputs["bucket_policy"])["Statement"]) == 1
        assert made.outputs["policy_preview"] == made.outputs["bucket_policy"]
