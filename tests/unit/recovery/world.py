"""A stack's resources as the cloud lists them, its state, and an API that remembers what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.naming import Naming
from infra.recovery.found import Found

NAMING = Naming(project="oss-proxy", stack="dev")
TAGS = {"managed-by": "pulumi", "project": "oss-proxy", "stack": "dev"}
TYPES = {
    "vpc": "alicloud:vpc/network:Network",
    "eip": "alicloud:ecs/eipAddress:EipAddress",
    "instance": "alicloud:ecs/instance:Instance",
    "eip-association": "alicloud:ecs/eipAssociation:EipAssociation",
    "account": "pulumi-python:dynamic:AccountGuard",
    "bucket-policy": "pulumi-python:dynamic:BucketPolicy",
}


def found(role: str, id_: str, **changes: Any) -> Found:
    """A resource of the stack."""
    return Found(**{"role": role, "id": id_, "name": NAMING.physical(role), "tags": TAGS, **changes})


def urn(role: str) -> str:
    return f"urn:pulumi:dev::oss-proxy::{TYPES[role]}::proxy-{role}"


def resource(role: str, id_: str = "", **changes: Any) -> dict[str, Any]:
    """A resource in a state."""
    return {"urn": urn(role), "type": TYPES[role], "id": id_, "custom": True, **changes}


GUARD = resource("account", "1234567890123456", outputs={"account_uid": "1234567890123456", "region": "cn-x"})


def pending(kind: str, role: str, **changes: Any) -> dict[str, Any]:
    """An operation that was interrupted."""
    return {"type": kind, "resource": resource(role, **changes)}


def deployment(
    *resources: Mapping[str, Any], operations: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """An exported state; without operations as one in which nothing was interrupted."""
    return {"resources": [GUARD, *resources], **({"pending_operations": operations} if operations else {})}


@dataclass
class Api:
    """Answers calls of both products, in turn where there is a list of answers; an exception is raised."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((action, dict(params)))
        queue = self.answers.get(action, [{}])
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(answer, Exception):
            raise answer
        told: dict[str, Any] = answer
        return told
