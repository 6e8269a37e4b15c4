"""This stack's statements in the bucket's policy, as a resource of our own.

A bucket has one policy document, and writing it replaces whatever is there. The provider's resource
writes without reading and deletes without looking. This one owns the statements that the
state keeps as ``policy``, known by their value; those of others are merged with, never owned: each write
starts from what the bucket holds at that moment (``infra.policy_writer``, also on what races remain).

``document`` is the whole policy: in a preview what it will be, in the state what it was when this stack
last looked. A change that others made to their statements is no change of this resource.
``original`` is the bucket's text before the statements came; a destroy puts it back.

What an update wrote just before it was killed is adopted by the next update that wants the same. If the
settings change in between, the proxy's statement stays in the bucket as one of others; it names the VPC of
this stack alone, and so lets nobody in once that is gone. Those of grants are taken out when the state is
settled (``infra.recovery``), which every update after a kill asks for.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    UpdateResult,
)

from infra import sdk
from infra.policy import same_meaning
from infra.policy_merge import contains, held, readable
from infra.policy_plan import plan
from infra.policy_writer import bring_in, take_out
from infra.reporting import PlainProvider, check_failures

_KEYS = ("region", "bucket", "policy")
_MISSING = "the bucket's policy no longer holds this stack's statements"


class BucketPolicyProvider(PlainProvider):
    """Plans, writes and reads back. Pickled by reference into the state, so it holds nothing."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Shows the policy that will be, and refuses one that cannot be, in previews too.

        What the survey saw is judged and not kept; a write looks again. On the first preview the new
        statements are unknown, because the VPC is: their draft stands for them.
        """
        inputs = {key: news[key] for key in _KEYS} | ({"secure": True} if _secure(news) else {})
        failures = check_failures("bucket", lambda: inputs.update(_planned(olds, news)))
        return CheckResult(inputs, failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compares this stack's statements alone, and whether the bucket still holds them."""
        moved = [key for key in ("region", "bucket") if olds[key] != news[key]]
        wanted = news["policy"]
        changed = "restore" in news or not (_is_known(wanted) and same_meaning(olds["policy"], wanted))
        return DiffResult(changes=bool(moved) or changed, replaces=moved)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Puts the statements in; adopts them when an update that was killed did that already.

        Raises:
            ProgramError: As ``policy_writer.bring_in``.
        """
        document, original = bring_in(_client(props), props["policy"], secure=_secure(props))
        return CreateResult(props["bucket"], _state(props, document, original))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Puts the statements in the place of the former ones.

        Raises:
            ProgramError: As ``policy_writer.bring_in``.
        """
        document, _ = bring_in(_client(news), news["policy"], [olds["policy"]], secure=_secure(news))
        return UpdateResult(_state(news, document, olds.get("original")))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Shows what the bucket holds.

        Where none of the statements is left, or policy or bucket are gone, so is this resource. Where some
        are, those alone are remembered: they are this stack's to take out, and the next update brings the
        rest.

        Raises:
            UnreadablePolicyError: When the bucket's policy is none that this program knows.
            sdk.CloudError: When it could not be read.
        """
        try:
            found = _client(props).policy()
        except sdk.NoSuchBucketError:
            found = None
        own = None if found is None else held(found, props["policy"])
        if found is None or own is None:
            return ReadResult("", {})
        if not contains(found, props["policy"]):
            props = {**props, "policy": own}
        # A state of before `document` gets it with its next update.
        shown = props.get("document")
        if shown is not None and not same_meaning(found, shown):
            return ReadResult(id_, _state(props, found, props.get("original")))
        return ReadResult(id_, {key: value for key, value in props.items() if key != "__provider"})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Takes the statements out and leaves everything else; gone already is fine.

        Raises:
            ProgramError: As ``policy_writer.take_out``.
        """
        take_out(_client(props), props["policy"], props.get("original"))


class BucketPolicy(Resource, name="BucketPolicy"):
    """A stack's statements in the policy of a bucket that exists already.

    Args:
        name: The logical name.
        region: The bucket's region.
        bucket: The bucket's name.
        policy: A document that holds the statements alone, as JSON text.
        draft: The same, with a placeholder for what is not known in a preview.
        seen: The policy that the survey saw, or None.
        secure: Whether the proxy reads over HTTPS.
        opts: Pulumi's options.
    """

    bucket: pulumi.Output[str]
    policy: pulumi.Output[str]
    document: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        region: str,
        bucket: str,
        policy: pulumi.Input[str],
        draft: pulumi.Input[str],
        seen: str | None,
        secure: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "region": region,
            "bucket": bucket,
            "policy": policy,
            "draft": draft,
            "seen": seen,
            "secure": secure,
            # Set by the provider; named here to be an output.
            "document": None,
        }
        super().__init__(BucketPolicyProvider(), name, props, opts)


def _client(props: dict[str, Any]) -> sdk.BucketClient:
    return sdk.BucketClient(props["region"], props["bucket"])


def _secure(props: dict[str, Any]) -> bool:
    # An earlier release had no such input.
    return bool(props.get("secure"))


def _is_known(policy: object) -> bool:
    # In a preview an unknown value arrives as an object of its own.
    return isinstance(policy, str)


def _planned(olds: dict[str, Any], news: dict[str, Any]) -> dict[str, str]:
    seen, policy = news.get("seen"), news["policy"]
    own = policy if _is_known(policy) else news["draft"]
    former = [olds["policy"]] if _is_known(olds.get("policy")) else []
    planned = {"document": readable(plan(seen, own, former, secure=_secure(news)))}
    known = bool(former) and olds["bucket"] == news["bucket"]
    if known and not any(contains(seen, one) for one in (own, *former)):
        planned["restore"] = _MISSING
    return planned


def _state(props: dict[str, Any], document: str, original: str | None) -> dict[str, Any]:
    kept = {} if original is None else {"original": original}
    return {**{key: props[key] for key in _KEYS}, "document": readable(document), **kept}
