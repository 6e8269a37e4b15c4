"""How nginx lives on a booted instance: what it may do, its logs, its numbers, the kernel, and upgrades."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.localcloud import LocalCloud

OnInstance = Callable[[str], str]


@pytest.fixture
def on_instance(cloud: LocalCloud, deployed: Deployed) -> OnInstance:
    """Runs a script on the instance, which must succeed; returns what it wrote."""

    def run(script: str) -> str:
        done = cloud.run(deployed.outputs["instance_id"], ["sh", "-ec", script])
        text = (done.stdout + done.stderr).decode()
        assert done.returncode == 0, text
        return text.strip()

    return run


def test_systemd_keeps_nginx_to_what_it_needs(on_instance: OnInstance) -> None:
    judged = on_instance("systemd-analyze security nginx.service --no-pager")
    (exposure,) = re.findall(r"Overall exposure level for nginx\.service: ([0-9.]+)", judged)
    assert float(exposure) <= 2.8
    status = on_instance('cat "/proc/$(cat /run/nginx.pid)/status"')
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)
    # It cannot write where it has nothing to write, but where the cache would be.
    mounts = on_instance('cat "/proc/$(cat /run/nginx.pid)/mounts"')
    options = {line.split()[1]: line.split()[3].split(",") for line in mounts.splitlines()}
    assert options["/"][0] == "ro"
    assert options["/var/cache"][0] == options["/var/log/nginx"][0] == "rw"
    # Workers have nothing left.
    workers = on_instance('for one in $(pgrep -P "$(cat /run/nginx.pid)"); do cat /proc/$one/status; done')
    assert set(re.findall(r"^CapEff:\s+(\w+)$", workers, re.MULTILINE)) == {"0" * 16}
    # What it could not do, it would complain of.
    assert "alert" not in on_instance("cat /var/log/nginx/error.log")


def test_its_numbers_are_for_the_instance_alone(
    on_instance: OnInstance, cloud: LocalCloud, deployed: Deployed
) -> None:
    assert "Active connections:" in on_instance("curl -sS http://127.0.0.1:8091/status")
    for place, address in (
        ("internet", deployed.outputs["public_ip"]),
        ("vpc", deployed.outputs["private_ip"]),
    ):
        assert cloud.curl(place, f"http://{address}:8091/status", timeout_s=2).status == 0


def test_a_package_upgrade_of_nginx_loses_no_request(
    on_instance: OnInstance, cloud: LocalCloud, deployed: Deployed, bucket: Bucket
) -> None:
    before = on_instance("cat /run/nginx.pid")
    with cloud.load("internet", f"{deployed.url}/{bucket.prefix}hello.txt") as load:
        # What the package's own script does; the new nginx runs under the same limits.
        on_instance(
            "invoke-rc.d nginx upgrade; "
            "timeout 30 sh -c 'while [ -e /run/nginx.pid.oldbin ]; do sleep 0.1; done'"
        )
        on_instance("systemctl reload nginx")
    assert load.failures == []
    assert load.answered > 0
    assert on_instance("cat /run/nginx.pid") != before
    assert on_instance("systemctl is-active nginx") == "active"
    assert on_instance("systemctl show nginx -P MainPID") == on_instance("cat /run/nginx.pid")


def test_logs_are_rotated_and_written_on(
    on_instance: OnInstance, cloud: LocalCloud, deployed: Deployed
) -> None:
    assert "*:00/5" in on_instance("systemctl show logrotate.timer -P TimersCalendar")
    # As the timer does it, with a log that has grown.
    on_instance(
        "yes '{\"old\":1}' | head -c 110M >>/var/log/nginx/access.log; systemctl start logrotate.service"
    )
    assert on_instance("stat -c %U:%G:%a /var/log/nginx/access.log") == "www-data:adm:640"
    cloud.curl("internet", f"{deployed.url}/public/after-the-rotation")
    on_instance(
        "timeout 10 sh -c 'until grep -q after-the-rotation /var/log/nginx/access.log; do sleep 0.1; done'"
    )
    assert on_instance("grep -c old /var/log/nginx/access.log || :") == "0"
    assert on_instance("systemctl is-failed logrotate.service || :") == "inactive"
    on_instance("rm /var/log/nginx/access.log.1")


def test_the_kernel_has_what_the_file_says(on_instance: OnInstance) -> None:
    lines = on_instance("cat /etc/sysctl.d/60-oss-proxy.conf").splitlines()
    wrong = []
    for key, value in (line.lstrip("-").split("=") for line in lines):
        place = "/proc/sys/" + key.replace(".", "/")
        found = on_instance(f"cat {place} 2>/dev/null || echo none").splitlines()
        # A network namespace has no key of the machine's own.
        if found != ["none"] and {one.replace("\t", " ") for one in found} != {value}:
            wrong.append((key, value, found))
    assert wrong == []
    backlog = on_instance("ss -Hltn 'sport = :80'").split()
    assert backlog[2] == "4096"


def test_the_journal_has_a_bound(on_instance: OnInstance) -> None:
    assert "max 200M" in on_instance("journalctl -u systemd-journald --no-pager -o cat").splitlines()[-1]


def test_security_upgrades_come_from_the_security_archive_alone(on_instance: OnInstance) -> None:
    told = on_instance("unattended-upgrade --dry-run --debug 2>&1")
    (origins,) = re.findall(r"Allowed origins are: (.*)", told)
    assert origins == "origin=Debian,codename=trixie-security,label=Debian-Security"
    # As each night; the timers of localcloud's image sleep.
    on_instance("systemctl start apt-daily-upgrade.service")
