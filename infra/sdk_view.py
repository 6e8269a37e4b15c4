"""What the official SDKs see of the account and the bucket, asked in a process of its own.

Importing the SDKs takes a second of processor time, about as much as the rest of the program's. Beside it,
on another core, a preview does not wait for that.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra import sdk
from infra.bucket_features import BucketFeatures

# Longer than all attempts of the SDKs together.
TIMEOUT_S = 180
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class SdkView:
    """What the official SDKs see, with the credentials that they find.

    Attributes:
        account_uid: The UID of the account of these credentials.
        bucket: What the bucket says of itself.
        bucket_policy: The bucket's policy, or None where it has none.
    """

    account_uid: str
    bucket: sdk.BucketInfo
    bucket_policy: str | None


class PendingView:
    """A view that is being asked for; a context, so that no process outlives the program.

    Args:
        region: The region of the stack.
        bucket: The bucket's name.
    """

    def __init__(self, region: str, bucket: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.sdk_view", region, bucket],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> PendingView:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def result(self) -> SdkView:
        """Waits for the answer.

        Raises:
            sdk.CloudError: When STS or OSS refused to answer, or did not answer.
        """
        try:
            answer, trace = self._process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise sdk.CloudError(
                f"STS and OSS did not answer within {TIMEOUT_S} s", fix="check the network, then try again."
            ) from None
        if self._process.returncode != 0:
            raise sdk.CloudError(
                f"the official SDKs failed:\n{trace.strip()}",
                fix="install the locked dependencies again (uv sync); if that does not help, report it.",
            )
        return read(json.loads(answer))


def see(region: str, bucket: str) -> SdkView:
    """Asks STS and OSS in this process.

    Raises:
        sdk.CloudError: When either refused to answer, or did not answer.
    """
    account_uid = sdk.caller_uid(region)
    client = sdk.BucketClient(region, bucket)
    return SdkView(account_uid=account_uid, bucket=client.info(), bucket_policy=client.policy())


def main(region: str, bucket: str) -> str:
    """Returns the view, or the cloud's refusal, as JSON."""
    try:
        return json.dumps({"view": asdict(see(region, bucket))})
    except sdk.CloudError as error:
        told = {"fault": error.fault, "consequence": error.consequence, "fix": error.fix}
        return json.dumps({"refusal": told})


def read(answer: dict[str, Any]) -> SdkView:
    """Returns the view that ``main`` wrote.

    Raises:
        sdk.CloudError: The refusal that ``main`` wrote.
    """
    if "refusal" in answer:
        raise sdk.CloudError(**answer["refusal"])
    view = answer["view"]
    bucket = {**view["bucket"], "features": BucketFeatures(**view["bucket"]["features"])}
    return SdkView(**{**view, "bucket": sdk.BucketInfo(**bucket)})


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]))
