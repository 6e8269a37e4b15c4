"""What a handler is given: the call, and the surroundings that it works on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from localcloud.accounts import AccessKey
from localcloud.fabric.protocol import Fabric
from localcloud.faults import Faults
from localcloud.ram.sessions import Sessions
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, missing_parameter
from localcloud.rpc.params import Params
from localcloud.services.background import Background
from localcloud.services.state import State


@dataclass(frozen=True, kw_only=True)
class Delays:
    """How long passing states last, in seconds, beyond what the fabric itself takes.

    The alicloud provider looks at a new VPC or EIP after 5 s and at an instance after 10 s, so short
    delays cost nothing there. It looks at a new vSwitch at once and then only 3 s later, which is why
    that one has no delay by default.

    Attributes:
        vpc_s: A VPC's Pending.
        vswitch_s: A vSwitch's Pending.
        eip_s: An EIP's Associating and Unassociating.
        instance_s: An instance's Pending, before Starting.
        command_s: A command's Pending, until the instance's agent fetches it.
        failed_start_s: Stopping, after an instance could not be started; long enough to be seen by a
            client that polls, which takes it for the failure that it is.
    """

    vpc_s: float = 0.5
    vswitch_s: float = 0.0
    eip_s: float = 0.5
    instance_s: float = 0.5
    command_s: float = 0.2
    failed_start_s: float = 15.0


@dataclass(kw_only=True)
class Environment:
    """What all handlers share.

    Attributes:
        state: All records.
        fabric: The machinery.
        background: Work that outlives its call.
        delays: The lengths of passing states.
        now: Tells the time, in UTC.
        faults: What fails on order.
        sessions: Gives temporary credentials out.
        security_lock: Held while rules are put in force, so that the last change wins.
    """

    state: State
    fabric: Fabric
    background: Background
    delays: Delays
    now: Callable[[], datetime]
    faults: Faults
    sessions: Sessions
    security_lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Owned(Protocol):
    """A record that belongs to an account and lies in a region."""

    account_uid: str
    region_id: str


_Record = TypeVar("_Record", bound=Owned)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One authenticated call.

    Attributes:
        env: The surroundings.
        action: The action's name.
        params: The action's parameters.
        key: Whose call it is.
        region: The RegionId parameter, else the endpoint's region, else None (records of every region
            are then visible, as the ids are unique).
    """

    env: Environment
    action: str
    params: Params
    key: AccessKey
    region: str | None

    @property
    def region_id(self) -> str:
        """The region.

        Raises:
            ApiError: ``MissingParameter`` when neither parameter nor endpoint tells it.
        """
        if self.region is None:
            raise missing_parameter("RegionId")
        return self.region

    def find(self, records: Mapping[str, _Record], record_id: str) -> _Record | None:
        """Returns the caller's record with this id, or None: other accounts' are invisible."""
        record = records.get(record_id)
        return record if record is not None and self._sees(record) else None

    def visible(self, records: Iterable[_Record]) -> list[_Record]:
        """Returns the records that the caller can see, in the order of their making."""
        return [record for record in records if self._sees(record)]

    def end_dry_run(self) -> None:
        """Ends a call that only wanted to be checked; to be called when all checks have passed.

        Raises:
            ApiError: ``DryRunOperation`` when DryRun is true.
        """
        if self.params.flag("DryRun"):
            raise ApiError("DryRunOperation", "Request validation has been passed with DryRun flag set.")

    def _sees(self, record: Owned) -> bool:
        return record.account_uid == self.key.account_uid and self.region in (None, record.region_id)


Handler = Callable[[Call], Awaitable[Answer]]
