"""The bucket policy as a resource of our own.

A bucket has one policy document, and writing it replaces whatever is there. The provider's resource
writes without reading and deletes without looking. This one reads before each change, and changes only
what is known to be its own: a document that the bucket did not get from this stack stops it.

What this stack wrote last is kept in the state as ``policy``; it is what ownership is judged by.
``found`` is what the bucket holds, so that a refresh shows what others did to it.
"""

from __future__ import annotations

import time
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime import rpc

from infra import sdk
from infra.errors import ProgramError
from infra.policy import same_meaning
from infra.reporting import check_failures

READ_BACK_ATTEMPTS = 5
READ_BACK_PAUSE_S = 0.5

_KEYS = ("region", "bucket", "policy")


class ForeignPolicyError(ProgramError):
    """The bucket holds a policy that this stack did not write."""


class PolicyNotKeptError(ProgramError):
    """OSS accepted a policy and then showed another one."""


class BucketPolicyProvider(ResourceProvider):
    """Reads, compares, writes and reads back. Pickled by reference into the state, so it holds nothing."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuses a bucket with a policy that is not this stack's, in previews too.

        What the survey saw is judged and not kept; a write looks again. On the first preview the new
        policy is unknown, because the VPC is.
        """
        ours = [props["policy"] for props in (olds, news) if props.get("policy") not in (None, rpc.UNKNOWN)]
        failures = check_failures("bucket", lambda: _require_ours(news.get("seen"), ours, news["bucket"]))
        return CheckResult({key: news[key] for key in _KEYS}, failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compares meanings, also with what a refresh found in the bucket."""
        moved = [key for key in ("region", "bucket") if olds[key] != news[key]]
        changed = any(not _same(olds[key], news["policy"]) for key in ("policy", "found"))
        return DiffResult(changes=bool(moved) or changed, replaces=moved)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Writes the policy; adopts it when an update that was killed wrote it already.

        Raises:
            ForeignPolicyError: When the bucket got another policy since the check.
        """
        return CreateResult(props["bucket"], _write(props, ours=[props["policy"]]))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Replaces the policy that this stack wrote.

        Raises:
            ForeignPolicyError: When the bucket's policy is not the one that this stack wrote.
        """
        return UpdateResult(_write(news, ours=[olds["policy"], news["policy"]]))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Shows what the bucket holds; a removed policy or bucket counts as gone."""
        try:
            found = _client(props).policy()
        except sdk.NoSuchBucketError:
            found = None
        if found is None:
            return ReadResult("", {})
        shown = props["policy"] if same_meaning(found, props["policy"]) else found
        return ReadResult(id_, {**{key: props[key] for key in _KEYS}, "found": shown})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Removes the policy while it is the one that this stack wrote; gone already is fine.

        Raises:
            ForeignPolicyError: When the bucket's policy is another one.
        """
        client = _client(props)
        try:
            found = client.policy()
        except sdk.NoSuchBucketError:
            return
        if found is None:
            return
        _require_ours(found, [props["policy"]], props["bucket"])
        client.delete_policy()


class BucketPolicy(Resource, name="BucketPolicy"):
    """The one policy document of a bucket that exists already.

    Args:
        name: The logical name.
        region: The bucket's region.
        bucket: The bucket's name.
        policy: The document, as JSON text.
        seen: The policy that the survey saw, or None.
        opts: Pulumi's options.
    """

    bucket: pulumi.Output[str]
    policy: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        region: str,
        bucket: str,
        policy: pulumi.Input[str],
        seen: str | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"region": region, "bucket": bucket, "policy": policy, "seen": seen}
        super().__init__(BucketPolicyProvider(), name, props, opts)


def _client(props: dict[str, Any]) -> sdk.BucketClient:
    return sdk.BucketClient(props["region"], props["bucket"])


def _same(one: str, other: str) -> bool:
    return rpc.UNKNOWN not in (one, other) and same_meaning(one, other)


def _require_ours(found: str | None, ours: list[str], bucket: str) -> None:
    if found is None or any(same_meaning(found, one) for one in ours):
        return
    raise ForeignPolicyError(
        f"the bucket {bucket} has a policy that this stack did not write:\n{found}",
        consequence="writing or removing it would lose those statements, so the policy was not touched.",
        fix="keep that text if it is needed, remove it "
        f"(ossutil api delete-bucket-policy --bucket {bucket}), then run the command again.",
    ) from None


def _write(props: dict[str, Any], *, ours: list[str]) -> dict[str, Any]:
    client = _client(props)
    wanted = props["policy"]
    found = client.policy()
    _require_ours(found, ours, props["bucket"])
    if found is None or not same_meaning(found, wanted):
        client.put_policy(wanted)
        _require_kept(client, props)
    return {**{key: props[key] for key in _KEYS}, "found": wanted}


def _require_kept(client: sdk.BucketClient, props: dict[str, Any]) -> None:
    for attempt in range(READ_BACK_ATTEMPTS):
        if attempt:
            time.sleep(READ_BACK_PAUSE_S)
        found = client.policy()
        if found is not None and same_meaning(found, props["policy"]):
            return
    raise PolicyNotKeptError(
        f"the bucket {props['bucket']} shows another policy than the one just written:\n{found}",
        consequence="somebody else writes it at the same time, or OSS does not show it yet.",
        fix="find out who else writes this bucket's policy, then run `pulumi up` again.",
    )
