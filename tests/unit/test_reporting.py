"""Faults leave the program as their message alone."""

from __future__ import annotations

import pulumi
import pytest

from infra.errors import ProgramError
from infra.reporting import LookupFailedError, plain_errors, plain_lookups

TOKEN = "alicloud:index/getZones:getZones"


def test_a_fault_of_the_program_is_pulumis_plain_error() -> None:
    with pytest.raises(pulumi.RunError, match="Fix: that way"), plain_errors():
        raise ProgramError("no.", fix="that way.")


@pytest.mark.parametrize(
    "text",
    [
        f"invoke of {TOKEN} failed: invocation of {TOKEN} returned: invoking {TOKEN}: Throttling\n more",
        f"invoke of {TOKEN} failed: Throttling\n more",
    ],
)
def test_a_failed_lookup_is_told_by_its_name_and_reason(text: str) -> None:
    with pytest.raises(LookupFailedError) as caught, plain_lookups():
        raise Exception(text)
    assert caught.value.fault == "the provider could not look up getZones: Throttling\n more"


def test_other_errors_keep_their_trace() -> None:
    with pytest.raises(KeyError), plain_errors(), plain_lookups():
        raise KeyError("a")
