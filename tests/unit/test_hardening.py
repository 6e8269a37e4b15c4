"""What systemd lets nginx do, as systemd itself judges it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.instance_files import SystemContext, system_files
from infra.nginx.sizing import CORES_MAX, MEMORY_GIB_MAX, Machine, sizing

# What Debian's unit says about how nginx is run.
UNIT = """\
[Service]
Type=forking
PIDFile=/run/nginx.pid
ExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'
"""
# 9.6 without the drop-in. Of 10, where 10 is everything allowed.
EXPOSURE_MAX = 2.8


def drop_in() -> str:
    files = {file.path: file.content for file in system_files(SystemContext(bucket_host="b"))}
    return files["/etc/systemd/system/nginx.service.d/oss-proxy.conf"]


def exposure(folder: Path, text: str) -> tuple[float, str]:
    """The exposure that systemd sees in a unit, and what it dislikes in its text."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    folder.mkdir()
    (folder / "nginx.service").write_text(f"{UNIT}{text}")
    command = [analyze, "security", "--offline=true", "--no-pager", str(folder / "nginx.service")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = re.search(r"Overall exposure level for nginx\.service: ([0-9.]+)", done.stdout)
    if found is None:
        pytest.skip(f"this systemd judges no unit that does not run: {done.stderr}")
    return float(found[1]), done.stderr


def test_nginx_may_do_no_more_than_it_does(tmp_path: Path) -> None:
    before, _ = exposure(tmp_path / "debian", "")
    after, disliked = exposure(tmp_path / "ours", drop_in())
    assert before > 9
    assert after <= EXPOSURE_MAX
    # A setting that systemd does not know would be passed over.
    assert disliked == ""


def test_the_files_that_a_reload_may_ask_for_are_allowed() -> None:
    (allowed,) = re.findall(r"^LimitNOFILE=(\d+)$", drop_in(), re.MULTILINE)
    for cores in (1, 2, 16, CORES_MAX):
        for memory_gib in (0.5, 4, 64, MEMORY_GIB_MAX):
            assert sizing(Machine(cores=cores, memory_gib=memory_gib)).open_files <= int(allowed)
