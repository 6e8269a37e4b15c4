"""Explains the cloud's refusals while an update runs, beside the provider's own message.

An error hook is called when a create, update or delete of its resource failed. This one never asks for
another try: the provider repeats what may be repeated. A destroy runs no program and shows the provider's
message alone.
"""

from __future__ import annotations

import pulumi
from pulumi import ErrorHook, ErrorHookArgs, ResourceHookBinding

from infra.cloud_errors import told


def explaining() -> ResourceHookBinding:
    """Returns the option ``hooks`` of every resource of the provider; one for a run of the program."""
    return ResourceHookBinding(on_error=[ErrorHook("explain-refusal", _explain)])


def _explain(args: ErrorHookArgs) -> bool:
    message = told(args.name, args.failed_operation, "\n".join(args.errors))
    if message is not None:
        pulumi.log.error(message)
    return False
