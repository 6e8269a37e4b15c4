"""The SDKs' view comes from a process of its own, with the cloud's refusals and its own failures told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra import sdk, sdk_view
from infra.nginx.sizing import Machine
from infra.recovery.found import Found
from infra.rollout.records import Seen
from infra.sdk_rpc import ApiError
from infra.sdk_view import PendingView, SdkView
from tests.unit.fakes import ACCOUNT_UID, FakeCloud

IDENTITY = {"project": "oss-proxy", "stack": "dev"}
TYPE = "ecs.e-c1m2.large"
IDENTITY_TEXT = json.dumps(IDENTITY)
TAGS = [{"Key": "project", "Value": "oss-proxy"}, {"Key": "stack", "Value": "dev"}]


def test_a_view_survives_its_way_between_processes(cloud: FakeCloud) -> None:
    cloud.bucket.text = '{"a": "中"}'
    cloud.commands = [("oss-proxy-dev-configuration-1", "i-1", "Success")]
    cloud.resources = [Found(role="vpc", id="vpc-1", name="n", tags=IDENTITY, within=["a"], used=True)]
    answer = json.loads(sdk_view.main("cn-hangzhou", "oss-proxy-dev", IDENTITY_TEXT, "existing", TYPE))
    assert sdk_view.read(answer) == SdkView(
        account_uid=ACCOUNT_UID,
        bucket=cloud.bucket.info(),
        bucket_policy='{"a": "中"}',
        bucket_empty=False,
        commands=[Seen(name="oss-proxy-dev-configuration-1", instance_id="i-1", status="Success")],
        resources=cloud.resources,
        machine=Machine(cores=2, memory_gib=4),
    )
    assert cloud.asked == [("DescribeInvocations", {"Tag": TAGS, "PageSize": 50})]


def test_a_bucket_that_the_stack_makes_need_not_exist(cloud: FakeCloud) -> None:
    answer = json.loads(sdk_view.main("cn-hangzhou", "yet-to-be-made", IDENTITY_TEXT, "managed", TYPE))
    assert sdk_view.read(answer) == SdkView(
        account_uid=ACCOUNT_UID,
        bucket=None,
        bucket_policy=None,
        bucket_empty=False,
        commands=[],
        resources=[],
        machine=Machine(cores=2, memory_gib=4),
    )


def test_a_type_that_the_cloud_does_not_know(cloud: FakeCloud) -> None:
    cloud.types = {}
    answer = json.loads(sdk_view.main("cn-hangzhou", "oss-proxy-dev", IDENTITY_TEXT, "existing", TYPE))
    assert sdk_view.read(answer).machine is None


@pytest.mark.parametrize("code", ["Forbidden.RAM", "Throttling.User"])
def test_who_may_not_list_the_stacks_resources_does_not_know_them(cloud: FakeCloud, code: str) -> None:
    cloud.refuses_list = ApiError("no.", code=code, consequence="none.", fix="wait.")
    answer = json.loads(sdk_view.main("cn-hangzhou", "oss-proxy-dev", IDENTITY_TEXT, "existing", TYPE))
    if code == "Forbidden.RAM":
        assert sdk_view.read(answer).resources is None
    else:
        with pytest.raises(sdk.CloudError, match="no"):
            sdk_view.read(answer)


@pytest.mark.parametrize(
    ("mode", "empty", "refuses", "expected"),
    [
        ("managed", True, False, True),
        ("managed", False, False, False),
        ("managed", True, True, False),
        ("existing", True, False, False),
    ],
)
def test_only_a_managed_bucket_is_looked_into_and_whoever_may_not_look_does_not_know(
    cloud: FakeCloud, mode: str, empty: bool, refuses: bool, expected: bool
) -> None:
    cloud.bucket.empty = empty
    if refuses:
        cloud.bucket.refuses_look = sdk.ForbiddenError("no.", fix="grant it.")
    assert sdk_view.see("cn-hangzhou", "oss-proxy-dev", IDENTITY, mode, TYPE).bucket_empty is expected


def test_a_refusal_survives_its_way_between_processes(cloud: FakeCloud) -> None:
    answer = json.loads(sdk_view.main("cn-hangzhou", "nobodys-bucket", IDENTITY_TEXT, "existing", TYPE))
    with pytest.raises(sdk.CloudError, match="the bucket nobodys-bucket does not exist") as caught:
        sdk_view.read(answer)
    assert caught.value.fix == "make it."


def test_a_real_process_without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_CREDENTIALS_URI",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    told = pytest.raises(sdk.CloudError, match="STS did not say whose credentials these are")
    with PendingView("cn-hangzhou", "oss-proxy-dev", IDENTITY, "existing", TYPE) as pending, told:
        pending.result()


def test_a_process_that_fails_is_told_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/__init__.py").touch()
    (tmp_path / "infra/sdk_view.py").write_text("raise RuntimeError('a broken SDK')")
    monkeypatch.setattr(sdk_view, "PROJECT", tmp_path)
    told = pytest.raises(sdk.CloudError, match="a broken SDK")
    with PendingView("cn-hangzhou", "oss-proxy-dev", IDENTITY, "existing", TYPE) as pending, told:
        pending.result()


def test_no_process_outlives_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    with PendingView("cn-hangzhou", "oss-proxy-dev", IDENTITY, "existing", TYPE) as pending:
        process = pending._process
    assert process.returncode is not None
