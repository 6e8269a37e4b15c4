"""What the official SDKs see of the account, the bucket and the stack.

It is asked in a process of its own, ``infra.sdk_process``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from infra import sdk
from infra.bucket_features import BucketFeatures
from infra.bucket_mode import MANAGED
from infra.naming import Naming
from infra.nginx.sizing import Machine
from infra.recovery.found import Found
from infra.recovery.listing import list_resources
from infra.rollout import records
from infra.sdk_rpc import ECS, ApiError, RpcClient


@dataclass(frozen=True, kw_only=True)
class SdkView:
    """What the official SDKs see, with the credentials that they find.

    Attributes:
        account_uid: The UID of the account of these credentials.
        bucket: What the bucket says of itself, or None where one that the stack makes does not exist.
        bucket_policy: The bucket's policy, or None where it has none.
        bucket_empty: Whether a bucket that the stack makes is known to hold nothing.
        commands: The commands that the stack's instances were given, the newest first.
        resources: What the cloud lists of the stack, or None where it may not be listed.
        machine: What the instance type has, or None where the cloud knows no such type.
    """

    account_uid: str
    bucket: sdk.BucketInfo | None
    bucket_policy: str | None
    bucket_empty: bool
    commands: list[records.Seen]
    resources: Sequence[Found] | None
    machine: Machine | None


def see(region: str, bucket: str, identity: Mapping[str, str], mode: str, instance_type: str) -> SdkView:
    """Asks STS, OSS, ECS and VPC in this process.

    Args:
        region: The region of the stack.
        bucket: The bucket's name.
        identity: The tags that tell the stack from every other one.
        mode: The setting ``bucketMode``.
        instance_type: The setting ``instanceType``.

    Raises:
        sdk.NoSuchBucketError: When a bucket does not exist that the stack does not make.
        sdk.CloudError: When one of them refused to answer, or did not answer.
    """
    # All at once: the program waits for the slowest.
    with ThreadPoolExecutor(5) as beside:
        account_uid = beside.submit(sdk.caller_uid, region)
        bucket_view = beside.submit(_bucket, region, bucket, mode)
        commands = beside.submit(_commands, region, identity)
        machine = beside.submit(_machine, region, instance_type)
        resources = beside.submit(_resources, region, Naming(**identity))
    # In this order the first refusal is the one that explains the others.
    return SdkView(
        account_uid=account_uid.result(),
        **bucket_view.result(),
        commands=commands.result(),
        resources=resources.result(),
        machine=machine.result(),
    )


def _bucket(region: str, bucket: str, mode: str) -> dict[str, Any]:
    client = sdk.BucketClient(region, bucket)
    info = _info(client, mode)
    return {
        "bucket": info,
        "bucket_policy": client.policy() if info else None,
        "bucket_empty": bool(info) and mode == MANAGED and _is_empty(client),
    }


def _info(client: sdk.BucketClient, mode: str) -> sdk.BucketInfo | None:
    try:
        return client.info()
    except sdk.NoSuchBucketError:
        if mode != MANAGED:
            raise
        return None


def _is_empty(client: sdk.BucketClient) -> bool:
    # Who may not look does not know.
    with suppress(sdk.ForbiddenError):
        return client.is_empty()
    return False


def _commands(region: str, identity: Mapping[str, str]) -> list[records.Seen]:
    tags = [{"Key": key, "Value": value} for key, value in identity.items()]
    # Of many instances and changes, the newest are enough: the last one of each counts.
    return records.read(RpcClient(ECS, region).call("DescribeInvocations", {"Tag": tags, "PageSize": 50}))


def _machine(region: str, instance_type: str) -> Machine | None:
    """Asks what an instance type has.

    Source: https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstancetypes
    (CpuCoreCount, MemorySize in GiB; 2026-11-24).
    """
    body = RpcClient(ECS, region).call("DescribeInstanceTypes", {"InstanceTypes": [instance_type]})
    for one in body["InstanceTypes"]["InstanceType"]:
        if one["InstanceTypeId"] == instance_type:
            return Machine(cores=int(one["CpuCoreCount"]), memory_gib=float(one["MemorySize"]))
    return None


def _resources(region: str, naming: Naming) -> Sequence[Found] | None:
    try:
        return list_resources(region, naming)
    except ApiError as error:
        # Who may not look does not know.
        if error.code.startswith("Forbidden"):
            return None
        raise


def main(question: Mapping[str, Any]) -> str:
    """Returns the view, or the cloud's refusal, as JSON.

    Args:
        question: Arguments of ``see``.
    """
    try:
        return json.dumps({"view": asdict(see(**question))})
    except sdk.CloudError as error:
        told = {"fault": error.fault, "consequence": error.consequence, "fix": error.fix}
        return json.dumps({"refusal": told})


def read(answer: dict[str, Any]) -> SdkView:
    """Returns the view that ``main`` wrote.

    Raises:
        sdk.CloudError: The refusal that ``main`` wrote.
    """
    if "refusal" in answer:
        raise sdk.CloudError(**answer["refusal"])
    view = answer["view"]
    if view["resources"] is not None:
        view["resources"] = [Found(**one) for one in view["resources"]]
    view["commands"] = [records.Seen(**one) for one in view["commands"]]
    if machine := view["machine"]:
        view["machine"] = Machine(**machine)
    if bucket := view["bucket"]:
        features = BucketFeatures(**bucket["features"])
        view["bucket"] = sdk.BucketInfo(**{**bucket, "features": features})
    return SdkView(**view)


def _end_with_program() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def _run() -> None:
    sdk.import_all()
    # Nothing is left in the buffer that the thread would wait for: the question is all that is written.
    if question := sys.stdin.readline():
        threading.Thread(target=_end_with_program, daemon=True).start()
        sys.stdout.write(main(json.loads(question)))


if __name__ == "__main__":
    _run()
