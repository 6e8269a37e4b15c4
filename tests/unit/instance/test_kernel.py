"""The kernel gets what files of sysctl say, and what it refuses is told and fails nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from infra.instance import kernel
from infra.instance.system import System
from infra.instance_files import SystemContext, system_files

FILE = "/etc/sysctl.d/60-a.conf"


@pytest.fixture
def system(tmp_path: Path) -> System:
    """An instance with a few keys, none of them this machine's."""
    for key in ("net/core/somaxconn", "net/ipv4/conf/all/rp_filter", "net/ipv4/conf/eth0/rp_filter"):
        path = tmp_path / "proc/sys" / key
        path.parent.mkdir(parents=True)
        path.write_text("0\n")
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    return System(root=tmp_path)


def bring(system: System, text: str, *more: str) -> None:
    system.path(FILE).write_text(text)
    kernel.take_up(system, [*more, FILE])


def test_keys_get_their_values_each_where_there_are_several(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(system, "-net.core.somaxconn=4096\nnet.ipv4.conf.*.rp_filter=1\n", "/etc/nginx/nginx.conf")
    assert value(system, "net/core/somaxconn") == "4096"
    for name in ("all", "eth0"):
        assert value(system, f"net/ipv4/conf/{name}/rp_filter") == "1"
    assert capsys.readouterr().out == ""


def value(system: System, key: str) -> str:
    return system.path(f"/proc/sys/{key}").read_text().strip()


def test_what_is_refused_is_told_and_the_rest_is_written(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    # A folder refuses to be written, for root as well.
    (system.path("/proc/sys/net/ipv4/tcp_wmem")).mkdir()
    bring(system, "-net.ipv4.tcp_wmem=1\n-net.ipv4.none=1\n-net.core.somaxconn=4096\n")
    assert capsys.readouterr().out.splitlines() == [
        f"The kernel refuses net.ipv4.tcp_wmem: {os.strerror(errno.EISDIR)}.",
        f"The kernel refuses net.ipv4.none: {os.strerror(errno.ENOENT)}.",
    ]
    assert value(system, "net/core/somaxconn") == "4096"
    assert not system.path("/proc/sys/net/ipv4/none").exists()


def test_a_file_that_went_changes_nothing(system: System) -> None:
    kernel.take_up(system, [FILE])
    assert value(system, "net/core/somaxconn") == "0"


def test_an_instance_boots_where_a_key_is_refused() -> None:
    (text,) = [
        file.content for file in system_files(SystemContext(bucket_host="b")) if "sysctl.d" in file.path
    ]
    lines = text.splitlines()
    assert all(line.startswith("-net.") and "=" in line for line in lines)
    assert len({line.partition("=")[0] for line in lines}) == len(lines)


def test_no_connection_to_storage_takes_the_clients_port() -> None:
    (text,) = [
        file.content
        for file in system_files(SystemContext(bucket_host="b", listen_port=20000))
        if "sysctl.d" in file.path
    ]
    assert "-net.ipv4.ip_local_reserved_ports=20000\n" in text
