"""Where secrets must not be."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.security.catalogue import enforces
from tests.unit.security.conftest import Run

WORD = "correct-horse-battery-staple-0123"
# How an engine's secret looks in a registration.
# Source: https://github.com/pulumi/pulumi sdk/python/lib/pulumi/runtime/rpc.py
SIGNATURE = "4dabf18193072939515e22adb298388d"


def in_the_clear(value: Any) -> bool:
    """Whether the word stands anywhere outside of a secret."""
    if isinstance(value, dict):
        return SIGNATURE not in value and any(map(in_the_clear, value.values()))
    if isinstance(value, list):
        return any(map(in_the_clear, value))
    return WORD in str(value)


@enforces()
def test_a_password_is_in_no_user_data_no_output_and_no_plain_input(run: Run) -> None:
    given = {"clientPasswords": json.dumps({"alice": WORD}), "linkKeys": json.dumps({"a": WORD})}
    made = run(given, encrypted=list(given))
    for one in made.registrations:
        assert not in_the_clear(one.inputs), one.name
    assert not in_the_clear(made.outputs)
    # Both are somewhere, so that the test can fail.
    assert json.dumps([one.inputs for one in made.registrations]).count(WORD) == len(given)
