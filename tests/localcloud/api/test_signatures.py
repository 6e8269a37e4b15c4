"""Who may call: both signatures, right and wrong, as the official clients make them."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.utils import Utils

from localcloud.accounts import STRANGER_ACCOUNT_UID, make_key
from tests.localcloud.api.harness import Cloud


def call_v1(
    cloud: Cloud, method: str = "POST", form: dict[str, str] | None = None, **changes: str | None
) -> tuple[int, dict[str, Any]]:
    """Calls GetCallerIdentity with a V1 signature; `changes` are made before signing (None: left out)."""
    query: dict[str, str | None] = {
        "Action": "GetCallerIdentity",
        "Version": "2015-04-01",
        "Format": "JSON",
        "AccessKeyId": cloud.key.id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": uuid.uuid4().hex,
        "Timestamp": stamp(),
        **{name: value for name, value in changes.items() if name != "Signature"},
    }
    signed = {name: value for name, value in query.items() if value is not None}
    sent = dict(signed)
    sent["Signature"] = Utils.get_rpcsignature({**signed, **(form or {})}, method, cloud.key.secret)
    if "Signature" in changes:
        sent.pop("Signature")
        if changes["Signature"] is not None:
            sent["Signature"] = changes["Signature"]
    return send(cloud, method, f"/?{urlencode(sent)}", form or {})


def send(cloud: Cloud, method: str, target: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=20)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, target, urlencode(form), headers)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body


def stamp(ahead: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + ahead).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_v1_signature_identifies_the_caller(cloud: Cloud, method: str) -> None:
    status, body = call_v1(cloud, method)
    assert (status, body["AccountId"]) == (200, cloud.key.account_uid)


def test_a_v1_signature_covers_query_and_form_with_every_kind_of_character(cloud: Cloud) -> None:
    form = {"Note": 'a b+c*d~e/f&g=h"%20 ünï 云', "Empty": ""}
    status, _ = call_v1(cloud, form=form)
    assert status == 200


def test_the_form_is_under_the_signature(cloud: Cloud) -> None:
    signed = {"Note": "signed"}
    query = {"Action": "GetCallerIdentity", "Version": "2015-04-01", "Format": "JSON"}
    query |= {"AccessKeyId": cloud.key.id, "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0"}
    query |= {"SignatureNonce": uuid.uuid4().hex, "Timestamp": stamp()}
    query["Signature"] = Utils.get_rpcsignature({**query, **signed}, "POST", cloud.key.secret)
    status, body = send(cloud, "POST", f"/?{urlencode(query)}", {"Note": "changed"})
    assert (status, body["Code"]) == (400, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"Signature": "c2lnbmF0dXJl"}, 400, "SignatureDoesNotMatch"),
        ({"Signature": None}, 400, "MissingParameter"),
        ({"AccessKeyId": None}, 400, "MissingParameter"),
        ({"AccessKeyId": "LTAInobody"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"SignatureNonce": None}, 400, "MissingParameter"),
        ({"SignatureMethod": "HMAC-MD5"}, 400, "InvalidParameter"),
        ({"Timestamp": None}, 400, "MissingParameter"),
        ({"Timestamp": "yesterday"}, 400, "InvalidTimeStamp.Format"),
        ({"Timestamp": stamp(timedelta(minutes=-16))}, 400, "InvalidTimeStamp.Expired"),
        ({"Timestamp": stamp(timedelta(minutes=16))}, 400, "InvalidTimeStamp.Expired"),
        ({"SecurityToken": "token"}, 400, "InvalidSecurityToken.Malformed"),
    ],
)
def test_what_is_wrong_with_a_v1_signature_is_told(
    cloud: Cloud, changes: dict[str, str | None], status: int, code: str
) -> None:
    answered, body = call_v1(cloud, **changes)
    assert (answered, body["Code"]) == (status, code)
    assert set(body) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert code in body["Recommend"]
    assert body["RequestId"] in body["Recommend"]


def test_a_request_cannot_be_sent_again(cloud: Cloud) -> None:
    nonce = uuid.uuid4().hex
    assert call_v1(cloud, SignatureNonce=nonce)[0] == 200
    status, body = call_v1(cloud, SignatureNonce=nonce)
    assert (status, body["Code"]) == (400, "SignatureNonceUsed")


def test_a_bad_signature_does_not_use_its_nonce_up(cloud: Cloud) -> None:
    nonce = uuid.uuid4().hex
    assert call_v1(cloud, SignatureNonce=nonce, Signature="bm8=")[1]["Code"] == "SignatureDoesNotMatch"
    assert call_v1(cloud, SignatureNonce=nonce)[0] == 200


def test_a_v3_signature_identifies_the_caller(cloud: Cloud) -> None:
    body = cloud.sts.get_caller_identity().body
    assert body.account_id == cloud.key.account_uid
    assert body.identity_type == "Account"
    assert body.arn == f"acs:ram::{cloud.key.account_uid}:root"


def test_a_ram_user_has_an_identity_of_its_own(cloud: Cloud) -> None:
    user = make_key(STRANGER_ACCOUNT_UID, user_id="2000000000000007", user_name="dev")
    cloud.accounts.add(user)
    body = cloud.client(StsClient, user).get_caller_identity().body
    assert (body.account_id, body.principal_id) == (STRANGER_ACCOUNT_UID, "2000000000000007")
    assert (body.identity_type, body.arn) == ("RAMUser", f"acs:ram::{STRANGER_ACCOUNT_UID}:user/dev")


def test_a_v3_signature_covers_parameters_with_every_kind_of_character(cloud: Cloud) -> None:
    name = 'a b+c*d~e/f&g=h"%20 ünï 云'
    request = ecs_models.DescribeSecurityGroupsRequest(region_id="cn-hangzhou", security_group_name=name)
    assert cloud.ecs.describe_security_groups(request).body.total_count == 0


def test_a_wrong_secret_is_refused(cloud: Cloud, refused: Callable[..., Any]) -> None:
    client = cloud.client(StsClient, secret="wrong")
    refused("SignatureDoesNotMatch", 400, client.get_caller_identity)


def test_an_unknown_key_is_refused(cloud: Cloud, refused: Callable[..., Any]) -> None:
    client = cloud.client(StsClient, make_key(STRANGER_ACCOUNT_UID))
    refused("InvalidAccessKeyId.NotFound", 404, client.get_caller_identity)


@pytest.mark.parametrize("ahead", [timedelta(minutes=16), timedelta(minutes=-16)])
def test_a_clock_that_is_off_is_refused(cloud: Cloud, refused: Callable[..., Any], ahead: timedelta) -> None:
    cloud.clock.ahead = ahead
    refused("InvalidTimeStamp.Expired", 400, cloud.sts.get_caller_identity)


def v3_headers(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Signs a DescribeRegions with the official client and catches the headers instead of sending them."""
    caught: dict[str, str] = {}
    real = Utils.get_authorization

    def catch(request: Any, *args: Any) -> str:
        authorization: str = real(request, *args)
        caught.update(request.headers, Authorization=authorization)
        return authorization

    monkeypatch.setattr(Utils, "get_authorization", catch)
    cloud.client(EcsClient).describe_regions(ecs_models.DescribeRegionsRequest())
    return caught


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({}, 400, "SignatureNonceUsed"),
        ({"x-acs-action": "DescribeZones"}, 400, "SignatureDoesNotMatch"),
        ({"x-acs-signature-nonce": "another"}, 400, "SignatureDoesNotMatch"),
        ({"x-acs-unsigned": "smuggled in"}, 400, "IncompleteSignature"),
        ({"Authorization": "ACS3-HMAC-SHA256 nonsense"}, 400, "IncompleteSignature"),
        ({"Authorization": ""}, 400, "MissingParameter"),
    ],
)
def test_v3_requests_cannot_be_repeated_or_changed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], status: int, code: str
) -> None:
    headers = {**v3_headers(cloud, monkeypatch), **change}
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=20)
    connection.request("POST", "/", None, headers)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    assert (answer.status, body["Code"]) == (status, code)


def test_a_changed_v3_body_is_refused(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = v3_headers(cloud, monkeypatch) | {"Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=20)
    connection.request("POST", "/", "RegionId=cn-beijing", headers)
    body = json.loads(connection.getresponse().read())
    connection.close()
    assert body["Code"] == "SignatureDoesNotMatch"
