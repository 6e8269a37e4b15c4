"""The rights in RAM: the list, the policies made of it, the command that prints them."""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest

from infra.ram import policies
from infra.ram.__main__ import main
from infra.ram.base import GROUPS
from infra.ram.features import FEATURES
from infra.ram.model import EVERYTHING, Group, reads
from infra.ram.policies import POLICY_MAX_CHARACTERS, ROLES, RamPolicyError, Target, build, rights_of
from localcloud.oss.policy.model import Decision, RequestContext
from localcloud.ram.document import decide, parse
from localcloud.ram.rights import rights_for
from localcloud.ram.tables import CODES
from localcloud.rpc.params import Params

UID = "9000000000000001"
DNS_ROLE = "oss-proxy-dev-acme-dns"
TARGET = Target(account_uid=UID, region="cn-hangzhou", bucket="my-bucket", zone="example.com", stack="dev")
ALL = [*GROUPS, *FEATURES]
NAMES = [group.feature for group in FEATURES if group.feature]
ARGUMENTS = ["--account", UID, "--region", "cn-hangzhou", "--bucket", "my-bucket"]


@pytest.mark.parametrize("role", ROLES)
def test_a_policy_allows_the_listed_actions_and_nothing_else(role: Any) -> None:
    policy = json.loads(build(role, TARGET, NAMES))
    assert policy["Version"] == "1"
    statements = policy["Statement"]
    assert all(one.keys() == {"Effect", "Action", "Resource"} for one in statements)
    assert {one["Effect"] for one in statements} == {"Allow"}
    allowed = [(action, tuple(one["Resource"])) for one in statements for action in one["Action"]]
    assert sorted(action for action, _ in allowed) == sorted(right.action for right in rights_of(role, NAMES))
    assert "{" not in str(allowed)
    # Actions with the same limits stand together.
    limits = [tuple(one["Resource"]) for one in statements]
    assert len(limits) == len(set(limits))


@pytest.mark.parametrize("group", ALL, ids=lambda group: group.subject)
def test_no_right_is_wider_than_it_says(group: Group) -> None:
    for right in group.rights:
        assert re.fullmatch(r"(alidns|bssapi|cms|ecs|oss|ram|vpc):[A-Z][A-Za-z]+", right.action)
        assert right.why
        for arn in right.on:
            assert arn == EVERYTHING or "{account}" in arn, right


def test_every_action_stands_in_the_list_once() -> None:
    actions = [right.action for group in ALL for right in group.rights]
    assert len(actions) == len(set(actions))


def test_a_preview_only_reads_and_a_deployer_can_preview() -> None:
    preview = {right.action for right in rights_of("preview", NAMES)}
    assert all(re.search(r":(Describe|Get|List|Query)", action) for action in preview)
    assert preview < {right.action for right in rights_of("deployer", NAMES)}


def test_a_feature_adds_its_own_rights_alone() -> None:
    plain = {right.action for right in rights_of("deployer")}
    for group in FEATURES:
        assert group.feature
        more = {right.action for right in rights_of("deployer", [group.feature])}
        assert more - plain == {right.action for right in group.rights}


def calls_of(action: str) -> list[tuple[str, str]]:
    """The resources that a call of this name is judged by, when it names none."""
    code, api = action.split(":")
    product = {value: key for key, value in CODES.items()}.get(code, code)
    if product == "oss":
        path = "*" if api == "ListBuckets" else "my-bucket"
        return [(action, f"acs:oss:cn-hangzhou:{UID}:{path}")]
    if action == "ram:PassRole":
        product, api = "ecs", "AttachInstanceRamRole"
    given = Params(
        {
            "alidns": {"DomainName": "example.com"},
            "ram": {"RoleName": DNS_ROLE, "PolicyName": DNS_ROLE},
            "ecs": {"RamRoleName": DNS_ROLE} if "RamRole" in api else {},
        }.get(product, {})
    )
    needs = rights_for(product, api, given, region_id="cn-hangzhou", account_uid=UID)
    return [(need.action, need.resource) for need in needs]


def asked(action: str, resource: str) -> RequestContext:
    return RequestContext(
        action=action,
        # What is not limited to a type in the call is one of those that the list names.
        resource=resource.replace(":*/*", ":vpc/*" if action.startswith("vpc:") else ":instance/*"),
        source_ip=ip_address("203.0.113.9"),
        time=datetime.now(UTC),
    )


@pytest.mark.parametrize("zone", ["", "*.example.com", "example.com/*"])
def test_records_need_a_domain(zone: str) -> None:
    target = Target(account_uid=UID, region="cn-hangzhou", bucket="my-bucket", zone=zone)
    with pytest.raises(RamPolicyError, match=r"is no domain, which the feature dns needs \(ZONE="):
        build("deployer", target, ["dns"])
    build("deployer", target, ["tags"])


@pytest.mark.parametrize("stack", ["", "*", "a/b"])
def test_a_role_needs_a_stack(stack: str) -> None:
    target = Target(account_uid=UID, region="cn-hangzhou", bucket="my-bucket", stack=stack)
    with pytest.raises(RamPolicyError, match=r"is no stack, which the feature acme-dns needs \(STACK="):
        build("deployer", target, ["acme-dns"])


@pytest.mark.parametrize("role", ROLES)
def test_each_action_is_allowed_on_all_that_the_cloud_asks_for(role: Any) -> None:
    policy = parse(build(role, TARGET, NAMES))
    for right in rights_of(role, NAMES):
        needs = calls_of(right.action)
        assert needs, right.action
        for action, resource in needs:
            assert decide(policy, asked(action, resource)) is Decision.ALLOW, (action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("oss:PutBucketPolicy", f"acs:oss:cn-hangzhou:{UID}:another-bucket"),
        ("oss:GetObject", f"acs:oss:cn-hangzhou:{UID}:my-bucket/key"),
        ("oss:PutBucketPolicy", "acs:oss:cn-hangzhou:9000000000000002:my-bucket"),
        ("ecs:DeleteInstance", f"acs:ecs:cn-beijing:{UID}:instance/i-1"),
        ("ecs:StopInvocation", f"acs:ecs:cn-hangzhou:{UID}:instance/i-1"),
        ("vpc:DeleteVpc", f"acs:vpc:cn-hangzhou:{UID}:vswitch/vsw-1"),
        ("alidns:AddDomainRecord", f"acs:alidns:cn-hangzhou:{UID}:domain/another.example"),
        ("ram:CreateUser", "*"),
        ("ram:DeleteRole", f"acs:ram:*:{UID}:role/oss-proxy-prod-acme-dns"),
        ("ram:PassRole", f"acs:ram:*:{UID}:role/admin"),
        ("ram:AttachPolicyToRole", f"acs:ram:*:{UID}:policy/AdministratorAccess"),
    ],
)
def test_what_is_left_out(action: str, resource: str) -> None:
    assert (
        decide(parse(build("deployer", TARGET, ["dns", "acme-dns"])), asked(action, resource))
        is Decision.NONE
    )


@pytest.mark.parametrize(
    "features", [c for n in range(len(NAMES) + 1) for c in itertools.combinations(NAMES, n)], ids=len
)
def test_every_policy_fits_with_the_longest_names(features: tuple[str, ...]) -> None:
    zone = f"{'a' * 63}.com"
    longest = Target(account_uid=UID, region="ap-northeast-1", bucket="b" * 63, zone=zone, stack="s" * 100)
    assert len(build("deployer", longest, features)) <= POLICY_MAX_CHARACTERS


def test_a_policy_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    many = Group("many", reads("x", (EVERYTHING,), *(f"ecs:{'X' * 60}{n}" for n in range(100))))
    monkeypatch.setattr(policies, "GROUPS", (many,))
    with pytest.raises(RamPolicyError, match=r"has \d+ characters, RAM takes 6144[\s\S]*leave out features"):
        build("deployer", TARGET)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Target(account_uid="*", region="cn-hangzhou", bucket="my-bucket"), "16 digits"),
        (Target(account_uid=UID, region="*", bucket="my-bucket"), "no region that the program supports"),
        (Target(account_uid=UID, region="cn-hangzhou", bucket="*"), "no bucket's name"),
    ],
)
def test_a_target_that_would_widen_the_policy_is_refused(wrong: Target, words: str) -> None:
    with pytest.raises(RamPolicyError, match=words):
        build("deployer", wrong)


def test_the_command_prints_the_policy_and_the_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", *ARGUMENTS, "--with", "alarms"]) == 0
    policy = json.loads(capsys.readouterr().out)
    assert "cms:PutResourceMetricRule" in {action for one in policy["Statement"] for action in one["Action"]}
    assert main(["preview", *ARGUMENTS, "--why"]) == 0
    assert "oss:GetBucketReferer" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", *ARGUMENTS, "--with", "magic"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no feature magic" in captured.err
    assert "deletion-protection" in captured.err
