"""RAM policies for a stack, made of the list of rights. Pure.

Actions with the same limits make one statement. No action holds a wildcard, and each is limited to the
account, its region and the bucket where RAM can limit it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from infra.errors import ProgramError
from infra.naming import Naming, NamingError
from infra.nginx.rules import is_host_name
from infra.oss_names import BUCKET_NAME
from infra.ram.base import GROUPS
from infra.ram.features import ACME_DNS, DNS
from infra.ram.features import FEATURES as FEATURE_GROUPS
from infra.ram.model import Right
from infra.regions import REGIONS_WITH_SOURCE_VPC
from infra.tls.dns_rights import name_of

Role = Literal["deployer", "preview"]
# As Pulumi.yaml has it.
PROJECT = "oss-proxy"
ROLES: tuple[Role, ...] = ("deployer", "preview")
FEATURES = tuple(group.feature for group in FEATURE_GROUPS if group.feature)

# Source: https://www.alibabacloud.com/help/doc-detail/28753.htm (2026-11-23)
POLICY_MAX_CHARACTERS = 6144

_ACCOUNT_UID = re.compile(r"\d{16}")


class RamPolicyError(ProgramError):
    """A policy that cannot be made."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the stack goes.

    Attributes:
        account_uid: The account's UID, 16 digits.
        region: The region.
        bucket: The bucket's name.
        zone: The domain in Alibaba Cloud DNS, for the feature ``dns``; else empty.
        stack: The stack, for the feature ``acme-dns``, whose role is named after it; else empty.
    """

    account_uid: str
    region: str
    bucket: str
    zone: str = ""
    stack: str = ""


def rights_of(role: Role, features: Collection[str] = ()) -> list[Right]:
    """Returns the rights that a user needs.

    Args:
        role: ``deployer`` for everything, ``preview`` for what only reads.
        features: The features that the stack uses, of ``FEATURES``.

    Raises:
        RamPolicyError: When there is no such feature.
    """
    unknown = sorted(set(features) - set(FEATURES))
    if unknown:
        raise RamPolicyError(
            f"there is no feature {', '.join(unknown)}",
            consequence="no policy was made.",
            fix=f"name some of {', '.join(FEATURES)}.",
        )
    groups = [*GROUPS, *(group for group in FEATURE_GROUPS if group.feature in features)]
    return [right for group in groups for right in group.rights if right.preview or role == "deployer"]


def build(role: Role, target: Target, features: Collection[str] = ()) -> str:
    """Returns a RAM policy as JSON text.

    Args:
        role: Who it is for.
        target: What it is limited to.
        features: As for ``rights_of``.

    Raises:
        RamPolicyError: When the target is none, or the text would be larger than RAM takes.
    """
    _require_target(target, features)
    names = {
        "account": target.account_uid,
        "region": target.region,
        "bucket": target.bucket,
        "zone": target.zone,
        "role": name_of(Naming(project=PROJECT, stack=target.stack)) if ACME_DNS in features else "",
    }
    by_limit: dict[tuple[str, ...], list[str]] = {}
    for right in rights_of(role, features):
        limit = tuple(sorted(arn.format(**names) for arn in right.on))
        by_limit.setdefault(limit, []).append(right.action)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": list(limit)}
        for limit, actions in sorted(by_limit.items())
    ]
    # A statement a line: spaces count.
    lines = ",\n".join(json.dumps(statement, separators=(",", ":")) for statement in statements)
    text = f'{{"Version": "1", "Statement": [\n{lines}\n]}}'
    if len(text) > POLICY_MAX_CHARACTERS:
        raise RamPolicyError(
            f"the {role}'s policy has {len(text)} characters, RAM takes {POLICY_MAX_CHARACTERS}",
            consequence="no policy was made.",
            fix="leave out features that the stack does not use, or give them to the user in a policy of "
            "their own.",
        )
    return text


def _is_stack(target: Target) -> bool:
    try:
        name_of(Naming(project=PROJECT, stack=target.stack))
    except NamingError:
        return False
    return bool(target.stack)


def _require_target(target: Target, features: Collection[str]) -> None:
    # A wildcard in one of them would widen the policy without a word.
    faults = []
    if not _ACCOUNT_UID.fullmatch(target.account_uid):
        faults.append(f"{target.account_uid!r} is no account's UID, 16 digits")
    if target.region not in REGIONS_WITH_SOURCE_VPC:
        faults.append(f"{target.region!r} is no region that the program supports")
    if not BUCKET_NAME.fullmatch(target.bucket):
        faults.append(f"{target.bucket!r} is no bucket's name")
    if DNS in features and (target.zone.startswith("*") or not is_host_name(target.zone)):
        faults.append(f"{target.zone!r} is no domain, which the feature {DNS} needs (ZONE=example.com)")
    if ACME_DNS in features and not _is_stack(target):
        faults.append(f"{target.stack!r} is no stack, which the feature {ACME_DNS} needs (STACK=prod)")
    if faults:
        raise RamPolicyError(
            "; ".join(faults),
            consequence="no policy was made.",
            fix="make ram-policy ACCOUNT=UID REGION=cn-hangzhou BUCKET=NAME.",
        )
