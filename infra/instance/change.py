"""Brings a new configuration to a running instance, or leaves the old one serving.

In order: the first boot is over, the files lie beside their places, nginx has read its own there, then they
are moved into place, nginx takes them up, and both OSS and nginx answer right. Whatever fails on the way is
taken back.
"""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from infra.instance import boot, channel, follow, kernel, nginx, units, workers
from infra.instance.files import Change, File, former_paths, manifest
from infra.instance.outcomes import Failed, Outcome
from infra.instance.readiness import HttpsProbe, Probe, await_ready
from infra.instance.system import System

LOCK = workers.LOCK


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the deployer wants.

    Attributes:
        revision: The name of this configuration.
        nginx_conf: The file that nginx reads first.
        files: All other files.
        sealed: Files with secrets, sealed to this instance's key; empty for none.
        probe: What to ask for in the end.
        boot_timeout_s: How long the first boot may still take.
        readiness_timeout_s: How long right answers may take.
        acme: Whether an ACME authority's certificate is wanted.
    """

    revision: str
    nginx_conf: File
    files: tuple[File, ...]
    sealed: str
    probe: Probe
    boot_timeout_s: float
    readiness_timeout_s: float
    acme: bool = False

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Order:
        """Reads what the deployer packed."""
        probe = {**payload["probe"], "proxy_statuses": tuple(payload["probe"]["proxy_statuses"])}
        if probe.get("https"):
            probe["https"] = HttpsProbe(**probe["https"])
        return cls(
            **{
                **payload,
                "nginx_conf": File(**payload["nginx_conf"]),
                "files": tuple(File(**file) for file in payload["files"]),
                "probe": Probe(**probe),
            }
        )


def carry_out(order: Order, system: System) -> str:
    """Changes the instance; returns a sentence about how it answers now.

    Raises:
        Failed: It serves what it served before; see the outcome.
    """
    with _alone(system):
        boot.await_first_boot(system, order.boot_timeout_s)
        secrets = channel.unseal(system, order.sealed) if order.sealed else ()
        change = Change(system)
        former = former_paths(system)
        certificates: Any = None
        if order.acme:
            # It travels only with such orders.
            from infra.instance.certificates import Certificates

            certificates = Certificates(system)
        switched = False
        try:
            # nginx looks for the files of secrets when it reads its configuration.
            changed = [file.path for file in secrets if change.put(file)]
            changed += [file.path for file in _addresses(order, system) if change.put(file)]
            changed += certificates.prepare(order, change) if certificates else []
            nginx.require_accepted(system, change.beside(order.nginx_conf))
            switched = True
            return _switch(order, secrets, change, changed, former, certificates)
        except BaseException:
            if switched:
                _end_the_new_units(order, change, former)
            back = change.take_back()
            if certificates:
                certificates.take_back()
            if switched:
                _serve_the_former(system, back, former)
            raise
        finally:
            change.clear_up((order.nginx_conf, *order.files, *secrets))


def _addresses(order: Order, system: System) -> list[File]:
    """Returns OSS's addresses as nginx includes them; the follower writes the same file between changes."""
    try:
        found = follow.included(order.nginx_conf.content, system.root, follow.resolve)
        return [File(path=path, content=text) for path, text in found.items()]
    except OSError as error:
        raise Failed(Outcome.NAME_NOT_RESOLVED, str(error)) from None


def _switch(
    order: Order,
    secrets: Sequence[File],
    change: Change,
    changed: Sequence[str],
    former: Sequence[str],
    certificates: Any,
) -> str:
    system = change.system
    wanted = (*secrets, *order.files, order.nginx_conf)
    # nginx's own comes last: what it refers to is there when it counts.
    changed = [*changed, *(file.path for file in (*order.files, order.nginx_conf) if change.put(file))]
    dropped = sorted(set(former) - {file.path for file in wanted})
    units.end(system, units.running(dropped))
    changed += [path for path in dropped if change.remove(path)]
    change.put(manifest(order.revision, wanted))
    units.take_up(system, changed, units.running(file.path for file in wanted))
    kernel.take_up(system, changed)
    # Also where nothing changed: a change that was killed may have ended just before this.
    nginx.take_up(system)
    probe = certificates.require(order) if certificates else order.probe
    answers = await_ready(probe, order.readiness_timeout_s)
    print(f"Changed: {', '.join(changed) or 'nothing'}.")
    return answers


def _end_the_new_units(order: Order, change: Change, former: Sequence[str]) -> None:
    new = {file.path for file in order.files if change.system.path(file.path).exists()} - set(former)
    with suppress(Failed):
        units.end(change.system, units.running(new))


def _serve_the_former(system: System, back: Sequence[str], former: Sequence[str]) -> None:
    try:
        units.take_up(system, back, units.running(former))
        kernel.take_up(system, back)
        nginx.take_up(system)
    except Failed as failed:
        print(f"The former configuration is back in place, but: {failed}")
    else:
        print("The former configuration is back in place and serving.")


@contextmanager
def _alone(system: System) -> Iterator[None]:
    """Waits for another change that is under way: an update that was killed may have left one behind."""
    with system.path(LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(payload: Mapping[str, Any], system: System | None = None) -> int:
    """Carries out what the deployer packed, and tells how it went.

    Returns:
        The exit status, an `Outcome`.
    """
    system = system or System()
    try:
        if payload["task"] == "key":
            print(channel.certificate(system), end="")
        else:
            print(carry_out(Order.read(payload["order"]), system))
    except Failed as failed:
        print(f"{failed.outcome.name}: {failed}")
        return failed.outcome
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{Outcome.BROKEN.name}: {error}")
        return Outcome.BROKEN
    return Outcome.DONE
