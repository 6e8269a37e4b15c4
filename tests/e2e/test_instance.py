"""The instance itself: configured once, completely, and open for nothing but the proxy."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Deployed
from tests.support.localcloud import LocalCloud


def inside(cloud: LocalCloud, deployed: Deployed, *command: str) -> tuple[int, str]:
    done = cloud.run(deployed.outputs["instance_id"], command)
    return done.returncode, (done.stdout + done.stderr).decode()


def test_cloud_init_ends_without_an_error(cloud: LocalCloud, deployed: Deployed) -> None:
    code, text = inside(cloud, deployed, "cloud-init", "status", "--wait", "--format", "json")
    status = json.loads(text)
    assert code == 0, text
    assert status["status"] == "done"
    assert status["errors"] == []
    assert status["recoverable_errors"] == {}


def test_user_data_came_through_the_clouds_own_data_source(cloud: LocalCloud, deployed: Deployed) -> None:
    _, text = inside(cloud, deployed, "cloud-id")
    assert text.strip() == "aliyun"


def test_user_data_fits_the_schema_of_the_instances_cloud_init(cloud: LocalCloud, deployed: Deployed) -> None:
    code, text = inside(cloud, deployed, "cloud-init", "schema", "--system")
    assert code == 0, text


def test_nginx_accepts_and_runs_the_exported_configuration(cloud: LocalCloud, deployed: Deployed) -> None:
    code, text = inside(cloud, deployed, "nginx", "-t")
    assert code == 0, text
    assert "warn" not in text
    _, served = inside(cloud, deployed, "cat", "/etc/nginx/nginx.conf")
    assert served.strip() == deployed.outputs["nginx_config"].strip()


def test_nginx_is_enabled_for_the_next_boot(cloud: LocalCloud, deployed: Deployed) -> None:
    assert inside(cloud, deployed, "systemctl", "is-enabled", "nginx")[1].strip() == "enabled"


def test_no_unit_failed(cloud: LocalCloud, deployed: Deployed) -> None:
    _, text = inside(cloud, deployed, "systemctl", "list-units", "--failed", "--no-legend", "--plain")
    assert text.strip() == ""


def test_metadata_is_refused_without_a_token(cloud: LocalCloud, deployed: Deployed) -> None:
    instance = deployed.outputs["instance_id"]
    assert cloud.curl(instance, "http://100.100.100.200/latest/user-data").status in (401, 403)


@pytest.mark.parametrize("port", [22, 443, 8080])
def test_no_other_port_answers(cloud: LocalCloud, deployed: Deployed, port: int) -> None:
    answer = cloud.curl("internet", f"http://{deployed.outputs['public_ip']}:{port}/", timeout_s=2)
    assert answer.status == 0
    # Dropped by the security group, not refused by a host that was reached.
    assert "timed out" in answer.error.lower()


def test_the_access_log_tells_the_storages_request(cloud: LocalCloud, deployed: Deployed) -> None:
    cloud.curl("internet", f"{deployed.url}/public/not-there")
    # nginx writes lines together, at the latest after a second.
    wait = "until grep -q not-there /var/log/nginx/access.log; do sleep 0.1; done"
    _, text = inside(
        cloud,
        deployed,
        "sh",
        "-c",
        f"timeout 10 sh -c '{wait}'; grep not-there /var/log/nginx/access.log | tail -n 1",
    )
    entry = json.loads(text)
    assert "not-there" in entry["path"]
    assert entry["oss_request_id"]
