"""Accounts and access keys of the stand-in cloud.

An account is named by its UID, a number of 16 digits in text form, as in the cloud. Keys are made at
random for each cloud and kept only in its home folder.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# No real account has this UID: cloud UIDs begin with 1 or 5. A stack made here can therefore never be
# mistaken for one of a real account.
DEFAULT_ACCOUNT_UID = "9000000000000001"
STRANGER_ACCOUNT_UID = "9000000000000002"

_KEY_ALPHABET = string.ascii_letters + string.digits


TokenFault = Literal["missing", "malformed", "mismatch", "expired"]


@dataclass(frozen=True, kw_only=True)
class Session:
    """A role that somebody has taken on for a time.

    Attributes:
        role_name: The role.
        role_id: Its id; a role that is made again has another one.
        name: The session's name.
        token: The security token that is sent with each request.
        issued: From when it is good.
        expires: Until when it is good.
    """

    role_name: str
    role_id: str
    name: str
    token: str
    issued: datetime
    expires: datetime


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """One access key and the identity that signs with it.

    Attributes:
        id: The AccessKey id, as sent in requests.
        secret: The AccessKey secret, never sent.
        account_uid: The UID of the account that the identity belongs to.
        user_id: The RAM user's id, or None for the account itself.
        user_name: The RAM user's name, or None for the account itself.
        session: Whose temporary credentials these are, or None for a lasting key.
    """

    id: str
    secret: str
    account_uid: str
    user_id: str | None = None
    user_name: str | None = None
    session: Session | None = None

    @property
    def is_account(self) -> bool:
        """Whether the account itself signs, whom RAM's policies do not bind."""
        return self.user_id is None and self.session is None

    @property
    def label(self) -> str:
        """A name for people: the user's, or the role's as ``role/NAME``."""
        if self.session is not None:
            return f"role/{self.session.role_name}"
        return self.user_name or self.id

    @property
    def principal_id(self) -> str:
        """The id that policies name: the RAM user's, the role's and its session's, else the account's UID."""
        if self.session is not None:
            return f"{self.session.role_id}:{self.session.name}"
        return self.user_id or self.account_uid

    @property
    def sts_arn(self) -> str | None:
        """The ARN by which a bucket policy names temporary credentials, or None for a lasting key."""
        if self.session is None:
            return None
        return f"arn:sts::{self.account_uid}:assumed-role/{self.session.role_name}/{self.session.name}"

    @property
    def arn(self) -> str:
        """The ARN that GetCallerIdentity answers."""
        if self.session is not None:
            return f"acs:ram::{self.account_uid}:assumed-role/{self.session.role_name}/{self.session.name}"
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


def fault_of_token(key: AccessKey, token: str, now: datetime) -> TokenFault | None:
    """Tells what is wrong with the security token that came with a key, if anything.

    Args:
        key: The key.
        token: The token, or an empty text when none came.
        now: The service's clock.
    """
    if key.session is None:
        return "malformed" if token else None
    if not token:
        return "missing"
    if not secrets.compare_digest(token.encode(), key.session.token.encode()):
        return "mismatch"
    return "expired" if now >= key.session.expires else None


def make_key(account_uid: str, *, user_id: str | None = None, user_name: str | None = None) -> AccessKey:
    """Makes a key with a random id and secret, in the cloud's form (``LTAI`` and 20 characters)."""

    def pick(length: int) -> str:
        return "".join(secrets.choice(_KEY_ALPHABET) for _ in range(length))

    return AccessKey(
        id="LTAI" + pick(20), secret=pick(30), account_uid=account_uid, user_id=user_id, user_name=user_name
    )
