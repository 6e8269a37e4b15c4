"""Settings of a bucket that keep the proxy's anonymous requests out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.bucket_features import BucketFeatureError, require_readable
from tests.unit.fakes import PLAIN


def judge(**changes: Any) -> str:
    return "\n".join(require_readable("photos", replace(PLAIN, **changes)))


@pytest.mark.parametrize("changes", [{}, {"sse_algorithm": "AES256"}, {"storage_class": "IA"}])
def test_an_ordinary_bucket(changes: dict[str, str]) -> None:
    assert judge(**changes) == ""


@pytest.mark.parametrize(
    ("changes", "words"), [({"sse_algorithm": "KMS"}, "SSE-KMS"), ({"requester_pays": True}, "0003-00000701")]
)
def test_what_keeps_every_request_out_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BucketFeatureError, match=words) as caught:
        judge(**changes)
    assert "nothing was created or changed" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"storage_class": "ColdArchive"}, "is ColdArchive"),
        ({"referer_rules": True}, "has hotlink protection"),
        ({"referer_rules": None}, "oss:GetBucketReferer"),
        ({"requester_pays": None}, "oss:GetBucketRequestPayment"),
    ],
)
def test_what_may_keep_some_out_is_a_warning(changes: dict[str, Any], words: str) -> None:
    assert words in judge(**changes)
