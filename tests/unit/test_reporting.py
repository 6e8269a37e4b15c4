"""Faults leave the program as their message alone."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import pulumi
import pytest

from infra.errors import ProgramError
from infra.reporting import LookupFailedError, PlainProvider, plain_errors, plain_lookups

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


class Failing(PlainProvider):
    def __init__(self, error: Exception) -> None:
        self.error = error

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        try:
            raise OSError("inner")
        except OSError as inner:
            raise self.error from inner


@pytest.fixture
def trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)


def told(error: Exception) -> str:
    """What Pulumi shows of an error of a dynamic resource."""
    try:
        Failing(error).delete("", {})
    except Exception:
        return traceback.format_exc()
    return ""


@pytest.mark.usefixtures("trace")
def test_a_dynamic_resource_shows_a_fault_without_its_trace() -> None:
    text = told(ProgramError("no.", fix="that way."))
    assert text.startswith("infra.errors.ProgramError: no.\n")
    assert "File" not in text
    assert "inner" not in text


@pytest.mark.usefixtures("trace")
def test_a_dynamic_resource_shows_other_errors_with_their_trace() -> None:
    text = told(KeyError("a"))
    assert "test_reporting.py" in text
    assert "inner" in text
