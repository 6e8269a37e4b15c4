"""The alarms as resources: CloudMonitor tells the contact groups when the proxy needs a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_alicloud as alicloud

from infra.alarms import rules
from infra.alarms.down import DownAlarm
from infra.naming import Naming


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """What alarms need.

    Attributes:
        naming: Makes the names and tags that the cloud shows.
        region: The region of what is watched.
        contact_groups: CloudMonitor's contact groups that are told.
        bandwidth_percent: From which share of the EIP's bandwidth on they are told.
        instance_id: The instance.
        eip_id: The EIP.
        bucket: The bucket.
        after: What must be there before anything is made.
    """

    naming: Naming
    region: str
    contact_groups: Sequence[str]
    bandwidth_percent: int
    instance_id: pulumi.Input[str]
    eip_id: pulumi.Input[str]
    bucket: str
    after: pulumi.Resource


class Alarms(pulumi.ComponentResource):
    """One alarm for each thing that can be watched from outside.

    Args:
        name: The logical name; children are named after it.
        args: What the alarms need.
        opts: Pulumi's options.
    """

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("oss-proxy:infra:Alarms", name, None, opts)
        self._name, self._args = name, args
        for alarm in (rules.CPU, rules.bandwidth(args.bandwidth_percent), rules.OSS_ERRORS):
            self._register(alarm)
        DownAlarm(
            f"{name}-alarm-{rules.INSTANCE_DOWN.role}",
            region=args.region,
            rule_name=args.naming.physical(f"alarm-{rules.INSTANCE_DOWN.role}"),
            instance_id=args.instance_id,
            contact_groups=args.contact_groups,
            labels=args.naming.tags(),
            opts=self._options(),
        )
        self.register_outputs({})

    def _register(self, alarm: rules.Alarm) -> None:
        args = self._args
        names: dict[str, pulumi.Input[str]] = {
            "instance": args.instance_id,
            "eip": args.eip_id,
            "bucket": args.bucket,
        }
        alicloud.cms.Alarm(
            f"{self._name}-alarm-{alarm.role}",
            name=args.naming.physical(f"alarm-{alarm.role}"),
            project=alarm.namespace,
            metric=alarm.metric,
            metric_dimensions=pulumi.Output.from_input(names[alarm.watches]).apply(
                partial(rules.watched, alarm.watches)
            ),
            contact_groups=list(args.contact_groups),
            period=rules.PERIOD_S,
            silence_time=rules.SILENCE_S,
            escalations_warn=alicloud.cms.AlarmEscalationsWarnArgs(
                comparison_operator=alarm.operator,
                statistics=alarm.statistics,
                threshold=str(alarm.threshold),
                times=rules.TIMES,
            ),
            tags=args.naming.tags(),
            opts=self._options(),
        )

    def _options(self) -> pulumi.ResourceOptions:
        # The bucket's alarm has no value of another resource that it would wait for.
        return pulumi.ResourceOptions(parent=self, depends_on=[self._args.after])
