"""The S3-compatible endpoint, judged by S3's own client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.accounts import AccessKey, make_key

from .conftest import REGION, OssServer, Reply, Store

HOST = f"s3.oss-{REGION}.aliyuncs.com"
KEY = ".pulumi/stacks/a b+c & é.json"
Connect = Callable[..., Any]


def connect(server: OssServer, key: AccessKey | None = None, **settings: Any) -> Any:
    """S3's client, configured as the documentation of the service asks for."""
    key = key or server.owner
    style = settings.pop("addressing_style", "virtual")
    return boto3.client(
        "s3",
        endpoint_url=f"http://{settings.pop('host', HOST)}",
        region_name=settings.pop("region", REGION),
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        config=Config(
            **{
                "proxies": {"http": server.proxy},
                "retries": {"total_max_attempts": 1},
                "s3": {"addressing_style": style},
                "signature_version": "s3v4",
                "request_checksum_calculation": "when_required",
                "response_checksum_validation": "when_required",
                **settings,
            }
        ),
    )


@pytest.fixture
def s3(store: Store) -> Any:
    return connect(store.server)


def refusal(call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        call()
    return {
        **refused.value.response["Error"],
        "status": refused.value.response["ResponseMetadata"]["HTTPStatusCode"],
    }


def test_an_objects_life(store: Store, s3: Any) -> None:
    s3.put_object(Bucket=store.name, Key=KEY, Body=b"state", Metadata={"who": "me"}, ContentType="text/plain")
    assert store.owner.get_object(KEY).read() == b"state"
    assert store.owner.head_object(KEY).headers["x-oss-meta-who"] == "me"

    got = s3.get_object(Bucket=store.name, Key=KEY)
    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (
        b"state",
        {"who": "me"},
        "text/plain",
    )
    head = s3.head_object(Bucket=store.name, Key=KEY)
    assert (head["ContentLength"], head["ETag"]) == (5, got["ETag"])
    assert "x-amz-request-id" in head["ResponseMetadata"]["HTTPHeaders"]
    assert "x-oss-request-id" not in head["ResponseMetadata"]["HTTPHeaders"]

    part = s3.get_object(Bucket=store.name, Key=KEY, Range="bytes=1-99")
    assert (part["Body"].read(), part["ContentRange"]) == (b"tate", "bytes 1-4/5")

    s3.copy_object(Bucket=store.name, Key="copy", CopySource={"Bucket": store.name, "Key": KEY})
    assert store.owner.get_object("copy").read() == b"state"

    s3.delete_object(Bucket=store.name, Key=KEY)
    assert refusal(lambda: s3.get_object(Bucket=store.name, Key=KEY))["Code"] == "NoSuchKey"
    assert refusal(lambda: s3.head_object(Bucket=store.name, Key=KEY))["status"] == 404


def test_listings(store: Store, s3: Any) -> None:
    keys = [f"a/{number}" for number in range(3)] + ["a/b/c", KEY]
    for key in keys:
        store.owner.put_object(key, b"x")
    pages = list(
        s3.get_paginator("list_objects_v2").paginate(Bucket=store.name, PaginationConfig={"PageSize": 2})
    )
    assert len(pages) == 3
    assert [item["Key"] for page in pages for item in page["Contents"]] == sorted(keys)
    below = s3.list_objects_v2(Bucket=store.name, Prefix="a/", Delimiter="/")
    assert [item["Prefix"] for item in below["CommonPrefixes"]] == ["a/b/"]
    assert below["KeyCount"] == 4
    assert s3.list_objects(Bucket=store.name, Prefix=".pulumi/")["Contents"][0]["Key"] == KEY


def test_an_upload_in_parts(store: Store, s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket=store.name, Key=KEY)["UploadId"]
    parts = []
    for number, size in ((1, 200 * 1024), (2, 10)):
        answer = s3.upload_part(
            Bucket=store.name, Key=KEY, UploadId=upload, PartNumber=number, Body=bytes([number]) * size
        )
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(
        Bucket=store.name, Key=KEY, UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert store.owner.get_object(KEY).read() == bytes([1]) * 200 * 1024 + bytes([2]) * 10


@pytest.mark.parametrize("region", ["us-east-1", "aws-global"])
def test_the_region_of_the_signature_is_the_clients_affair(store: Store, region: str) -> None:
    connect(store.server, region=region).put_object(Bucket=store.name, Key="a", Body=b"x")


def test_the_usual_hosts_understand_the_signature_too(store: Store) -> None:
    s3 = connect(store.server, host=f"oss-{REGION}.aliyuncs.com")
    s3.put_object(Bucket=store.name, Key="a", Body=b"x")
    assert s3.get_object(Bucket=store.name, Key="a")["Body"].read() == b"x"


def test_a_checksum_behind_the_body_is_refused_as_the_cloud_does(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Newer clients do this by default, over TLS alone: that is what the client believes to use here.
    monkeypatch.setattr("botocore.httpchecksum.urlparse", lambda url: urlsplit(url)._replace(scheme="https"))
    s3 = connect(store.server, request_checksum_calculation="when_supported")
    fault = refusal(lambda: s3.put_object(Bucket=store.name, Key="a", Body=b"state"))
    assert (fault["Code"], fault["status"]) == ("InvalidArgument", 400)
    assert fault["Message"] == (
        "aws-chunked encoding is not supported with the specified x-amz-content-sha256 value."
    )
    assert (fault["EC"], fault["ArgumentName"], fault["ArgumentValue"]) == (
        "0017-00000804",
        "Content-Encoding",
        "aws-chunked",
    )
    assert not store.owner.object_exists("a")


def test_buckets_in_the_path_are_refused(store: Store) -> None:
    s3 = connect(store.server, addressing_style="path")
    fault = refusal(lambda: s3.get_object(Bucket=store.name, Key="a"))
    assert (fault["Code"], fault["EC"]) == ("SecondLevelDomainForbidden", "0003-00001401")


def presigned(store: Store, s3: Any, *, method: str = "GET", edit: tuple[str, str] = ("", "")) -> Reply:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": store.name, "Key": KEY}, ExpiresIn=60)
    parts = urlsplit(url.replace(*edit))
    assert parts.hostname is not None
    return store.server.raw(method, f"{parts.path}?{parts.query}", host=parts.hostname)


def test_presigned_urls(store: Store, s3: Any) -> None:
    store.owner.put_object(KEY, b"state")
    assert presigned(store, s3).body == b"state"
    for edited in (presigned(store, s3, edit=("a%20b", "a%20c")), presigned(store, s3, method="DELETE")):
        assert (edited.status, edited.code, edited.error["EC"]) == (
            403,
            "SignatureDoesNotMatch",
            "0002-00000429",
        )
    too_long = presigned(store, s3, edit=("X-Amz-Expires=60", "X-Amz-Expires=604801"))
    assert (too_long.status, too_long.code) == (400, "InvalidArgument")


def test_presigned_urls_expire(store: Store, s3: Any) -> None:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": store.name, "Key": KEY}, ExpiresIn=60)
    parts = urlsplit(url)
    store.server.skew = timedelta(minutes=2)
    try:
        reply = store.server.raw("GET", f"{parts.path}?{parts.query}", host=parts.hostname or "")
    finally:
        store.server.skew = timedelta(0)
    assert (reply.status, reply.code, reply.error["Message"]) == (403, "AccessDenied", "Request has expired.")


def test_keys_that_are_not_right(store: Store) -> None:
    owner = store.server.owner
    forged = AccessKey(id=owner.id, secret="x" * 30, account_uid=owner.account_uid)
    fault = refusal(lambda: connect(store.server, forged).list_objects_v2(Bucket=store.name))
    assert (fault["Code"], fault["EC"]) == ("SignatureDoesNotMatch", "0002-00000429")
    fault = refusal(lambda: connect(store.server, make_key("1")).list_objects_v2(Bucket=store.name))
    assert fault["Code"] == "InvalidAccessKeyId"
    fault = refusal(lambda: connect(store.server, store.server.stranger).list_objects_v2(Bucket=store.name))
    assert (fault["Code"], fault["status"]) == ("AccessDenied", 403)


def test_clocks_apart(store: Store, s3: Any) -> None:
    store.server.skew = timedelta(minutes=16)
    try:
        fault = refusal(lambda: s3.list_objects_v2(Bucket=store.name))
    finally:
        store.server.skew = timedelta(0)
    assert fault["Code"] == "RequestTimeTooSkewed"


def signed_put(store: Store, s3: Any) -> dict[str, str]:
    """The headers of a signed upload of ``state`` that was not sent."""
    headers: dict[str, str] = {}

    def keep(request: Any, **_: Any) -> None:
        headers.update({name: _text(value) for name, value in request.headers.items()})
        raise InterruptedError

    s3.meta.events.register("before-send.s3.PutObject", keep)
    with pytest.raises(InterruptedError):
        s3.put_object(Bucket=store.name, Key="a", Body=b"state")
    headers.pop("Content-Length", None)
    return headers


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def test_a_signature_covers_the_body_and_every_header_with_a_meaning(store: Store, s3: Any) -> None:
    headers = signed_put(store, s3)
    host = f"{store.name}.{HOST}"
    other = store.server.raw("PUT", "/a", host=host, headers=headers, body=b"STATE")
    assert (other.status, other.code) == (400, "XAmzContentSHA256Mismatch")
    for name in ("x-amz-acl", "x-amz-copy-source"):
        added = store.server.raw("PUT", "/a", host=host, headers={**headers, name: "x"}, body=b"state")
        assert (added.status, added.code) == (403, "AccessDenied")
    assert not store.owner.object_exists("a")
    # The service's own words count for nothing here, signed or not.
    own = {**headers, "x-oss-copy-source": f"/{store.name}/b"}
    assert store.server.raw("PUT", "/a", host=host, headers=own, body=b"state").status == 200
    assert store.owner.get_object("a").read() == b"state"


def test_what_has_no_counterpart_is_refused_and_never_ignored(store: Store, s3: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: s3.put_object(Bucket=store.name, Key="a", Body=b"x", IfNoneMatch="*"),
        lambda: s3.put_object(Bucket=store.name, Key="a", Body=b"x", ExpectedBucketOwner="1"),
        lambda: s3.put_object(Bucket=store.name, Key="a", Body=b"x", Tagging="a=b"),
        lambda: s3.get_object_attributes(Bucket=store.name, Key="a", ObjectAttributes=["ETag"]),
        lambda: s3.get_bucket_versioning(Bucket=store.name),
        lambda: connect(store.server, signature_version="s3").get_object(Bucket=store.name, Key="a"),
    ]
    for call in calls:
        fault = refusal(call)
        assert (fault["Code"], fault["status"]) == ("NotImplemented", 501)
    assert not store.owner.object_exists("a")


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c",
        "AWS4-HMAC-SHA256 Credential=a/20261124/x/s3/aws4_request, SignedHeaders=host, Signature=c",
        "OSS a:b",
        "AWS a:b",
    ],
)
def test_a_malformed_signature_is_refused(store: Store, authorization: str) -> None:
    reply = store.server.raw(
        "GET", "/", host=f"{store.name}.{HOST}", headers={"Authorization": authorization}
    )
    assert reply.status in (400, 403, 501)
    assert reply.code in ("InvalidArgument", "AccessDenied", "NotImplemented")


def test_anonymous_requests_are_judged_as_elsewhere(store: Store) -> None:
    reply = store.server.raw("GET", "/", host=f"{store.name}.{HOST}")
    assert (reply.status, reply.code) == (403, "AccessDenied")
    assert "x-amz-request-id" in reply.headers
