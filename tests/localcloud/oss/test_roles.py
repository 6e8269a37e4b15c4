"""Temporary credentials of a role at the Object Storage Service, with the official clients."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import boto3
import oss2
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.accounts import AccessKey
from localcloud.ram.roles import ManagedPolicy, Role
from localcloud.ram.sessions import Sessions
from tests.localcloud.oss.conftest import OWNER_UID, REGION, OssServer, Store


@pytest.fixture
def role(server: OssServer) -> Role:
    now = datetime.now(UTC)
    role = Role(
        name="reader",
        role_id="300000000000000001",
        account_uid=OWNER_UID,
        trust="",
        created=now,
        changed=now,
    )
    server.records.roles[OWNER_UID, "reader"] = role
    return role


@pytest.fixture
def key(server: OssServer, role: Role) -> AccessKey:
    return Sessions(server.accounts).issue(role, "vm-ram-i-1", timedelta(hours=1))


def allow(server: OssServer, role: Role, action: str, resource: str) -> None:
    now = datetime.now(UTC)
    policy = ManagedPolicy(name="rights", account_uid=OWNER_UID, created=now, changed=now)
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy.add(json.dumps({"Version": "1", "Statement": [statement]}), now, holds=True)
    server.records.policies[OWNER_UID, "rights"] = policy
    role.attached["rights"] = now


def token_of(key: AccessKey) -> str:
    assert key.session is not None
    return key.session.token


def v2_client(server: OssServer, key: AccessKey, token: str | None = None) -> oss_v2.Client:
    client_config = oss_v2.config.load_default()
    client_config.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(
        key.id, key.secret, token_of(key) if token is None else token
    )
    client_config.region = REGION
    client_config.disable_ssl = True
    client_config.retry_max_attempts = 1
    client_config.proxy_host = {"http": server.proxy}
    return oss_v2.Client(client_config)


def v1_bucket(server: OssServer, key: AccessKey, name: str, *, v4: bool = False) -> oss2.Bucket:
    auth = oss2.ProviderAuthV4 if v4 else oss2.ProviderAuth
    provider = oss2.credentials.StaticCredentialsProvider(key.id, key.secret, token_of(key))
    return oss2.Bucket(
        auth(provider),
        f"http://oss-{REGION}.aliyuncs.com",
        name,
        proxies={"http": server.proxy},
        region=REGION if v4 else None,
    )


def refusal(call: Any, *args: Any) -> tuple[int, str, str]:
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        call(*args)
    cause = caught.value.unwrap()
    return cause.status_code, cause.code, cause.ec


def test_a_role_reads_what_its_policies_allow(
    server: OssServer, store: Store, role: Role, key: AccessKey
) -> None:
    store.owner.put_object("a.txt", b"a")
    get = oss_v2.GetObjectRequest(bucket=store.name, key="a.txt")
    client = v2_client(server, key)
    assert refusal(client.get_object, get) == (403, "AccessDenied", "0003-00000001")
    allow(server, role, "oss:GetObject", f"acs:oss:*:{OWNER_UID}:{store.name}/*")
    assert client.get_object(get).body.read() == b"a"
    for v4 in (False, True):
        bucket = v1_bucket(server, key, store.name, v4=v4)
        assert bucket.get_object("a.txt").read() == b"a"
        assert bucket.get_object_with_url(bucket.sign_url("GET", "a.txt", 60)).read() == b"a"
    presigned = client.presign(get).url
    reader = v1_bucket(server, key, store.name)
    assert reader.get_object_with_url(presigned).read() == b"a"
    put = oss_v2.PutObjectRequest(bucket=store.name, key="a.txt", body=b"b")
    assert refusal(client.put_object, put)[:2] == (403, "AccessDenied")


def test_a_bucket_policy_names_the_role_and_session(server: OssServer, store: Store, key: AccessKey) -> None:
    store.owner.put_object("a.txt", b"a")
    get = oss_v2.GetObjectRequest(bucket=store.name, key="a.txt")

    def put_policy(principal: str) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": [principal],
            "Action": ["oss:GetObject"],
            "Resource": [f"acs:oss:*:{OWNER_UID}:{store.name}/*"],
        }
        store.owner.put_bucket_policy(json.dumps({"Version": "1", "Statement": [statement]}))

    client = v2_client(server, key)
    for session, allowed in (("vm-ram-i-1", True), ("vm-ram-i-2", False)):
        put_policy(f"arn:sts::{OWNER_UID}:assumed-role/reader/{session}")
        if allowed:
            assert client.get_object(get).body.read() == b"a"
        else:
            assert refusal(client.get_object, get)[:2] == (403, "AccessDenied")


def test_the_token_must_be_there_be_the_keys_own_and_not_over(
    server: OssServer, store: Store, key: AccessKey
) -> None:
    get = oss_v2.GetObjectRequest(bucket=store.name, key="a.txt")
    without = refusal(v2_client(server, key, "").get_object, get)
    assert without == (403, "InvalidAccessKeyId", "0002-00000003")
    other = refusal(v2_client(server, key, "another").get_object, get)
    assert other == (403, "InvalidSecurityToken", "0002-00000004")
    lasting = refusal(v2_client(server, server.owner, "any").get_object, get)
    assert lasting == (403, "InvalidSecurityToken", "0002-00000006")
    ended = Sessions(server.accounts, lambda: datetime.now(UTC) - timedelta(hours=2)).issue(
        server.records.roles[OWNER_UID, "reader"], "old", timedelta(hours=1)
    )
    assert refusal(v2_client(server, ended).get_object, get) == (
        *(403, "SecurityTokenExpired"),
        "0002-00000007",
    )


def test_s3_takes_the_token_too(server: OssServer, store: Store, role: Role, key: AccessKey) -> None:
    store.owner.put_object("a.txt", b"a")
    allow(server, role, "oss:GetObject", f"acs:oss:*:{OWNER_UID}:{store.name}/*")

    def s3(token: str) -> Any:
        return boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=f"http://s3.oss-{REGION}.aliyuncs.com",
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
            aws_session_token=token,
            config=Config(
                proxies={"http": server.proxy},
                retries={"max_attempts": 1},
                s3={"addressing_style": "virtual"},
            ),
        )

    assert s3(token_of(key)).get_object(Bucket=store.name, Key="a.txt")["Body"].read() == b"a"
    with pytest.raises(ClientError) as caught:
        s3("another").get_object(Bucket=store.name, Key="a.txt")
    assert caught.value.response["Error"]["Code"] == "InvalidSecurityToken"
