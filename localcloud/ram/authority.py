"""The RAM users of the operator's account, and roles: what their policies say, and what they were allowed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.accounts import AccessKey, Accounts, RamUser, make_key
from localcloud.errors import LocalcloudError
from localcloud.oss.policy.model import Decision, RequestContext
from localcloud.ram.document import RamPolicy, decide, parse
from localcloud.ram.roles import RamRecords

# Source: https://www.alibabacloud.com/help/doc-detail/28753.htm (RAM user name, 2026-11-23).
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
# A program that reads a million objects must not fill the memory; a record is for reading.
RESOURCES_PER_ACTION_MAX = 100

_Record = dict[str, dict[str, set[str]]]


@dataclass(frozen=True)
class _User:
    stored: RamUser
    policy: RamPolicy


class RamAuthority:
    """Knows the RAM users; the services ask it.

    Args:
        account_uid: The account that new users belong to.
        users: The users that there are.
        accounts: The keys that may sign; the users' are added and taken away.
        keep: Keeps the users; called with all of them after each change.
        records: The roles and their policies.
    """

    def __init__(
        self,
        account_uid: str,
        users: Iterable[RamUser],
        accounts: Accounts,
        keep: Callable[[list[RamUser]], None],
        records: RamRecords | None = None,
    ) -> None:
        self._records = records or RamRecords()
        self._account_uid = account_uid
        self._accounts = accounts
        self._keep = keep
        self._users = {user.name: _User(user, parse(user.policy)) for user in users}
        self._authorised: _Record = {}
        self._refused: _Record = {}
        for user in self._users.values():
            accounts.add(user.stored.key)

    def decide(self, key: AccessKey, request: RequestContext) -> Decision:
        """Judges a request of a RAM user or a role."""
        if key.session is not None:
            session = key.session
            policy = self._records.policy_of(key.account_uid, session.role_name, session.role_id)
            return decide(policy, request)
        user = self._users.get(key.user_name or "")
        known = user is not None and user.stored.key.id == key.id
        return decide(user.policy, request) if user is not None and known else Decision.NONE

    def note(self, key: AccessKey, request: RequestContext, *, allowed: bool) -> None:
        """Remembers what became of a request of a RAM user or a role."""
        record = self._authorised if allowed else self._refused
        resources = record.setdefault(key.label, {}).setdefault(request.action, set())
        if len(resources) < RESOURCES_PER_ACTION_MAX:
            resources.add(request.resource)

    def put_user(self, name: str, policy: str) -> AccessKey:
        """Makes a user with a policy, or gives one that is there another policy; returns the user's key.

        Raises:
            LocalcloudError: The name or the policy is none that RAM takes; nothing has changed then.
        """
        if not _NAME.fullmatch(name):
            raise LocalcloudError(
                f"{name!r} is no RAM user's name: 1 to 64 letters, digits, `.`, `_` and `-`."
            )
        parsed = parse(policy)
        there = self._users.get(name)
        # RAM users' ids are numbers of 18 digits that begin with 2.
        key = (
            there.stored.key
            if there
            else make_key(self._account_uid, user_id=f"2{secrets.randbelow(10**17):017}", user_name=name)
        )
        self._users[name] = _User(RamUser(name=name, key=key, policy=policy), parsed)
        self._accounts.add(key)
        self._keep_all()
        return key

    def remove_user(self, name: str) -> None:
        """Removes a user; the key is unknown from then on.

        Raises:
            LocalcloudError: There is no such user.
        """
        user = self._users.pop(name, None)
        if user is None:
            raise LocalcloudError(f"There is no RAM user {name}. See: localcloud ram list")
        self._accounts.remove(user.stored.key.id)
        self._keep_all()

    def users(self) -> list[dict[str, Any]]:
        """Returns the users without their secrets, each as JSON can hold it."""
        return [
            {
                "name": name,
                "user_id": user.stored.key.user_id,
                "access_key_id": user.stored.key.id,
                "statements": len(user.policy.statements),
            }
            for name, user in sorted(self._users.items())
        ]

    def as_dict(self) -> dict[str, Any]:
        """Returns what users were allowed and refused since the start: user -> action -> resources."""
        return {"authorised": _sorted(self._authorised), "refused": _sorted(self._refused)}

    def answer(self, command: str, request: Mapping[str, Any]) -> Any:
        """Answers a command of the CLI: ``user``, ``list`` or ``rm``.

        Raises:
            LocalcloudError: It cannot be carried out.
        """
        if command == "user":
            key = self.put_user(str(request["name"]), str(request["policy"]))
            return {"access_key_id": key.id, "access_key_secret": key.secret, "user_id": key.user_id}
        if command == "rm":
            return self.remove_user(str(request["name"]))
        return self.users()

    def _keep_all(self) -> None:
        self._keep([user.stored for user in self._users.values()])


def _sorted(record: _Record) -> dict[str, dict[str, list[str]]]:
    return {
        user: {action: sorted(resources) for action, resources in sorted(actions.items())}
        for user, actions in sorted(record.items())
    }
