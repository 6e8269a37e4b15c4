"""A network of the measurement's own, with the kernel's settings of an instance."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.nginx.setups import BUCKET_HOST
from bench.nginx.tools import PROGRAMS, tool
from infra.instance_files import SystemContext, system_files

_MARK = "OSS_PROXY_BENCH_NETWORK"
SYSCTL_FOLDER = "/etc/sysctl.d/"
# What a namespace has of its own; anything else is the machine's.
OWN = ("net.ipv4.", "net.core.somaxconn")


def elsewhere(arguments: Sequence[str]) -> bool:
    """Runs this program in a namespace of its own where root may make one, and tells whether it did.

    Args:
        arguments: What follows ``python -m bench``.

    Raises:
        subprocess.CalledProcessError: It failed there.
    """
    if os.geteuid() != 0 or _MARK in os.environ:
        return False
    # There is no way to Debian's archive from there.
    for name in PROGRAMS:
        tool(name)
    command = ["unshare", "--net", sys.executable, "-m", "bench", *arguments]
    subprocess.run(command, check=True, env={**os.environ, _MARK: "own"})
    return True


def prepared() -> str:
    """Sets up the namespace, and returns a word for where it is measured."""
    if _MARK not in os.environ:
        return "this machine's loopback"
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    written = False
    for file in system_files(SystemContext(bucket_host=BUCKET_HOST)):
        if file.path.startswith(SYSCTL_FOLDER):
            for line in file.content.splitlines():
                written |= _write(*line.lstrip("-").split("=", 1))
    return "a loopback of its own" + (" with an instance's kernel settings" if written else "")


def _write(key: str, value: str) -> bool:
    written = False
    if key.startswith(OWN):
        for place in Path("/proc/sys").glob(key.replace(".", "/")):
            try:
                place.write_text(value)
                written = True
            except OSError as error:
                print(f"the kernel refuses {key}: {error.strerror}", file=sys.stderr)
    return written
