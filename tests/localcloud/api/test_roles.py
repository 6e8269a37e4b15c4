"""RAM roles and policies, asked with the official clients; and what credentials of a role may do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from alibabacloud_alidns20150109 import models as dns_models
from alibabacloud_alidns20150109.client import Client as DnsClient
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ram20150501 import models
from alibabacloud_ram20150501.client import Client as RamClient
from alibabacloud_sts20150401 import models as sts_models
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.models import Config

from localcloud.accounts import fault_of_token
from tests.localcloud.api.harness import REGION, Cloud, Site

Refused = Callable[..., Any]
ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


def trust(**principal: list[str]) -> str:
    statement = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": principal}
    return json.dumps({"Version": "1", "Statement": [statement]})


def policy(*actions: str, resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return json.dumps({"Version": "1", "Statement": [statement]})


@pytest.fixture
def ram(cloud: Cloud) -> RamClient:
    return cloud.client(RamClient)


def make_role(ram: RamClient, name: str = "reader", document: str | None = None, **more: Any) -> Any:
    document = document or trust(Service=["ecs.aliyuncs.com"])
    request = models.CreateRoleRequest(role_name=name, assume_role_policy_document=document, **more)
    return ram.create_role(request).body.role


def give(ram: RamClient, document: str, name: str = "rights", role: str = "reader") -> None:
    ram.create_policy(models.CreatePolicyRequest(policy_name=name, policy_document=document))
    ram.attach_policy_to_role(
        models.AttachPolicyToRoleRequest(policy_name=name, policy_type="Custom", role_name=role)
    )


def attach(cloud: Cloud, *instance_ids: str, role: str = "reader") -> Any:
    return cloud.ecs.attach_instance_ram_role(
        ecs_models.AttachInstanceRamRoleRequest(
            region_id=REGION, instance_ids=json.dumps(instance_ids), ram_role_name=role
        )
    ).body


def detach(cloud: Cloud, instance_id: str, role: str = "reader") -> Any:
    return cloud.ecs.detach_instance_ram_role(
        ecs_models.DetachInstanceRamRoleRequest(
            region_id=REGION, instance_ids=json.dumps([instance_id]), ram_role_name=role
        )
    ).body


def roles_of(cloud: Cloud, instance_id: str) -> list[str]:
    request = ecs_models.DescribeInstanceRamRoleRequest(
        region_id=REGION, instance_ids=json.dumps([instance_id])
    )
    found = cloud.ecs.describe_instance_ram_role(request).body.instance_ram_role_sets.instance_ram_role_set
    return [one.ram_role_name for one in found]


def credentials(cloud: Cloud, instance_id: str) -> dict[str, str]:
    record = cloud.services.ecs.find_instance(instance_id)
    assert record is not None
    told = cloud.services.instance_roles.credentials(record)
    assert told is not None
    answer: dict[str, str] = json.loads(told)
    assert answer["Code"] == "Success"
    return answer


def client(cloud: Cloud, kind: type, told: dict[str, str], token: str | None = None) -> Any:
    return kind(
        Config(
            access_key_id=told["AccessKeyId"],
            access_key_secret=told["AccessKeySecret"],
            security_token=told["SecurityToken"] if token is None else token,
            endpoint=f"127.0.0.1:{cloud.port}",
            protocol="http",
            region_id=REGION,
        )
    )


@pytest.fixture
def instance(cloud: Cloud, site: Site, ram: RamClient) -> str:
    make_role(ram)
    instance_id = cloud.make_instance(site.vswitch, site.group)
    assert attach(cloud, instance_id).fail_count == 0
    return instance_id


def test_a_role_is_made_changed_shown_and_removed(cloud: Cloud, ram: RamClient, refused: Refused) -> None:
    tag = models.CreateRoleRequestTag(key="project", value="proxy")
    made = make_role(ram, description="reads", tag=[tag])
    assert (made.role_name, made.arn) == ("reader", f"acs:ram::{cloud.key.account_uid}:role/reader")
    shown = ram.get_role(models.GetRoleRequest(role_name="reader")).body.role
    assert json.loads(shown.assume_role_policy_document) == json.loads(trust(Service=["ecs.aliyuncs.com"]))
    assert (shown.description, shown.max_session_duration) == ("reads", 3600)
    ram.update_role(models.UpdateRoleRequest(role_name="reader", new_description="reads much"))
    assert [one.description for one in ram.list_roles(models.ListRolesRequest()).body.roles.role] == [
        "reads much"
    ]
    listed = models.ListTagResourcesRequest(resource_type="role", resource_names=["reader"])
    (told,) = ram.list_tag_resources(listed).body.tag_resources
    assert (told.resource_name, told.tag_key, told.tag_value) == ("reader", "project", "proxy")
    refused("EntityAlreadyExists.Role", 409, make_role, ram)
    refused("MalformedPolicyDocument", 400, make_role, ram, "other", "{}")
    refused("InvalidParameter.RoleName.InvalidChars", 400, make_role, ram, "no blanks")
    ram.delete_role(models.DeleteRoleRequest(role_name="reader"))
    refused("EntityNotExist.Role", 404, ram.get_role, models.GetRoleRequest(role_name="reader"))


def test_another_accounts_roles_are_not_seen(cloud: Cloud, ram: RamClient, refused: Refused) -> None:
    make_role(ram)
    strange = cloud.client(RamClient, cloud.stranger)
    refused("EntityNotExist.Role", 404, strange.get_role, models.GetRoleRequest(role_name="reader"))


def test_a_policy_has_versions_of_which_one_holds(ram: RamClient, refused: Refused) -> None:
    ram.create_policy(
        models.CreatePolicyRequest(policy_name="rights", policy_document=policy("oss:GetObject"))
    )

    def add(action: str, **more: Any) -> str:
        request = models.CreatePolicyVersionRequest(
            policy_name="rights", policy_document=policy(action), **more
        )
        version: str = ram.create_policy_version(request).body.policy_version.version_id
        return version

    shown = models.GetPolicyRequest(policy_name="rights", policy_type="Custom")
    assert [add(f"oss:Get{number}") for number in range(4)] == ["v2", "v3", "v4", "v5"]
    assert ram.get_policy(shown).body.default_policy_version.version_id == "v1"
    refused("LimitExceeded.Policy.Version", 409, add, "oss:More")
    assert add("oss:Last", set_as_default=True, rotate_strategy=ROTATE) == "v6"
    assert ram.get_policy(shown).body.default_policy_version.policy_document == policy("oss:Last")
    listed = models.ListPolicyVersionsRequest(policy_name="rights", policy_type="Custom")
    found = ram.list_policy_versions(listed).body.policy_versions.policy_version
    assert [(one.version_id, one.is_default_version) for one in found] == [
        ("v6", True),
        *((version, False) for version in ("v5", "v4", "v3", "v2")),
    ]
    gone = models.DeletePolicyVersionRequest(policy_name="rights", version_id="v6")
    refused("DeleteConflict.PolicyVersion.Default", 409, ram.delete_policy_version, gone)
    refused(
        *("DeleteConflict.Policy.Version", 409, ram.delete_policy),
        models.DeletePolicyRequest(policy_name="rights"),
    )
    ram.delete_policy(models.DeletePolicyRequest(policy_name="rights", cascading_delete=True))
    refused("EntityNotExist.Policy", 404, ram.get_policy, shown)


def test_what_is_attached_is_listed_and_keeps_both_from_going(ram: RamClient, refused: Refused) -> None:
    make_role(ram)
    give(ram, policy("oss:GetObject"))
    having = ram.list_policies_for_role(models.ListPoliciesForRoleRequest(role_name="reader"))
    assert [one.policy_name for one in having.body.policies.policy] == ["rights"]
    entities = ram.list_entities_for_policy(
        models.ListEntitiesForPolicyRequest(policy_name="rights", policy_type="Custom")
    )
    assert [one.role_name for one in entities.body.roles.role] == ["reader"]
    refused("DeleteConflict.Role.Policy", 409, ram.delete_role, models.DeleteRoleRequest(role_name="reader"))
    gone = models.DeletePolicyRequest(policy_name="rights", cascading_delete=True)
    refused("DeleteConflict.Policy.Role", 409, ram.delete_policy, gone)
    pair = {"policy_name": "rights", "policy_type": "Custom", "role_name": "reader"}
    refused(
        *("EntityAlreadyExists.Role.Policy", 409, ram.attach_policy_to_role),
        models.AttachPolicyToRoleRequest(**pair),
    )
    ram.detach_policy_from_role(models.DetachPolicyFromRoleRequest(**pair))
    refused(
        *("EntityNotExist.Role.Policy", 404, ram.detach_policy_from_role),
        models.DetachPolicyFromRoleRequest(**pair),
    )
    ram.delete_policy(gone)
    ram.delete_role(models.DeleteRoleRequest(role_name="reader"))


def test_an_instance_has_one_role_that_ecs_may_take_on(
    cloud: Cloud, site: Site, ram: RamClient, instance: str, refused: Refused
) -> None:
    assert roles_of(cloud, instance) == ["reader"]
    (result,) = attach(cloud, instance).attach_instance_ram_role_results.attach_instance_ram_role_result
    assert (result.success, result.instance_id) == (False, instance)
    make_role(ram, "people", trust(RAM=[f"acs:ram::{cloud.key.account_uid}:root"]))
    with pytest.raises(Exception, match=r"InvalidRamRole\.NotEcsRole"):
        attach(cloud, instance, role="people")
    with pytest.raises(Exception, match=r"InvalidRamRole\.NotFound"):
        attach(cloud, instance, role="nobody")
    refused("InvalidInstanceId.NotFound", 404, attach, cloud, "i-nothere")
    assert detach(cloud, instance).fail_count == 0
    assert roles_of(cloud, instance) == []
    born = cloud.make_instance(site.vswitch, site.group, ram_role_name="reader")
    assert roles_of(cloud, born) == ["reader"]


def test_an_instances_credentials_may_do_what_the_roles_policies_say_now(
    cloud: Cloud, ram: RamClient, instance: str, refused: Refused
) -> None:
    cloud.services.alidns.add_domain("example.test", cloud.key.account_uid)
    cloud.services.alidns.add_domain("other.test", cloud.key.account_uid)
    dns = client(cloud, DnsClient, credentials(cloud, instance))

    def records(name: str) -> Any:
        return dns.describe_domain_records(dns_models.DescribeDomainRecordsRequest(domain_name=name))

    who = client(cloud, StsClient, credentials(cloud, instance)).get_caller_identity().body
    assert (who.identity_type, who.arn) == (
        "AssumedRoleUser",
        f"acs:ram::{cloud.key.account_uid}:assumed-role/reader/vm-ram-{instance}",
    )
    refused("Forbidden.RAM", 403, records, "example.test")
    zone = f"acs:alidns:*:{cloud.key.account_uid}:domain/example.test"
    give(ram, policy("alidns:DescribeDomainRecords", resource=zone))
    assert records("example.test").body.total_count == 0
    error = refused("Forbidden.RAM", 403, records, "other.test")
    assert error.access_denied_detail["AuthPrincipalType"] == "AssumedRoleUser"
    assert cloud.ram.as_dict()["refused"]["role/reader"].keys() == {"alidns:DescribeDomainRecords"}

    ram.detach_policy_from_role(
        models.DetachPolicyFromRoleRequest(policy_name="rights", policy_type="Custom", role_name="reader")
    )
    ram.delete_role(models.DeleteRoleRequest(role_name="reader"))
    make_role(ram)
    give(ram, policy("*"), name="all")
    refused("Forbidden.RAM", 403, records, "example.test")


def test_credentials_change_before_they_end_and_need_their_own_token(
    cloud: Cloud, ram: RamClient, instance: str, refused: Refused
) -> None:
    give(ram, policy("*"))
    first = credentials(cloud, instance)
    assert credentials(cloud, instance) == first
    assert client(cloud, StsClient, first).get_caller_identity().body.account_id == cloud.key.account_uid
    for token, code in (
        ("", "MissingSecurityToken"),
        ("other", "InvalidSecurityToken.MismatchWithAccessKey"),
    ):
        refused(code, 400, client(cloud, StsClient, first, token).get_caller_identity)
    cloud.clock.ahead = timedelta(hours=5, minutes=31)
    second = credentials(cloud, instance)
    assert second["AccessKeyId"] != first["AccessKeyId"]
    assert second["Expiration"] > first["Expiration"]


def test_credentials_end(cloud: Cloud, ram: RamClient, instance: str) -> None:
    told = credentials(cloud, instance)
    record = cloud.accounts.find(told["AccessKeyId"])
    assert record is not None
    assert record.session is not None
    assert fault_of_token(record, told["SecurityToken"], record.session.expires) == "expired"


def test_a_role_that_trusts_an_account_is_assumed_by_its_users(
    cloud: Cloud, ram: RamClient, refused: Refused
) -> None:
    uid = cloud.key.account_uid
    make_role(ram, "people", trust(RAM=[f"acs:ram::{uid}:root"]))
    user = cloud.ram.put_user("anna", policy("sts:AssumeRole", resource=f"acs:ram:*:{uid}:role/people"))

    def assume(sts: StsClient, **more: Any) -> Any:
        values = {"role_arn": f"acs:ram::{uid}:role/people", "role_session_name": "anna", **more}
        return sts.assume_role(sts_models.AssumeRoleRequest(**values)).body

    sts = cloud.client(StsClient, user)
    answer = assume(sts)
    assert answer.assumed_role_user.arn == f"acs:ram::{uid}:assumed-role/people/anna"
    told = {
        "AccessKeyId": answer.credentials.access_key_id,
        "AccessKeySecret": answer.credentials.access_key_secret,
        "SecurityToken": answer.credentials.security_token,
    }
    assert client(cloud, StsClient, told).get_caller_identity().body.arn == answer.assumed_role_user.arn
    refused("NoPermission", 403, assume, cloud.sts)
    refused("InvalidParameter", 400, lambda: assume(sts, duration_seconds=60))
    other = f"acs:ram::{uid}:role/nobody"
    refused("Forbidden.RAM", 403, lambda: assume(sts, role_arn=other))
    ram.update_role(
        models.UpdateRoleRequest(
            role_name="people", new_assume_role_policy_document=trust(Service=["ecs.aliyuncs.com"])
        )
    )
    refused("NoPermission", 403, assume, sts)


def test_a_user_gives_a_role_away_with_the_right_to_pass_it_alone(
    cloud: Cloud, site: Site, ram: RamClient, refused: Refused
) -> None:
    make_role(ram)
    instance_id = cloud.make_instance(site.vswitch, site.group)
    uid = cloud.key.account_uid
    request = ecs_models.AttachInstanceRamRoleRequest(
        region_id=REGION, instance_ids=json.dumps([instance_id]), ram_role_name="reader"
    )
    user = cloud.ram.put_user("anna", policy("ecs:AttachInstanceRamRole"))
    ecs = cloud.client(type(cloud.ecs), user)
    refused("Forbidden.RAM", 403, ecs.attach_instance_ram_role, request)
    statements = [
        {"Effect": "Allow", "Action": "ecs:AttachInstanceRamRole", "Resource": "*"},
        {"Effect": "Allow", "Action": "ram:PassRole", "Resource": f"acs:ram:*:{uid}:role/reader"},
    ]
    cloud.ram.put_user("anna", json.dumps({"Version": "1", "Statement": statements}))
    assert ecs.attach_instance_ram_role(request).body.fail_count == 0
