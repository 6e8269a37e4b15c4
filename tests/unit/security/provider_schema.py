"""What the provider's package says that a resource takes."""

from __future__ import annotations

import importlib
import inspect

from tests.unit.recorder import Deployment, Registration

PROVIDER = "alicloud:"


def arguments(type_token: str) -> set[str]:
    """The arguments of a resource type such as ``alicloud:ecs/instance:Instance``, as Python names them."""
    _, path, name = type_token.split(":")
    module = importlib.import_module(f"pulumi_alicloud.{path.partition('/')[0]}")
    # The constructor itself is overloaded; this is what it passes its arguments on to.
    return set(inspect.signature(getattr(module, name)._internal_init).parameters)


def provided(made: Deployment) -> list[Registration]:
    """The resources of the provider; the program's own ones are records and a policy's statement."""
    return [one for one in made.registrations if one.type.startswith(PROVIDER)]
