"""Who gets what: the proxy's policy against every neighbour, ACLs, Block Public Access, strangers."""

from __future__ import annotations

import json
from dataclasses import replace

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest

from localcloud.origin import Origin

from .conftest import INTERNET, OWNER_UID, PROXY, PROXY_VPC, REGION, OssServer, Store


@pytest.fixture
def shared(store: Store) -> Store:
    """A bucket with an object and the proxy's policy."""
    store.owner.put_object("cats/tom.txt", b"meow")
    store.allow_proxy()
    return store


def test_the_proxy_reads(shared: Store) -> None:
    reply = shared.get_from(PROXY, "/cats/tom.txt")
    assert (reply.status, reply.body) == (200, b"meow")
    assert shared.get_from(PROXY, "/cats/tom.txt", method="HEAD").status == 200


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(replace(PROXY, source_ip="192.168.0.11"), id="neighbour"),
        pytest.param(replace(PROXY, vpc_id="vpc-other"), id="same ip in another vpc"),
        pytest.param(Origin(source_ip=PROXY.source_ip), id="same ip from the internet"),
        pytest.param(INTERNET, id="internet"),
    ],
)
def test_everybody_else_is_refused(shared: Store, origin: Origin) -> None:
    reply = shared.get_from(origin, "/cats/tom.txt")
    assert reply.status == 403
    assert reply.code == "AccessDenied"
    assert reply.error["Message"] == "You have no right to access this object because of bucket acl."
    assert reply.error["EC"] == reply.headers["x-oss-ec"] == "0003-00000001"
    assert reply.error["HostId"] == shared.host
    assert reply.error["RequestId"] == reply.headers["x-oss-request-id"]
    assert reply.headers["Server"] == "AliyunOSS"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", "/cats/tom.txt"),
        ("DELETE", "/cats/tom.txt"),
        ("POST", "/cats/tom.txt?append&position=0"),
        ("POST", "/cats/tom.txt?uploads"),
        ("GET", "/"),
        ("GET", "/?list-type=2"),
        ("GET", "/?policy"),
        ("GET", "/?acl"),
        ("GET", "/cats/tom.txt?acl"),
        ("PUT", "/cats/tom.txt?acl"),
        ("GET", "/cats/tom.txt?versionId=null"),
        ("DELETE", "/"),
        ("DELETE", "/?policy"),
    ],
)
def test_the_proxy_may_do_nothing_else(shared: Store, method: str, target: str) -> None:
    reply = shared.get_from(PROXY, target, method=method, body=b"" if method in ("PUT", "POST") else None)
    assert reply.status == 403, reply.body
    assert shared.owner.get_object("cats/tom.txt").read() == b"meow"


def test_the_proxy_deletes_no_batch_either(shared: Store) -> None:
    body = b"<Delete><Object><Key>cats/tom.txt</Key></Object></Delete>"
    assert shared.get_from(PROXY, "/?delete", method="POST", body=body).status == 403
    assert shared.owner.object_exists("cats/tom.txt")


def test_headers_cannot_forge_an_origin(shared: Store) -> None:
    forged = {
        "X-Forwarded-For": "192.168.0.10",
        "X-Real-IP": "192.168.0.10",
        "x-oss-source-vpc": PROXY_VPC,
        "x-acs-source-ip": "192.168.0.10",
    }
    assert shared.get("/cats/tom.txt", headers=forged).status == 403


def test_a_prefix_bounds_the_grant(store: Store) -> None:
    store.owner.put_object("cats/tom.txt", b"meow")
    store.owner.put_object("dogs/rex.txt", b"woof")
    store.allow_proxy(prefix="cats/")
    assert store.get_from(PROXY, "/cats/tom.txt").status == 200
    assert store.get_from(PROXY, "/dogs/rex.txt").status == 403
    assert store.get_from(PROXY, "/cats%2Ftom.txt").status == 200
    assert store.get_from(PROXY, "/cats/../dogs/rex.txt").code == "NoSuchKey"
    assert store.get_from(PROXY, "/dogs/missing.txt").status == 403


def test_a_region_without_gateway_endpoints_knows_no_vpc(server: OssServer) -> None:
    name = server.new_name()
    host = "http://oss-ap-northeast-2.aliyuncs.com"
    owner = oss2.Bucket(
        oss2.Auth(server.owner.id, server.owner.secret), host, name, proxies={"http": server.proxy}
    )
    owner.create_bucket()
    owner.put_object("a", b"1")
    store = Store(server, name, owner)
    store.allow_proxy()
    server.origin = PROXY
    try:
        reply = server.raw("GET", "/a", host=f"{name}.oss-ap-northeast-2.aliyuncs.com")
    finally:
        server.origin = INTERNET
    assert reply.status == 403


def test_a_stranger_has_no_rights(shared: Store) -> None:
    stranger = shared.server.bucket(shared.name, shared.server.stranger)
    with pytest.raises(oss2.exceptions.AccessDenied) as denied:
        stranger.get_object("cats/tom.txt")
    assert denied.value.details["EC"] == "0003-00000001"
    with pytest.raises(oss2.exceptions.AccessDenied) as denied:
        stranger.get_bucket_policy()
    assert denied.value.details["EC"] == "0003-00000905"
    with pytest.raises(oss2.exceptions.ServerError) as taken:
        stranger.create_bucket()
    assert taken.value.code == "BucketAlreadyExists"


def test_a_signed_request_through_the_proxy_is_judged_by_the_same_policy(shared: Store) -> None:
    stranger = shared.server.bucket(shared.name, shared.server.stranger)
    shared.server.origin = PROXY
    try:
        assert stranger.get_object("cats/tom.txt").read() == b"meow"
    finally:
        shared.server.origin = INTERNET


def test_a_ram_user_needs_a_grant(shared: Store) -> None:
    user = shared.server.bucket(shared.name, shared.server.ram_user)
    with pytest.raises(oss2.exceptions.AccessDenied):
        user.get_object("cats/tom.txt")
    grant = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": [shared.server.ram_user.user_id],
                "Action": ["oss:GetObject"],
                "Resource": [f"acs:oss:*:{OWNER_UID}:{shared.name}/*"],
            }
        ],
    }
    shared.owner.put_bucket_policy(json.dumps(grant))
    assert user.get_object("cats/tom.txt").read() == b"meow"


def test_a_deny_with_a_condition_locks_the_owner_out(shared: Store) -> None:
    deny = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": ["*"],
                "Action": ["oss:GetObject"],
                "Resource": [f"acs:oss:*:*:{shared.name}/*"],
                "Condition": {"StringNotEquals": {"acs:SourceVpc": [PROXY_VPC]}},
            }
        ],
    }
    shared.owner.put_bucket_policy(json.dumps(deny))
    with pytest.raises(oss2.exceptions.AccessDenied) as denied:
        shared.owner.get_object("cats/tom.txt")
    assert denied.value.details["EC"] == "0003-00000101"


def test_anonymous_callers_list_no_buckets(server: OssServer) -> None:
    reply = server.raw("GET", "/", host=f"oss-{REGION}.aliyuncs.com")
    assert (reply.status, reply.code) == (403, "AccessDenied")


def public_policy(store: Store) -> str:
    return json.dumps(
        {
            "Version": "1",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": ["*"],
                    "Action": ["oss:GetObject"],
                    "Resource": [f"acs:oss:*:{OWNER_UID}:{store.name}/*"],
                }
            ],
        }
    )


def test_block_public_access_is_on_and_refuses_what_is_public(store: Store) -> None:
    assert store.owner.get_bucket_public_access_block().block_public_access
    with pytest.raises(oss2.exceptions.AccessDenied, match="Put public bucket policy is not allowed"):
        store.owner.put_bucket_policy(public_policy(store))
    with pytest.raises(oss2.exceptions.AccessDenied, match="Put public bucket acl is not allowed"):
        store.owner.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    store.owner.put_object("a", b"1")
    with pytest.raises(oss2.exceptions.AccessDenied, match="Put public object acl is not allowed"):
        store.owner.put_object_acl("a", oss2.OBJECT_ACL_PUBLIC_READ)
    other = store.server.bucket(store.server.new_name())
    with pytest.raises(oss2.exceptions.AccessDenied, match="Put public bucket acl is not allowed"):
        other.create_bucket(oss2.BUCKET_ACL_PUBLIC_READ)


def test_block_public_access_ignores_what_was_public_before(store: Store) -> None:
    store.owner.put_object("a", b"1")
    store.owner.put_bucket_public_access_block(False)
    store.owner.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    assert store.get("/a").status == 200
    assert store.get("/").status == 403
    store.owner.put_bucket_public_access_block(True)
    assert store.get("/a").error["EC"] == "0003-00000001"
    store.owner.delete_bucket_public_access_block()
    store.owner.put_bucket_acl(oss2.BUCKET_ACL_PRIVATE)
    store.owner.put_bucket_policy(public_policy(store))
    assert store.get("/a").status == 200
    store.owner.put_bucket_public_access_block(True)
    assert store.get("/a").status == 403


def test_object_acls_overrule_the_buckets(store: Store) -> None:
    store.owner.put_bucket_public_access_block(False)
    store.owner.put_object("open", b"1", headers={"x-oss-object-acl": "public-read"})
    store.owner.put_object("closed", b"1")
    assert store.get("/open").status == 200
    store.owner.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ_WRITE)
    store.owner.put_object_acl("closed", oss2.OBJECT_ACL_PRIVATE)
    assert store.get("/closed").error["EC"] == "0003-00000005"
    assert store.get("/new", method="PUT", body=b"1").status == 200


def test_policy_status_tells_public_from_private(store: Store) -> None:
    client = store.server.client()

    def status() -> bool:
        result = client.get_bucket_policy_status(oss_v2.GetBucketPolicyStatusRequest(bucket=store.name))
        return bool(result.policy_status.is_public)

    assert status() is False
    store.allow_proxy()
    assert status() is False
    store.owner.put_bucket_public_access_block(False)
    store.owner.put_bucket_policy(public_policy(store))
    assert status() is True
