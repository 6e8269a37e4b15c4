"""``status``, ``calls`` and ``logs``."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from localcloud import control
from localcloud.errors import LocalcloudError
from localcloud.home import Home


def status(home: Home, *, as_json: bool) -> int:
    """Shows what runs.

    Raises:
        LocalcloudError: Nothing does.
    """
    home.require_running()
    told: dict[str, Any] = control.ask(home.control, "status")
    told["home"] = str(home.path)
    print(json.dumps(told, indent=2, ensure_ascii=False) if as_json else render(told))
    return 0


def render(told: dict[str, Any]) -> str:
    """Renders a status for people."""
    lines = [
        f"mode        {told['mode']}",
        f"home        {told['home']}",
        f"process     {told['pid']}",
        f"namespaces  {', '.join(told['namespaces']) or 'none'}",
    ]
    lines += [
        f"vpc         {vpc['id']}  {vpc['cidr']}  {vpc['region']}  {vpc['name']}" for vpc in told["vpcs"]
    ]
    for instance in told["instances"]:
        eip = instance["eip"] or "no public address"
        lines.append(f"instance    {instance['id']}  {instance['state']}  {instance['private_ip']}  {eip}")
    for alarm in told["alarms"]:
        state = "on" if alarm["enabled"] else "off"
        lines.append(f"alarm       {alarm['name']}  {alarm['metric']}  {alarm['resources']}  {state}")
    lines += [f"domain      {domain['name']}  {len(domain['records'])} records" for domain in told["domains"]]
    for role in told["roles"]:
        having = ", ".join(role["instances"]) or "no instance"
        lines.append(f"role        {role['name']}  {len(role['policies'])} policies  {having}")
    unknown = [
        f"{service}:{action} ({count}x)"
        for service, actions in told["coverage"]["unknown"].items()
        for action, count in actions.items()
    ]
    lines.append(f"unknown     {', '.join(unknown) or 'no action that was asked for'}")
    return "\n".join(line.rstrip() for line in lines)


def calls(home: Home, since: int, *, as_json: bool) -> int:
    """Shows the calls that were made after one.

    Raises:
        LocalcloudError: No cloud runs.
    """
    home.require_running()
    made: list[dict[str, Any]] = control.ask(home.control, "calls", since=since)
    if as_json:
        print(json.dumps(made, indent=2))
    for call in made if not as_json else ():
        kind = "changes" if call["mutating"] else "reads"
        outcome = call["outcome"] or "under way"
        print(f"{call['number']}  {kind:7}  {call['service']}:{call['action']}  {outcome}")
    return 0


def logs(home: Home, instance_id: str | None, *, follow: bool) -> int:
    """Shows the daemon's log, or an instance's console and the logs on its disk.

    Raises:
        LocalcloudError: There is no such log.
    """
    if instance_id is None:
        return _show(_existing([home.log], home), follow=follow)
    folder = home.instances / instance_id
    if "/" in instance_id or not folder.is_dir():
        raise LocalcloudError(f"There is no instance {instance_id}. See: localcloud status")
    files = _existing([folder / "console.log", folder / "upper/var/log/cloud-init-output.log"], home)
    journal = folder / "upper/var/log/journal"
    if not follow and journal.is_dir() and shutil.which("journalctl"):
        _show(files, follow=False)
        print(f"==> {journal} <==", flush=True)
        os.execvp("journalctl", ["journalctl", "--no-pager", "--quiet", f"--directory={journal}"])  # noqa: S606
    return _show(files, follow=follow)


def _existing(files: list[Path], home: Home) -> list[Path]:
    found = [path for path in files if path.exists()]
    if not found:
        raise LocalcloudError(f"There is no log yet in {home.path}. Start the cloud: localcloud up")
    return found


def _show(files: list[Path], *, follow: bool) -> int:
    if follow:
        os.execvp("tail", ["tail", "--lines=+1", "--follow=name", "--retry", *map(str, files)])  # noqa: S606
    for path in files:
        if len(files) > 1:
            print(f"==> {path} <==", flush=True)
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    return 0
