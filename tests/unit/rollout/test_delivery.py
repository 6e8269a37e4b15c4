"""The command is one text for one task, runs where only Python is, and is refused when it is too long."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from infra.instance_files import SystemContext, nginx_file, system_files
from infra.render import NginxContext, nginx_conf
from infra.rollout import delivery
from infra.rollout.delivery import COMMAND_MAX_BASE64_BYTES, DeliveryError

HOST = "oss-proxy-dev.oss-cn-hangzhou-internal.aliyuncs.com"


def order(prefixes: tuple[str, ...] = ("public/",), **changes: Any) -> dict[str, Any]:
    conf = nginx_conf(NginxContext(bucket_host=HOST, listen_port=80, prefixes=prefixes))
    probe = {
        "bucket_host": HOST,
        "key": "public/x",
        "listen_port": 80,
        "proxy_path": "/x",
        "proxy_statuses": [200],
    }
    return {
        "revision": "0" * 16,
        "nginx_conf": asdict(nginx_file(conf)),
        "files": [asdict(file) for file in system_files(SystemContext(bucket_host=HOST))],
        "sealed": "",
        "probe": probe,
        "boot_timeout_s": 600,
        "readiness_timeout_s": 120,
        **changes,
    }


def task(**changes: Any) -> dict[str, Any]:
    return {"task": "change", "order": order(**changes)}


def run(script: str, tmp_path: Path, *stubs: str) -> subprocess.CompletedProcess[str]:
    """Runs a command as the agent would, where the named programs do nothing and fail."""
    for name in stubs:
        (tmp_path / name).write_text("#!/bin/sh\necho stub of $0 $*\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "command.sh").write_text(script)
    return subprocess.run(
        ["sh", str(tmp_path / "command.sh")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin", "TMPDIR": str(tmp_path)},
    )


def test_the_same_task_is_the_same_text() -> None:
    assert delivery.script(task()) == delivery.script(task())


def test_it_runs_without_the_checkout_and_leaves_nothing(tmp_path: Path) -> None:
    # Its lock cannot be had here, or its first command fails: either is told by the program itself.
    done = run(delivery.script(task()), tmp_path, "cloud-init")
    assert done.returncode in (1, 20)
    assert done.stdout.startswith(("FIRST_BOOT_FAILED: ", "BROKEN: "))
    assert "Traceback" not in done.stdout + done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cloud-init", "command.sh"]


def test_ordinary_settings_leave_room() -> None:
    assert delivery.size(delivery.script(task())) < 0.9 * COMMAND_MAX_BASE64_BYTES
    delivery.require_deliverable(task())


def test_what_is_too_long_is_refused_with_its_size_and_the_limit() -> None:
    import hashlib

    prefixes = tuple(f"{hashlib.sha256(bytes([number])).hexdigest()}/" for number in range(250))
    with pytest.raises(DeliveryError, match=f"Cloud Assistant accepts {COMMAND_MAX_BASE64_BYTES}") as caught:
        delivery.require_deliverable(task(prefixes=prefixes))
    assert "oss-proxy:objectPrefixes" in caught.value.fix


def test_a_revision_tells_configurations_apart() -> None:
    assert delivery.revision(order(), "1") == delivery.revision(order(), "1")
    assert delivery.revision(order(), "1") != delivery.revision(order(sealed="x"), "1")
    assert delivery.revision(order(), "1") != delivery.revision(order(), "2")
    assert len(delivery.revision(order(), "123456")) == 16
