"""Asking STS for the account, over a transport that answers what the cloud answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.models import Config as CredentialsConfig

from infra import sdk, sdk_rpc
from infra.sdk import CloudError
from tests.unit.transport import Transport


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = CredentialsClient(
        CredentialsConfig(type="access_key", access_key_id="LTAIexample", access_key_secret="secret")
    )
    monkeypatch.setattr(sdk_rpc, "credentials_client", lambda: keys)


def told(call: Callable[[], Any]) -> str:
    with pytest.raises(CloudError) as caught:
        call()
    return str(caught.value)


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
