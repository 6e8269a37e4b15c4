"""Runs the program against a monitor that keeps every registration, with its options."""

from __future__ import annotations

import asyncio
import runpy
import warnings
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from pulumi.runtime import mocks, rpc, set_mocks
from pulumi.runtime.config import set_all_config
from pulumi.runtime.settings import get_root_resource
from pulumi.runtime.stack import run_pulumi_func

with warnings.catch_warnings():
    # The provider's package imports modules that it has deprecated itself, the inner ones when first used.
    warnings.simplefilter("ignore", DeprecationWarning)
    import pulumi_alicloud.cms
    import pulumi_alicloud.dns
    import pulumi_alicloud.ecs
    import pulumi_alicloud.oss
    import pulumi_alicloud.ram
    import pulumi_alicloud.vpc

    LOADED = (
        pulumi_alicloud.cms.Alarm,
        pulumi_alicloud.dns.AlidnsRecord,
        pulumi_alicloud.ecs.Instance,
        pulumi_alicloud.oss.Bucket,
        pulumi_alicloud.ram.Role,
        pulumi_alicloud.vpc.Network,
    )

from infra.bucket_policy import BucketPolicyProvider

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "oss-proxy"
STACK = "dev"


@dataclass(frozen=True)
class Registration:
    """One resource as the program registered it.

    Unknown inputs are `recorder.UNKNOWN`.
    """

    name: str
    type: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    request: Any

    @property
    def dependencies(self) -> set[str]:
        return {urn.rpartition("::")[2] for urn in self.request.dependencies}


UNKNOWN = rpc.UNKNOWN


@dataclass
class Answers(mocks.Mocks):
    """What the provider answers to invokes, and the outputs that it adds to resources."""

    account_uid: str = "1234567890123456"
    images: tuple[str, ...] = ("debian_13_2_x64_20G_alibase_20260910.vhd",)
    zones: tuple[str, ...] = ("cn-hangzhou-j", "cn-hangzhou-k")
    zones_with_disk: tuple[str, ...] = ("cn-hangzhou-k", "cn-hangzhou-i")
    preview: bool = False
    policy_before: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        self.calls.append((args.token, args.args))
        answers: dict[str, dict[str, Any]] = {
            "alicloud:index/getCallerIdentity:getCallerIdentity": {"accountId": self.account_uid},
            "alicloud:ecs/getImages:getImages": {"images": [{"id": id_} for id_ in self.images]},
            "alicloud:index/getZones:getZones": {"ids": list(self.zones)},
            "alicloud:ecs/getInstanceTypes:getInstanceTypes": {
                "instanceTypes": [{"availabilityZones": list(self.zones_with_disk)}]
            },
        }
        return answers[args.token], []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        outputs = {key: value for key, value in args.inputs.items() if key != "__provider"}
        if args.typ == "pulumi-python:dynamic:BucketPolicy":
            # The engine asks the provider for its inputs, in previews too.
            checked = BucketPolicyProvider().check(self.policy_before, args.inputs)
            if checked.failures:
                raise AssertionError(checked.failures)
            outputs["document"] = checked.inputs["document"]
        if self.preview:
            return "", outputs
        if args.typ == "pulumi-python:dynamic:Configuration":
            outputs["revision"] = "0123456789abcdef"
        if args.typ == "alicloud:ecs/eipAddress:EipAddress":
            outputs["ipAddress"] = "203.0.113.9"
        return f"{args.name}-id", outputs


class Recorder(mocks.MockMonitor):
    """Keeps what is registered and refuses what the engine would refuse."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(answers)
        self.registrations: list[Registration] = []
        self.outputs: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if any(one.urn == urn for one in self.registrations):
            raise AssertionError(f"two resources have the URN {urn}")
        inputs = json_format.MessageToDict(request.object)
        self.registrations.append(
            Registration(request.name, request.type, urn, request.parent, inputs, request)
        )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:
        if request.urn.split("::")[2] == "pulumi:pulumi:Stack" and request.outputs.fields:
            self.outputs = json_format.MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Deployment:
    """What a run of the program registered."""

    registrations: list[Registration]
    outputs: dict[str, Any]
    calls: list[tuple[str, dict[str, Any]]]

    def __getitem__(self, name: str) -> Registration:
        (found,) = [
            one for one in self.registrations if one.name == name and not one.type.startswith("oss-proxy:")
        ]
        return found

    @property
    def resources(self) -> list[tuple[str, str]]:
        """Name and type of every custom resource, in order of registration."""
        return [(one.name, one.type) for one in self.registrations if one.request.custom]


def deploy(
    config: Mapping[str, str],
    answers: Answers | None = None,
    *,
    preview: bool = False,
    encrypted: Iterable[str] = (),
) -> Deployment:
    """Runs `__main__.py` as the engine would, with these raw configuration values, some of them secrets."""
    answers = answers or Answers()
    answers.preview = preview
    recorder = Recorder(answers)
    set_all_config(
        {key if ":" in key else f"{PROJECT}:{key}": value for key, value in config.items()},
        [f"{PROJECT}:{key}" for key in encrypted],
    )
    with _event_loop() as loop:
        set_mocks(answers, project=PROJECT, stack=STACK, preview=preview, monitor=recorder)
        loop.run_until_complete(run_pulumi_func(_run_program))
    return Deployment(
        [one for one in recorder.registrations if one.type != "pulumi:pulumi:Stack"],
        recorder.outputs,
        answers.calls,
    )


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop for the program, and one for each thread in which the mock monitor answers; all closed after."""
    loops = [asyncio.new_event_loop()]

    def give_the_thread_one() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    executor = ThreadPoolExecutor(max_workers=4, initializer=give_the_thread_one)
    loops[0].set_default_executor(executor)
    asyncio.set_event_loop(loops[0])
    try:
        yield loops[0]
    finally:
        executor.shutdown()
        asyncio.set_event_loop(None)
        for loop in loops:
            loop.close()


def _run_program() -> None:
    runpy.run_path(str(ROOT / "__main__.py"))
    # `set_mocks` made the stack and registered its outputs before there were any.
    stack: Any = get_root_resource()
    stack.register_outputs(stack.outputs)
