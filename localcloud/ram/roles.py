"""RAM roles and custom policies, as records; what a role's policies say together."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from localcloud.ram.document import RamPolicy, parse

SERVICE_ECS = "ecs.aliyuncs.com"


@dataclass(kw_only=True)
class Role:
    """A role.

    Attributes:
        role_id: A number of 18 digits, as text.
        trust: The text of the policy that says who may take it on.
        attached: The names of its custom policies -> when each was attached.
    """

    name: str
    role_id: str
    account_uid: str
    trust: str
    created: datetime
    changed: datetime
    description: str = ""
    session_s_max: int = 3600
    attached: dict[str, datetime] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """For example ``acs:ram::1234567890123456:role/reader``."""
        return f"acs:ram::{self.account_uid}:role/{self.name}"

    def trusts(self, kind: str, *principals: str) -> bool:
        """Tells whether the trust policy allows one of some principals.

        Args:
            kind: ``Service`` or ``RAM``.
            principals: For example ``ecs.aliyuncs.com``, or ARNs.
        """
        effects = {
            statement["Effect"]
            for statement in json.loads(self.trust)["Statement"]
            for principal in principals
            if principal in _texts(statement["Principal"].get(kind, []))
        }
        return effects == {"Allow"}


@dataclass(frozen=True, kw_only=True)
class PolicyVersion:
    """One version of a policy."""

    version_id: str
    document: str
    parsed: RamPolicy
    created: datetime


@dataclass(kw_only=True)
class ManagedPolicy:
    """A custom policy.

    Attributes:
        versions: By id, the oldest first.
        default: The id of the version that holds.
        made: How many versions were ever made.
    """

    name: str
    account_uid: str
    created: datetime
    changed: datetime
    description: str = ""
    default: str = ""
    versions: dict[str, PolicyVersion] = field(default_factory=dict)
    made: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    def add(self, document: str, now: datetime, *, holds: bool) -> PolicyVersion:
        """Adds a version.

        Args:
            document: Its text.
            now: The time.
            holds: Whether it becomes the one that holds.

        Raises:
            RamPolicyError: The text is no policy.
        """
        parsed = parse(document)
        self.made += 1
        version = PolicyVersion(version_id=f"v{self.made}", document=document, parsed=parsed, created=now)
        self.versions[version.version_id] = version
        self.changed = now
        if holds:
            self.default = version.version_id
        return version


class RamRecords:
    """The roles and policies of all accounts, by account and name."""

    def __init__(self) -> None:
        self.roles: dict[tuple[str, str], Role] = {}
        self.policies: dict[tuple[str, str], ManagedPolicy] = {}

    def policy_of(self, account_uid: str, role_name: str, role_id: str) -> RamPolicy:
        """Returns all statements that a role's policies have now; none when the role is gone."""
        role = self.roles.get((account_uid, role_name))
        if role is None or role.role_id != role_id:
            return RamPolicy()
        attached = (self.policies[account_uid, name] for name in role.attached)
        return RamPolicy(
            tuple(
                statement
                for policy in attached
                for statement in policy.versions[policy.default].parsed.statements
            )
        )

    def roles_with(self, policy: ManagedPolicy) -> list[Role]:
        """Returns the roles that a policy is attached to."""
        return [
            role
            for role in self.roles.values()
            if role.account_uid == policy.account_uid and policy.name in role.attached
        ]


def fault_of_trust(text: str) -> str | None:
    """Tells what is wrong with a trust policy, if anything.

    Its form is that of the alicloud provider's documented examples (v1.285.0). That nothing else is taken is
    localcloud's own, so that nothing is silently without effect.
    """
    try:
        document = json.loads(text)
    except ValueError:
        return "it is not valid JSON"
    if not isinstance(document, dict) or document.keys() != {"Version", "Statement"}:
        return "it must be an object of Version and Statement"
    statements = document["Statement"]
    if document["Version"] != "1" or not isinstance(statements, list) or not statements:
        return 'it needs "Version": "1" and at least one statement'
    for statement in statements:
        if not isinstance(statement, dict) or statement.keys() != {"Action", "Effect", "Principal"}:
            return "a statement must have Action, Effect and Principal; conditions are not modelled here"
        principal, effect = statement["Principal"], statement["Effect"]
        if "sts:AssumeRole" not in _texts(statement["Action"]) or effect not in ("Allow", "Deny"):
            return "a statement must allow or deny sts:AssumeRole"
        if not isinstance(principal, dict) or not principal or principal.keys() - {"RAM", "Service"}:
            return "a Principal must be RAM or Service; Federated is not modelled here"
    return None


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
