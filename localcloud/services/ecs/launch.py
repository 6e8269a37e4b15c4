"""RunInstances: making the records of what was ordered; the booting is in `lifecycle`."""

from __future__ import annotations

import secrets

from localcloud.rpc.answer import Answer
from localcloud.services.context import Call, Handler
from localcloud.services.ecs import lifecycle
from localcloud.services.ecs.models import Disk, Instance
from localcloud.services.ecs.orders import choose_addresses, read_order
from localcloud.services.ids import new_id, new_mac
from localcloud.services.names import read_description, read_name
from localcloud.services.tags import read_tags

_INSTANCES_PER_CALL = 100


async def run_instances(call: Call) -> Answer:
    """Makes instances and starts them; they are Pending, Starting, then Running."""
    params, env = call.params, call.env
    order = read_order(call)
    amount = params.integer("Amount", 1, low=1, high=_INSTANCES_PER_CALL)
    addresses = choose_addresses(call, order.switch, amount)
    tags = read_tags(params)
    http_tokens = params.choice("HttpTokens", ("optional", "required"), "optional")
    http_endpoint = params.choice("HttpEndpoint", ("enabled", "disabled"), "enabled")
    hop_limit = params.integer("HttpPutResponseHopLimit", 1, low=1, high=64)
    name, description = read_name(params, "InstanceName"), read_description(params)
    disk_params = params.group("SystemDisk")
    disk_name = read_name(disk_params, "DiskName")
    disk_description = read_description(disk_params)
    encrypted = disk_params.flag("Encrypted")
    protected = params.flag("DeletionProtection")
    call.end_dry_run()

    made = []
    for address in addresses:
        instance_id = new_id("i", order.switch.region_id)
        disk = Disk(
            disk_id=new_id("d", order.switch.region_id),
            instance_id=instance_id,
            account_uid=order.switch.account_uid,
            region_id=order.switch.region_id,
            zone_id=order.switch.zone_id,
            image_id=order.image.id,
            category=order.disk_category,
            size_gib=order.disk_gib,
            created=env.now(),
            performance_level=order.performance_level,
            encrypted=encrypted,
            kms_key_id=disk_params.text("KMSKeyId"),
            name=disk_name,
            description=disk_description,
            tags=dict(tags),
        )
        instance = Instance(
            instance_id=instance_id,
            account_uid=order.switch.account_uid,
            region_id=order.switch.region_id,
            zone_id=order.switch.zone_id,
            vpc_id=order.switch.vpc_id,
            vswitch_id=order.switch.vswitch_id,
            interface_id=new_id("eni", order.switch.region_id),
            private_ip=address,
            mac=new_mac(),
            security_group_ids=list(order.security_group_ids),
            image_id=order.image.id,
            instance_type=order.kind.id,
            system_disk_id=disk.disk_id,
            hostname=params.text("HostName", f"iZ{instance_id.removeprefix('i-')}Z"),
            created=env.now(),
            name=name or instance_id,
            description=description,
            user_data=order.user_data,
            http_tokens="required" if http_tokens == "required" else "optional",
            http_endpoint="enabled" if http_endpoint == "enabled" else "disabled",
            http_put_response_hop_limit=hop_limit,
            deletion_protection=protected,
            internet_charge_type=params.text("InternetChargeType", "PayByTraffic"),
            ram_role_name=order.ram_role_name,
            serial_number=secrets.token_hex(16),
            tags=dict(tags),
            interface_tags=dict(tags),
        )
        env.state.disks[disk.disk_id] = disk
        env.state.instances[instance_id] = instance
        made.append(instance_id)
        env.background.run(lifecycle.boot_new(env, instance))
    return {"InstanceIdSets": {"InstanceIdSet": made}, "OrderId": "", "TradePrice": 0.0}


ACTIONS: dict[str, Handler] = {"RunInstances": run_instances}
