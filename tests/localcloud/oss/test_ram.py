"""RAM users at the Object Storage Service."""

from __future__ import annotations

import json
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest

from localcloud.accounts import AccessKey
from tests.localcloud.oss.conftest import OWNER_UID, OssServer, Store

NAME = "deployer"


def statement(action: Any, resource: Any, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def user_with(server: OssServer, *statements: dict[str, Any]) -> AccessKey:
    return server.ram.put_user(NAME, json.dumps({"Version": "1", "Statement": statements}))


def arn(store: Store, key: str = "") -> str:
    return f"acs:oss:*:{OWNER_UID}:{store.name}{key}"


def refusal(call: Any, *args: Any) -> tuple[int, str, str]:
    """Status, code and EC of a call that must be refused, as the official client reads them."""
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        call(*args)
    cause = caught.value.unwrap()
    return cause.status_code, cause.code, cause.ec


def test_rights_on_a_bucket_are_none_on_its_objects_or_another_bucket(
    server: OssServer, store: Store
) -> None:
    other = server.new_name()
    server.bucket(other).create_bucket()
    client = server.client(user_with(server, statement("oss:Get*", arn(store))))
    assert client.get_bucket_info(oss_v2.GetBucketInfoRequest(bucket=store.name)).bucket_info
    foreign = refusal(client.get_bucket_info, oss_v2.GetBucketInfoRequest(bucket=other))
    assert foreign == (403, "AccessDenied", "0003-00000202")
    store.owner.put_object("a.txt", b"a")
    inside = refusal(client.get_object, oss_v2.GetObjectRequest(bucket=store.name, key="a.txt"))
    assert inside == (403, "AccessDenied", "0003-00000001")


def test_the_refusal_tells_the_action(server: OssServer, store: Store) -> None:
    key = user_with(server, statement("oss:GetBucketInfo", arn(store)))
    with pytest.raises(oss2.exceptions.AccessDenied) as caught:
        server.bucket(store.name, key).put_bucket_policy("{}")
    body = caught.value.body.decode()
    assert "<AuthAction>oss:PutBucketPolicy</AuthAction>" in body
    assert "<NoPermissionType>ImplicitDeny</NoPermissionType>" in body
    assert f"<AuthPrincipalDisplayName>{key.user_id}</AuthPrincipalDisplayName>" in body


def test_a_policys_deny_wins_over_the_buckets_allow_and_the_other_way_round(
    server: OssServer, store: Store
) -> None:
    store.owner.put_object("cats/tom.txt", b"meow")
    allow = statement("oss:GetObject", arn(store, "/*"))
    key = user_with(server, allow)
    get = oss_v2.GetObjectRequest(bucket=store.name, key="cats/tom.txt")
    client = server.client(key)
    assert client.get_object(get).status_code == 200

    def put(effect: str) -> None:
        rule = {**statement("oss:GetObject", [arn(store, "/*")], effect), "Principal": [key.user_id]}
        rule["Action"] = [rule["Action"]]
        store.owner.put_bucket_policy(json.dumps({"Version": "1", "Statement": [rule]}))

    put("Deny")
    assert refusal(client.get_object, get) == (403, "AccessDenied", "0003-00000101")
    put("Allow")
    user_with(server, statement("oss:GetObject", "*", "Deny"))
    assert refusal(client.get_object, get) == (403, "AccessDenied", "0003-00000201")
    user_with(server, statement("oss:PutObject", "*"))
    assert client.get_object(get).status_code == 200


def test_calls_that_need_no_bucket(server: OssServer) -> None:
    name = server.new_name()
    client = server.client(user_with(server, statement("oss:PutBucket", f"acs:oss:*:{OWNER_UID}:{name}")))
    assert client.put_bucket(oss_v2.PutBucketRequest(bucket=name)).status_code == 200
    other = refusal(client.put_bucket, oss_v2.PutBucketRequest(bucket=server.new_name()))
    assert other == (403, "AccessDenied", "0003-00000202")
    assert refusal(client.list_buckets, oss_v2.ListBucketsRequest())[0] == 403
    user_with(server, statement("oss:ListBuckets", f"acs:oss:*:{OWNER_UID}:*"))
    listed = client.list_buckets(oss_v2.ListBucketsRequest()).buckets
    assert name in {bucket.name for bucket in listed}


def test_no_rights_on_another_accounts_bucket(server: OssServer) -> None:
    name = server.new_name()
    server.bucket(name, server.stranger).create_bucket()
    client = server.client(user_with(server, statement("*", "*")))
    assert refusal(client.get_bucket_info, oss_v2.GetBucketInfoRequest(bucket=name))[0] == 403


def test_what_a_user_was_allowed_and_refused_is_remembered(server: OssServer, store: Store) -> None:
    server.ram.remove_user(NAME)
    key = server.ram.put_user(
        f"user-{store.name}",
        json.dumps({"Version": "1", "Statement": [statement("oss:GetBucketAcl", arn(store))]}),
    )
    client = server.client(key)
    client.get_bucket_acl(oss_v2.GetBucketAclRequest(bucket=store.name))
    refusal(client.get_bucket_info, oss_v2.GetBucketInfoRequest(bucket=store.name))
    resource = arn(store).replace("*", "cn-hangzhou", 1)
    seen = server.ram.as_dict()
    assert seen["authorised"][f"user-{store.name}"] == {"oss:GetBucketAcl": [resource]}
    assert seen["refused"][f"user-{store.name}"] == {"oss:GetBucketInfo": [resource]}
