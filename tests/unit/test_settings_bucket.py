"""The settings of a bucket that the stack makes, and that they mean nothing for another one."""

from __future__ import annotations

from typing import Any

import pytest

from infra.setting_faults import Fault, SettingsError
from infra.settings import parse

CHANGES = [("bucketVersioning", "false"), ("bucketEncryption", "none"), ("bucketProtection", "false")]


def faults(values: dict[str, str], **changes: str) -> dict[str, Fault]:
    with pytest.raises(SettingsError) as caught:
        parse({**values, **changes})
    return {fault.key: fault for fault in caught.value.faults}


def test_the_defaults_suit_an_existing_bucket(values: dict[str, str], project_file: dict[str, Any]) -> None:
    settings = parse(values)
    assert settings.bucket_mode == "existing"
    # What Pulumi hands over of its own accord, and what is given in vain but harmlessly.
    for key, _ in CHANGES:
        assert values[key] == str(project_file["config"][key]["default"]).replace("True", "true")


def test_a_managed_bucket_takes_them_all(values: dict[str, str]) -> None:
    settings = parse({**values, "bucketMode": "managed", **dict(CHANGES)})
    assert settings.bucket_versioning is False
    assert settings.bucket_encryption == "none"
    assert settings.bucket_protection is False


@pytest.mark.parametrize(("key", "value"), CHANGES)
def test_a_setting_of_managed_buckets_is_refused_for_an_existing_one(
    values: dict[str, str], key: str, value: str
) -> None:
    fault = faults(values, **{key: value})[f"oss-proxy:{key}"]
    assert "is for bucketMode managed" in fault.rule
    assert "pulumi config set oss-proxy:bucketMode managed" in fault.rule
    assert fault.fix.startswith(f"pulumi config set oss-proxy:{key} ")


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("bucketMode", "mine", "'existing' or 'managed'"),
        ("bucketVersioning", "perhaps", "valid boolean"),
        ("bucketEncryption", "KMS", "'AES256' or 'none'"),
        ("bucketProtection", "perhaps", "valid boolean"),
    ],
)
def test_a_value_that_cannot_be_used(values: dict[str, str], key: str, value: str, rule: str) -> None:
    (fault,) = faults(values, **{"bucketMode": "managed", key: value}).values()
    assert fault.key == f"oss-proxy:{key}"
    assert rule in fault.rule


def test_a_faulty_mode_is_the_only_fault(values: dict[str, str]) -> None:
    assert set(faults(values, bucketMode="mine", **dict(CHANGES))) == {"oss-proxy:bucketMode"}
