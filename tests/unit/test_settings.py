"""Each rule of the settings, what is said when it is broken, and that all faults are told together."""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra import addresses, oss_names
from infra.regions import REGIONS_WITH_SOURCE_VPC
from infra.setting_faults import Fault, SettingsError
from infra.settings import Settings, load, parse
from tests.unit.bad_values import BAD_SECRETS, BAD_VALUES
from tests.unit.conftest import ROOT
from tests.unit.raw import raw


def faults(values: dict[str, str], **changes: object) -> dict[str, Fault]:
    """The faults by key of valid values with these changes; a key of None is left out."""
    given = {**values, **{key: raw(value) for key, value in changes.items() if value is not None}}
    for key in [key for key, value in changes.items() if value is None]:
        del given[key]
    with pytest.raises(SettingsError) as caught:
        parse(given)
    return {fault.key: fault for fault in caught.value.faults}


def test_the_defaults_and_the_required_settings_are_enough(values: dict[str, str]) -> None:
    settings = parse(values)
    assert settings.bucket_name == "oss-proxy-dev"
    assert settings.listen_port == 80
    assert settings.public is False
    assert settings.private_ip == IPv4Address("172.16.0.1")


def test_the_dev_stack_file_is_valid(values: dict[str, str]) -> None:
    config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    parse({**values, **{key.removeprefix("oss-proxy:"): raw(value) for key, value in config.items()}})


@pytest.mark.parametrize(("key", "value", "rule"), BAD_VALUES)
def test_a_broken_rule_is_told_with_key_value_and_fix(
    values: dict[str, str], key: str, value: object, rule: str
) -> None:
    (fault,) = faults(values, **{key: value}).values()
    assert fault.key == f"oss-proxy:{key}"
    assert rule in fault.rule
    assert fault.value is not None
    assert fault.fix.startswith("pulumi config set ")
    assert f"oss-proxy:{key}" in fault.fix


@pytest.mark.parametrize(("key", "value", "rule"), BAD_SECRETS)
def test_a_broken_rule_of_a_secret_is_told_without_its_value(
    values: dict[str, str], key: str, value: str, rule: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        parse({**values, key: value}, encrypted=[key])
    (fault,) = caught.value.faults
    assert fault.key.startswith(f"oss-proxy:{key}")
    assert rule in fault.rule
    assert fault.value is None
    assert "--secret" in fault.fix
    for part in re.findall(r'": "(.+)"', value):
        assert part not in str(caught.value)


def test_clients_and_their_passwords(values: dict[str, str]) -> None:
    given = {"alice": "0123456789abcdef", "b.o-b@example.com": "ü" * 36}
    found = parse({**values, "clientPasswords": json.dumps(given)}, encrypted=["clientPasswords"])
    assert {name: one.get_secret_value() for name, one in found.client_passwords.items()} == given
    assert "0123456789abcdef" not in repr(found)
    assert parse(values).client_passwords == {}


@pytest.mark.parametrize(
    ("prefix", "rule"),
    [
        ("public", "must end with `/`"),
        ("", "must end with `/`"),
        ("/public/", "must not begin with `/`"),
        ("/", "must not begin with `/`"),
        ("a//b/", "empty segment"),
        ("a/../b/", "`..`"),
        ("./", "`.`"),
        ('a";}/', "'\"' ';' '}'"),
        ("a$host/", "'$'"),
        ("a b/", "' '"),
        ("a\nb/", r"'\n'"),
        ("a*/", "'*'"),
        ("a?/", "'?'"),
        ("a%2f/", "'%'"),
        ("a\\b/", r"'\\'"),
        ("u\u0308/", "'\u0308'"),
        ("a" * 1023 + "/", "at most 1023 bytes"),
    ],
)
def test_an_unusable_prefix_is_told_at_its_place(values: dict[str, str], prefix: str, rule: str) -> None:
    (fault,) = faults(values, objectPrefixes=["public/", prefix]).values()
    assert fault.key == "oss-proxy:objectPrefixes[1]"
    assert rule in fault.rule
    assert fault.fix == "pulumi config set --path 'oss-proxy:objectPrefixes[1]' public/"


@pytest.mark.parametrize("prefix", ["public/", "a/b/c/", "2026.10/v1-2_x~+=@,/", "图片/ä/", "*"])
def test_usable_prefixes(values: dict[str, str], prefix: str) -> None:
    settings = parse({**values, "objectPrefixes": raw([prefix])})
    assert settings.object_prefixes == (prefix,)


def test_the_word_for_wide_networks_is_refused_where_there_is_none(values: dict[str, str]) -> None:
    fault = faults(values, public=True)["oss-proxy:public"]
    assert fault.rule == "is not needed: allowedCidrs holds nothing wider than /8"
    assert fault.value == "true"
    assert fault.fix == "pulumi config set oss-proxy:public false"


@pytest.mark.parametrize(("billing", "most"), [("PayByTraffic", 200), ("PayByBandwidth", 500)])
def test_the_bandwidth_is_bounded_by_how_it_is_paid(values: dict[str, str], billing: str, most: int) -> None:
    settings = parse({**values, "bandwidthBilling": billing, "bandwidthMbps": str(most)})
    assert settings.bandwidth_mbps == most
    fault = faults(values, bandwidthBilling=billing, bandwidthMbps=most + 1)["oss-proxy:bandwidthMbps"]
    assert f"more than bandwidthBilling {billing} lets an EIP have" in fault.rule


@pytest.mark.parametrize("wide", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/7"])
def test_a_network_as_wide_as_the_internet_needs_the_owners_word(values: dict[str, str], wide: str) -> None:
    (fault,) = faults(values, allowedCidrs=["198.51.100.0/24", wide]).values()
    assert fault.key == "oss-proxy:allowedCidrs[1]"
    assert "needs `public: true`" in fault.rule
    assert parse({**values, "allowedCidrs": raw([wide]), "public": "true"}).public


@pytest.mark.parametrize("region", ["cn-nanjing", "ap-northeast-2", "cn-hangzhou-finance", "na-south-1"])
def test_a_region_without_source_vpc_is_refused_with_the_regions_that_have_it(
    values: dict[str, str], region: str
) -> None:
    fault = faults(values, **{"alicloud:region": region})["alicloud:region"]
    assert "acs:SourceVpc" in fault.rule
    assert all(supported in fault.rule for supported in REGIONS_WITH_SOURCE_VPC)


def test_an_unknown_region_is_refused(values: dict[str, str]) -> None:
    fault = faults(values, **{"alicloud:region": "cn-atlantis"})["alicloud:region"]
    assert "must be one of ap-northeast-1" in fault.rule


def test_all_faults_are_told_together_in_the_order_of_the_settings(values: dict[str, str]) -> None:
    found = faults(
        values,
        **{"alicloud:region": None},
        bucketName="X",
        objectPrefixes=["a", "b/", "c$/"],
        allowedCidrs=["x", "0.0.0.0/0"],
        listenPort=70000,
        vswitchCidr="10.0.0.0/24",
        privateIp="300.1.1.1",
    )
    assert list(found) == [
        "alicloud:region",
        "oss-proxy:bucketName",
        "oss-proxy:objectPrefixes[0]",
        "oss-proxy:objectPrefixes[2]",
        "oss-proxy:allowedCidrs[0]",
        "oss-proxy:allowedCidrs[1]",
        "oss-proxy:listenPort",
        "oss-proxy:vswitchCidr",
        "oss-proxy:privateIp",
    ]
    assert found["alicloud:region"].rule == "is missing"
    assert found["alicloud:region"].fix == "pulumi config set alicloud:region cn-hangzhou"


def test_a_misspelt_key_is_told_with_the_nearest_one(values: dict[str, str]) -> None:
    fault = faults(values, bucketname="x")["oss-proxy:bucketname"]
    assert "the nearest one is oss-proxy:bucketName" in fault.rule
    assert fault.fix == "pulumi config rm oss-proxy:bucketname"


def test_the_message_names_consequence_and_next_step(values: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="1 setting cannot be used") as caught:
        parse({**values, "listenPort": "0"})
    assert "nothing was created or changed" in str(caught.value)
    assert 'oss-proxy:listenPort = "0"' in str(caught.value)


def test_every_field_is_declared_with_type_description_and_default(project_file: dict[str, Any]) -> None:
    declared = project_file["config"]
    fields = {field.alias for field in Settings.model_fields.values()} - {"alicloud:region"}
    assert set(declared) == fields
    for key, schema in declared.items():
        assert set(schema) >= {"type", "description", "default"}, key
        assert schema["description"].endswith("."), key


def test_no_default_opens_anything(project_file: dict[str, Any]) -> None:
    declared = project_file["config"]
    assert declared["allowedCidrs"]["default"] == []
    assert declared["objectPrefixes"]["default"] == []
    assert declared["public"]["default"] is False


def test_load_reads_the_whole_namespace_and_nothing_else(
    values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi.runtime.config import set_all_config

    given = {key if ":" in key else f"oss-proxy:{key}": value for key, value in values.items()}
    set_all_config({**given, "elsewhere:bucketName": "x", "alicloud:skipRegionValidation": "true"})
    assert load() == parse(values)
    set_all_config({**given, "oss-proxy:bucketNam": "x"})
    with pytest.raises(SettingsError, match="bucketNam"):
        load()


@given(
    st.sampled_from(addresses.PRIVATE_RANGES).flatmap(lambda r: st.ip_addresses(network=r)),
    st.integers(16, 29),
)
def test_the_chosen_address_is_always_usable(address: IPv4Address, bits: int) -> None:
    network = IPv4Network((address, bits), strict=False)
    first, last = addresses.usable_range(network)
    assert first < last
    for chosen in (first, last):
        addresses.require_usable(chosen, network)
    for reserved in (first - 1, last + 1):
        with pytest.raises(ValueError, match=r"reserved|inside"):
            addresses.require_usable(reserved, network)


@given(st.text(max_size=40))
def test_a_prefix_that_is_let_through_means_nothing_to_nginx_or_a_policy(text: str) -> None:
    try:
        oss_names.require_prefix(text)
    except ValueError:
        return
    assert not set(text) & set("\"'\\${};#*? \t\r\n%")
    assert json.loads(json.dumps(text)) == text


def test_every_setting_has_a_bad_value_that_is_refused(project_file: dict[str, Any]) -> None:
    declared = set(project_file["config"])
    assert {key for key, _, _ in (*BAD_VALUES, *BAD_SECRETS)} == declared


@pytest.mark.parametrize(
    ("groups", "key", "rule"),
    [
        ([], "alarmContactGroups", "is required while alarms is true"),
        (["ops", "ops"], "alarmContactGroups", "more than once"),
        (["ops,dba"], "alarmContactGroups[0]", "without a comma"),
        ([" "], "alarmContactGroups[0]", "name of a contact group"),
    ],
)
def test_alarms_need_somebody_to_tell(values: dict[str, str], groups: list[str], key: str, rule: str) -> None:
    fault = faults(values, alarms=True, alarmContactGroups=groups)[f"oss-proxy:{key}"]
    assert rule in fault.rule
    index = key.removeprefix("alarmContactGroups") or "[0]"
    assert fault.fix == f"pulumi config set --path 'oss-proxy:alarmContactGroups{index}' ops"


def test_somebody_to_tell_needs_alarms(values: dict[str, str]) -> None:
    fault = faults(values, alarmContactGroups=["ops"])["oss-proxy:alarms"]
    assert (fault.value, fault.fix) == ("false", "pulumi config set oss-proxy:alarms true")
    assert "must be true when alarmContactGroups" in fault.rule
