"""Keeps a stack from taking over a bucket that it did not make, and from losing one that it made.

A program does not see its state, so it cannot tell its own bucket from one that is there by chance. A
resource can: the first guard comes before the bucket, so that its presence in the state says "this stack set
out to make a bucket of this name when there was none". Tags would say less; anybody can copy or remove them.

The last guard comes after everything, so a destroy begins with it. Where the destroy may go on at all, it
deletes the bucket of the stack, which OSS refuses while it holds anything, and then nothing else has been
deleted either. The provider could not do that. Its bucket comes last in a destroy, and a bucket that is
merely no longer in the program - because its owner keeps it and gives ``bucketMode`` up - looks the same to
it; so Pulumi only ever forgets the bucket (``infra.bucket``). Both guards are there in both modes: what is
gone from the program would be deleted.
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

from infra import protection, sdk
from infra.bucket_mode import MANAGED
from infra.errors import ProgramError
from infra.guard import require_same_account
from infra.reporting import PlainProvider, check_failures

_UNPROTECT = (
    "pulumi config set oss-proxy:bucketMode managed, pulumi config set oss-proxy:bucketProtection false, "
    "pulumi up"
)


class BucketExistsError(ProgramError):
    """A bucket of the name exists, and is not this stack's own."""


class BucketProtectedError(ProgramError):
    """The stack would lose a bucket that it is to keep."""


class BucketGuardProvider(PlainProvider):
    """Compares what is recorded with what is wanted. Pickled by reference into the state; holds nothing."""

    serialize_as_secret_always = False
    keys: tuple[str, ...] = ("account_uid", "region", "bucket", "mode", "protected")

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuses to take over a bucket or to lose one, in previews too."""
        failures = check_failures("bucket", lambda: _require_sound(olds, news))
        return CheckResult(self._kept(news), failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compares what is recorded; nothing in the cloud stands behind it."""
        return DiffResult(changes=self._kept(olds) != self._kept(news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Records; asks nobody."""
        return CreateResult("bucket", self._kept(props))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Records; asks nobody."""
        return UpdateResult(self._kept(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Shows what is recorded; asks nobody."""
        return ReadResult(id_, self._kept(props))

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Leaves the bucket alone: this is the guard that comes first, and so goes last."""

    def _kept(self, props: dict[str, Any]) -> dict[str, Any]:
        return {key: props[key] for key in self.keys if key in props}


class LastBucketGuardProvider(BucketGuardProvider):
    """Stands at the beginning of a destroy."""

    keys = (*BucketGuardProvider.keys, "deletion_protection")

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Passes: the first guard has judged."""
        return CheckResult(self._kept(news), [])

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Deletes the bucket that the stack made; refuses to while it is protected or holds anything.

        Raises:
            WrongAccountError: When the credentials belong to another account than the stack.
            protection.ProtectedError: While the rest of the stack is protected.
            BucketProtectedError: While it is protected, also where Pulumi's own protection was lifted.
            sdk.BucketNotEmptyError: When it holds anything.
            sdk.CloudError: When OSS or STS refuses, or does not answer.
        """
        require_same_account(props, "none of the stack's resources would be found; nothing was deleted.")
        protection.require_unprotected({"protected": props.get("deletion_protection")})
        if props["mode"] != MANAGED:
            return
        if props["protected"]:
            raise BucketProtectedError(
                f"this stack made the bucket {props['bucket']}, which is protected",
                consequence="a destroy would delete it; nothing was deleted.",
                fix=f"{_UNPROTECT}. After that a destroy deletes the bucket, if it is empty. To keep it, "
                "hand it over first: pulumi config set oss-proxy:bucketMode existing, pulumi config rm "
                "oss-proxy:bucketProtection, pulumi up.",
            )
        try:
            sdk.BucketClient(props["region"], props["bucket"]).delete()
        except sdk.CloudError as fault:
            # The engine prints the whole chain of a refused delete; its last link says it all.
            raise fault from None


class BucketGuard(Resource, name="BucketGuard"):
    """What the stack has to do with its bucket.

    Args:
        name: The logical name.
        provider: Which of the two guards it is.
        account_uid: The UID of the account that owns the bucket.
        region: The bucket's region.
        bucket: The bucket's name.
        mode: ``existing`` or ``managed``.
        protected: Whether the stack is to keep a bucket that it made.
        deletion_protection: Whether the rest of the stack is protected.
        exists: Whether the bucket was there when this run began.
        opts: Pulumi's options.
    """

    def __init__(
        self,
        name: str,
        provider: BucketGuardProvider,
        *,
        account_uid: str,
        region: str,
        bucket: str,
        mode: str,
        protected: bool,
        deletion_protection: bool,
        exists: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "account_uid": account_uid,
            "region": region,
            "bucket": bucket,
            "mode": mode,
            "protected": protected,
            "deletion_protection": deletion_protection,
            "exists": exists,
        }
        super().__init__(provider, name, props, opts)


def _require_sound(olds: dict[str, Any], news: dict[str, Any]) -> None:
    made = olds["bucket"] if olds.get("mode") == MANAGED else None
    bucket = news["bucket"]
    if news["mode"] == MANAGED and made == bucket:
        return
    if made is not None and olds["protected"] and _is_there(olds):
        wanted = f"bucketName {bucket}" if news["mode"] == MANAGED else "bucketMode existing"
        raise BucketProtectedError(
            f"this stack made the bucket {made}, which is protected; the settings now say {wanted}",
            consequence="Pulumi would let go of the bucket; nothing was created or changed.",
            fix="put the settings back; or hand the bucket over, which keeps it as it is: first "
            f"{_UNPROTECT}; then the new settings, without oss-proxy:bucketProtection.",
        )
    if news["mode"] == MANAGED and news["exists"]:
        raise BucketExistsError(
            f"the bucket {bucket} exists, and is not this stack's own",
            consequence="bucketMode managed would take it over; nothing was created or changed.",
            fix="pulumi config set oss-proxy:bucketMode existing, or choose a name that is free: "
            "pulumi config set oss-proxy:bucketName NAME.",
        )


def _is_there(recorded: dict[str, Any]) -> bool:
    """Tells whether the recorded bucket exists in this account.

    An update that was to make it may have failed, for example because the name was taken meanwhile; then
    the record must not stand in the way of other settings.
    """
    try:
        sdk.BucketClient(recorded["region"], recorded["bucket"]).info()
    except (sdk.NoSuchBucketError, sdk.ForbiddenError):
        return False
    return True
