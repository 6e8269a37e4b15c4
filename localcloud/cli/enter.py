"""``run``, ``shell`` and ``oss``: commands on a host of the cloud.

The process itself moves there and becomes the command, so that its exit status, streams, terminal and
signals are the command's own.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from localcloud import control, places
from localcloud.errors import LocalcloudError
from localcloud.fabric.netns.naming import Names
from localcloud.home import Home, Running

_INSTANCE_ID = re.compile(r"i-[0-9a-z]+")
_VPC_HOST = re.compile(r"vpc-[0-9a-z]+/[0-9.]+")
_NOT_FOUND = 127
_NOT_EXECUTABLE = 126


def run(home: Home, place: str, command: Sequence[str], *, user: str | None = None) -> int:
    """Becomes a command at a place; returns only when that fails.

    Args:
        home: The cloud's home.
        place: Where the command runs.
        command: The command.
        user: The RAM user whose key the command gets: the operator's instead of the account's own, or a VPC's
            host's instead of none.

    Returns:
        127 when there is no such command, 126 when it cannot be run, as shells do.

    Raises:
        LocalcloudError: The cloud does not run, or has no such place or RAM user.
    """
    if user is not None and place != "operator" and not _VPC_HOST.fullmatch(place):
        raise LocalcloudError(f"--as {user} needs --from operator or VPC_ID/ADDRESS: nobody else has keys.")
    running = _running(home)
    if _INSTANCE_ID.fullmatch(place):
        # Needs a tool of the host, but nothing of instances' code, for which `run` would wait too long.
        from localcloud.instances.guest import enter_command

        leader = control.ask(home.control, "enter", place=place)["leader"]
        return _become(enter_command(leader, command, term=os.environ.get("TERM")), dict(os.environ))
    environment = _move(home, running, place, user)
    return _become(command, environment)


def shell(home: Home) -> int:
    """Becomes the operator's interactive shell."""
    environment = _move(home, _running(home), "operator")
    environment["LOCALCLOUD_PLACE"] = "operator"
    print("The operator's shell: *.aliyuncs.com leads to localcloud. Leave with exit.", file=sys.stderr)
    return _become([environment.get("SHELL", "/bin/sh")], environment)


def oss(home: Home, arguments: argparse.Namespace) -> int:
    """Carries out a command of the bucket owner's view, as the operator."""
    environment = _move(home, _running(home), "operator")
    os.environ.clear()
    os.environ.update(environment)
    from localcloud.oss import view

    return view.run(arguments)


def _running(home: Home) -> Running:
    running = home.running()
    if running is None:
        raise LocalcloudError(f"No cloud runs in {home.path}. Start it: localcloud up (or name its --home)")
    return running


def _move(home: Home, running: Running, place: str, user: str | None = None) -> dict[str, str]:
    """Moves this process to a place; returns the environment for a command there."""
    if place not in ("operator", "internet", "vpc", "other-vpc") and not _VPC_HOST.fullmatch(place):
        raise LocalcloudError(
            f"There is no place {place!r}. Places: operator, internet, vpc, other-vpc, VPC_ID/ADDRESS, or an "
            "instance's id (see: localcloud status)."
        )
    python_folder = Path(sys.executable).parent
    environment = dict(os.environ)
    if place == "operator":
        environment = places.operator_environment(home, environment, python_folder, user)
    else:
        places.trust(environment, home.authority / "ca.pem")
        if user is not None:
            places.give_key(environment, home.ram_user_key(user))
    names = Names(home.prefix)
    if running.mode == "api-only":
        if place != "operator":
            control.ask(home.control, "enter", place=place)
        places.enter_services(running)
    elif place in ("operator", "internet"):
        places.enter_namespace(getattr(names, place), home.network / "public")
    else:
        namespace = control.ask(home.control, "enter", place=place)["namespace"]
        places.enter_namespace(namespace, home.network / "vpc")
    return environment


def _become(command: Sequence[str], environment: dict[str, str]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(command[0], list(command), environment)  # noqa: S606 - the caller's own command
    except FileNotFoundError:
        print(f"localcloud: {command[0]}: command not found", file=sys.stderr)
        return _NOT_FOUND
    except OSError as error:
        print(f"localcloud: {command[0]}: {error.strerror}", file=sys.stderr)
        return _NOT_EXECUTABLE
