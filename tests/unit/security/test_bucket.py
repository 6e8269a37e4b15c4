"""A bucket that the stack makes; an existing one is its owner's, and only the policy's statement is added."""

from __future__ import annotations

import pytest

from tests.unit.recorder import Deployment
from tests.unit.security.catalogue import enforces
from tests.unit.security.conftest import Run

OSS = "alicloud:oss/"


@pytest.fixture
def managed(run: Run) -> Deployment:
    return run({"bucketMode": "managed"})


@enforces(
    "checkov CKV_ALI_1",
    "CIS 5.1",
    "KICS oss_bucket_public_access_enabled",
    "InfraGuard oss-bucket-public-read-prohibited",
    "InfraGuard oss-bucket-public-write-prohibited",
    "InfraGuard security-oss-bucket-private-acl",
    "cnspec oss-bucket-block-public-access",
    "cnspec oss-bucket-no-public-acl",
    "Prowler oss_bucket_not_publicly_accessible",
    "CloudSploit ossBucketPrivate",
)
def test_the_bucket_is_private_and_Block_Public_Access_is_on(managed: Deployment) -> None:
    assert managed["proxy-bucket-acl"].inputs["acl"] == "private"
    assert managed["proxy-bucket-public-access-block"].inputs["blockPublicAccess"] is True


@enforces(
    "CIS 5.8",
    "InfraGuard oss-bucket-server-side-encryption-enabled",
    "InfraGuard security-oss-bucket-encryption-configured",
    "cnspec oss-bucket-encryption-enabled",
)
def test_new_objects_are_encrypted_unless_the_owner_says_otherwise(run: Run, managed: Deployment) -> None:
    assert managed["proxy-bucket"].inputs["serverSideEncryptionRule"] == {"sseAlgorithm": "AES256"}
    without = run({"bucketMode": "managed", "bucketEncryption": "none"})
    assert "serverSideEncryptionRule" not in without["proxy-bucket"].inputs


@enforces(
    "checkov CKV_ALI_10",
    "KICS oss_bucket_versioning_disabled",
    "InfraGuard oss-bucket-versioning-enabled",
    "cnspec oss-bucket-versioning-enabled",
    "CloudSploit ossBucketVersioning",
)
def test_what_is_overwritten_stays_unless_the_owner_says_otherwise(run: Run, managed: Deployment) -> None:
    assert managed["proxy-bucket"].inputs["versioning"] == {"status": "Enabled"}
    without = run({"bucketMode": "managed", "bucketVersioning": "false"})
    assert without["proxy-bucket"].inputs["versioning"] == {"status": "Suspended"}


@enforces("KICS oss_bucket_has_static_website")
def test_the_bucket_is_no_website(managed: Deployment) -> None:
    assert "website" not in managed["proxy-bucket"].inputs


@enforces()
def test_the_bucket_is_never_emptied_and_not_lost_by_mistake(managed: Deployment) -> None:
    bucket = managed["proxy-bucket"]
    assert bucket.inputs["forceDestroy"] is False
    assert bucket.request.protect
    assert bucket.request.retainOnDelete


@enforces()
def test_of_an_existing_bucket_nothing_is_registered_but_the_statement(made: Deployment) -> None:
    assert not [one.name for one in made.registrations if one.type.startswith(OSS)]
