"""Asks the cloud for the resources that carry a stack's tags, or its names before they are tagged.

Read-only: ``vpc:DescribeVpcs``, ``vpc:DescribeVSwitches``, ``vpc:DescribeEipAddresses``,
``ecs:DescribeSecurityGroups``, ``ecs:DescribeInstances``.
Sources: https://help.aliyun.com/en/vpc/developer-reference/api-vpc-2016-04-28-describevpcs,
.../api-vpc-2016-04-28-describevswitches, .../api-vpc-2016-04-28-describeeipaddresses-eips,
https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-describesecuritygroups and
.../api-ecs-2014-05-26-describeinstances (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from infra.naming import Naming
from infra.recovery import found
from infra.recovery.found import Found, Kind
from infra.sdk_rpc import ECS, VPC, Api, RpcClient

# A stack has a few resources of each kind; so many would be somebody else's stack of the same name.
PAGE_SIZE = 50


@dataclass(frozen=True)
class Query:
    """How resources of a kind are listed.

    Attributes:
        api: The API.
        action: The action.
        rows: Where the rows are, from the outside in.
        kind: The kind.
        name_filter: The parameter that asks for a name.
    """

    api: Api
    action: str
    rows: tuple[str, str]
    kind: Kind
    name_filter: str

    def by_tags(self, naming: Naming) -> Mapping[str, Any]:
        """The parameters that ask for the stack's tags."""
        return {"Tag": [{"Key": key, "Value": value} for key, value in naming.identity().items()]}

    def by_name(self, naming: Naming) -> Mapping[str, Any]:
        """The parameters that ask for the stack's name of the kind."""
        return {self.name_filter: naming.physical(self.kind.role)}


QUERIES = (
    Query(VPC, "DescribeVpcs", ("Vpcs", "Vpc"), found.VPC, "VpcName"),
    Query(VPC, "DescribeVSwitches", ("VSwitches", "VSwitch"), found.VSWITCH, "VSwitchName"),
    Query(VPC, "DescribeEipAddresses", ("EipAddresses", "EipAddress"), found.EIP, "EipName"),
    Query(
        ECS, "DescribeSecurityGroups", ("SecurityGroups", "SecurityGroup"), found.GROUP, "SecurityGroupName"
    ),
    Query(ECS, "DescribeInstances", ("Instances", "Instance"), found.INSTANCE, "InstanceName"),
)


def list_resources(region: str, naming: Naming) -> Sequence[Found]:
    """Returns the stack's resources, each once.

    Raises:
        ApiError: When a list is refused, or is not answered.
    """
    asked = [(query, query.by_tags(naming)) for query in QUERIES]
    asked += [(query, query.by_name(naming)) for query in QUERIES if query.kind.tagged_late]
    clients = {api: RpcClient(api, region) for api in (ECS, VPC)}

    def ask(question: tuple[Query, Mapping[str, Any]]) -> list[Found]:
        query, params = question
        answer = clients[query.api].call(query.action, {**params, "PageSize": PAGE_SIZE})
        outer, inner = query.rows
        rows = answer[outer][inner]
        more = [one for row in rows for one in found.bindings(row)] if query.kind is found.EIP else []
        return [*(found.read(query.kind, row) for row in rows), *more]

    with ThreadPoolExecutor(len(asked)) as pool:
        rows = [one for answered in pool.map(ask, asked) for one in answered]
    return list({one.id: one for one in rows if found.belongs(one, naming)}.values())
