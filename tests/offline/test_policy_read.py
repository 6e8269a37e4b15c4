"""A policy that OSS does not show: `up` stops, the policy stays what it was, the message says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import Project

# More than all attempts of the SDK.
ALWAYS = ("--times", "50")
# Longer than the SDK waits for an answer.
HANGS = (*ALWAYS, "--kind", "delay", "--delay", "25")
REFUSALS = [
    pytest.param(
        (*ALWAYS, "--kind", "forbidden"), ("HTTP 403", "Fix: grant oss:GetBucketPolicy on"), id="403"
    ),
    pytest.param((*ALWAYS, "--kind", "error"), ("HTTP 503", "Fix: OSS was asked 5 times"), id="503"),
    pytest.param(
        (*ALWAYS, "--kind", "lost-answer"),
        ("did not answer oss:GetBucketPolicy", "Fix: check the network"),
        id="no answer",
    ),
]
FOREIGN = {
    "Effect": "Allow",
    "Action": ["oss:GetObject"],
    "Principal": ["9000000000000002"],
    "Resource": ["acs:oss:*:9000000000000001:oss-proxy-dev/shared/*"],
}


@pytest.fixture
def text(stack: Project, tmp_path: Path) -> Iterator[str]:
    """The text of a policy that the bucket has already."""
    bucket, file = stack.setting("bucketName"), tmp_path / "policy.json"
    file.write_text(json.dumps({"Version": "1", "Statement": [FOREIGN]}, indent=2))
    stack.cloud.cli("oss", "policy", "set", bucket, str(file))
    try:
        yield file.read_text()
    finally:
        stack.cloud.cli("fault", "clear")
        stack.cloud.cli("oss", "policy", "delete", bucket)


def up_with(stack: Project, *fault: str) -> str:
    """What a refused `up` says while reads of the policy fail."""
    stack.cloud.cli("fault", "add", "--action", "oss:GetBucketPolicy", *fault)
    result = stack.pulumi("up", "--yes", "--skip-preview")
    stack.cloud.cli("fault", "clear")
    assert result.code != 0, result.text
    return result.text


def policy_of(stack: Project) -> str:
    return stack.cloud.cli("oss", "policy", "get", stack.setting("bucketName")).stdout.removesuffix("\n")


@pytest.mark.parametrize(
    ("fault", "words"), [*REFUSALS, pytest.param(HANGS, REFUSALS[2].values[1], id="hangs")]
)
def test_before_anything_is_made(
    stack: Project, text: str, fault: tuple[str, ...], words: tuple[str, ...]
) -> None:
    told = up_with(stack, *fault)
    for word in words:
        assert word in told, told
    assert "Traceback" not in told
    assert stack.cloud.status()["vpcs"] == []
    assert policy_of(stack) == text


@pytest.mark.parametrize(("fault", "words"), REFUSALS)
def test_just_before_the_statement_is_written(
    stack: Project, text: str, fault: tuple[str, ...], words: tuple[str, ...]
) -> None:
    # The survey's read passes, and what it saw must not be taken for what is there now.
    told = up_with(stack, *fault, "--after", "1")
    for word in words:
        assert word in told, told
    assert policy_of(stack) == text
    assert stack.cloud.status()["instances"] == []
    stack.must("up", "--yes", "--skip-preview")
    foreign, own = json.loads(policy_of(stack))["Statement"]
    assert foreign == FOREIGN
    assert own["Principal"] == ["*"]
