"""Changing, starting, stopping and releasing instances."""

from __future__ import annotations

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError
from localcloud.services.context import Call, Handler
from localcloud.services.ecs import errors, lifecycle
from localcloud.services.ecs.catalog import INSTANCE_TYPES, region_of, types_in
from localcloud.services.ecs.instances import find_instance
from localcloud.services.ecs.models import Instance
from localcloud.services.ecs.orders import decode_user_data
from localcloud.services.names import read_description, read_name


async def start_instance(call: Call) -> Answer:
    """Starts a stopped instance."""
    instance = _steady(call, "Stopped")
    call.end_dry_run()
    instance.status = "Starting"
    call.env.background.run(lifecycle.boot(call.env, instance))
    return {}


async def stop_instance(call: Call) -> Answer:
    """Stops a running instance."""
    instance = _steady(call, "Running")
    force = call.params.flag("ForceStop")
    call.end_dry_run()
    instance.status = "Stopping"

    async def stop() -> None:
        await lifecycle.shut_down(call.env, instance, force=force)

    call.env.background.run(stop())
    return {}


async def reboot_instance(call: Call) -> Answer:
    """Stops a running instance and starts it again."""
    instance = _steady(call, "Running")
    force = call.params.flag("ForceStop")
    call.end_dry_run()
    instance.status = "Stopping"
    call.env.background.run(lifecycle.restart(call.env, instance, force=force))
    return {}


async def delete_instance(call: Call) -> Answer:
    """Releases an instance that is stopped, or running and to be released by force."""
    instance = find_instance(call)
    if instance.deletion_protection:
        raise errors.instance_protected()
    if instance.status in ("Pending", "Starting"):
        raise errors.instance_initializing()
    if instance.releasing or instance.status == "Stopping":
        raise errors.wrong_instance_status()
    if instance.status == "Running" and not call.params.flag("Force"):
        raise errors.wrong_instance_status()
    call.end_dry_run()
    instance.releasing = True
    instance.status = "Stopping"
    call.env.background.run(lifecycle.release(call.env, instance))
    return {}


async def modify_instance_attribute(call: Call) -> Answer:
    """Changes name, description, host name, user data and deletion protection.

    Host name and user data take effect with the next start.
    """
    instance, params = find_instance(call), call.params
    user_data = decode_user_data(params.text("UserData")) if params.given("UserData") else instance.user_data
    name = read_name(params, "InstanceName") if params.given("InstanceName") else instance.name
    text = read_description(params) if params.given("Description") else instance.description
    instance.deletion_protection = params.flag("DeletionProtection", instance.deletion_protection)
    instance.user_data, instance.name, instance.description = user_data, name, text
    instance.hostname = params.text("HostName", instance.hostname)
    return {}


async def modify_instance_metadata_options(call: Call) -> Answer:
    """Changes whether metadata is there, and whether it takes requests without a token; at once."""
    instance, params = find_instance(call), call.params
    endpoint = params.choice("HttpEndpoint", ("enabled", "disabled"), instance.http_endpoint)
    tokens = params.choice("HttpTokens", ("optional", "required"), instance.http_tokens)
    instance.http_endpoint = "enabled" if endpoint == "enabled" else "disabled"
    instance.http_tokens = "required" if tokens == "required" else "optional"
    instance.http_put_response_hop_limit = params.integer(
        "HttpPutResponseHopLimit", instance.http_put_response_hop_limit, low=1, high=64
    )
    return {}


async def modify_instance_spec(call: Call) -> Answer:
    """Changes the type of a stopped instance."""
    instance = _steady(call, "Stopped")
    kind = INSTANCE_TYPES.get(call.params.require("InstanceType"))
    if kind is None or kind not in types_in(region_of(instance.region_id), instance.zone_id):
        message = "The specified InstanceType is not supported."
        raise ApiError("InvalidInstanceType.ValueNotSupported", message)
    instance.instance_type = kind.id
    return {"OrderId": ""}


def _steady(call: Call, status: str) -> Instance:
    instance = find_instance(call)
    if instance.releasing or instance.status != status:
        raise errors.wrong_instance_status()
    return instance


ACTIONS: dict[str, Handler] = {
    "StartInstance": start_instance,
    "StopInstance": stop_instance,
    "RebootInstance": reboot_instance,
    "DeleteInstance": delete_instance,
    "ModifyInstanceAttribute": modify_instance_attribute,
    "ModifyInstanceMetadataOptions": modify_instance_metadata_options,
    "ModifyInstanceSpec": modify_instance_spec,
}
