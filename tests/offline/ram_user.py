"""RAM users with the generated policies, and what the cloud let them do."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from infra.ram.features import ACME_DNS, DNS
from infra.ram.policies import Role, Target, build, rights_of
from tests.support.project import STACK, Project

UID = "9000000000000001"


def as_user(
    project: Project,
    name: str,
    role: Role,
    features: Collection[str] = (),
    *,
    without: Collection[str] = (),
) -> Project:
    """The project in the hands of a RAM user with the generated policy, or with some actions less."""
    target = Target(
        account_uid=UID,
        region=project.setting("alicloud:region"),
        bucket=project.setting("bucketName"),
        zone=project.setting("dnsZone") if DNS in features else "",
        stack=STACK if ACME_DNS in features else "",
    )
    policy: dict[str, Any] = json.loads(build(role, target, features))
    for statement in policy["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action not in without]
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Action"]]
    file = project.folder.parent / f"{name}.json"
    file.write_text(json.dumps(policy))
    project.cloud.cli("ram", "user", name, "--policy", str(file))
    return replace(project, user=name)


def actions_of(role: Role, features: Collection[str] = ()) -> set[str]:
    return {right.action for right in rights_of(role, features)}


def authorised(project: Project) -> set[str]:
    """Every action that the cloud has authorised for the project's user."""
    return set(project.cloud.status()["ram"]["authorised"].get(project.user, {}))


def refused(project: Project) -> set[str]:
    """Every action that the cloud has refused to the project's user."""
    return set(project.cloud.status()["ram"]["refused"].get(project.user, {}))
