"""The stack's claim on the bucket's policy, made before anything else.

The policy itself comes after the VPC that it names. Without a preview an update would therefore find a
bucket that already has a policy only when there is a VPC to clean up again. The claim is judged first, and
once: a bucket claimed before is watched by the policy's own resource.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, Resource, ResourceProvider

from infra.errors import NOTHING_CHANGED, ProgramError
from infra.reporting import check_failures

_KEYS = ("region", "bucket")


class BucketHasPolicyError(ProgramError):
    """The bucket had a policy before this stack wrote one."""


class BucketClaimProvider(ResourceProvider):
    """Judges a bucket that is new to the stack. Pickled by reference into the state, so it holds nothing."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuses a bucket that already has a policy, in previews too."""
        failures: list[CheckFailure] = []
        if any(olds.get(key) != news[key] for key in _KEYS):
            failures = check_failures("bucket", lambda: _require_no_policy(news))
        return CheckResult({key: news[key] for key in _KEYS}, failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another bucket is another claim."""
        moved = [key for key in _KEYS if olds[key] != news[key]]
        return DiffResult(changes=bool(moved), replaces=moved)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Records the claim; the check has just looked."""
        return CreateResult(props["bucket"], {key: props[key] for key in _KEYS})


class BucketClaim(Resource, name="BucketClaim"):
    """That this stack, and nobody else, sets the bucket's policy.

    Args:
        name: The logical name.
        region: The bucket's region.
        bucket: The bucket's name.
        seen: The policy that the survey saw, or None; it is judged and not kept.
        opts: Pulumi's options.
    """

    def __init__(
        self,
        name: str,
        *,
        region: str,
        bucket: str,
        seen: str | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"region": region, "bucket": bucket, "seen": seen}
        super().__init__(BucketClaimProvider(), name, props, opts)


def _require_no_policy(props: dict[str, Any]) -> None:
    bucket = props["bucket"]
    found = props.get("seen")
    if found is not None:
        raise BucketHasPolicyError(
            f"the bucket {bucket} already has a bucket policy:\n{found}",
            consequence="a bucket has one policy document, and writing another would lose those statements; "
            + NOTHING_CHANGED,
            fix="use another bucket, or keep that text and remove it: "
            f"ossutil api delete-bucket-policy --bucket {bucket}",
        )
