"""Buckets: addressing, life, policy documents, settings as the provider reads them, unknown requests."""

from __future__ import annotations

import json

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest

from localcloud.accounts import AccessKey
from localcloud.oss.address import is_bucket_name

from .conftest import INTERNET, OWNER_UID, PROXY, REGION, OssServer, Store


def test_the_internal_endpoint_is_the_same_bucket(store: Store) -> None:
    store.owner.put_object("a", b"1")
    store.allow_proxy()
    store.server.origin = PROXY
    try:
        for host in (f"{store.name}.oss-{REGION}-internal.aliyuncs.com", f"{store.host.upper()}:80"):
            assert store.server.raw("GET", "/a", host=host).body == b"1"
        absolute = f"http://{store.host}/a"
        assert store.server.raw("GET", absolute, host=store.host).body == b"1"
    finally:
        store.server.origin = INTERNET


@pytest.mark.parametrize(
    ("host", "target", "status", "code", "ec"),
    [
        (
            f"oss-{REGION}.aliyuncs.com",
            "/some-bucket/key",
            403,
            "SecondLevelDomainForbidden",
            "0003-00001401",
        ),
        (f"no-such.oss-{REGION}.aliyuncs.com", "/key", 404, "NoSuchBucket", "0015-00000101"),
        ("203.0.113.80", "/key", 400, "InvalidHost", None),
        ("oss_backend", "/key", 400, "InvalidHost", None),
        (f"a.b.oss-{REGION}.aliyuncs.com", "/key", 400, "InvalidHost", None),
    ],
)
def test_wrong_addresses(
    server: OssServer, host: str, target: str, status: int, code: str, ec: str | None
) -> None:
    reply = server.raw("GET", target, host=host)
    assert (reply.status, reply.code, reply.error.get("EC")) == (status, code, ec)
    assert reply.headers.get("x-oss-ec") == ec


def test_a_wrong_region_names_the_right_endpoint(store: Store) -> None:
    reply = store.server.raw("GET", "/a", host=f"{store.name}.oss-cn-shanghai.aliyuncs.com")
    assert (reply.status, reply.code, reply.error["EC"]) == (403, "AccessDenied", "0003-00001403")
    assert reply.error["Endpoint"] == f"oss-{REGION}.aliyuncs.com"


def test_a_bucket_describes_itself(store: Store) -> None:
    info = store.server.client().get_bucket_info(oss_v2.GetBucketInfoRequest(bucket=store.name)).bucket_info
    assert info.location == f"oss-{REGION}"
    assert info.extranet_endpoint == f"oss-{REGION}.aliyuncs.com"
    assert info.intranet_endpoint == f"oss-{REGION}-internal.aliyuncs.com"
    assert (info.owner.id, info.acl, info.storage_class) == (OWNER_UID, "private", "Standard")
    assert info.block_public_access is True
    assert store.owner.get_bucket_location().location == f"oss-{REGION}"
    assert store.owner.get_bucket_acl().acl == "private"


@pytest.mark.parametrize("name", ["ab", "-abc", "abc-", "a_bc", "a" * 64, "日本語"])
def test_bucket_names_keep_rules(name: str) -> None:
    assert not is_bucket_name(name)


def test_buckets_are_listed_for_their_owner_only(store: Store) -> None:
    def names(key: AccessKey) -> list[str]:
        service = oss2.Service(
            oss2.AuthV4(key.id, key.secret),
            f"http://oss-{REGION}.aliyuncs.com",
            proxies={"http": store.server.proxy},
            region=REGION,
        )
        return [bucket.name for bucket in oss2.BucketIterator(service, max_keys=2)]

    assert store.name in names(store.server.owner)
    assert names(store.server.stranger) == []


def test_a_bucket_is_deleted_only_when_it_is_empty(store: Store) -> None:
    store.owner.create_bucket()
    store.owner.put_object("a", b"1")
    with pytest.raises(oss2.exceptions.BucketNotEmpty):
        store.owner.delete_bucket()
    store.owner.delete_object("a")
    store.owner.delete_bucket()
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        store.owner.get_bucket_info()


def test_a_policy_comes_back_byte_for_byte(store: Store) -> None:
    client = store.server.client()
    with pytest.raises(oss_v2.exceptions.OperationError) as missing:
        client.get_bucket_policy(oss_v2.GetBucketPolicyRequest(bucket=store.name))
    fault = missing.value.unwrap()
    assert (fault.status_code, fault.code, fault.ec) == (404, "NoSuchBucketPolicy", "0030-00000006")
    text = json.dumps(json.loads(store.allow_proxy()), indent=3) + "\n  \n"
    client.put_bucket_policy(oss_v2.PutBucketPolicyRequest(bucket=store.name, body=text))
    assert client.get_bucket_policy(oss_v2.GetBucketPolicyRequest(bucket=store.name)).body == text
    assert store.owner.get_bucket_policy().policy == text
    client.delete_bucket_policy(oss_v2.DeleteBucketPolicyRequest(bucket=store.name))
    with pytest.raises(oss2.exceptions.NoSuchBucketPolicy):
        store.owner.get_bucket_policy()
    client.delete_bucket_policy(oss_v2.DeleteBucketPolicyRequest(bucket=store.name))


def test_a_refused_policy_leaves_the_old_one(store: Store) -> None:
    old = store.allow_proxy()
    bad = json.loads(old)
    del bad["Statement"][0]["Condition"]["StringEquals"]
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        store.owner.put_bucket_policy(json.dumps(bad))
    assert refused.value.status == 400
    assert refused.value.details["EC"] == "0030-00000008"
    assert store.owner.get_bucket_policy().policy == old


def test_settings_nobody_made_read_as_the_provider_expects(store: Store) -> None:
    owner = store.owner
    with pytest.raises(oss2.exceptions.NoSuchCors):
        owner.get_bucket_cors()
    with pytest.raises(oss2.exceptions.NoSuchWebsite):
        owner.get_bucket_website()
    with pytest.raises(oss2.exceptions.NoSuchLifecycle):
        owner.get_bucket_lifecycle()
    with pytest.raises(oss2.exceptions.NoSuchServerSideEncryptionRule):
        owner.get_bucket_encryption()
    assert owner.get_bucket_logging().target_bucket == ""
    assert owner.get_bucket_referer().allow_empty_referer
    assert owner.get_bucket_tagging().tag_set.tagging_rule == {}
    assert owner.get_bucket_versioning().status is None
    assert owner.get_bucket_request_payment().payer == "BucketOwner"
    assert owner.get_bucket_stat().object_count == 0


def test_tags_and_encryption_are_kept(store: Store) -> None:
    rule = oss2.models.TaggingRule()
    rule.add("team", "wéb")
    store.owner.put_bucket_tagging(oss2.models.Tagging(rule))
    assert store.owner.get_bucket_tagging().tag_set.tagging_rule == {"team": "wéb"}
    store.owner.delete_bucket_tagging()
    assert store.owner.get_bucket_tagging().tag_set.tagging_rule == {}
    encryption = oss2.models.ServerSideEncryptionRule()
    encryption.sse_algorithm = oss2.SERVER_SIDE_ENCRYPTION_AES256
    store.owner.put_bucket_encryption(encryption)
    assert store.owner.get_bucket_encryption().sse_algorithm == "AES256"
    store.owner.delete_bucket_encryption()


def test_encryption_with_kms_is_shown_and_not_done(store: Store) -> None:
    store.owner.put_object("before", b"1")
    encryption = oss2.models.ServerSideEncryptionRule()
    encryption.sse_algorithm = oss2.SERVER_SIDE_ENCRYPTION_KMS
    store.owner.put_bucket_encryption(encryption)
    assert store.owner.get_bucket_info().bucket_encryption_rule.sse_algorithm == "KMS"
    assert "x-oss-server-side-encryption" not in store.owner.get_object("before").headers
    with pytest.raises(oss2.exceptions.ServerError, match="NotImplemented"):
        store.owner.put_object("after", b"2")
    store.owner.delete_bucket_encryption()
    store.owner.put_object("after", b"2")


@pytest.mark.parametrize(
    ("method", "target", "named"),
    [
        ("GET", "/?inventory", "GET bucket?inventory"),
        ("PUT", "/?referer", "PUT bucket?referer"),
        ("GET", "/?userDefinedLogFieldsConfig", "GET bucket?userDefinedLogFieldsConfig"),
        ("GET", "/a?x-oss-process=image/info", "GET object?x-oss-process"),
        ("PUT", "/a?symlink", "PUT object?symlink"),
        ("POST", "/", "POST bucket"),
        ("PATCH", "/a", "PATCH object"),
    ],
)
def test_unknown_requests_are_refused_and_recorded(
    store: Store, method: str, target: str, named: str
) -> None:
    reply = store.get(target, method=method, body=b"" if method != "GET" else None)
    assert (reply.status, reply.code) == (501, "NotImplemented")
    assert store.server.coverage.calls[-1] == ("oss", named, False)


def test_known_requests_are_recorded(store: Store) -> None:
    store.owner.put_object("a", b"1")
    assert store.server.coverage.calls[-1] == ("oss", "PutObject", True)


def test_entities_in_bodies_are_refused(store: Store) -> None:
    body = b'<!DOCTYPE x [<!ENTITY a "b">]><Tagging><TagSet><Tag><Key>&a;</Key></Tag></TagSet></Tagging>'
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        store.owner.put_bucket_tagging(body, headers={"Content-Type": "application/xml"})
    assert refused.value.code == "MalformedXML"


def test_parameters_that_mean_nothing_are_ignored(store: Store) -> None:
    store.owner.put_object("a", b"1")
    store.allow_proxy()
    assert store.get_from(PROXY, "/a?utm_source=x&=&%41").body == b"1"


def test_expect_continue_is_answered(store: Store) -> None:
    url = store.owner.sign_url("PUT", "a", 60)
    target = url.partition("aliyuncs.com")[2]
    reply = store.get(target, method="PUT", body=b"12345", headers={"Expect": "100-continue"})
    assert reply.status == 200
    assert store.owner.get_object("a").read() == b"12345"
