"""The program's own calls: the official SDKs over a transport that answers what the cloud answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.models import Config as CredentialsConfig
from alibabacloud_oss_v2.transport.requests_client import RequestsHttpClient

from infra import regions, sdk
from infra.bucket_features import BucketFeatures
from infra.bucket_policy import BucketPolicyProvider
from infra.sdk import BucketClient, BucketInfo, CloudError, NoSuchBucketError
from tests.unit.transport import Transport, failure

POLICY = '{"Version":"1","Statement":[]}'
INFO = """<?xml version="1.0" encoding="UTF-8"?>
<BucketInfo><Bucket>
  <Name>oss-proxy-dev</Name><Location>oss-cn-hangzhou</Location>
  <ExtranetEndpoint>oss-cn-hangzhou.aliyuncs.com</ExtranetEndpoint>
  <IntranetEndpoint>oss-cn-hangzhou-internal.aliyuncs.com</IntranetEndpoint>
  <Owner><ID>1234567890123456</ID><DisplayName>1234567890123456</DisplayName></Owner>
  <StorageClass>Archive</StorageClass>
  <ServerSideEncryptionRule><SSEAlgorithm>KMS</SSEAlgorithm></ServerSideEncryptionRule>
</Bucket></BucketInfo>"""
PAYER = "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
REFERER = (
    "<RefererConfiguration><AllowEmptyReferer>false</AllowEmptyReferer><RefererList/></RefererConfiguration>"
)


@pytest.fixture(autouse=True)
def keys_and_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = CredentialsClient(
        CredentialsConfig(type="access_key", access_key_id="LTAIexample", access_key_secret="secret")
    )
    monkeypatch.setattr(sdk, "credentials_client", lambda: keys)
    monkeypatch.setattr("alibabacloud_oss_v2._client.time.sleep", lambda seconds: None)


def client(*answers: tuple[int, str] | Exception) -> tuple[BucketClient, Transport]:
    transport = Transport(answers)
    http_client = RequestsHttpClient(adapter=transport)
    return BucketClient("cn-hangzhou", "oss-proxy-dev", http_client=http_client), transport


def test_info_is_asked_at_the_buckets_public_endpoint_and_signed_with_v4() -> None:
    bucket, transport = client((200, INFO), (200, PAYER), (200, REFERER))
    assert bucket.info() == BucketInfo(
        owner_uid="1234567890123456",
        region="cn-hangzhou",
        internal_endpoint="oss-cn-hangzhou-internal.aliyuncs.com",
        features=BucketFeatures(
            sse_algorithm="KMS", storage_class="Archive", requester_pays=False, referer_rules=False
        ),
    )
    request = transport.asked[0]
    assert request.url == "https://oss-proxy-dev.oss-cn-hangzhou.aliyuncs.com/?bucketInfo="
    assert str(request.headers["Authorization"]).startswith("OSS4-HMAC-SHA256 ")


def test_a_requester_who_pays_and_hotlink_protection() -> None:
    listed = REFERER.replace("<RefererList/>", "<RefererList><Referer>http://a</Referer></RefererList>")
    features = (
        client((200, INFO), (200, PAYER.replace("BucketOwner", "Requester")), (200, listed))[0]
        .info()
        .features
    )
    assert (features.requester_pays, features.referer_rules) == (True, True)


def test_what_only_a_warning_depends_on_may_be_refused() -> None:
    features = client((200, INFO), (403, failure("AccessDenied")))[0].info().features
    assert (features.requester_pays, features.referer_rules) == (None, None)


def test_a_bucket_without_an_internal_endpoint_names_none() -> None:
    without = re.sub("<IntranetEndpoint>.*?</IntranetEndpoint>", "", INFO)
    assert without != INFO
    assert client((200, without), (200, PAYER), (200, REFERER))[0].info().internal_endpoint == ""


@pytest.mark.parametrize("element", ["Owner", "Location"])
def test_an_answer_that_tells_no_owner_or_region_is_a_fault(element: str) -> None:
    without = re.sub(f"<{element}>.*?</{element}>", "", INFO, flags=re.DOTALL)
    assert without != INFO
    with pytest.raises(CloudError, match="names no owner or no region"):
        client((200, without))[0].info()


def test_a_policy_is_its_text() -> None:
    assert client((200, POLICY))[0].policy() == POLICY


def test_only_one_answer_means_that_there_is_no_policy() -> None:
    bucket, _ = client((404, failure("NoSuchBucketPolicy", "0030-00000006")))
    assert bucket.policy() is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((404, failure("NoSuchBucket", "0015-00000101")), NoSuchBucketError),
        ((403, failure("AccessDenied", "0003-00000001")), CloudError),
        ((404, failure("NoSuchKey")), CloudError),
        ((404, "not xml"), CloudError),
        ((200, ""), None),
        ((500, failure("InternalError")), CloudError),
        (requests.exceptions.ConnectTimeout("timed out"), CloudError),
    ],
)
def test_no_other_answer_is_taken_for_no_policy(
    answer: tuple[int, str] | Exception, kind: type[CloudError] | None
) -> None:
    bucket, _ = client(answer)
    if kind is None:
        assert bucket.policy() is not None
        return
    with pytest.raises(kind):
        bucket.policy()


@pytest.mark.parametrize(
    "answer",
    [
        (403, failure("AccessDenied", "0003-00000001")),
        (404, failure("NoSuchKey")),
        (500, failure("InternalError")),
        requests.exceptions.ConnectTimeout("timed out"),
    ],
)
def test_nothing_is_written_after_a_policy_that_could_not_be_read(
    answer: tuple[int, str] | Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, transport = client(answer)
    monkeypatch.setattr(sdk, "BucketClient", lambda region, name: bucket)
    provider, props = BucketPolicyProvider(), {"region": "", "bucket": "", "policy": POLICY}
    for call in (
        lambda: provider.create(props),
        lambda: provider.update("", props, props),
        lambda: provider.delete("", props),
        lambda: provider.read("", props),
    ):
        told(call)
    assert {request.method for request in transport.asked} == {"GET"}


def told(call: Callable[[], Any]) -> str:
    with pytest.raises(CloudError) as caught:
        call()
    return str(caught.value)


def test_access_denied_tells_the_code_and_what_to_grant() -> None:
    text = told(client((403, failure("AccessDenied", "0003-00000001")))[0].policy)
    assert "HTTP 403 AccessDenied, EC 0003-00000001, request 5F00" in text
    assert "grant oss:GetBucketPolicy on acs:oss:*:*:oss-proxy-dev" in text


def test_another_region_is_named() -> None:
    body = failure("AccessDenied", "0003-00001403", endpoint="oss-cn-beijing.aliyuncs.com")
    text = told(client((403, body))[0].info)
    assert "oss-proxy-dev is in cn-beijing, not in cn-hangzhou" in text
    assert "pulumi config set alicloud:region cn-beijing" in text


def test_a_bucket_that_does_not_exist() -> None:
    text = told(client((404, failure("NoSuchBucket")))[0].info)
    assert "the bucket oss-proxy-dev does not exist" in text
    assert "pulumi config set oss-proxy:bucketName" in text


def test_bad_credentials() -> None:
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in told(client((403, failure("InvalidAccessKeyId")))[0].info)


@pytest.mark.parametrize("trouble", [(503, failure("ServiceUnavailable")), requests.ReadTimeout("slow")])
def test_a_busy_cloud_is_asked_again(trouble: tuple[int, str] | Exception) -> None:
    bucket, transport = client(trouble, trouble, (200, POLICY))
    assert bucket.policy() == POLICY
    assert len(transport.asked) == 3


def test_a_busy_cloud_is_not_asked_for_ever() -> None:
    bucket, transport = client((503, failure("ServiceUnavailable")))
    assert f"OSS was asked {sdk.MAX_ATTEMPTS} times" in told(lambda: bucket.put_policy(POLICY))
    assert len(transport.asked) == sdk.MAX_ATTEMPTS


def test_a_write_carries_the_text_and_a_removal_names_the_policy() -> None:
    bucket, transport = client((200, ""))
    bucket.put_policy(POLICY)
    bucket.delete_policy()
    put, delete = transport.asked
    assert (put.method, put.body) == ("PUT", POLICY.encode())
    assert delete.method == "DELETE"
    assert str(delete.url).endswith("/?policy=")


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [("oss-cn-beijing.aliyuncs.com", "cn-beijing"), ("oss-eu-west-1-internal.aliyuncs.com", "eu-west-1")],
)
def test_the_region_of_an_endpoint(endpoint: str, region: str) -> None:
    assert regions.region_of_endpoint(endpoint) == region


NO_VERSIONS = (
    "<ListVersionsResult><Name>oss-proxy-dev</Name><IsTruncated>false</IsTruncated></ListVersionsResult>"
)
NO_UPLOADS = "<ListMultipartUploadsResult><Bucket>oss-proxy-dev</Bucket></ListMultipartUploadsResult>"
KEPT = "<Key>a</Key><VersionId>v</VersionId><IsLatest>true</IsLatest>"


@pytest.mark.parametrize(
    ("versions", "uploads", "empty"),
    [
        ("", "", True),
        (f"<Version>{KEPT}</Version>", "", False),
        (f"<DeleteMarker>{KEPT}</DeleteMarker>", "", False),
        ("", "<Upload><Key>a</Key><UploadId>u</UploadId></Upload>", False),
    ],
)
def test_a_bucket_is_empty_without_versions_markers_and_uploads(
    versions: str, uploads: str, empty: bool
) -> None:
    bucket, _ = client(
        (200, NO_VERSIONS.replace("</ListV", f"{versions}</ListV")),
        (200, NO_UPLOADS.replace("</ListM", f"{uploads}</ListM")),
    )
    assert bucket.is_empty() is empty


@pytest.mark.parametrize("answer", [(204, ""), (404, failure("NoSuchBucket"))])
def test_a_bucket_is_deleted_or_gone_already(answer: tuple[int, str]) -> None:
    bucket, transport = client(answer)
    bucket.delete()
    (request,) = transport.asked
    assert (request.method, request.path_url) == ("DELETE", "/")


def test_a_bucket_that_holds_anything_is_not_deleted() -> None:
    with pytest.raises(sdk.BucketNotEmptyError, match="ossutil rm oss://oss-proxy-dev -r --all-versions"):
        client((409, failure("BucketNotEmpty", "0015-00000301")))[0].delete()


def test_somebody_elses_bucket_is_told_from_bad_credentials() -> None:
    with pytest.raises(sdk.ForbiddenError, match="choose another name"):
        client((403, failure("AccessDenied", "0003-00000905")))[0].info()
    with pytest.raises(CloudError) as caught:
        client((403, failure("InvalidAccessKeyId")))[0].info()
    assert not isinstance(caught.value, sdk.ForbiddenError)
