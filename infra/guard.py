"""Keeps a stack in the account and region that it was made in, and heeds its deletion protection.

Credentials for another account find none of the stack's resources. A refresh would then forget them all
and an update would make them anew beside the old ones. So a stack records where it was made, and refuses
to go on elsewhere.

Pulumi deletes dependents first and runs no program for a destroy, so there are two guards: the first,
on which everything depends, refuses in a preview or update before anything else is looked at; the last,
which depends on everything, refuses in a destroy before anything is deleted. That is also where a destroy
without a preview meets the deletion protection (``infra.protection``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    UpdateResult,
)

from infra import protection, sdk
from infra.errors import ProgramError
from infra.reporting import PlainProvider

_KEYS = ("account_uid", "region", "protected", "replacing")


class WrongAccountError(ProgramError):
    """The credentials at hand belong to another account than the stack."""


class AccountGuardProvider(PlainProvider):
    """Compares accounts and records. Pickled by reference into the state, so it holds nothing."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuses another account or region than the recorded one, in previews too.

        Also an update that takes the protection off and replaces what was protected.
        """
        failures = [
            CheckFailure(key, _moved(key, olds[key], news[key]))
            for key in ("account_uid", "region")
            if key in olds and olds[key] != news[key]
        ]
        if not failures and (reason := protection.refusal(olds, news)):
            failures = [CheckFailure("protected", reason)]
        return CheckResult(protection.remembered(olds, news), failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compares what is recorded of the protection; ``check`` lets no other account through."""
        return DiffResult(changes=_record(olds) != _record(news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Records the account that the survey found; asks nobody."""
        return CreateResult(props["account_uid"], _record(props))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Records the protection as it will be."""
        return UpdateResult(_record(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refuses a refresh with another account's credentials.

        Raises:
            WrongAccountError: When they belong to another account.
        """
        require_same_account(
            props, "a refresh would forget every resource of the stack; nothing was changed."
        )
        return ReadResult(id_, props)

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Refuses a destroy with another account's credentials, or under deletion protection.

        Raises:
            WrongAccountError: When they belong to another account.
            protection.ProtectedError: When the protection is on.
        """
        require_same_account(props, "none of the stack's resources would be found; nothing was deleted.")
        protection.require_unprotected(props)


class AccountGuard(Resource, name="AccountGuard"):
    """The account and region that the stack was made in, and whether it may be deleted.

    Args:
        name: The logical name.
        account_uid: The UID of the account that everything is made in.
        region: The region that everything is made in; STS is asked there.
        protected: What is to be remembered of the deletion protection: ``protection.record``.
        opts: Pulumi's options.
    """

    account_uid: pulumi.Output[str]
    region: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        account_uid: str,
        region: str,
        protected: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"account_uid": account_uid, "region": region, **protected}
        super().__init__(AccountGuardProvider(), name, props, opts)


def _record(props: dict[str, Any]) -> dict[str, Any]:
    # A state of before the protection has no record of it.
    return {key: props[key] for key in _KEYS if key in props}


def _moved(key: str, recorded: str, found: str) -> str:
    if key == "region":
        return (
            f"this stack was made in {recorded}, alicloud:region now says {found}. Nothing was changed. "
            f"Fix: pulumi config set alicloud:region {recorded}, or make another stack."
        )
    return (
        f"this stack was made in account {recorded}, the credentials belong to account {found}. Nothing was "
        f"changed. Fix: use credentials of account {recorded}, or another stack: pulumi stack select."
    )


def require_same_account(props: dict[str, Any], consequence: str) -> None:
    """Asks whose the credentials are.

    Args:
        props: What the state holds of the resource: ``account_uid`` and ``region``.
        consequence: What did not happen.

    Raises:
        WrongAccountError: When they belong to another account than the recorded one.
        sdk.CloudError: When STS does not say.
    """
    recorded = props["account_uid"]
    found = sdk.caller_uid(props["region"])
    if found != recorded:
        raise WrongAccountError(
            f"this stack was made in account {recorded}, the credentials belong to account {found}",
            consequence=consequence,
            fix=f"use credentials of account {recorded}, then run the command again.",
        ) from None
