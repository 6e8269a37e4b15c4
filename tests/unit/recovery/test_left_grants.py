"""Grants that an interrupted update brought into the bucket's policy, and that no settings give any more."""

from __future__ import annotations

from typing import Any

import pytest

from infra import policy_writer
from infra.recovery.left_grants import take_out_left_grants
from infra.recovery.state import parse
from tests.unit.fakes import FakeBucket, FakeCloud
from tests.unit.policies import BUCKET, FOREIGN, UNKNOWN, document, props, statements
from tests.unit.recovery.world import deployment, pending, resource
from tests.unit.test_grants import READERS, WRITERS, make
from tests.unit.test_grants_policy import PROXY, READING, WRITING


@pytest.fixture
def bucket(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> FakeBucket:
    monkeypatch.setattr(policy_writer, "READ_BACK_PAUSE_S", 0)
    monkeypatch.setattr(policy_writer, "LAST_LOOK_PAUSE_S", 0)
    return cloud.bucket


def interrupted(kind: str, attempted: Any, *known: dict[str, Any]) -> Any:
    return parse(deployment(*known, operations=[pending(kind, "bucket-policy", inputs=props(attempted))]))


def policy(text: str) -> dict[str, Any]:
    return resource("bucket-policy", BUCKET, outputs=props(text))


def test_a_grant_of_a_first_update_goes_and_the_proxys_statement_stays(bucket: FakeBucket) -> None:
    bucket.text = document(FOREIGN, PROXY, *READING)
    assert take_out_left_grants(interrupted("creating", make(READERS))) == 1
    assert statements(bucket) == [FOREIGN, PROXY]


def test_a_grant_that_an_update_added_goes_and_those_of_before_stay(bucket: FakeBucket) -> None:
    bucket.text = document(FOREIGN, PROXY, *READING, *WRITING)
    state = interrupted("updating", make(READERS, WRITERS), policy(make(READERS)))
    assert take_out_left_grants(state) == 1
    assert statements(bucket) == [FOREIGN, PROXY, *READING]


def test_one_that_did_not_get_there_needs_nothing(bucket: FakeBucket) -> None:
    bucket.text = text = document(FOREIGN, PROXY)
    assert take_out_left_grants(interrupted("updating", make(READERS), policy(make()))) == 0
    assert bucket.text == text
    assert bucket.writes == []


@pytest.mark.parametrize("attempted", [make(), {"4dabf18193072939515e22adb298388d": "secret"}, None])
def test_no_grant_or_none_that_was_known_needs_nothing(bucket: FakeBucket, attempted: Any) -> None:
    bucket.text = document(FOREIGN, PROXY, *READING)
    assert take_out_left_grants(interrupted("creating", attempted)) == 0
    assert bucket.writes == []


def test_a_bucket_that_is_gone_needs_nothing(cloud: FakeCloud, bucket: FakeBucket) -> None:
    cloud.buckets.clear()
    assert take_out_left_grants(interrupted("creating", make(READERS))) == 0


def test_a_state_without_interruption_tells_its_policy() -> None:
    state = parse(deployment(policy(make(READERS))))
    assert state.policy == make(READERS)
    assert state.attempted_policies() == []
    assert take_out_left_grants(state) == 0
    assert parse(deployment(resource("bucket-policy", outputs=props(UNKNOWN)))).policy is None
