"""A RAM user with exactly the generated rights: enough for everything, and each of them needed."""

from __future__ import annotations

import json

import pytest

from tests.offline.ram_user import actions_of, as_user, authorised, refused
from tests.support.project import Project, Result

# A life has six updates, each with the provider's own waits.
pytestmark = pytest.mark.timeout(900)

# What the program and the provider use without being asked to. A feature that becomes a default, or that a
# test switches on, joins here and in the life below.
FEATURES: tuple[str, ...] = ("dns", "acme-dns")
ZONE = "example.com"


@pytest.fixture(autouse=True)
def _names(stack: Project) -> None:
    """The stack has a name in a domain of the account, and proves it by a record."""
    stack.cloud.cli("dns", "domain", "add", ZONE)
    stack.change(
        {"tls": "acme", "acmeChallenge": "dns-01", "domainNames": [f"files.{ZONE}"], "dnsZone": ZONE}
    )


def made(project: Project) -> list[int]:
    """How many VPCs, EIPs and instances there are."""
    status = project.cloud.status()
    return [len(status[kind]) for kind in ("vpcs", "eips", "instances")]


def missing(project: Project, action: str) -> Result:
    """An `up` of a deployer without one right, which must fail by it."""
    poor = as_user(project, action.replace(":", "."), "deployer", FEATURES, without=[action])
    result = poor.pulumi("up", "--yes", "--skip-preview")
    assert result.code != 0, action
    assert refused(poor) == {action}, result.text
    assert action not in authorised(poor)
    return result


def test_a_whole_life_needs_every_right_of_the_list_and_no_other(stack: Project) -> None:
    deployer = as_user(stack, "deployer", "deployer", FEATURES)
    deployer.must("preview")
    assert authorised(deployer) <= actions_of("preview", FEATURES)
    deployer.must("up", "--yes", "--skip-preview")

    # What a pull request's check needs: a preview of a stack that is up, with everything read again.
    reviewer = as_user(stack, "reviewer", "preview", FEATURES)
    reviewer.must("preview", "--refresh")
    assert authorised(reviewer) == actions_of("preview", FEATURES)
    assert refused(reviewer) == set()

    # In place, each by calls of its own...
    deployer.change(
        {
            "bandwidthMbps": 100,
            "instanceType": "ecs.u1-c1m2.large",
            "systemDiskSizeGib": 40,
            "allowedCidrs": ["192.0.2.0/25"],
        }
    )
    deployer.must("up", "--yes", "--skip-preview")
    # ...and a replaced instance and address.
    deployer.change(
        {
            "listenPort": 8080,
            "objectPrefixes": ["changed/"],
            "privateIp": "172.16.0.9",
            "bandwidthBilling": "PayByBandwidth",
        }
    )
    deployer.must("up", "--yes", "--skip-preview")
    deployer.must("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    deployer.must("destroy", "--yes", "--skip-preview")
    assert made(stack) == [0, 0, 0]

    assert refused(deployer) == set()
    assert authorised(deployer) == actions_of("deployer", FEATURES)


def test_who_may_only_look_makes_nothing(stack: Project) -> None:
    looker = as_user(stack, "looker", "preview", FEATURES)
    looker.must("preview")
    result = looker.pulumi("up", "--yes", "--skip-preview")
    assert result.code != 0
    assert made(stack) == [0, 0, 0]
    # All begin at once, and the first refusal ends the update.
    at_once = {"vpc:CreateVpc", "vpc:AllocateEipAddress", "ram:CreateRole", "ram:CreatePolicy"}
    assert refused(looker) <= at_once
    for action in refused(looker):
        assert f'"AuthAction":"{action}"' in result.text
    gone = stack.cloud.cli("oss", "policy", "get", stack.setting("bucketName"), check=False)
    assert "NoSuchBucketPolicy" in gone.stdout + gone.stderr

    result = missing(stack, "vpc:AllocateEipAddress")
    assert '"AuthAction":"vpc:AllocateEipAddress"' in result.text
    assert made(stack)[1:] == [0, 0]


# In the order in which an `up` comes to them: each time it gets further, from what the time before left. At
# the end of each line the VPCs and instances that there are then.
DENIALS = [
    ("oss:GetBucketPolicy", ("grant oss:GetBucketPolicy on", "make ram-policy"), (0, 0)),
    ("vpc:CreateVpc", ("Forbidden.RAM", '"AuthAction":"vpc:CreateVpc"'), (0, 0)),
    ("oss:PutBucketPolicy", ("grant oss:PutBucketPolicy on", "make ram-policy"), (1, 0)),
    ("ecs:RunInstances", ("Forbidden.RAM", '"AuthAction":"ecs:RunInstances"'), (1, 0)),
    ("vpc:AssociateEipAddress", ("Forbidden.RAM", '"AuthAction":"vpc:AssociateEipAddress"'), (1, 1)),
]


def test_each_missing_right_is_told_and_given_later_the_next_up_goes_on(stack: Project) -> None:
    for denied, words, (vpcs, instances) in DENIALS:
        result = missing(stack, denied)
        for word in words:
            assert word in result.text, result.text
        assert made(stack) in ([vpcs, 0, instances], [vpcs, 1, instances]), denied

    deployer = as_user(stack, "deployer", "deployer", FEATURES)
    deployer.must("up", "--yes", "--skip-preview")
    assert made(stack) == [1, 1, 1]
    bucket = stack.setting("bucketName")
    policy = json.loads(stack.cloud.cli("oss", "policy", "get", bucket).stdout)
    assert len(policy["Statement"]) == 1
    deployer.must("up", "--yes", "--skip-preview", "--expect-no-changes")
