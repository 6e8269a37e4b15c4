"""Calls of Alibaba Cloud's RPC APIs with the official core SDK, which all its product SDKs are made of.

The product SDKs hold a class for every shape of every action; importing ECS's alone takes seconds. The
few actions that the program needs itself are called through the core, with the same credentials,
signatures and retries.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import CloudError

# The SDK waits between attempts, longer each time, about ten seconds in all.
MAX_ATTEMPTS = 5
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 15

_RETRY = {
    "maxAttempts": MAX_ATTEMPTS,
    "exception": ["RetryError", "ThrottlingException", "ServerException"],
    # The SDK takes only HTTP 429 for throttling; ECS and VPC answer 400.
    "errorCode": ["Throttling", "Throttling.User", "Throttling.Api"],
    "backoff": {"policy": "Exponential", "period": 200, "cap": 5000},
}


@dataclass(frozen=True)
class Api:
    """One product's API.

    Attributes:
        product: The product's name in RAM actions, such as ``ecs``.
        version: The version of its API.
        host: The first label of its endpoints; empty for the product's name.
        central: Whether one endpoint is for all regions.
    """

    product: str
    version: str
    host: str = ""
    central: bool = False


# Source: https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-endpoint (2026-11-24)
ALIDNS = Api("alidns", "2015-01-09", central=True)
CMS = Api("cms", "2019-01-01", host="metrics")
ECS = Api("ecs", "2014-05-26")
VPC = Api("vpc", "2016-04-28")


class ApiError(CloudError):
    """An API refused a call.

    Attributes:
        code: The API's code for it; empty when there was no answer.
    """

    def __init__(self, fault: str, *, code: str, consequence: str, fix: str) -> None:
        super().__init__(fault, consequence=consequence, fix=fix)
        self.code = code


class RpcClient:
    """One product's API in one region.

    Args:
        api: The product's API.
        region: The region whose endpoint is asked.
    """

    def __init__(self, api: Api, region: str) -> None:
        from alibabacloud_tea_openapi.client import Client

        self._api = api
        self._region = region
        place = "" if api.central else f".{region}"
        self._client = Client(client_config(f"{api.host or api.product}{place}.aliyuncs.com"))

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an action; one that was throttled, failed or not answered is called again.

        Args:
            action: The action's name.
            params: Its parameters; lists and objects as such. RegionId is added.

        Returns:
            The answer's body.

        Raises:
            ApiError: When the action is refused, or is not answered.
        """
        from alibabacloud_tea_openapi.utils import Utils
        from alibabacloud_tea_openapi.utils_models._open_api_request import OpenApiRequest
        from alibabacloud_tea_openapi.utils_models._params import Params
        from darabonba.exceptions import DaraException, UnretryableException
        from darabonba.runtime import RuntimeOptions

        kind = Params(
            action=action,
            version=self._api.version,
            protocol="HTTPS",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        # In the body: a command is longer than a URL may be.
        fields = Utils.query({"RegionId": self._region, **params})  # type: ignore[no-untyped-call]
        request = OpenApiRequest(body=fields)
        try:
            body: dict[str, Any] = self._client.call_api(kind, request, RuntimeOptions())["body"]
        except (DaraException, UnretryableException) as error:
            # What the SDK went through says nothing more, and fills the screen.
            raise self._refusal(action, error) from None
        return body

    def _refusal(self, action: str, error: Any) -> ApiError:  # the SDK's exceptions, which have no types
        code = str(getattr(error, "code", None) or "")
        return ApiError(
            f"{self._api.product}:{action} in {self._region} failed: {error}",
            code=code,
            consequence="nothing was changed by this call.",
            fix=self._fix(action, code),
        )

    def _fix(self, action: str, code: str) -> str:
        if "Forbidden" in code or code == "NoPermission":
            return f"grant {self._api.product}:{action} to these credentials, then run the command again."
        return "check the network and the credentials of this machine, wait a minute, run the command again."


def client_config(endpoint: str) -> Any:  # the SDK has no types
    """Returns how every client of the core SDK is set up."""
    from alibabacloud_tea_openapi.utils_models._config import Config
    from darabonba.policy.retry import RetryOptions

    config = Config(
        credential=credentials_client(),
        endpoint=endpoint,
        connect_timeout=CONNECT_TIMEOUT_S * 1000,
        read_timeout=READ_TIMEOUT_S * 1000,
        retry_options=RetryOptions({"retryable": True, "retryCondition": [_RETRY]}),
    )
    # This SDK alone does not look at the variable by which requests, and so OSS's SDK, finds a company's CA.
    if ca := os.environ.get("REQUESTS_CA_BUNDLE"):
        config.ca = ca
    return config


def credentials_client() -> Any:  # the SDK has no types
    """Returns the SDKs' default chain of credentials; nothing is kept."""
    from alibabacloud_credentials.client import Client

    return Client()
