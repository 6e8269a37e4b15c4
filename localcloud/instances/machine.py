"""A machine: one root file system booted by systemd-nspawn in its own network namespace.

Everything it needs on the host hangs on its process: the overlay is mounted in a mount namespace that
only that process and its children have, so however it ends, the kernel takes the mounts away. What stays
is the disk (the overlay's upper folder), the console's log and an empty control group, which
`Machine.stop` and the next clean-up remove.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from localcloud import linux
from localcloud.errors import LocalcloudError
from localcloud.instances import cgroups
from localcloud.instances.guest import enter_command

SHUTDOWN_TIMEOUT_S = 30.0
LEADER_TIMEOUT_S = 20.0
# systemd-nspawn ends with this status when the system inside asked for a restart.
REBOOT_STATUS = 133

# $1 network namespace, $2 folder of the machine, $3 root file system, $4 control group's folders, one a
# line; the rest is the command. /run is private, so that nspawn's own traces end with it.
_LAUNCH = """
set -eu
printf '%s\\n' "$4" | while read -r group; do mkdir -p "$group"; echo "$$" > "$group/cgroup.procs"; done
: > "$2/netns"
mount --bind "$1" "$2/netns"
mount -t tmpfs -o mode=755 tmpfs /run
mount -t overlay overlay -o "lowerdir=$3,upperdir=$2/upper,workdir=$2/work" "$2/root"
shift 4
exec "$@"
"""


class Machine:
    """One machine, running or not.

    Args:
        folder: Where its disk and console log are; its name is the machine's.
        rootfs: The root file system below the disk, shared and never written.
        namespace: Path of its network namespace.
        cgroup: Name of its control group.
    """

    def __init__(self, folder: Path, rootfs: Path, namespace: Path, cgroup: str) -> None:
        self._folder = folder
        self._rootfs = rootfs
        self._namespace = namespace
        self._cgroup = cgroup
        self._process: asyncio.subprocess.Process | None = None
        self._leader: int | None = None

    @property
    def running(self) -> bool:
        """Whether the system is up, booting or shutting down."""
        return self._process is not None and self._process.returncode is None

    @property
    def console(self) -> Path:
        """The file with what the system wrote on its console, all boots in a row."""
        return self._folder / "console.log"

    @property
    def disk(self) -> Path:
        """The folder with everything that differs from the root file system."""
        return self._folder / "upper"

    async def start(self, hostname: str) -> None:
        """Boots the system; returns when its first process runs.

        Raises:
            LocalcloudError: It did not come to that; the message ends with the console's last lines.
        """
        if self.running:
            return
        for name in ("upper", "work", "root"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        with self.console.open("ab") as console:
            self._process = await asyncio.create_subprocess_exec(
                *("unshare", "--mount", "--propagation", "private", "--", "sh", "-c", _LAUNCH, "launch"),
                str(self._namespace),
                str(self._folder),
                str(self._rootfs),
                "\n".join(str(folder) for folder in cgroups.folders(self._cgroup)),
                *self._nspawn(hostname),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                # The cgroup v2 hierarchy works in any payload, also where the host still has v1. The network
                # namespace is the instance's own, and so are its settings.
                env=os.environ
                | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"},
                start_new_session=True,
                # A daemon that is killed takes its machines along, like a power cut.
                preexec_fn=lambda: linux.die_with_parent(signal.SIGKILL),
            )
        self._leader = await self._find_leader(self._process)

    def _nspawn(self, hostname: str) -> list[str]:
        return [
            "systemd-nspawn",
            "--quiet",
            "--register=no",
            "--keep-unit",
            f"--directory={self._folder / 'root'}",
            f"--machine={self._folder.name}",
            f"--hostname={hostname}",
            f"--network-namespace-path={self._folder / 'netns'}",
            "--resolv-conf=off",
            "--timezone=off",
            "--link-journal=no",
            "--console=read-only",
            "--boot",
        ]

    async def _find_leader(self, process: asyncio.subprocess.Process) -> int:
        """Returns the id of the system's first process, which nspawn makes within a moment."""
        deadline = asyncio.get_running_loop().time() + LEADER_TIMEOUT_S
        while process.returncode is None and asyncio.get_running_loop().time() < deadline:
            for child in linux.children(process.pid):
                # Only the booted system's own first process has a pid namespace unlike ours.
                if linux.namespace_of(child, "pid") not in (None, linux.namespace_of(os.getpid(), "pid")):
                    return child
            await asyncio.sleep(0.02)
        await self.stop(force=True)
        tail = self.console.read_text(errors="replace").splitlines()[-10:]
        raise LocalcloudError(
            f"{self._folder.name} does not boot. Its console ends with:\n" + "\n".join(tail)
        )

    @property
    def leader(self) -> int:
        """The id of the system's first process, on the host.

        Raises:
            LocalcloudError: The machine is not running.
        """
        if not self.running or self._leader is None:
            raise LocalcloudError(
                f"{self._folder.name} is not running. Start it first (see `localcloud status`)."
            )
        return self._leader

    async def stop(self, *, force: bool = False, timeout_s: float = SHUTDOWN_TIMEOUT_S) -> None:
        """Shuts the system down, or cuts its power; returns when nothing of it runs any more."""
        process, self._leader = self._process, None
        if process is not None:
            if process.returncode is None and not force:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), timeout_s)
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        await asyncio.to_thread(end_cgroup, self._cgroup)
        shutil.rmtree(self._folder / "work", ignore_errors=True)

    async def wait(self) -> int | None:
        """Waits until the system has ended, for example because it was shut down from inside.

        Returns:
            The exit status (`REBOOT_STATUS` when it wants to start again), or None when it never ran.
        """
        return None if self._process is None else await self._process.wait()

    async def run(
        self,
        argv: Sequence[str],
        stdin: bytes,
        timeout_s: float,
        on_output: Callable[[bytes], None] | None = None,
    ) -> tuple[int, bytes]:
        """Runs a command inside the system as its root.

        Args:
            argv: The command.
            stdin: Its standard input.
            timeout_s: Seconds that it may run.
            on_output: Gets the output as it comes; what is returned is then empty.

        Returns:
            Exit status (128 and the signal's number when a signal ended it, as in a shell) and output,
            both streams as they came.

        Raises:
            TimeoutError: It ran longer than `timeout_s`, and was ended.
            LocalcloudError: The machine is not running.
        """
        process = await asyncio.create_subprocess_exec(
            *enter_command(self.leader, argv),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output = await asyncio.wait_for(_exchange(process, stdin, on_output), timeout_s)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        code = process.returncode or 0
        return (code if code >= 0 else 128 - code), output


async def _exchange(
    process: asyncio.subprocess.Process, stdin: bytes, on_output: Callable[[bytes], None] | None
) -> bytes:
    """Gives a process its input and takes its output until it ends."""
    if on_output is None or process.stdin is None or process.stdout is None:
        output, _ = await process.communicate(stdin)
        return output
    feeding = asyncio.create_task(_feed(process.stdin, stdin))
    try:
        while data := await process.stdout.read(65536):
            on_output(data)
        await process.wait()
    finally:
        feeding.cancel()
    return b""


async def _feed(writer: asyncio.StreamWriter, data: bytes) -> None:
    # A process need not read all of its input.
    with contextlib.suppress(ConnectionError):
        writer.write(data)
        await writer.drain()
    writer.close()


def end_cgroup(name: str) -> list[int]:
    """Ends every process of a control group and removes it; returns the processes' ids."""
    found = cgroups.processes(name)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    cgroups.remove(name)
    return found
