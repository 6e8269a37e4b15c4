"""What there is, for `localcloud status`."""

from __future__ import annotations

from typing import Any

from localcloud.services.cloud import ApiServices


def list_resources(api: ApiServices) -> dict[str, list[dict[str, Any]]]:
    """Returns what the cloud's users have and pay for or must remove, each as JSON can hold it."""
    eips = api.vpc.eips()
    address_of = {eip.instance_id: eip.address for eip in eips if eip.instance_id}
    return {
        "vpcs": [
            {
                "id": vpc.vpc_id,
                "region": vpc.region_id,
                "cidr": str(vpc.cidr),
                "name": vpc.name,
                "tags": vpc.tags,
            }
            for vpc in api.vpc.vpcs()
        ],
        "vswitches": [
            {
                "id": switch.vswitch_id,
                "vpc": switch.vpc_id,
                "cidr": str(switch.cidr),
                "name": switch.name,
                "tags": switch.tags,
            }
            for switch in api.vpc.vswitches()
        ],
        "security_groups": [
            {
                "id": group.security_group_id,
                "vpc": group.vpc_id,
                "name": group.name,
                "rules": len(group.rules),
                "tags": group.tags,
            }
            for group in api.ecs.security_groups()
        ],
        "instances": [
            {
                "id": found.instance_id,
                "name": found.name,
                "state": found.status,
                "vpc": found.vpc_id,
                "private_ip": found.private_ip,
                "eip": address_of.get(found.instance_id),
                "tags": found.tags,
            }
            for found in api.ecs.instances()
        ],
        "eips": [
            {
                "id": eip.allocation_id,
                "address": eip.address,
                "state": eip.status,
                "instance": eip.instance_id or None,
                "name": eip.name,
                "tags": eip.tags,
            }
            for eip in eips
        ],
        "domains": api.alidns.domains(),
        "roles": api.instance_roles.roles(),
        "policies": api.instance_roles.policies(),
        "alarms": [
            {
                "name": rule.name,
                "metric": f"{rule.namespace}/{rule.metric}",
                "resources": rule.resources,
                "contact_groups": list(rule.contact_groups),
                "enabled": rule.enabled,
            }
            for rule in api.cms.rules()
        ],
    }
