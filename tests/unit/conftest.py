"""What the unit tests share: valid settings, a fake of the two SDK calls, and the account they agree on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import tests.unit.recorder  # noqa: F401 - imports the provider's package without the package's warnings
from infra import policy_writer, sdk, sdk_view
from infra.bucket_policy import BucketPolicyProvider
from infra.recovery.state import State, parse
from infra.sdk_rpc import ALIDNS
from tests.unit.fakes import FakeBucket, FakeCloud
from tests.unit.raw import raw_values

ROOT = Path(__file__).resolve().parents[2]


class SeenHere:
    """Sees with the SDKs in the test's own process."""

    def ask(self, question: Mapping[str, Any]) -> None:
        # As the process would have it.
        self.question = json.loads(json.dumps(question))

    def answer(self) -> dict[str, Any]:
        seen: dict[str, Any] = json.loads(sdk_view.main(self.question))
        return seen

    def __enter__(self) -> SeenHere:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is open."""


class ReadHere:
    """A state that a test has given."""

    def __init__(self, state: State) -> None:
        self.result = lambda: state

    def __enter__(self) -> ReadHere:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def _traces() -> Iterator[None]:
    """Traces for the next test: a fault of a dynamic resource ends them for the process that serves it."""
    yield
    vars(sys).pop("tracebacklimit", None)


@pytest.fixture(scope="session")
def project_file() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    return document


@pytest.fixture
def values(project_file: dict[str, Any]) -> dict[str, str]:
    """Raw values as Pulumi hands them over: the defaults of Pulumi.yaml and the required settings."""
    return raw_values(project_file)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """A cloud in memory in place of the SDKs."""
    fake = FakeCloud()
    monkeypatch.setattr(sdk, "caller_uid", fake.caller_uid)
    monkeypatch.setattr(sdk, "BucketClient", fake.bucket_client)
    monkeypatch.setattr(sdk_view, "RpcClient", lambda api, region: fake)
    monkeypatch.setattr(sdk_view, "list_resources", fake.list_resources)
    for module in ("infra.survey", "infra.alarms.down"):
        monkeypatch.setattr(
            f"{module}.RpcClient", lambda api, region: fake.dns if api is ALIDNS else fake.monitor
        )
    # The processes would see the real SDKs, and a real state.
    monkeypatch.setattr("infra.sdk_process.SdkProcess", SeenHere)
    monkeypatch.setattr("infra.survey.PendingState", lambda stack: ReadHere(parse(fake.deployment)))
    return fake


@pytest.fixture
def provider(cloud: FakeCloud) -> BucketPolicyProvider:
    """What serves the bucket's policy."""
    return BucketPolicyProvider()


@pytest.fixture
def bucket(cloud: FakeCloud) -> FakeBucket:
    """The bucket that the settings name."""
    return cloud.bucket


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read back is there at once."""
    monkeypatch.setattr(policy_writer, "READ_BACK_PAUSE_S", 0)
    monkeypatch.setattr(policy_writer, "LAST_LOOK_PAUSE_S", 0)
