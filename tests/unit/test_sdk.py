"""The program's own calls: the official SDKs over a transport that answers what the cloud answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import requests
from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.models import Config as CredentialsConfig
from alibabacloud_oss_v2.transport.requests_client import RequestsHttpClient
from requests.adapters import BaseAdapter

from infra import sdk
from infra.bucket_features import BucketFeatures
from infra.sdk import BucketClient, BucketInfo, CloudError, NoSuchBucketError

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


class Transport(BaseAdapter):
    """Answers requests in turn, the last answer for ever, and keeps what was asked."""

    def __init__(self, answers: Iterable[tuple[int, str] | Exception]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, body = answer
        response.raw = io.BytesIO(body.encode())
        response.headers["x-oss-request-id"] = "5F00"
        response.headers["Content-Type"] = "application/xml"
        response.headers["Date"] = "Mon, 23 Nov 2026 22:00:00 GMT"
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


def failure(code: str, ec: str = "", endpoint: str = "") -> str:
    extra = f"<EC>{ec}</EC>" + (f"<Endpoint>{endpoint}</Endpoint>" if endpoint else "")
    return f"<Error><Code>{code}</Code><Message>no.</Message><RequestId>5F00</RequestId>{extra}</Error>"


@pytest.fixture(autouse=True)
def keys_and_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = CredentialsClient(
        CredentialsConfig(type="access_key", access_key_id="LTAIexample", access_key_secret="secret")
    )
    monkeypatch.setattr(sdk, "_credentials_client", lambda: keys)
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
    assert "the bucket is in cn-beijing" in text
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
    assert sdk.region_of_endpoint(endpoint) == region


class TestCaller:
    IDENTITY = json.dumps({"AccountId": "1234567890123456", "RequestId": "1"})

    @pytest.fixture
    def sts(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Transport]:
        def answering(*answers: tuple[int, str] | Exception) -> Transport:
            transport = Transport(answers)

            def send(session: requests.Session, request: Any, **kwargs: Any) -> requests.Response:
                transport.options = kwargs  # type: ignore[attr-defined]
                return transport.send(request)

            monkeypatch.setattr(requests.Session, "send", send)
            return transport

        monkeypatch.setattr("darabonba.core.DaraCore.sleep", lambda milliseconds: None)
        return answering

    def test_the_account_is_asked_in_the_region(self, sts: Callable[..., Transport]) -> None:
        transport = sts((200, self.IDENTITY))
        assert sdk.caller_uid("cn-hangzhou") == "1234567890123456"
        assert str(transport.asked[0].url).startswith("https://sts.cn-hangzhou.aliyuncs.com/")

    def test_a_companys_ca_is_used(
        self, sts: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/company.pem")
        transport = sts((200, self.IDENTITY))
        sdk.caller_uid("cn-hangzhou")
        assert transport.options["verify"] == "/etc/company.pem"  # type: ignore[attr-defined]

    def test_a_busy_cloud_is_asked_again(self, sts: Callable[..., Transport]) -> None:
        busy = (503, json.dumps({"Code": "ServiceUnavailable", "Message": "busy"}))
        transport = sts(busy, requests.ConnectTimeout("slow"), (200, self.IDENTITY))
        assert sdk.caller_uid("cn-hangzhou") == "1234567890123456"
        assert len(transport.asked) == 3

    @pytest.mark.parametrize(
        "trouble",
        [
            (403, json.dumps({"Code": "InvalidAccessKeyId.NotFound", "Message": "no such key"})),
            (503, json.dumps({"Code": "ServiceUnavailable", "Message": "busy"})),
            (200, "not json"),
            requests.ConnectionError("refused"),
        ],
    )
    def test_trouble_is_told_with_the_way_out(
        self, sts: Callable[..., Transport], trouble: tuple[int, str] | Exception
    ) -> None:
        transport = sts(trouble)
        assert "set valid credentials" in told(lambda: sdk.caller_uid("cn-hangzhou"))
        assert len(transport.asked) <= sdk.MAX_ATTEMPTS
