"""What is said of the cloud's refusals, and that the docs say the same."""

from __future__ import annotations

import re
from collections import Counter

import pulumi
import pytest
from pulumi import ErrorHookArgs

from infra import error_hook
from infra.cloud_errors import EXPLANATIONS, explanation_of, passes_by_itself, told
from infra.error_hook import REPEATS
from tests.support.project import ROOT

DOCS = (ROOT / "docs/errors.md").read_text()
# As the provider puts an API's refusal: with the older of the cloud's Go SDKs, and with the newer one.
OLDER = """sdk-v1/provider2.go:572: sdk.helper_schema: [ERROR] alicloud/resource_alicloud_instance.go:1203:
Resource alicloud_instance RunInstances Failed!!! [SDK alibaba-cloud-sdk-go ERROR]:
SDK.ServerError
ErrorCode: {code}
Recommend: https://api.alibabacloud.com/troubleshoot?q={code}
Message: The requested resource is sold out in the specified zone."""
NEWER = """Resource alicloud_vpc CreateVpc Failed!!! [SDK alibaba-cloud-sdk-go ERROR]:
SDKError:
   StatusCode: 400
   Code: {code}
   Message: code: 400, VPC quota exceeded.
   Data: {{"Code":"{code}","HostId":"vpc.cn-hangzhou.aliyuncs.com"}}"""


@pytest.mark.parametrize("text", [OLDER, NEWER])
@pytest.mark.parametrize("code", [code for one in EXPLANATIONS for code in one.codes])
def test_each_code_is_found_in_what_the_provider_says(text: str, code: str) -> None:
    found = explanation_of(text.format(code=code))
    assert found is not None
    assert found[0] == code
    assert code in found[1].codes


def test_the_code_is_shown_whole() -> None:
    message = told("proxy-eip", "create", NEWER.format(code="QuotaExceeded.Eip"))
    assert message is not None
    assert message.startswith(
        "proxy-eip, create: the account may have no more of these (QuotaExceeded.Eip)\n"
    )
    assert "the next `pulumi up` goes on from it" in message
    assert "\n  Fix: " in message


@pytest.mark.parametrize("code", ["InvalidVpcId.NotFound", "QuotaExceedingly", "Forbiddenness"])
def test_of_other_codes_nothing_is_said(code: str) -> None:
    assert told("proxy-vpc", "create", NEWER.format(code=code).replace("quota exceeded", "no")) is None


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        (OLDER.format(code="ServiceUnavailable"), True),
        (NEWER.format(code="Throttling.User"), True),
        ('Post "https://ecs.cn-hangzhou.aliyuncs.com/": EOF', True),
        ("read tcp 10.0.0.1:1->10.0.0.2:443: read: connection reset by peer", True),
        (OLDER.format(code="OperationDenied.NoStock"), False),
        (NEWER.format(code="InvalidVpcId.NotFound").replace("quota exceeded", "no"), False),
    ],
)
def test_what_passes_by_itself(text: str, passing: bool) -> None:
    assert passes_by_itself(text) is passing


BUSY = OLDER.format(code="ServiceUnavailable")


@pytest.mark.parametrize(
    ("operation", "errors", "again"),
    [
        ("delete", [BUSY], True),
        ("delete", [BUSY] * REPEATS, True),
        ("delete", [BUSY] * (REPEATS + 1), False),
        ("delete", [OLDER.format(code="DependencyViolation"), BUSY], False),
        # What is made a second time is there twice.
        ("create", [BUSY], False),
        ("update", [BUSY], False),
    ],
)
async def test_only_a_deletion_is_repeated_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, operation: str, errors: list[str], again: bool
) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", told.append)
    monkeypatch.setattr(error_hook, "PAUSE_S", 0)
    args = ErrorHookArgs("urn", "i-1", "proxy-instance", "type", failed_operation=operation, errors=errors)
    assert await error_hook.explain_or_repeat(args) is again
    assert bool(told) is not again


def test_no_code_means_two_things() -> None:
    codes = Counter(code for one in EXPLANATIONS for code in one.codes)
    assert [code for code, count in codes.items() if count > 1] == []


def test_the_docs_say_the_same() -> None:
    found = re.search(r"<!-- errors -->\n(.*?)<!-- /errors -->", DOCS, re.DOTALL)
    assert found is not None
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in found[1].strip().splitlines()[2:]
    ]
    assert rows == [
        [", ".join(f"`{code}`" for code in one.codes), one.fault, one.fix] for one in EXPLANATIONS
    ]
