"""EIPs: the pool, their states, and what the fabric is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_vpc20160428 import models

from tests.localcloud.api.harness import AT_LEISURE, REGION, Cloud, Site


def allocate(cloud: Cloud, **more: Any) -> Any:
    request = models.AllocateEipAddressRequest(region_id=REGION, **more)
    return cloud.vpc.allocate_eip_address(request).body


def associate(cloud: Cloud, allocation_id: str, instance_id: str) -> None:
    request = models.AssociateEipAddressRequest(
        region_id=REGION, allocation_id=allocation_id, instance_id=instance_id
    )
    cloud.vpc.associate_eip_address(request)


def unassociate(cloud: Cloud, allocation_id: str) -> None:
    request = models.UnassociateEipAddressRequest(region_id=REGION, allocation_id=allocation_id)
    cloud.vpc.unassociate_eip_address(request)


def release(cloud: Cloud, allocation_id: str) -> None:
    request = models.ReleaseEipAddressRequest(region_id=REGION, allocation_id=allocation_id)
    cloud.vpc.release_eip_address(request)


def test_addresses_are_given_out_and_taken_back(cloud: Cloud) -> None:
    first, second = allocate(cloud), allocate(cloud)
    assert first.eip_address != second.eip_address
    assert first.eip_address.startswith("203.0.113.")
    release(cloud, first.allocation_id)
    assert cloud.eip(first.allocation_id) is None
    assert allocate(cloud).eip_address == first.eip_address


def test_an_empty_pool_is_told(cloud: Cloud, refused: Callable[..., Any]) -> None:
    given = {allocate(cloud).eip_address for _ in range(245)}
    assert len(given) == 245
    refused("QuotaExceeded.Eip", 400, allocate, cloud)


@pytest.mark.parametrize(
    ("charge", "bandwidth", "allowed"),
    [
        ("PayByTraffic", "200", True),
        ("PayByTraffic", "201", False),
        ("PayByBandwidth", "500", True),
        ("PayByBandwidth", "501", False),
        ("PayByTraffic", "0", False),
        ("PayByTraffic", "fast", False),
    ],
)
def test_bandwidths_are_checked(
    cloud: Cloud, refused: Callable[..., Any], charge: str, bandwidth: str, allowed: bool
) -> None:
    def ask() -> Any:
        return allocate(cloud, internet_charge_type=charge, bandwidth=bandwidth)

    if allowed:
        assert cloud.eip(ask().allocation_id).bandwidth == bandwidth
    else:
        refused("InvalidParameter", 400, ask)


@pytest.mark.parametrize("delays", [AT_LEISURE], ids=["at leisure"])
def test_an_association_binds_in_the_fabric_and_passes_through_its_states(cloud: Cloud, site: Site) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    eip = allocate(cloud, bandwidth="7", internet_charge_type="PayByTraffic")
    associate(cloud, eip.allocation_id, instance_id)
    assert cloud.eip(eip.allocation_id).status == "Associating"
    assert cloud.fabric.named("bind_eip") == [(eip.eip_address, instance_id, 7)]
    cloud.settle()
    shown = cloud.eip(eip.allocation_id)
    assert (shown.status, shown.instance_id, shown.instance_type) == ("InUse", instance_id, "EcsInstance")
    assert shown.private_ip_address == ""
    assert cloud.instance(instance_id).eip_address.ip_address == eip.eip_address

    unassociate(cloud, eip.allocation_id)
    assert cloud.eip(eip.allocation_id).status == "Unassociating"
    assert cloud.fabric.named("unbind_eip") == [(eip.eip_address,)]
    cloud.settle()
    shown = cloud.eip(eip.allocation_id)
    assert (shown.status, shown.instance_id) == ("Available", "")


def test_a_used_eip_is_neither_released_nor_given_twice(
    cloud: Cloud, site: Site, refused: Callable[..., Any]
) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    used, other = allocate(cloud).allocation_id, allocate(cloud).allocation_id
    associate(cloud, used, instance_id)
    cloud.settle()
    refused("IncorrectEipStatus", 400, release, cloud, used)
    refused("IncorrectEipStatus", 400, associate, cloud, used, instance_id)
    refused("InvalidAssociation.Duplicated", 400, associate, cloud, other, instance_id)
    refused("IncorrectEipStatus", 400, unassociate, cloud, other)
    refused("InvalidInstanceId.NotFound", 404, associate, cloud, other, "i-none")
    refused("InvalidAllocationId.NotFound", 404, associate, cloud, "eip-none", instance_id)


def test_a_new_bandwidth_reaches_the_fabric(cloud: Cloud, site: Site) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    eip = allocate(cloud, bandwidth="5")
    associate(cloud, eip.allocation_id, instance_id)
    cloud.settle()
    request = models.ModifyEipAddressAttributeRequest(
        region_id=REGION, allocation_id=eip.allocation_id, bandwidth="9"
    )
    cloud.vpc.modify_eip_address_attribute(request)
    assert cloud.fabric.named("bind_eip")[-1] == (eip.eip_address, instance_id, 9)
    assert cloud.eip(eip.allocation_id).bandwidth == "9"


def test_a_failed_binding_leaves_the_eip_available(
    cloud: Cloud, site: Site, refused: Callable[..., Any]
) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    eip = allocate(cloud).allocation_id
    cloud.fabric.fails.add("bind_eip")
    refused("InternalError", 400, associate, cloud, eip, instance_id)
    shown = cloud.eip(eip)
    assert (shown.status, shown.instance_id) == ("Available", "")


def test_an_eip_outlives_its_instance(cloud: Cloud, site: Site) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    eip = allocate(cloud)
    associate(cloud, eip.allocation_id, instance_id)
    cloud.settle()
    cloud.delete_instance(instance_id)
    shown = cloud.eip(eip.allocation_id)
    assert (shown.status, shown.instance_id) == ("Available", "")
    assert cloud.fabric.named("unbind_eip") == [(eip.eip_address,)]


def test_a_protected_eip_stays(cloud: Cloud, refused: Callable[..., Any]) -> None:
    eip = allocate(cloud).allocation_id
    protect = models.DeletionProtectionRequest(
        region_id=REGION, instance_id=eip, type="EIP", protection_enable=True
    )
    cloud.vpc.deletion_protection(protect)
    refused("InvalidOperation.DeletionProtection", 400, release, cloud, eip)
    protect.protection_enable = False
    cloud.vpc.deletion_protection(protect)
    release(cloud, eip)
