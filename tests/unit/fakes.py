"""A cloud in memory, where the program calls the official SDKs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infra import sdk
from infra.bucket_features import BucketFeatures
from infra.naming import Naming
from infra.recovery.found import Found
from tests.unit.fake_dns import FakeDns
from tests.unit.fake_monitor import FakeMonitor

ACCOUNT_UID = "1234567890123456"
PLAIN = BucketFeatures(sse_algorithm="", storage_class="Standard", requester_pays=False, referer_rules=False)


@dataclass
class FakeBucket:
    """One bucket's facts and policy.

    `refusals` are raised by the next calls, one each; `writes` are the policies that were put, None for a
    removal. `meanwhile` is what others do just before the call with that number, from 1.
    """

    owner_uid: str = ACCOUNT_UID
    region: str = "cn-hangzhou"
    internal_endpoint: str = "oss-cn-hangzhou-internal.aliyuncs.com"
    features: BucketFeatures = PLAIN
    text: str | None = None
    empty: bool = True
    deleted: bool = False
    forgets_writes: bool = False
    refuses_policy: Exception | None = None
    refuses_look: Exception | None = None
    refusals: list[Exception] = field(default_factory=list)
    writes: list[str | None] = field(default_factory=list)
    reads: int = 0
    calls: int = 0
    meanwhile: dict[int, Callable[[], None]] = field(default_factory=dict)

    def info(self) -> sdk.BucketInfo:
        self._may_refuse()
        return sdk.BucketInfo(
            owner_uid=self.owner_uid,
            region=self.region,
            internal_endpoint=self.internal_endpoint,
            features=self.features,
        )

    def policy(self) -> str | None:
        self.reads += 1
        self._may_refuse()
        if self.refuses_policy:
            raise self.refuses_policy
        return self.text

    def put_policy(self, text: str) -> None:
        self._may_refuse()
        self.writes.append(text)
        if not self.forgets_writes:
            self.text = text

    def delete_policy(self) -> None:
        self._may_refuse()
        self.writes.append(None)
        self.text = None

    def is_empty(self) -> bool:
        self._may_refuse()
        if self.refuses_look:
            raise self.refuses_look
        return self.empty

    def delete(self) -> None:
        self._may_refuse()
        if not self.empty:
            raise sdk.BucketNotEmptyError("the bucket holds objects", fix="empty it.")
        self.deleted = True

    def _may_refuse(self) -> None:
        self.calls += 1
        self.meanwhile.get(self.calls, lambda: None)()
        if self.refusals:
            raise self.refusals.pop(0)


@dataclass
class FakeCloud:
    """STS, OSS, ECS and CloudMonitor as the SDKs show them."""

    account_uid: str = ACCOUNT_UID
    buckets: dict[str, FakeBucket] = field(default_factory=lambda: {"oss-proxy-dev": FakeBucket()})
    #: Name, instance and status of the commands that instances were given, the newest first.
    commands: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    monitor: FakeMonitor = field(default_factory=FakeMonitor)
    dns: FakeDns = field(default_factory=FakeDns)
    #: What the cloud lists of the stack, and what its state holds.
    resources: list[Found] = field(default_factory=list)
    refuses_list: Exception | None = None
    deployment: dict[str, Any] = field(default_factory=dict)
    #: vCPUs and memory in GiB by instance type.
    types: dict[str, tuple[int, float]] = field(default_factory=lambda: {"ecs.e-c1m2.large": (2, 4.0)})

    @property
    def bucket(self) -> FakeBucket:
        return self.buckets["oss-proxy-dev"]

    def call(self, action: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answers ECS's DescribeInvocations and DescribeInstanceTypes."""
        if action == "DescribeInstanceTypes":
            known = [(name, *self.types[name]) for name in params["InstanceTypes"] if name in self.types]
            names = ("InstanceTypeId", "CpuCoreCount", "MemorySize")
            return {"InstanceTypes": {"InstanceType": [dict(zip(names, one, strict=True)) for one in known]}}
        self.asked.append((action, params))
        rows = [
            {
                "CommandName": name,
                "InvokeInstances": {"InvokeInstance": [{"InstanceId": id_, "InvocationStatus": status}]},
            }
            for name, id_, status in self.commands
        ]
        return {"Invocations": {"Invocation": rows}}

    def list_resources(self, region: str, naming: Naming) -> list[Found]:
        if self.refuses_list:
            raise self.refuses_list
        return self.resources

    def caller_uid(self, region: str) -> str:
        return self.account_uid

    def bucket_client(self, region: str, bucket: str) -> FakeBucket:
        if bucket not in self.buckets:
            gone = sdk.NoSuchBucketError(f"the bucket {bucket} does not exist", fix="make it.")
            return FakeBucket(refusals=[gone] * 10)
        return self.buckets[bucket]
