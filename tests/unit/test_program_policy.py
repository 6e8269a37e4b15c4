"""What the program makes of the policy that its bucket has already, and of the bucket's other settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from infra import sdk
from tests.unit.fakes import PLAIN, FakeCloud
from tests.unit.recorder import Answers, Deployment, deploy

Run = Callable[..., Deployment]


@pytest.fixture
def run(values: dict[str, str], cloud: FakeCloud) -> Run:
    return lambda **kwargs: deploy(values, **kwargs)


class NothingRegistered(Answers):
    """Fails where a resource is registered."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        raise AssertionError(f"{args.name} was registered")


def refused(run: Run) -> str:
    with pytest.raises(pulumi.RunError) as caught:
        run(answers=NothingRegistered())
    return str(caught.value)


def test_an_unreadable_policy_is_not_taken_for_none(run: Run, cloud: FakeCloud) -> None:
    cloud.bucket.refuses_policy = sdk.CloudError("OSS refused oss:GetBucketPolicy", fix="grant it.")
    assert "OSS refused oss:GetBucketPolicy" in refused(run)
    assert cloud.bucket.writes == []


FOREIGN = {
    "Effect": "Allow",
    "Action": ["oss:GetObject"],
    "Principal": ["9000000000000002"],
    "Resource": ["acs:oss:*:1234567890123456:oss-proxy-dev/shared/*"],
}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "1", "Statement": statements})


@pytest.mark.parametrize("preview", [True, False])
def test_outputs_show_the_statements_of_others_too(run: Run, cloud: FakeCloud, preview: bool) -> None:
    cloud.bucket.text = document(FOREIGN)
    made = run(preview=preview)
    shown = json.loads(made.outputs["policy_preview"])["Statement"]
    assert [one["Principal"] for one in shown] == [["9000000000000002"], ["*"]]
    if not preview:
        assert json.loads(made.outputs["bucket_policy"])["Statement"] == shown


def test_outputs_follow_what_others_changed_while_this_stack_changes_nothing(
    run: Run, cloud: FakeCloud
) -> None:
    own = json.loads(run().outputs["bucket_policy"])["Statement"][0]
    cloud.bucket.text = document(own, FOREIGN)
    made = run()
    assert json.loads(made.outputs["bucket_policy"])["Statement"] == [own, FOREIGN]
    assert made.outputs["policy_preview"] == made.outputs["bucket_policy"]


DENY = {**FOREIGN, "Effect": "Deny", "Principal": ["*"], "Resource": ["acs:oss:*:*:oss-proxy-dev/*"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no policy", "cannot be read"),
        (document(DENY), "statement 1 of the bucket's policy denies the proxy's reads"),
        (
            document({**DENY, "Condition": {"StringNotEquals": {"acs:SourceVpc": ["vpc-office"]}}}),
            "vpc-office",
        ),
        (document({**FOREIGN, "Principal": ["1" * 4090] * 4}), "OSS accepts 16384"),
    ],
)
def test_a_policy_without_room_for_the_proxy_is_refused_before_anything_is_registered(
    run: Run, cloud: FakeCloud, text: str, words: str
) -> None:
    cloud.bucket.text = text
    assert words in refused(run)


def test_a_deny_that_lets_in_the_vpc_of_before_does_not_stop_an_update(run: Run, cloud: FakeCloud) -> None:
    own = json.loads(run().outputs["bucket_policy"])["Statement"][0]
    deny = {**DENY, "Condition": {"StringNotEquals": {"acs:SourceVpc": ["proxy-vpc-id"]}}}
    cloud.bucket.text = document({**own, "Resource": ["acs:oss:*:1:oss-proxy-dev/before/*"]}, deny)
    assert run().outputs["url"]


def test_a_bucket_whose_settings_keep_everybody_out_without_a_signature(run: Run, cloud: FakeCloud) -> None:
    cloud.bucket.features = replace(PLAIN, sse_algorithm="KMS")
    assert "SSE-KMS" in refused(run)
