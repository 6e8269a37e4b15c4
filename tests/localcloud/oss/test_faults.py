"""Faults on order in the object storage, as official clients meet them."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import oss2
import pytest

from localcloud.faults import Faults
from tests.localcloud.oss.conftest import OssServer, Store


@pytest.fixture
def faults(server: OssServer) -> Iterator[Faults]:
    yield server.faults
    server.faults.clear()


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 503, "TotalQpsLimitExceeded"),
        ("error", 503, "ServiceUnavailable"),
        ("forbidden", 403, "AccessDenied"),
    ],
)
def test_a_policy_read_is_refused(store: Store, faults: Faults, kind: str, status: int, code: str) -> None:
    text = store.allow_proxy()
    faults.add("oss:GetBucketPolicy", kind)
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        store.owner.get_bucket_policy()
    assert (caught.value.status, caught.value.code) == (status, code)
    assert store.owner.get_bucket_policy().policy == text


def test_a_write_is_refused_with_the_code_that_was_ordered(store: Store, faults: Faults) -> None:
    faults.add("PutBucketPolicy", "error", code="BucketAlreadyClosed", status=409)
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        store.allow_proxy()
    assert (caught.value.status, caught.value.code) == (409, "BucketAlreadyClosed")
    assert "ServiceUnavailable" not in str(caught.value)


def test_a_refused_write_changes_nothing(store: Store, faults: Faults) -> None:
    faults.add("PutObject", "error")
    with pytest.raises(oss2.exceptions.ServerError):
        store.owner.put_object("key", b"x" * 100_000)
    assert not store.owner.object_exists("key")
    store.owner.put_object("key", b"x")


def test_an_answer_is_lost_after_the_policy_was_written(store: Store, faults: Faults) -> None:
    faults.add("PutBucketPolicy", "lost-answer")
    with pytest.raises(oss2.exceptions.RequestError):
        store.allow_proxy()
    assert "acs:SourceVpc" in store.owner.get_bucket_policy().policy


def test_an_anonymous_answer_is_lost(store: Store, faults: Faults) -> None:
    faults.add("GetObject", "lost-answer")
    with pytest.raises(http.client.RemoteDisconnected):
        store.get("/key")
    assert store.get("/key").status == 403
