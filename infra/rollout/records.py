"""Which commands an instance was given, as the records of Cloud Assistant tell. Pure.

Records are kept for 30 days at most; of an older change nothing is known, and the state is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KEY, PART = "key", "part"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A command that was given to an instance.

    Attributes:
        name: Its name, which ends with the revision that it brings.
        instance_id: The instance.
        status: Its InvocationStatus there.
    """

    name: str
    instance_id: str
    status: str


def read(body: Mapping[str, Any]) -> list[Seen]:
    """Reads an answer of DescribeInvocations, the newest first."""
    return [
        Seen(
            name=str(row.get("CommandName", "")),
            instance_id=str(part["InstanceId"]),
            status=str(part.get("InvocationStatus", "")),
        )
        for row in sorted(body["Invocations"]["Invocation"], key=_moment, reverse=True)
        for part in row["InvokeInstances"]["InvokeInstance"]
    ]


def _moment(row: Mapping[str, Any]) -> str:
    return str(row.get("CreationTime", ""))


def last_brought(seen: Sequence[Seen], instance_id: str | None) -> str | None:
    """Returns the revision that an instance was given last, None where no record tells.

    Args:
        seen: The stack's commands, the newest first.
        instance_id: The instance, None where there is none yet.
    """
    for one in seen:
        revision = one.name.rpartition("-")[2]
        # These bring nothing by themselves, and what failed by its own word took everything back.
        idle = revision in (KEY, PART) or one.status == "Failed"
        if one.instance_id == instance_id and not idle:
            return revision
    return None
