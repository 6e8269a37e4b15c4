"""Listing: order, pages, folders."""

from __future__ import annotations

import oss2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.oss.operations.listing import paginate

from .conftest import Store


@pytest.mark.parametrize("iterator", [oss2.ObjectIterator, oss2.ObjectIteratorV2])
def test_listing_in_pages_and_by_folder(store: Store, iterator: type) -> None:
    for key in ("a/1", "a/2", "b", "c/1", "c/2/3", "ü"):
        store.owner.put_object(key, b"1")
    assert [item.key for item in iterator(store.owner, delimiter="/", max_keys=1)] == ["a/", "b", "c/", "ü"]
    assert [item.key for item in iterator(store.owner, prefix="c/", max_keys=1)] == ["c/1", "c/2/3"]


@given(
    st.sets(st.text(alphabet="ab/", max_size=5)),
    st.text(alphabet="ab/", max_size=2),
    st.sampled_from(["", "/", "ab"]),
    st.integers(1, 4),
)
@settings(max_examples=60)
def test_pages_together_are_the_whole(keys: set[str], prefix: str, delimiter: str, limit: int) -> None:
    ordered = sorted(keys - {""})
    whole = paginate(ordered, prefix=prefix, delimiter=delimiter, after="", limit=1000)
    collected_keys, collected_prefixes, after = [], [], ""
    for _ in range(100):
        page = paginate(ordered, prefix=prefix, delimiter=delimiter, after=after, limit=limit)
        assert len(page.keys) + len(page.prefixes) <= limit
        collected_keys += page.keys
        collected_prefixes += page.prefixes
        if page.next is None:
            break
        after = page.next
    assert (collected_keys, collected_prefixes) == (whole.keys, whole.prefixes)
