"""A bucket whose policy holds statements of others: they survive everything that a stack does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from infra.bucket_claim import BucketClaimProvider
from tests.offline.bucket_policy import OWNER, Policy, foreign
from tests.offline.conftest import make_bucket
from tests.support.localcloud import LocalCloud
from tests.support.project import Project

MISSING = "the bucket's policy no longer holds this stack's statements"


@pytest.fixture
def stack(policy: Policy, stack: Project) -> Project:
    """The stack, which goes before the policy does."""
    return stack


def test_three_foreign_statements_survive_a_whole_life_and_the_text_is_restored(
    stack: Project, policy: Policy
) -> None:
    others = [
        foreign(policy.bucket, 1),
        foreign(policy.bucket, 2, Effect="Deny", Principal=["*"], Action=["oss:PutObject"]),
        foreign(policy.bucket, 3, Condition={"Bool": {"acs:SecureTransport": "true"}}),
    ]
    original = policy.set(*others)

    shown = stack.must("preview", "--diff")
    assert "shared-3" in shown
    assert "known after creation" in shown
    assert policy.text == original

    stack.must("up", "--yes", "--skip-preview")
    *before, own = policy.statements
    assert before == others
    assert own["Principal"] == ["*"]
    assert json.loads(stack.outputs()["bucket_policy"])["Statement"] == [*others, own]
    assert stack.outputs()["policy_preview"] == stack.outputs()["bucket_policy"]
    stack.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    stack.must("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    prefix = stack.setting("objectPrefixes")
    stack.change({"objectPrefixes": ["changed/"]})
    stack.must("up", "--yes", "--skip-preview")
    *before, changed = policy.statements
    assert before == others
    assert changed == {**own, "Resource": [f"acs:oss:*:{OWNER}:{policy.bucket}/changed/*"]}
    stack.change({"objectPrefixes": prefix})

    stack.must("destroy", "--yes", "--skip-preview")
    assert policy.text == original


def test_what_others_do_meanwhile_survives_and_is_no_change_of_this_stack(
    stack: Project, policy: Policy
) -> None:
    policy.set(foreign(policy.bucket, 1))
    stack.must("preview")
    # Between the preview and the update.
    policy.set(foreign(policy.bucket, 2))
    stack.must("up", "--yes", "--skip-preview")
    (second, own) = policy.statements
    assert second == foreign(policy.bucket, 2)

    policy.set(own, foreign(policy.bucket, 3), foreign(policy.bucket, 4))
    stack.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    stack.must("refresh", "--yes", "--skip-preview")
    stack.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert policy.statements == [own, foreign(policy.bucket, 3), foreign(policy.bucket, 4)]
    assert json.loads(stack.outputs()["bucket_policy"])["Statement"] == policy.statements

    # Somebody took it out: the next preview says so, the next update puts it back.
    policy.set(foreign(policy.bucket, 3))
    assert MISSING in stack.must("preview", "--diff")
    stack.must("up", "--yes", "--skip-preview")
    assert policy.statements == [foreign(policy.bucket, 3), own]

    stack.must("destroy", "--yes", "--skip-preview")
    assert policy.statements == [foreign(policy.bucket, 3)]


def second_stack(cloud: LocalCloud, folder: Path) -> Project:
    """Another stack for the same bucket, with a network of its own."""
    project = Project.copy_to(folder, cloud)
    shutil.copy(project.stack_file, project.folder / "Pulumi.second.yaml")
    project.must("stack", "init", "second")
    return project


def test_two_stacks_on_one_bucket_at_the_same_time(
    stack: Project, policy: Policy, cloud: LocalCloud, tmp_path: Path
) -> None:
    original = policy.set(foreign(policy.bucket, 1))
    second = second_stack(cloud, tmp_path / "second")
    try:
        with ThreadPoolExecutor(2) as both:
            ups = [both.submit(one.must, "up", "--yes", "--skip-preview") for one in (stack, second)]
            for up in ups:
                up.result()
        assert policy.statements[0] == foreign(policy.bucket, 1)
        vpcs = [one["Condition"]["StringEquals"]["acs:SourceVpc"] for one in policy.statements[1:]]
        assert sorted(vpcs) == sorted([one.outputs()["vpc_id"]] for one in (stack, second))
    finally:
        second.must("destroy", "--yes", "--skip-preview", "--remove")
    assert len(policy.statements) == 2
    stack.must("destroy", "--yes", "--skip-preview")
    assert json.loads(policy.text or "") == json.loads(original)


@pytest.fixture(scope="module")
def made(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack that is up, for tests that change nothing."""
    project = Project.copy_to(tmp_path_factory.mktemp("made") / "oss-proxy", cloud)
    make_bucket(project)
    project.must("stack", "init", "made")
    shutil.copy(project.stack_file, project.folder / "Pulumi.made.yaml")
    project.must("up", "--yes", "--skip-preview")
    try:
        yield project
    finally:
        project.must("destroy", "--yes", "--skip-preview", "--remove")


def test_a_state_of_the_first_release_goes_on_without_a_replacement(made: Project, tmp_path: Path) -> None:
    exported = json.loads(made.must("stack", "export"))
    resources = exported["deployment"]["resources"]
    (policy,) = [one for one in resources if one["type"].endswith(":BucketPolicy")]
    for part in ("inputs", "outputs"):
        del policy[part]["document"]
    policy["outputs"]["found"] = policy["outputs"]["policy"]
    # It had one resource more, after the guard of the account.
    claim = json.loads(json.dumps(policy).replace("BucketPolicy", "BucketClaim"))
    claim["urn"] = claim["urn"].replace("proxy-bucket-policy", "proxy-bucket-claim")
    kept = {key: policy["inputs"][key] for key in ("region", "bucket")}
    claim["inputs"] = claim["outputs"] = {**kept, "__provider": serialize_provider(BucketClaimProvider())}
    for key in ("dependencies", "propertyDependencies"):
        claim.pop(key, None)
    # It had no guards of the bucket.
    resources[:] = [one for one in resources if not one["type"].endswith(":BucketGuard")]
    for one in resources:
        one["dependencies"] = [urn for urn in one.get("dependencies", []) if ":BucketGuard::" not in urn]
    guard = next(at for at, one in enumerate(resources) if one["type"].endswith(":AccountGuard"))
    resources.insert(guard + 1, claim)
    old = tmp_path / "old.json"
    old.write_text(json.dumps(exported))
    made.must("stack", "import", "--file", str(old))

    text = made.must("preview", "--diff")
    assert "replace" not in text
    made.must("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    text = made.must("up", "--yes", "--skip-preview")
    assert "1 deleted" in text
    assert "2 created" in text
    made.must("up", "--yes", "--skip-preview", "--expect-no-changes")
