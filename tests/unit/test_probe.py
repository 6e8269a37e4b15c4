"""The key that readiness checks ask for."""

from __future__ import annotations

import pytest

from infra.probe import PROBE_NAME, probe_key


@pytest.mark.parametrize(
    ("prefixes", "key"),
    [
        (["*"], PROBE_NAME),
        (["public/"], f"public/{PROBE_NAME}"),
        (["图片/ä/", "public/"], f"图片/ä/{PROBE_NAME}"),
    ],
)
def test_it_lies_below_the_first_prefix(prefixes: list[str], key: str) -> None:
    assert probe_key(prefixes) == key


def test_it_needs_a_prefix() -> None:
    with pytest.raises(ValueError, match="no prefix"):
        probe_key([])
