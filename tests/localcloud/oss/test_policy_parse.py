"""What PutBucketPolicy refuses, and with which EC."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.oss.policy.model import PolicyError
from localcloud.oss.policy.parse import POLICY_MAX_BYTES, parse_policy

OWNER = "9000000000000001"
GOOD: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": ["*"],
    "Action": ["oss:GetObject"],
    "Resource": [f"acs:oss:*:{OWNER}:pictures/*"],
}


def refuse(text: bytes | str | dict[str, Any]) -> PolicyError:
    if isinstance(text, dict):
        text = json.dumps(text)
    with pytest.raises(PolicyError) as refused:
        parse_policy(text if isinstance(text, bytes) else text.encode(), bucket="pictures", owner_uid=OWNER)
    return refused.value


def document(**fields: Any) -> dict[str, Any]:
    changed = {key: value for key, value in {**GOOD, **fields}.items() if value is not None}
    return {"Version": "1", "Statement": [changed]}


def test_the_good_one_is_good() -> None:
    parsed = parse_policy(json.dumps(document()).encode(), bucket="pictures", owner_uid=OWNER)
    assert parsed.statements[0].actions == ("oss:GetObject",)


@pytest.mark.parametrize(
    ("text", "ec"),
    [
        pytest.param({**document(), "Version": 1}, "0030-00000005", id="version is a number"),
        pytest.param({**document(), "Version": "2"}, "0030-00000002", id="other version"),
        pytest.param({"Statement": [GOOD]}, "0030-00000005", id="no version"),
        pytest.param({"Version": "1", "Statement": []}, "0030-00000005", id="no statement"),
        pytest.param({**document(), "Id": "x"}, "0030-00000005", id="unknown field"),
        pytest.param(b'{"Version": "\xff"}', "0030-00000004", id="not utf-8"),
        pytest.param("{", "0030-00000005", id="not json"),
        pytest.param('{"Version":"1","Version":"1","Statement":[]}', "0030-00000005", id="twice"),
        pytest.param(b" " * (POLICY_MAX_BYTES + 1), "0030-00000001", id="too large"),
        pytest.param("[" * 8000, "0030-00000005", id="too deep"),
        pytest.param(document(Resource=[GOOD["Resource"][0] + "x" * 4096]), "0030-00000003", id="long"),
    ],
)
def test_documents(text: Any, ec: str) -> None:
    assert refuse(text).ec == ec


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Effect": "allow"}, "Effect must be"),
        ({"Sid": "mine"}, "Unknown field Sid"),
        ({"NotAction": ["oss:GetObject"]}, "Unknown field NotAction"),
        ({"Action": []}, "Action must be a list"),
        ({"Action": ["s3:GetObject"]}, "Invalid action"),
        ({"Principal": None}, "Principal must be a list"),
        ({"Principal": ["acs:ram::1:user/a"]}, "Invalid principal"),
        ({"Principal": {"RAM": ["*"]}}, "Principal must be a list"),
        ({"Resource": [f"acs:oss:cn-hangzhou:{OWNER}:pictures/*"]}, "the region must be"),
        ({"Resource": ["acs:oss:*:1:pictures/*"]}, "not that of the bucket's owner"),
        ({"Resource": [f"acs:oss:*:{OWNER}:other/*"]}, "names another bucket"),
        ({"Resource": ["pictures/*"]}, "Invalid resource"),
        ({"Condition": {"IpEquals": {"acs:SourceVpc": "a"}}}, "Unknown condition operator"),
        ({"Condition": {"StringEquals": {"aws:SourceVpc": "a"}}}, "Unknown condition key"),
        ({"Condition": {"StringEquals": {"acs:SourceIp": "1.2.3.4"}}}, "does not fit the key"),
        ({"Condition": {"IpAddress": {"acs:SourceVpc": "1.2.3.4"}}}, "does not fit the key"),
        ({"Condition": {"IpAddress": {"acs:SourceIp": "1.2.3"}}}, "Invalid value"),
        ({"Condition": {"Bool": {"acs:SecureTransport": "yes"}}}, "Invalid value"),
        ({"Condition": {"DateLessThan": {"acs:CurrentTime": "soon"}}}, "Invalid value"),
        ({"Condition": {"StringEquals": {"acs:SourceVpc": []}}}, "needs a value"),
        ({"Condition": {"StringEquals": {"acs:SourceVpc": [["a"]]}}}, "neither text nor number"),
        ({"Condition": []}, "Condition must be"),
    ],
)
def test_statements(fields: dict[str, Any], message: str) -> None:
    fault = refuse(document(**fields))
    assert message in str(fault)
    assert fault.ec == "0030-00000005"


def test_a_source_address_needs_a_network() -> None:
    fault = refuse(document(Condition={"IpAddress": {"acs:SourceIp": ["192.168.0.10"]}}))
    assert fault.ec == "0030-00000008"
