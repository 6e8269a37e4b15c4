"""What a stack's exported state tells: whose it is, what it knows, and what was interrupted. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Deployment = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class AttemptedPolicy:
    """A document of the stack's own statements that may have reached a bucket.

    Attributes:
        region: The bucket's region.
        bucket: The bucket's name.
        policy: The document, as JSON text.
    """

    region: str
    bucket: str
    policy: str


@dataclass(frozen=True, kw_only=True)
class State:
    """A stack's state.

    Attributes:
        ids: The ids of all resources, those that wait for their deletion among them.
        interrupted: What was begun and not ended, such as ``creating proxy-vpc``: operations whose engine
            was killed, and replacements that were left after the deletion.
        deployment: All of it, as exported.
    """

    ids: frozenset[str]
    interrupted: Sequence[str]
    deployment: Deployment

    @property
    def stack(self) -> str:
        """The stack's name; empty where no update has written to it yet."""
        return self._urn_part(0)

    @property
    def project(self) -> str:
        """The project's name; likewise."""
        return self._urn_part(1)

    def ids_of(self, types: Collection[str]) -> list[str]:
        """Returns the ids of all resources of some types."""
        return [one["id"] for one in _resources(self.deployment) if one["type"] in types and one.get("id")]

    def resources_of(self, type_: str) -> list[Mapping[str, Any]]:
        """Returns all resources of a type but those that only wait for their deletion."""
        return [one for one in _resources(self.deployment) if one["type"] == type_ and not one.get("delete")]

    def inputs_of(self, type_: str) -> list[Mapping[str, Any]]:
        """Returns the inputs of all resources of a type, of those also whose making was interrupted."""
        begun = [one["resource"] for one in self.deployment.get("pending_operations") or []]
        return [one["inputs"] for one in (*_resources(self.deployment), *begun) if one["type"] == type_]

    @property
    def addresses(self) -> frozenset[str]:
        """The public addresses of the stack."""
        eips = self.resources_of("alicloud:ecs/eipAddress:EipAddress")
        return frozenset(one.get("outputs", {}).get("ipAddress", "") for one in eips) - {""}

    @property
    def guard(self) -> Mapping[str, str]:
        """The account and region that the stack was made in; empty where nothing was made yet."""
        guards = self._guards()
        return guards[0]["outputs"] if guards else {}

    @property
    def policy(self) -> str | None:
        """The document of the stack's own statements in the bucket's policy; None where there is none."""
        found = [_policy_of(one, "outputs") for one in _resources(self.deployment) if _is_policy(one)]
        return found[0] if found else None

    def attempted_policies(self) -> Sequence[AttemptedPolicy]:
        """Returns the documents that interrupted operations were about to bring into a bucket's policy."""
        operations = self.deployment.get("pending_operations") or []
        resources = [one["resource"] for one in operations if _is_policy(one["resource"])]
        return [
            AttemptedPolicy(region=one["inputs"]["region"], bucket=one["inputs"]["bucket"], policy=policy)
            for one in resources
            if (policy := _policy_of(one, "inputs")) is not None
        ]

    @property
    def complete(self) -> bool:
        """Whether everything was made, and no destroy has begun: the last guard is there as well."""
        return len(self._guards()) > 1

    def _guards(self) -> Sequence[Mapping[str, Any]]:
        return [one for one in _resources(self.deployment) if one["type"].endswith(":AccountGuard")]

    def _urn_part(self, at: int) -> str:
        # urn:pulumi:STACK::PROJECT::TYPE::NAME
        urns = [one["urn"].removeprefix("urn:pulumi:").split("::") for one in _resources(self.deployment)]
        return str(urns[0][at]) if urns else ""


def parse(deployment: Deployment) -> State:
    """Reads an exported deployment."""
    # The operations of the update that asks are pending too: it has begun with the stack and its providers.
    operations = [
        one
        for one in deployment.get("pending_operations") or []
        if one["resource"].get("custom") and not one["resource"]["type"].startswith("pulumi:")
    ]
    half = [one for one in _resources(deployment) if one.get("pendingReplacement")]
    return State(
        ids=frozenset(one["id"] for one in _resources(deployment) if one.get("id")),
        interrupted=[
            *(f"{one['type']} {_name(one['resource'])}" for one in operations),
            *(f"replacing {_name(one)}" for one in half),
        ],
        deployment=deployment,
    )


def settled(deployment: Deployment) -> Deployment:
    """Returns a deployment that knows of nothing interrupted, to be refreshed next.

    A resource that was left in the middle of its replacement is gone from the cloud. The engine would delete
    those a second time that had to go because of another's replacement, which an EIP's association never
    survives; without them the next update just creates them. Sources: the engine's own words on
    ``PendingReplacement`` (pkg/resource/deploy/step.go, v3.256.0); measured with it.
    """
    gone = {one["urn"] for one in _resources(deployment) if one.get("pendingReplacement")}
    kept = [_without(one, gone) for one in _resources(deployment) if not one.get("pendingReplacement")]
    return {**deployment, "resources": kept, "pending_operations": []}


def _without(resource: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    changed = dict(resource)
    if resource.get("dependencies"):
        changed["dependencies"] = [urn for urn in resource["dependencies"] if urn not in gone]
    if resource.get("propertyDependencies"):
        changed["propertyDependencies"] = {
            key: [urn for urn in urns or [] if urn not in gone]
            for key, urns in resource["propertyDependencies"].items()
        }
    return changed


def _is_policy(resource: Mapping[str, Any]) -> bool:
    return bool(resource["type"].startswith("pulumi-python:") and resource["type"].endswith(":BucketPolicy"))


def _policy_of(resource: Mapping[str, Any], values: str) -> str | None:
    # A value that was not known when the operation began is no text.
    policy = (resource.get(values) or {}).get("policy")
    return policy if isinstance(policy, str) else None


def _resources(deployment: Deployment) -> Sequence[Mapping[str, Any]]:
    return deployment.get("resources") or []


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"]).rpartition("::")[2]
