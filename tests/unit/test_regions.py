"""The internal endpoint, by class of region."""

from __future__ import annotations

import pytest

from infra.regions import (
    REGIONS_WITH_SOURCE_VPC,
    REGIONS_WITHOUT_SOURCE_VPC,
    internal_endpoint,
    internal_endpoints,
    require_internal_endpoint,
)
from infra.setting_faults import SettingsError
from infra.settings import parse
from localcloud.oss.address import region_endpoint
from localcloud.regions import OSS_VIP_RANGES

FINANCE = sorted(region for region in REGIONS_WITHOUT_SOURCE_VPC if "-finance" in region)
REGIONLESS = "rg-china-mainland"
USUAL = sorted(REGIONS_WITH_SOURCE_VPC | REGIONS_WITHOUT_SOURCE_VPC - {*FINANCE, REGIONLESS})


def test_the_region_lists_do_not_overlap() -> None:
    assert not REGIONS_WITH_SOURCE_VPC & REGIONS_WITHOUT_SOURCE_VPC


@pytest.mark.parametrize("region", USUAL)
def test_a_usual_region_and_the_government_cloud_have_the_usual_endpoint(region: str) -> None:
    usual = f"oss-{region}-internal.aliyuncs.com"
    assert internal_endpoint(region) == usual
    assert require_internal_endpoint(region, usual) == usual
    for odd in (
        f"oss-{region}.aliyuncs.com",
        f"OSS-{region}-internal.aliyuncs.com",
        f"{usual}.example.com",
        f"bucket.{usual}",
        f"http://{usual}",
        "oss-cn-atlantis-internal.aliyuncs.com",
    ):
        with pytest.raises(ValueError, match="internal endpoint, not") as caught:
            require_internal_endpoint(region, odd)
        assert usual in str(caught.value)
        assert odd in str(caught.value)


@pytest.mark.parametrize("region", FINANCE)
def test_a_finance_cloud_has_one_for_each_of_its_networks(region: str) -> None:
    endpoints = internal_endpoints(region)
    assert len(endpoints) > 1
    for endpoint in endpoints:
        assert require_internal_endpoint(region, endpoint) == endpoint
    # Which one is the bucket's, only the bucket can tell.
    with pytest.raises(ValueError, match="too many values"):
        internal_endpoint(region)
    with pytest.raises(ValueError, match=" or "):
        require_internal_endpoint(region, "oss-cn-hangzhou-internal.aliyuncs.com")


def test_buckets_of_no_single_region_have_none() -> None:
    assert internal_endpoints(REGIONLESS) == []
    with pytest.raises(ValueError, match="has none"):
        require_internal_endpoint(REGIONLESS, f"oss-{REGIONLESS}-internal.aliyuncs.com")


@pytest.mark.parametrize("region", ["cn-hangzhou", *FINANCE, REGIONLESS])
@pytest.mark.parametrize("named", ["", None])
def test_no_answer_is_none(region: str, named: str | None) -> None:
    with pytest.raises(ValueError, match="names no internal endpoint"):
        require_internal_endpoint(region, named)


@pytest.mark.parametrize("region", [*FINANCE, "cn-north-2-gov-1", REGIONLESS])
def test_the_settings_refuse_all_but_usual_regions_and_say_why(values: dict[str, str], region: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse({**values, "alicloud:region": region})
    (fault,) = caught.value.faults
    assert ("have no internal endpoint" if region == REGIONLESS else "acs:SourceVpc") in fault.rule
    assert "cn-hangzhou" in fault.rule


@pytest.mark.parametrize("region", sorted(REGIONS_WITH_SOURCE_VPC))
def test_the_stand_in_has_every_region_that_the_settings_let_through(region: str) -> None:
    assert region in OSS_VIP_RANGES
    assert region_endpoint(region, internal=True) == internal_endpoint(region)


@pytest.mark.parametrize("region", [*FINANCE, "cn-north-2-gov-1", REGIONLESS])
def test_the_stand_in_has_no_addresses_where_none_are_published(region: str) -> None:
    assert region not in OSS_VIP_RANGES
