"""Merging this stack's statement with others' and taking it out: what stays, in order and byte for byte."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infra import policy
from infra.policy import POLICY_MAX_BYTES, same_meaning
from infra.policy_merge import (
    PolicyTooLargeError,
    UnreadablePolicyError,
    contains,
    merge,
    readable,
    remove,
    statements_of,
)


def own(prefix: str = "public/", vpc_id: str = "vpc-bp1example") -> str:
    return policy.build(
        owner_uid="1234567890123456",
        bucket="oss-proxy-dev",
        prefixes=[prefix],
        private_ips=[IPv4Address("172.16.0.1")],
        vpc_id=vpc_id,
    )


OWN = json.loads(own())["Statement"][0]
FORMER = json.loads(own("old/"))["Statement"][0]
NAMES = st.text(max_size=6)
VALUES = NAMES | st.lists(NAMES, max_size=3) | st.booleans() | st.integers()
FOREIGN = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": VALUES,
        "Principal": VALUES,
        "Resource": VALUES,
    },
    optional={"Condition": st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=2), max_size=2)},
)
FOREIGNS = st.lists(FOREIGN, max_size=5)


# Each example is slow to make, and small ones are enough.
FEW = settings(max_examples=30, deadline=None)


def document(*statements: Any, **layout: Any) -> str:
    return json.dumps({"Version": "1", "Statement": statements}, **layout)


@FEW
@given(FOREIGNS)
def test_the_statements_of_others_survive_in_order_and_value(foreign: list[Any]) -> None:
    merged = merge(document(*foreign), own())
    assert statements_of(merged) == [*foreign, OWN]
    assert contains(merged, own())


@FEW
@given(FOREIGNS)
def test_merging_again_changes_nothing(foreign: list[Any]) -> None:
    merged = merge(document(*foreign), own())
    assert merge(merged, own()) == merged


@FEW
@given(FOREIGNS, st.sampled_from([None, 0, 3]))
def test_merged_then_removed_is_what_it_was_byte_for_byte(foreign: list[Any], indent: int | None) -> None:
    text = document(*foreign, indent=indent)
    assert remove(merge(text, own()), own(), text) == text


@FEW
@given(FOREIGNS, FOREIGNS)
@example([{"Effect": "Allow"}], [{"Effect": "Allow", "Condition": {}}])
def test_removed_keeps_what_others_did_since(before: list[Any], now: list[Any]) -> None:
    left = remove(merge(document(*now), own()), own(), document(*before))
    # What says the same as before is put back as it was written then.
    same = list(map(policy.fingerprint, before)) == list(map(policy.fingerprint, now))
    assert (statements_of(left) if left else []) == (before if same else now)


@FEW
@given(FOREIGNS, FOREIGNS)
def test_a_changed_statement_takes_the_place_of_the_former(first: list[Any], second: list[Any]) -> None:
    found = document(*first, FORMER, *second)
    assert statements_of(merge(found, own(), [own("old/")])) == [*first, OWN, *second]


def test_no_document_becomes_this_stacks_alone_and_none_again() -> None:
    assert merge(None, own()) == own()
    assert remove(own(), own(), None) is None


def test_a_statement_that_is_there_in_other_words_is_not_doubled() -> None:
    shown = {**OWN, "Action": "oss:GetObject", "Principal": []}
    assert statements_of(merge(document(shown, {"Effect": "Deny"}), own())) == [OWN, {"Effect": "Deny"}]


def test_doubled_statements_become_one() -> None:
    assert statements_of(merge(document(OWN, {"Effect": "Deny"}, OWN), own())) == [OWN, {"Effect": "Deny"}]


def test_a_statement_of_another_stack_is_one_of_others() -> None:
    others = own(vpc_id="vpc-bp1other")
    merged = merge(others, own())
    left = remove(merged, others, None)
    assert left is not None
    assert same_meaning(left, own())


def test_another_order_is_not_the_original() -> None:
    one, other = {"Effect": "Allow"}, {"Effect": "Deny"}
    left = remove(document(other, OWN, one), own(), document(one, other))
    assert statements_of(left) == [other, one]


def test_other_parts_of_the_document_stay() -> None:
    found = json.dumps({"Version": "2", "Id": "x", "Statement": []})
    assert json.loads(merge(found, own())) == {"Version": "2", "Id": "x", "Statement": [OWN]}


def test_an_original_without_statements_is_put_back() -> None:
    empty = document(indent=7)
    assert remove(merge(empty, own()), own(), empty) == empty


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "null",
        "{}",
        '{"Statement": {}}',
        '{"Statement": [1]}',
        '{"Statement": [], "Statement": []}',
        '{"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}',
        '{"Statement": [{"Effect": NaN}]}',
        '{"Statement": [{"Effect": "\\ud800"}]}',
        '{"Statement": ' + "[" * 100_000,
    ],
)
def test_what_is_no_policy_is_refused_with_its_text(text: str) -> None:
    for call in (
        lambda: merge(text, own()),
        lambda: remove(text, own(), None),
        lambda: contains(text, own()),
        lambda: readable(text),
    ):
        with pytest.raises(UnreadablePolicyError, match="it was not touched") as caught:
            call()
        assert text in str(caught.value)


def sized(size: int) -> dict[str, str]:
    return {"Effect": "Allow", "Action": "x" * size}


# What the statement of others may take, so that both together just fit without white space.
ROOM = POLICY_MAX_BYTES - len(
    json.dumps({"Version": "1", "Statement": [OWN, sized(0)]}, separators=(",", ":"))
)


def test_text_loses_its_white_space_before_it_is_too_large() -> None:
    merged = merge(document(sized(ROOM)), own())
    assert len(merged.encode()) == POLICY_MAX_BYTES
    assert statements_of(merged) == [sized(ROOM), OWN]


def test_a_merged_document_larger_than_the_cloud_accepts_is_refused() -> None:
    with pytest.raises(PolicyTooLargeError, match="would have 16385 bytes") as caught:
        merge(document(sized(ROOM + 1)), own())
    assert "objectPrefixes" in str(caught.value)


def test_the_former_statement_makes_room() -> None:
    found = document(sized(ROOM), FORMER, separators=(",", ":"))
    assert statements_of(merge(found, own(), [own("old/")])) == [sized(ROOM), OWN]


def test_the_document_for_readers_is_indented() -> None:
    assert readable(json.dumps(json.loads(own()))) == own()
