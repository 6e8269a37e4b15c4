"""Temporary credentials: given out for a role, for a time.

The credentials of an instance's role are there by themselves and change before they end. How long they are
good, and from when new ones are told, is inferred.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from localcloud.accounts import AccessKey, Accounts, Session, make_key
from localcloud.ram.roles import Role

INSTANCE_LIFETIME = timedelta(hours=6)
RENEWED_BEFORE_END = timedelta(minutes=30)


def utc_now() -> datetime:
    """Returns the present time in UTC."""
    return datetime.now(UTC)


class Sessions:
    """Gives temporary credentials out.

    Args:
        accounts: The keys that may sign; the temporary ones are among them.
        now: Tells the time, in UTC; tests give their own.
    """

    def __init__(self, accounts: Accounts, now: Callable[[], datetime] = utc_now) -> None:
        self._accounts = accounts
        self._now = now
        self._of_instances: dict[str, AccessKey] = {}

    def issue(self, role: Role, name: str, lifetime: timedelta) -> AccessKey:
        """Returns new credentials for a role."""
        now = self._now()
        for key in list(self._accounts):
            # For as long again as they were likely good, ended ones get the answer that tells why.
            if key.session is not None and key.session.expires + INSTANCE_LIFETIME < now:
                self._accounts.remove(key.id)
        session = Session(
            role_name=role.name,
            role_id=role.role_id,
            name=name,
            token="CAIS" + secrets.token_urlsafe(200),
            issued=now,
            expires=now + lifetime,
        )
        lasting = make_key(role.account_uid)
        key = dataclasses.replace(lasting, id="STS." + lasting.id.removeprefix("LTAI"), session=session)
        self._accounts.add(key)
        return key

    def of_instance(self, instance_id: str, role: Role) -> AccessKey:
        """Returns the credentials that an instance has by its role: new ones half an hour before the end.

        The session's name is seen in an identity at
        https://developer.hashicorp.com/vault/docs/auth/alicloud (2026-11-24).
        """
        key = self._of_instances.get(instance_id)
        if key is not None and key.session is not None:
            fresh = key.session.expires - self._now() > RENEWED_BEFORE_END
            if fresh and key.session.role_id == role.role_id:
                return key
        key = self.issue(role, f"vm-ram-{instance_id}", INSTANCE_LIFETIME)
        self._of_instances[instance_id] = key
        return key
