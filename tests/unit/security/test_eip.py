"""The public address: attached, capped, and paid as the owner said."""

from __future__ import annotations

import pytest

from tests.unit.recorder import Deployment
from tests.unit.security.catalogue import enforces
from tests.unit.security.conftest import Run


@enforces("InfraGuard eip-attached")
def test_the_address_leads_to_the_instance_and_costs_nothing_in_vain(made: Deployment) -> None:
    association = made["proxy-eip-association"].inputs
    assert association["allocationId"] == "proxy-eip-id"
    assert association["instanceId"] == "proxy-instance-id"
    assert len([one for one in made.registrations if "eipAddress" in one.type]) == 1


@enforces(
    "InfraGuard eip-bandwidth-limit",
    "InfraGuard eip-bandwidth-required",
    "InfraGuard eip-explicit-bandwidth-required",
    "InfraGuard ecs-internetmaxbandwidth-check",
    "InfraGuard ecs-internet-charge-type-check",
    "InfraGuard ecs-instance-bandwidth-configured",
)
@pytest.mark.parametrize(("billing", "most"), [("PayByTraffic", 200), ("PayByBandwidth", 500)])
def test_bandwidth_is_capped_and_how_it_is_paid_is_said(run: Run, billing: str, most: int) -> None:
    made = run({"bandwidthBilling": billing, "bandwidthMbps": str(most)})
    inputs = made["proxy-eip"].inputs
    assert (inputs["bandwidth"], inputs["internetChargeType"]) == (str(most), billing)
    assert inputs["paymentType"] == "PayAsYouGo"
    # No second public address beside it.
    assert made["proxy-instance"].inputs["internetMaxBandwidthOut"] == 0


@enforces("InfraGuard eip-delete-protection-enabled")
def test_the_address_is_protected_from_release_where_the_owner_wants_it(run: Run) -> None:
    for wanted in (True, False):
        eip = run({"deletionProtection": str(wanted).lower()})["proxy-eip"]
        assert eip.inputs["deletionProtection"] is wanted
        assert eip.request.protect is wanted
