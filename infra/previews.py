"""Values that a preview can show although what they depend on is not there yet."""

from __future__ import annotations

import pulumi


def known_or(placeholder: str, value: pulumi.Output[str]) -> pulumi.Output[str]:
    """Returns an output that is known in previews too: the placeholder stands for an unknown value."""

    async def settle() -> str:
        # An unknown id has a value all the same in a preview: an empty one.
        known = await value.future() if await value.is_known() else None
        return known or placeholder

    return pulumi.Output.from_input(settle())
