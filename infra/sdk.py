"""The calls that the program makes itself, with Alibaba Cloud's official SDKs.

Everything else goes through the Pulumi provider. These do not, because the provider cannot tell "no
bucket policy" from "the policy could not be read", and because a destroy runs no program. Credentials
come from the SDKs' default chain and are kept nowhere. The SDKs take long to import, so each is imported
where it is first used.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from infra.bucket_features import BucketFeatures
from infra.bucket_features import BucketInfo as BucketInfo
from infra.errors import CloudError as CloudError
from infra.oss_refusals import BucketNotEmptyError as BucketNotEmptyError
from infra.oss_refusals import ForbiddenError as ForbiddenError
from infra.oss_refusals import NoSuchBucketError as NoSuchBucketError
from infra.oss_refusals import refusal
from infra.sdk_rpc import (
    CONNECT_TIMEOUT_S,
    MAX_ATTEMPTS,
    READ_TIMEOUT_S,
    client_config,
    credentials_client,
)

if TYPE_CHECKING:
    from alibabacloud_oss_v2 import HttpClient


def import_all() -> None:
    """Imports what this module's calls need, for whoever has nothing else to do yet."""
    import alibabacloud_oss_v2.client  # noqa: F401
    import alibabacloud_sts20150401.client  # noqa: F401


class BucketClient:
    """One bucket's information and policy.

    Args:
        region: The region whose endpoint is asked.
        bucket: The bucket's name.
        http_client: The SDK's own seam for its transport; None for the real one.
    """

    def __init__(self, region: str, bucket: str, *, http_client: HttpClient | None = None) -> None:
        import alibabacloud_oss_v2 as oss
        from alibabacloud_oss_v2.client import Client

        self._oss = oss
        self._region = region
        self._bucket = bucket
        config = oss.config.load_default()
        config.region = region
        config.credentials_provider = oss.credentials.CredentialsProviderFunc(_oss_credentials)
        config.retry_max_attempts = MAX_ATTEMPTS
        config.connect_timeout = CONNECT_TIMEOUT_S
        config.readwrite_timeout = READ_TIMEOUT_S
        config.http_client = http_client
        self._client = Client(config)

    def info(self) -> BucketInfo:
        """Asks who owns the bucket and where it is.

        Raises:
            NoSuchBucketError: When it does not exist.
            CloudError: When it is in another region, is not the caller's, or OSS does not answer.
        """
        info = self._ask("GetBucketInfo", self._client.get_bucket_info).bucket_info
        if not info or not info.owner or not info.owner.id or not info.location:
            raise CloudError(
                f"OSS's answer to GetBucketInfo names no owner or no region of the bucket {self._bucket}",
                fix="see what `ossutil api get-bucket-info` shows, then run the command again.",
            )
        return BucketInfo(
            owner_uid=info.owner.id,
            region=info.location.removeprefix("oss-"),
            internal_endpoint=info.intranet_endpoint or "",
            features=BucketFeatures(
                sse_algorithm=(info.sse_rule and info.sse_rule.sse_algorithm) or "",
                storage_class=info.storage_class or "",
                requester_pays=self._unless_refused(self._requester_pays),
                referer_rules=self._unless_refused(self._referer_rules),
            ),
        )

    def policy(self) -> str | None:
        """Reads the bucket policy; None only when OSS says that there is none.

        Source: https://help.aliyun.com/zh/oss/user-guide/0030-00000006 (404 NoSuchBucketPolicy, 2026-11-23)

        Raises:
            NoSuchBucketError: When the bucket does not exist.
            CloudError: When the policy could not be read, for whatever other reason.
        """
        try:
            answer = self._client.get_bucket_policy(self._oss.GetBucketPolicyRequest(bucket=self._bucket))
        except self._oss.exceptions.OperationError as error:
            cause = error.unwrap()
            if getattr(cause, "status_code", 0) == 404 and getattr(cause, "code", "") == "NoSuchBucketPolicy":
                return None
            self._refuse(error, "oss:GetBucketPolicy")
        return str(answer.body)

    def put_policy(self, text: str) -> None:
        """Replaces the bucket policy as a whole.

        Raises:
            CloudError: When OSS refuses it or does not answer.
        """
        self._ask("PutBucketPolicy", self._client.put_bucket_policy, body=text.encode())

    def delete_policy(self) -> None:
        """Removes the bucket policy as a whole; none is fine.

        Raises:
            CloudError: When OSS refuses it or does not answer.
        """
        self._ask("DeleteBucketPolicy", self._client.delete_bucket_policy)

    def delete(self) -> None:
        """Deletes the bucket, which OSS does only while it holds nothing; none is fine.

        Source: https://help.aliyun.com/zh/oss/developer-reference/delete-buckets-1 (2026-11-24)

        Raises:
            BucketNotEmptyError: When it holds something.
            CloudError: When OSS refuses for another reason, or does not answer.
        """
        with suppress(NoSuchBucketError):
            self._ask("DeleteBucket", self._client.delete_bucket)

    def is_empty(self) -> bool:
        """Tells whether the bucket holds no version of any object and no unfinished upload.

        Raises:
            CloudError: When OSS refuses to tell, or does not answer.
        """
        versions = self._ask("ListObjectVersions", self._client.list_object_versions, max_keys=1)
        uploads = self._ask("ListMultipartUploads", self._client.list_multipart_uploads, max_uploads=1)
        return not (versions.version or versions.delete_marker or uploads.uploads)

    def _requester_pays(self) -> bool:
        answer = self._ask("GetBucketRequestPayment", self._client.get_bucket_request_payment)
        return bool(answer.request_payment_configuration.payer == "Requester")

    def _referer_rules(self) -> bool:
        rules = self._ask("GetBucketReferer", self._client.get_bucket_referer).referer_configuration
        # Without a list nothing is judged, whatever is said about an empty Referer.
        return any(one and one.referers for one in (rules.referer_list, rules.referer_blacklist))

    def _unless_refused(self, look: Callable[[], bool]) -> bool | None:
        """Looks at what only a warning depends on; a refusal is no reason to stop."""
        with suppress(CloudError):
            return look()
        return None

    def _ask(self, name: str, call: Callable[[Any], Any], **more: object) -> Any:  # the SDK has no types
        request = getattr(self._oss, f"{name}Request")(bucket=self._bucket, **more)
        try:
            return call(request)
        except self._oss.exceptions.OperationError as error:
            self._refuse(error, f"oss:{name}")

    def _refuse(self, error: Any, action: str) -> NoReturn:  # the SDK's OperationError, which has no types
        cause = error.unwrap()
        if not isinstance(cause, self._oss.exceptions.ServiceError):
            raise CloudError(
                f"OSS in {self._region} did not answer {action} for the bucket {self._bucket}: {cause}",
                consequence="nothing was changed by this call.",
                fix="check the network and the credentials of this machine, then run the command again.",
            ) from error
        raise refusal(
            cause, action, bucket=self._bucket, region=self._region, attempts=MAX_ATTEMPTS
        ) from error


def caller_uid(region: str) -> str:
    """Returns the UID of the account that the SDKs' credentials belong to.

    Raises:
        CloudError: When there are no credentials, they are not valid, or STS does not answer.
    """
    from alibabacloud_sts20150401.client import Client
    from darabonba.exceptions import DaraException, UnretryableException

    config = client_config(f"sts.{region}.aliyuncs.com")
    try:
        answer = Client(config).get_caller_identity()
    except (DaraException, UnretryableException) as error:
        raise CloudError(
            f"STS did not say whose credentials these are: {error}",
            consequence="the account cannot be compared, so nothing was changed by this call.",
            fix="check the network, and set valid credentials, for example "
            "ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET.",
        ) from error
    return str(answer.body.account_id)


def _oss_credentials() -> Any:  # the SDK has no types
    from alibabacloud_oss_v2.types import Credentials

    found = credentials_client().get_credential()
    return Credentials(found.access_key_id, found.access_key_secret, found.security_token)
