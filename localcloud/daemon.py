"""The process that is a cloud: started by `localcloud up`, ended by SIGTERM.

It tells the one who started it, by a line on an inherited descriptor, when the cloud is ready or why it
is not going to be.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from localcloud import linux, places
from localcloud.errors import LocalcloudError
from localcloud.fabric.netns.naming import LOCAL_DNS_ADDRESS
from localcloud.home import Home, Mode, Running

READY = "ready"


def main() -> int:
    """Runs a cloud until it is told to end.

    Returns:
        The exit status: 0, or 1 when the cloud could not start.
    """
    parser = argparse.ArgumentParser(prog="localcloud-daemon")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--mode", choices=("full", "api-only"), required=True)
    parser.add_argument("--ready-fd", type=int, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    home = Home(arguments.home)

    def report(message: str) -> None:
        os.write(arguments.ready_fd, message.encode())
        os.close(arguments.ready_fd)

    try:
        if arguments.mode == "api-only":
            move_into_own_network(home)
        return asyncio.run(serve(home, arguments.mode, report))
    except (LocalcloudError, OSError) as error:
        logging.getLogger("localcloud").error("cannot start: %s", error)
        report(str(error))
        return 1


def move_into_own_network(home: Home) -> None:
    """Moves this process into a network that has nothing but its loopback, with own name servers.

    Raises:
        LocalcloudError: The kernel refuses unprivileged namespaces.
    """
    try:
        if os.geteuid() != 0:
            linux.become_root_of_user_namespace()
        linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWNS)
        linux.keep_mounts_private()
    except OSError as error:
        raise LocalcloudError(
            f"This machine lets no namespace be made without root ({error}). Run as root, or allow them: "
            "sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"
        ) from error
    linux.bring_up_loopback()
    files = home.network / "local"
    places.write_files(files, (LOCAL_DNS_ADDRESS,))
    places.lay_over_etc(files)


async def serve(home: Home, mode: Mode, report: Callable[[str], None]) -> int:
    """Runs a cloud in the running event loop until SIGTERM or SIGINT."""
    # These take the better part of the start's time; an error before must not wait for them.
    from localcloud.control_server import ControlServer
    from localcloud.fabric.protocol import FabricError
    from localcloud.world import running

    log = logging.getLogger("localcloud")
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        async with running(home, mode) as world:
            control = ControlServer(home.control, world.answer)
            await control.start()
            started = linux.start_time(os.getpid())
            home.record_running(Running(pid=os.getpid(), started=started or 0, mode=mode))
            log.info("ready: %s, home %s, names begin with %s", mode, home.path, home.prefix)
            report(READY)
            try:
                await ended.wait()
            finally:
                log.info("ending")
                await control.close()
    except FabricError as error:
        raise LocalcloudError(str(error)) from error
    home.forget_running()
    log.info("ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
