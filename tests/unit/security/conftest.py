"""The recorded program that the rules look at, in the forms that settings give it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.fakes import FakeCloud
from tests.unit.recorder import Deployment, deploy

Run = Callable[..., Deployment]


@pytest.fixture
def run(values: dict[str, str], cloud: FakeCloud) -> Run:
    """Runs the program with the required settings, the defaults and these changes."""
    return lambda changes, **kwargs: deploy({**values, **changes}, **kwargs)


@pytest.fixture
def made(run: Run) -> Deployment:
    """The program with nothing but defaults and the required settings."""
    return run({})


@pytest.fixture
def forms(run: Run) -> list[Deployment]:
    """The program in forms that register different things."""
    return [
        run({}),
        run({"bucketMode": "managed"}),
        run({"alarms": "true", "alarmContactGroups": '["ops"]', "deletionProtection": "true"}),
        run(
            {
                "tls": "acme",
                "acmeChallenge": "dns-01",
                "domainNames": '["files.example.com"]',
                "dnsZone": "example.com",
            }
        ),
        run({"public": "true", "allowedCidrs": '["0.0.0.0/0"]', "listenPort": "8080"}),
    ]
