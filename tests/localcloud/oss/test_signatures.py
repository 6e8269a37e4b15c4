"""Signatures: official signers are accepted, and every way to get one wrong has its own answer."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest

from localcloud.accounts import make_key

from .conftest import REGION, Reply, Store


@pytest.fixture
def object_(store: Store) -> Store:
    store.owner.put_object("cats/tom & co+1.txt", b"meow")
    return store


def fetch(store: Store, url: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> Reply:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return store.server.raw(method, f"{parts.path}?{parts.query}", host=parts.hostname, headers=headers)


@pytest.mark.parametrize("v4", [False, True])
def test_presigned_by_oss2(object_: Store, v4: bool) -> None:
    signer = object_.server.bucket(object_.name, v4=v4)
    url = signer.sign_url(
        "GET",
        "cats/tom & co+1.txt",
        60,
        slash_safe=True,
        params={"response-content-type": "text/plain; charset=utf-8"},
    )
    reply = fetch(object_, url)
    assert (reply.status, reply.body) == (200, b"meow")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_overrides_cannot_smuggle_headers(object_: Store) -> None:
    hostile = {"response-content-type": "text/html\r\nSet-Cookie: a=b"}
    url = object_.owner.sign_url("GET", "cats/tom & co+1.txt", 60, params=hostile, slash_safe=True)
    reply = fetch(object_, url)
    assert (reply.status, reply.code) == (400, "InvalidArgument")


@pytest.mark.parametrize("v4", [False, True])
def test_presigned_urls_expire(object_: Store, v4: bool) -> None:
    url = object_.server.bucket(object_.name, v4=v4).sign_url(
        "GET", "cats/tom & co+1.txt", 60, slash_safe=True
    )
    object_.server.skew = timedelta(minutes=2)
    try:
        reply = fetch(object_, url)
    finally:
        object_.server.skew = timedelta(0)
    assert (reply.status, reply.code, reply.error["Message"]) == (403, "AccessDenied", "Request has expired.")


@pytest.mark.parametrize("v4", [False, True])
def test_a_presigned_url_is_good_for_what_was_signed_only(object_: Store, v4: bool) -> None:
    signer = object_.server.bucket(object_.name, v4=v4)
    url = signer.sign_url("GET", "cats/tom & co+1.txt", 60, slash_safe=True)
    for reply in (
        fetch(object_, url.replace("tom", "tim")),
        fetch(object_, url, method="DELETE"),
        fetch(object_, url + "&acl"),
    ):
        assert (reply.status, reply.code) == (403, "SignatureDoesNotMatch")
        assert reply.error["EC"] == "0002-00000040"
    assert object_.owner.object_exists("cats/tom & co+1.txt")


def test_v4_covers_the_host_when_asked_to(object_: Store) -> None:
    client = object_.server.client()
    answer = client.presign(
        oss_v2.GetObjectRequest(bucket=object_.name, key="cats/tom & co+1.txt"),
        expires=timedelta(minutes=1),
    )
    assert fetch(object_, answer.url).body == b"meow"
    internal = answer.url.replace(f"oss-{REGION}", f"oss-{REGION}-internal")
    assert fetch(object_, internal).body == b"meow"


def test_a_validity_of_more_than_a_week_is_refused(object_: Store) -> None:
    url = object_.server.bucket(object_.name, v4=True).sign_url("GET", "a", 604801)
    reply = fetch(object_, url)
    assert (reply.status, reply.code, reply.error["EC"]) == (400, "InvalidArgument", "0002-00000070")


@pytest.mark.parametrize("v4", [False, True])
def test_a_wrong_secret(object_: Store, v4: bool) -> None:
    real = object_.server.owner
    forged = make_key(real.account_uid)
    forged = type(real)(id=real.id, secret=forged.secret, account_uid=real.account_uid)
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch) as refused:
        object_.server.bucket(object_.name, forged, v4=v4).get_object("cats/tom & co+1.txt")
    assert refused.value.details["EC"] == "0002-00000201"
    assert refused.value.details["StringToSign"].startswith("GET" if not v4 else "OSS4-HMAC-SHA256")


@pytest.mark.parametrize("v4", [False, True])
def test_an_unknown_key(object_: Store, v4: bool) -> None:
    unknown = make_key("1")
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        object_.server.bucket(object_.name, unknown, v4=v4).get_object("x")
    assert (refused.value.status, refused.value.code) == (403, "InvalidAccessKeyId")


@pytest.mark.parametrize("v4", [False, True])
@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_that_is_off(object_: Store, v4: bool, minutes: int) -> None:
    object_.server.skew = timedelta(minutes=minutes)
    try:
        with pytest.raises(oss2.exceptions.ServerError) as refused:
            object_.server.bucket(object_.name, v4=v4).get_object("cats/tom & co+1.txt")
    finally:
        object_.server.skew = timedelta(0)
    assert refused.value.code == "RequestTimeTooSkewed"
    assert refused.value.details["EC"] == "0002-00000504"


def test_a_bad_signature_fails_where_none_would_pass(object_: Store) -> None:
    object_.owner.put_bucket_public_access_block(False)
    object_.owner.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    target = "/cats/tom%20%26%20co%2B1.txt"
    assert object_.get(target).status == 200
    for authorization in (
        "OSS x:y",
        "OSS",
        "Basic eDp5",
        "OSS4-HMAC-SHA256 Credential=x,Signature=y",
        "OSS2 a",
    ):
        reply = object_.get(target, headers={"Authorization": authorization})
        assert reply.status in (400, 403, 501), authorization


def test_header_and_query_together_are_refused(object_: Store) -> None:
    url = object_.owner.sign_url("GET", "cats/tom & co+1.txt", 60, slash_safe=True)
    reply = fetch(object_, url, headers={"Authorization": "OSS x:y"})
    assert (reply.status, reply.code) == (400, "InvalidArgument")


def test_v4_is_bound_to_the_region(object_: Store) -> None:
    key = object_.server.owner
    wrong = oss2.Bucket(
        oss2.AuthV4(key.id, key.secret),
        f"http://oss-{REGION}.aliyuncs.com",
        object_.name,
        proxies={"http": object_.server.proxy},
        region="cn-shanghai",
    )
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        wrong.get_object("a")
    assert (refused.value.status, refused.value.code) == (400, "InvalidArgument")


def test_v4_may_sign_the_date_header_as_the_go_client_does(object_: Store) -> None:
    key = object_.server.owner
    now = datetime.now(UTC)
    date, day = format_datetime(now, usegmt=True), now.strftime("%Y%m%d")
    scope = f"{day}/{REGION}/oss/aliyun_v4_request"
    path = "/cats/tom%20%26%20co%2B1.txt"
    canonical = "\n".join(
        [
            "GET",
            f"/{object_.name}{path}",
            "",
            "x-oss-content-sha256:UNSIGNED-PAYLOAD\n",
            "",
            "UNSIGNED-PAYLOAD",
        ]
    )
    text = "\n".join(["OSS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    derived = b"aliyun_v4" + key.secret.encode()
    for part in scope.split("/"):
        derived = hmac.digest(derived, part.encode(), "sha256")
    signature = hmac.digest(derived, text.encode(), "sha256").hex()
    headers = {
        "Date": date,
        "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
        "Authorization": f"OSS4-HMAC-SHA256 Credential={key.id}/{scope},Signature={signature}",
    }
    assert object_.get(path, headers=headers).body == b"meow"
    del headers["Date"]
    assert object_.get(path, headers=headers).error["Message"] == "OSS authentication requires a valid Date."


def test_additional_headers_have_no_underscores(object_: Store) -> None:
    url = object_.server.bucket(object_.name, v4=True).sign_url("GET", "a", 60)
    reply = fetch(object_, url + "&x-oss-additional-headers=x_y")
    assert reply.error["EC"] == "0002-00000078"
