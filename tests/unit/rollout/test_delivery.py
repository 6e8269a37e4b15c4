"""The command is one text for one task, runs where only Python is, and is refused when it is too long."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from infra.instance_files import FOLLOW, SystemContext, nginx_file, system_files
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


def run(tmp_path: Path, scripts: Sequence[str], *stubs: str) -> subprocess.CompletedProcess[str]:
    """Runs commands as the agent would, where the named programs do nothing and fail; returns the last."""
    for name in stubs:
        (tmp_path / name).write_text("#!/bin/sh\necho stub of $0 $*\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    for script in scripts:
        (tmp_path / "command.sh").write_text(script.replace("/run/oss-proxy-parts", f"{tmp_path}/parts"))
        done = subprocess.run(
            ["sh", str(tmp_path / "command.sh")],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin", "TMPDIR": str(tmp_path)},
        )
    return done


def longest(count: int) -> tuple[str, ...]:
    """Prefixes that nothing makes shorter."""
    return tuple(f"{hashlib.sha256(str(number).encode()).hexdigest()}/" for number in range(count))


def test_the_same_task_is_the_same_text() -> None:
    assert delivery.scripts(task()) == delivery.scripts(task())


@pytest.mark.parametrize("prefixes", [("public/",), longest(250)], ids=["one command", "parts"])
def test_it_runs_without_the_checkout_and_leaves_nothing(prefixes: tuple[str, ...], tmp_path: Path) -> None:
    scripts = delivery.scripts(task(prefixes=prefixes))
    assert len(scripts) == (1 if len(prefixes) == 1 else 2)
    assert all(delivery.size(script) <= COMMAND_MAX_BASE64_BYTES for script in scripts)
    # Its lock cannot be had here, or its first command fails: either is told by the program itself.
    done = run(tmp_path, scripts, "cloud-init")
    assert done.returncode in (1, 20)
    assert done.stdout.startswith(("FIRST_BOOT_FAILED: ", "BROKEN: "))
    assert "Traceback" not in done.stdout + done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cloud-init", "command.sh"]


def test_a_part_is_for_root_alone(tmp_path: Path) -> None:
    first, _ = delivery.scripts(task(prefixes=longest(250)))
    assert run(tmp_path, [first]).returncode == 0
    (part,) = (tmp_path / "parts").iterdir()
    assert part.stat().st_mode & 0o077 == part.parent.stat().st_mode & 0o077 == 0


def test_parts_of_another_task_are_not_taken_for_its_own(tmp_path: Path) -> None:
    first, _ = delivery.scripts(task(prefixes=longest(250)))
    _, last = delivery.scripts(task(prefixes=longest(251)))
    done = run(tmp_path, [first, last], "cloud-init")
    assert done.returncode == 1
    assert "No such file or directory" in done.stdout
    assert "Traceback" not in done.stdout


def test_files_arrive_as_they_are_and_secrets_lie_in_none_of_them() -> None:
    contents = delivery._contents(task(sealed="SEALED"))
    files = [nginx_file(""), *system_files(SystemContext(bucket_host=HOST))]
    sent = json.loads(contents["task"])["order"]
    assert [one["path"] for one in (sent["nginx_conf"], *sent["files"])] == [one.path for one in files]
    for one, file in zip(sent["files"], files[1:], strict=True):
        assert contents[one["content"]] == file.content
    assert [name for name, text in contents.items() if "SEALED" in text] == ["task"]


def test_a_program_costs_nothing_beside_the_module_that_it_is_made_from() -> None:
    whole = task()
    without = task(files=[one for one in whole["order"]["files"] if one["path"] != FOLLOW])
    sizes = [sum(map(delivery.size, delivery.scripts(one))) for one in (whole, without)]
    assert sizes[0] - sizes[1] < 400


def test_ordinary_settings_take_one_command() -> None:
    assert len(delivery.scripts(task())) == 1
    delivery.require_deliverable(task())


def test_proofs_by_dns_take_two_commands_and_others_none_of_their_bytes() -> None:
    def files(**changes: bool) -> list[dict[str, Any]]:
        return [asdict(file) for file in system_files(SystemContext(bucket_host=HOST, acme=True, **changes))]

    by_http, by_dns = (
        delivery.scripts(task(acme=True, files=found)) for found in (files(), files(acme_dns=True))
    )
    assert len(by_dns) == 2
    assert all(delivery.size(script) <= COMMAND_MAX_BASE64_BYTES for script in by_dns)
    assert sum(map(delivery.size, by_http)) < sum(map(delivery.size, by_dns))


def test_what_is_too_long_is_refused_with_its_size_and_the_limit() -> None:
    with pytest.raises(
        DeliveryError, match=f"4 commands of {COMMAND_MAX_BASE64_BYTES} are the most"
    ) as caught:
        delivery.require_deliverable(task(prefixes=longest(1500)))
    assert "oss-proxy:objectPrefixes" in caught.value.fix


def test_a_revision_tells_configurations_apart() -> None:
    assert delivery.revision(order(), "1") == delivery.revision(order(), "1")
    assert delivery.revision(order(), "1") != delivery.revision(order(sealed="x"), "1")
    assert delivery.revision(order(), "1") != delivery.revision(order(), "2")
    assert len(delivery.revision(order(), "123456")) == 16
