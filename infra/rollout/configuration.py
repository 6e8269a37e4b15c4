"""The configuration of a running instance, as a resource of our own.

cloud-init configures the first boot and never again: the provider answers a changed user data with a reboot
that does not even read it. So a change is brought to the instance by Cloud Assistant
(``infra.rollout.delivery``), and an update ends only when nginx serves it and OSS answers it right. A failed
change is not in the state, so the next update makes it again, also after a refresh.

A change may have been made although its result was lost. So each command's name tells the configuration
that it brings, and when the last one that the survey sees brought another than the state tells, the
configuration is brought again.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    UpdateResult,
)

from infra.instance import acme_paths, certificates
from infra.instance.files import File
from infra.reporting import PlainProvider, check_failures
from infra.rollout import delivery, sealing
from infra.rollout.assistant import Assistant, Command
from infra.rollout.failures import change_error
from infra.rollout.records import KEY, PART, Seen, last_brought
from infra.rollout.secret_files import secret_files
from infra.sdk_rpc import ECS, RpcClient

# What makes another configuration; the rest tells how it is brought.
_CONTENT = ("instance_id", "nginx_conf", "files", "acme", "secrets", "probe", "policy")
_KEYS = ("region", *_CONTENT, "command_name", "tags", "boot_timeout_s", "readiness_timeout_s")
_SHORT_TIMEOUT_S = 60.0
_CERTIFICATE = re.compile(r"^Certificate: (.+)$", re.MULTILINE)


class ConfigurationProvider(PlainProvider):
    """Brings configurations to an instance. Pickled by reference into the state, so it holds nothing."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuses what no command could bring, in previews too; sees what else the instance was given."""
        inputs = {key: news[key] for key in _KEYS}
        failures = check_failures("files", lambda: require_bringable(news))
        if brought := last_brought([Seen(**row) for row in news["seen"]], olds.get("instance_id")):
            inputs["last_brought"] = brought
        return CheckResult(inputs, failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compares the configurations, also with the last one brought; time-outs make no difference."""
        # A refresh hands over the inputs of the last update again: they know what was brought before that.
        known = (None, olds["revision"], olds.get("last_brought"))
        drifted = news.get("last_brought") not in known
        return DiffResult(changes=drifted or _content(olds) != _content(news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Waits for the first boot, brings the configuration, and waits until it serves.

        Raises:
            ProgramError: As ``bring``.
        """
        return CreateResult(props["command_name"], _state(props, *bring(props)))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Brings the configuration and waits until it serves.

        Raises:
            ProgramError: As ``bring``.
        """
        return UpdateResult(_state(news, *bring(news)))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Changes nothing: only a new update can tell whether a failed one succeeds."""
        return ReadResult(id_, {key: value for key, value in props.items() if key != "__provider"})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Removes nothing: it goes with its instance."""


class Configuration(Resource, name="Configuration"):
    """What a running instance serves.

    Args:
        name: The logical name.
        region: The instance's region.
        instance_id: The instance.
        nginx_conf: The file that nginx reads first, as arguments of ``infra.instance.files.File``.
        files: All other files, likewise.
        acme: What ``infra.instance.acme`` is to get a certificate for; empty for none. It may hold what is
            known only when the instance is there.
        secrets: What ``infra.rollout.secret_files`` makes files of; a Pulumi secret unless there is none.
        probe: What is asked for in the end, as arguments of ``infra.instance.readiness.Probe``.
        policy: The bucket policy's statement of this stack: when it changes, the answers are looked at anew.
        command_name: How the names of the commands begin.
        tags: The tags of the commands' records.
        boot_timeout_s: How long the first boot may take.
        readiness_timeout_s: How long right answers may take.
        seen: The commands that the survey saw, as arguments of ``infra.rollout.records.Seen``.
        opts: Pulumi's options.
    """

    instance_id: pulumi.Output[str]
    revision: pulumi.Output[str]
    certificate: pulumi.Output[str | None]

    def __init__(
        self,
        name: str,
        *,
        region: str,
        instance_id: pulumi.Input[str],
        nginx_conf: Mapping[str, Any],
        files: Sequence[Mapping[str, Any]],
        acme: pulumi.Input[Mapping[str, Any]],
        secrets: pulumi.Input[Mapping[str, Any]],
        probe: Mapping[str, Any],
        policy: pulumi.Input[str],
        command_name: str,
        tags: Mapping[str, str],
        boot_timeout_s: int,
        readiness_timeout_s: int,
        seen: Sequence[Mapping[str, str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "region": region,
            "instance_id": instance_id,
            "nginx_conf": nginx_conf,
            "files": files,
            "acme": acme,
            "secrets": secrets,
            "probe": probe,
            "policy": policy,
            "command_name": command_name,
            "tags": tags,
            "boot_timeout_s": boot_timeout_s,
            "readiness_timeout_s": readiness_timeout_s,
            "seen": seen,
            # Set by the provider; named here to be outputs.
            "revision": None,
            "certificate": None,
        }
        super().__init__(ConfigurationProvider(), name, props, opts)


def require_bringable(props: Mapping[str, Any]) -> None:
    """Refuses a configuration that no command could bring.

    Args:
        props: The inputs that hold its content.

    Raises:
        DeliveryError: When it is too large.
    """
    order = {**_order(props, sealing.placeholder(secret_files(props["secrets"]))), "revision": "0" * 16}
    delivery.require_deliverable({"task": "change", "order": order})


def bring(props: Mapping[str, Any]) -> tuple[str, str]:
    """Brings a configuration to its instance.

    Returns:
        Its revision, when it serves, and what is told of an authority's certificate; empty for none.

    Raises:
        ChangeError: When the instance did not take it; it serves what it served before.
        AssistantError: When the command did not come to its end.
        CloudError: When ECS refuses a call.
    """
    assistant = Assistant(RpcClient(ECS, props["region"]), props["instance_id"])
    boot_s, ready_s = props["boot_timeout_s"], props["readiness_timeout_s"]
    name = props["command_name"]
    # An instance that boots has no commands under way, and none can begin before there is an agent.
    assistant.await_agent(boot_s)
    limit_s = boot_s + ready_s + _SHORT_TIMEOUT_S
    if props["acme"]:
        # nginx is waited for twice, and the authority in between.
        limit_s += ready_s + certificates.INSTALL_TIMEOUT_S + 2 * certificates.TIMEOUT_S
    assistant.await_idle(name, limit_s)
    sealed = _seal(assistant, props) if props["secrets"] else ""
    order = _order(props, sealed)
    revision = delivery.revision(order, secrets.token_hex(3))
    *parts, last = delivery.scripts({"task": "change", "order": {**order, "revision": revision}})
    for part in parts:
        _run(assistant, props, PART, part, _SHORT_TIMEOUT_S)
    told = _CERTIFICATE.search(_run(assistant, props, revision, last, limit_s))
    return revision, told[1] if told else ""


def _seal(assistant: Assistant, props: Mapping[str, Any]) -> str:
    (script,) = delivery.scripts({"task": "key"})
    certificate = _run(assistant, props, KEY, script, _SHORT_TIMEOUT_S)
    # Where nothing boots (localcloud's API services alone) there is no key either.
    return sealing.seal(certificate, secret_files(props["secrets"])) if certificate else ""


def _run(assistant: Assistant, props: Mapping[str, Any], what: str, script: str, timeout_s: float) -> str:
    """Runs a command whose name ends with what it is; returns what it wrote."""
    command = Command(
        name=f"{props['command_name']}-{what}", script=script, timeout_s=timeout_s, tags=props["tags"]
    )
    result = assistant.run(command, props["boot_timeout_s"])
    if result.exit_code != 0:
        raise change_error(assistant.instance_id, result.exit_code, result.output)
    return result.output


def _order(props: Mapping[str, Any], sealed: str) -> dict[str, Any]:
    kept = ("nginx_conf", "files", "probe", "boot_timeout_s", "readiness_timeout_s")
    # Pulumi hands numbers over as floating ones.
    order = {**_whole({key: props[key] for key in kept}), "sealed": sealed}
    # In previews it may not be known yet.
    if props["acme"] and isinstance(props["acme"], Mapping):
        wanted = json.dumps(_whole(props["acme"]), indent=1) + "\n"
        order["acme"] = True
        order["files"].append(asdict(File(path=acme_paths.WANTED, content=wanted)))
    return order


def _content(props: Mapping[str, Any]) -> list[Any]:
    # What is empty was not there in states of older releases.
    return [props.get(key) or {} for key in _CONTENT]


def _whole(value: Any) -> Any:  # JSON of any shape
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(one) for one in value]
    return value


def _state(props: Mapping[str, Any], revision: str, certificate: str) -> dict[str, Any]:
    kept = {key: props[key] for key in (*_KEYS, "last_brought") if key in props}
    return {**kept, "revision": revision, "certificate": certificate}
