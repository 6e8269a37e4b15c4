"""``up`` and ``down``."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

from localcloud import remains
from localcloud.daemon import READY
from localcloud.errors import LocalcloudError
from localcloud.home import Home, Mode, Running, Settings

# Instances get half a minute to shut down; then their power is cut.
STOP_TIMEOUT_S = 90.0
_LOG_TAIL_LINES = 15
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UID = re.compile(r"[0-9]{16}")
_TOOLS = {
    "ip": "iproute2",
    "tc": "iproute2",
    "nft": "nftables",
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "nsenter": "util-linux",
}


def up(home: Home, *, mode: Mode, account_uid: str | None, operator_environment: Sequence[str]) -> int:
    """Starts the cloud and waits until it is ready; one that runs is left as it is.

    Args:
        home: The cloud's home.
        mode: Whether instances boot.
        account_uid: UID of the operator's account, or None to keep it.
        operator_environment: ``NAME=VALUE`` texts that are added to those kept.

    Raises:
        LocalcloudError: It cannot start; nothing is left of the attempt.
    """
    added = parse_environment(operator_environment)
    if account_uid is not None and not _UID.fullmatch(account_uid):
        raise LocalcloudError(f"--account-uid {account_uid!r} is no account's UID: it must be 16 digits.")
    if mode == "full":
        check_machine()
    home.make()
    with home.locked():
        kept = home.settings()
        settings = Settings(
            account_uid=account_uid or kept.account_uid,
            operator_environment={**kept.operator_environment, **added},
        )
        running = home.running()
        if running is not None:
            _check_same(home, running, mode, kept, settings)
            home.save_settings(settings)
            print(f"localcloud is up already ({running.mode}, process {running.pid}).")
            return 0
        for removed in remains.clean(home):
            print(f"Removed what an earlier run left: {removed}")
        _check_foreign(home)
        home.save_settings(settings)
        if mode == "full":
            # Only here: the other mode needs nothing of it.
            from localcloud.instances.rootfs import ensure_rootfs

            ensure_rootfs(lambda line: print(line, flush=True))
        _start(home, mode)
    print(f"localcloud is up ({mode}). Try: localcloud shell, localcloud status")
    return 0


def down(home: Home) -> int:
    """Ends the cloud and removes all that it made on this machine; the home folder stays."""
    if not home.path.is_dir():
        print(f"No cloud in {home.path}.")
        return 0
    with home.locked():
        running = home.running()
        if running is not None:
            try:
                remains.end_process(
                    running.pid, running.started, timeout_s=STOP_TIMEOUT_S, first=signal.SIGTERM
                )
            except PermissionError as error:
                raise LocalcloudError(
                    "The cloud was started by another user. Run: sudo localcloud down"
                ) from error
        for removed in remains.clean(home):
            print(f"Removed what was left: {removed}")
    print("localcloud is down.")
    return 0


def parse_environment(texts: Sequence[str]) -> dict[str, str]:
    """Reads ``NAME=VALUE`` texts.

    Raises:
        LocalcloudError: One of them is not of this form.
    """
    pairs = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not _VARIABLE.fullmatch(name):
            raise LocalcloudError(f"--operator-env {text!r} is not of the form NAME=VALUE.")
        pairs[name] = value
    return pairs


def check_machine() -> None:
    """Checks that this machine can run the full mode.

    Raises:
        LocalcloudError: It cannot; the message says what to do.
    """
    if sys.platform != "linux":
        raise LocalcloudError("localcloud needs Linux: it is made of network namespaces and systemd-nspawn.")
    if os.geteuid() != 0:
        raise LocalcloudError(
            "Networks and instances need root. Run: sudo localcloud up; or start the API services alone: "
            "localcloud up --api-only"
        )
    missing = sorted({package for tool, package in _TOOLS.items() if shutil.which(tool) is None})
    if missing:
        raise LocalcloudError(
            f"Tools are missing, so no instance can boot. Install them: apt-get install {' '.join(missing)}"
        )


def _check_same(home: Home, running: Running, mode: Mode, kept: Settings, wanted: Settings) -> None:
    if running.mode != mode:
        raise LocalcloudError(
            f"The cloud in {home.path} runs already, as {running.mode}. End it first (localcloud down), "
            "or use another --home."
        )
    if kept.account_uid != wanted.account_uid:
        raise LocalcloudError(
            f"The cloud runs already, with the account {kept.account_uid}. End it first: localcloud down"
        )


def _check_foreign(home: Home) -> None:
    foreign = remains.foreign_namespaces(home)
    if foreign:
        raise LocalcloudError(
            f"Network namespaces with this cloud's names are there, not of its making: {', '.join(foreign)}. "
            f"Remove them (ip netns delete {foreign[0]} ...) if nobody needs them, or use another --home."
        )


def _start(home: Home, mode: Mode) -> None:
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "localcloud.daemon", "--home", str(home.path), "--mode", mode]
    with home.log.open("ab") as log:
        process = subprocess.Popen(
            [*command, "--ready-fd", str(writer)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[writer],
            start_new_session=True,
            cwd="/",
        )
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    if said == READY:
        # Not ours to wait for any more.
        process.returncode = 0
        return
    process.wait()
    remains.clean(home)
    if said:
        raise LocalcloudError(said)
    tail = "\n".join(home.log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:])
    raise LocalcloudError(f"The daemon ended before the cloud was ready. Its log ends with:\n{tail}")
