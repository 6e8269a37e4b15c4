"""Explains the cloud's refusals while an update runs, beside the provider's own message.

An error hook is called when a create, update or delete of its resource failed, and may ask for another try.
The provider repeats almost everything that may be repeated by itself, but not the deletion of an instance,
for a failure of the moment (resource_alicloud_instance.go, v1.285.0). In a replacement that would leave the
proxy half replaced. A deletion does no harm twice, so this hook asks for it.

A destroy runs no program, and shows the provider's message alone.
"""

from __future__ import annotations

import asyncio

import pulumi
from pulumi import ErrorHook, ErrorHookArgs, ResourceHookBinding

from infra.cloud_errors import passes_by_itself, told

REPEATS = 5
PAUSE_S = 3.0


def explaining() -> ResourceHookBinding:
    """Returns the option ``hooks`` of every resource of the provider; one for a run of the program."""
    return ResourceHookBinding(on_error=[ErrorHook("explain-refusal", explain_or_repeat)])


async def explain_or_repeat(args: ErrorHookArgs) -> bool:
    """Explains a failure, or returns that the operation is to be repeated.

    Args:
        args: What failed; its errors are those of all tries, the newest first.
    """
    repeatable = args.failed_operation == "delete" and len(args.errors) <= REPEATS
    if repeatable and passes_by_itself(args.errors[0]):
        await asyncio.sleep(PAUSE_S)
        return True
    message = told(args.name, args.failed_operation, "\n".join(args.errors))
    if message is not None:
        pulumi.log.error(message)
    return False
