"""The recorded program that the rules look at, in the forms that settings give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.unit.fakes import FakeCloud
from tests.unit.recorder import Deployment, deploy

Run = Callable[[Mapping[str, str]], Deployment]


@pytest.fixture
def run(values: dict[str, str], cloud: FakeCloud) -> Run:
    """Runs the program with the required settings, the defaults and these changes."""
    return lambda changes: deploy({**values, **changes})


@pytest.fixture
def made(run: Run) -> Deployment:
    """The program with nothing but defaults and the required settings."""
    return run({})
