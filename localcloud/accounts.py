"""Accounts and access keys of the stand-in cloud.

An account is named by its UID, a number of 16 digits in text form, as in the cloud. Keys are made at
random for each cloud and kept only in its home folder.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# No real account has this UID: cloud UIDs begin with 1 or 5. A stack made here can therefore never be
# mistaken for one of a real account.
DEFAULT_ACCOUNT_UID = "9000000000000001"
STRANGER_ACCOUNT_UID = "9000000000000002"

_KEY_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """One access key and the identity that signs with it.

    Attributes:
        id: The AccessKey id, as sent in requests.
        secret: The AccessKey secret, never sent.
        account_uid: The UID of the account that the identity belongs to.
        user_id: The RAM user's id, or None for the account itself.
        user_name: The RAM user's name, or None for the account itself.
    """

    id: str
    secret: str
    account_uid: str
    user_id: str | None = None
    user_name: str | None = None

    @property
    def principal_id(self) -> str:
        """The id that policies name: the RAM user's, else the account's UID."""
        return self.user_id or self.account_uid

    @property
    def arn(self) -> str:
        """The ARN that GetCallerIdentity answers."""
        if self.user_name is None:
            return f"acs:ram::{self.account_uid}:root"
        return f"acs:ram::{self.account_uid}:user/{self.user_name}"


@dataclass(frozen=True, kw_only=True)
class RamUser:
    """A RAM user with one key and one policy.

    Attributes:
        name: The user's name.
        key: The key.
        policy: The policy's text.
    """

    name: str
    key: AccessKey
    policy: str


class Accounts:
    """The access keys that are known, looked up by id."""

    def __init__(self, keys: Iterable[AccessKey]) -> None:
        self._by_id = {key.id: key for key in keys}

    def find(self, access_key_id: str) -> AccessKey | None:
        """Returns the key with this id, or None."""
        return self._by_id.get(access_key_id)

    def add(self, key: AccessKey) -> None:
        """Adds a key, or replaces the one with the same id."""
        self._by_id[key.id] = key

    def remove(self, access_key_id: str) -> None:
        """Forgets a key; an unknown one is fine."""
        self._by_id.pop(access_key_id, None)

    def __iter__(self) -> Iterator[AccessKey]:
        return iter(self._by_id.values())


def make_key(account_uid: str, *, user_id: str | None = None, user_name: str | None = None) -> AccessKey:
    """Makes a key with a random id and secret, in the cloud's form (``LTAI`` and 20 characters)."""

    def pick(length: int) -> str:
        return "".join(secrets.choice(_KEY_ALPHABET) for _ in range(length))

    return AccessKey(
        id="LTAI" + pick(20), secret=pick(30), account_uid=account_uid, user_id=user_id, user_name=user_name
    )
