"""What there is, for `localcloud status`."""

from __future__ import annotations

from typing import Any

from localcloud.services.cloud import ApiServices


def list_resources(api: ApiServices) -> dict[str, list[dict[str, Any]]]:
    """Returns the VPCs, instances, EIPs and alert rules of the cloud's users, as JSON can hold them."""
    eips = api.vpc.eips()
    address_of = {eip.instance_id: eip.address for eip in eips if eip.instance_id}
    return {
        "vpcs": [
            {"id": vpc.vpc_id, "region": vpc.region_id, "cidr": str(vpc.cidr), "name": vpc.name}
            for vpc in api.vpc.vpcs()
        ],
        "instances": [
            {
                "id": found.instance_id,
                "name": found.name,
                "state": found.status,
                "vpc": found.vpc_id,
                "private_ip": found.private_ip,
                "eip": address_of.get(found.instance_id),
            }
            for found in api.ecs.instances()
        ],
        "eips": [
            {"address": eip.address, "state": eip.status, "instance": eip.instance_id or None} for eip in eips
        ],
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
