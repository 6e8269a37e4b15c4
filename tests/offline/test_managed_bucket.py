"""A bucket that the stack makes: its life, its end, and all the ways in which it must not be lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.ram.features import FEATURES
from tests.offline import ram_user
from tests.offline.bucket_owner import BucketOwner
from tests.offline.conftest import StartCloud
from tests.support.localcloud import LocalCloud
from tests.support.project import Project

# Several updates each, with the provider's own waits.
pytestmark = pytest.mark.timeout(900)

NOW = ("--yes", "--skip-preview")
RIGHTS = ("managed-bucket",)
STRANGER = "9000000000000002"


@pytest.fixture(scope="module")
def own_cloud(start_cloud: StartCloud) -> LocalCloud:
    """A cloud for this module alone: a protected bucket of a test that failed is in nobody's way."""
    return start_cloud()


@pytest.fixture
def stack(own_cloud: LocalCloud, tmp_path: Path) -> Iterator[Project]:
    """A stack that is to make its bucket, and has made nothing yet."""
    project = Project.copy_to(tmp_path / "oss-proxy", own_cloud)
    project.change({"bucketMode": "managed"})
    project.must("stack", "init", "dev")
    try:
        yield project
    finally:
        project.must("stack", "rm", "--yes", "--force")


@pytest.fixture
def owner(stack: Project, tmp_path: Path) -> Iterator[BucketOwner]:
    owner = BucketOwner(stack.cloud, stack.setting("bucketName"), stack.setting("alicloud:region"), tmp_path)
    try:
        yield owner
    finally:
        if owner.exists():
            owner.remove()


def refused(stack: Project, *command: str) -> str:
    """What a command says that must fail."""
    result = stack.pulumi(*command)
    assert result.code != 0, result.text
    return result.text


def of_stack(stack: Project) -> list[str]:
    """What the program has made in the cloud, of all stacks that are up there."""
    status = stack.cloud.status()
    return [one["id"] for kind in ("vpcs", "instances") for one in status[kind]]


@pytest.fixture
def before(stack: Project) -> list[str]:
    """What an earlier test, which failed, left behind."""
    return of_stack(stack)


def protect(stack: Project, value: bool | None) -> None:
    stack.change({"bucketProtection": value})


def test_a_life_from_the_first_preview_to_the_end(
    stack: Project, before: list[str], owner: BucketOwner
) -> None:
    """As a RAM user with the generated rights, of which those for such a bucket are all needed."""
    stack = ram_user.as_user(stack, "deployer", "deployer", RIGHTS)
    assert "proxy-bucket-public-access-block create" in stack.must("preview")
    assert not owner.exists()

    stack.must("up", *NOW)
    facts = owner.facts()
    assert (facts["acl"], facts["block_public_access"]) == ("private", True)
    assert (facts["versioning"], facts["encryption"]) == ("Enabled", "AES256")
    assert facts["tags"] == {"managed-by": "pulumi", "project": "oss-proxy", "stack": "dev"}
    assert len(owner.statements) == 1
    stack.must("up", *NOW, "--expect-no-changes")
    stack.must("refresh", *NOW, "--expect-no-changes")
    reviewer = ram_user.as_user(stack, "reviewer", "preview", RIGHTS)
    reviewer.must("preview", "--refresh", "--expect-no-changes")
    assert ram_user.authorised(reviewer) == ram_user.actions_of("preview", RIGHTS)

    # What others add stays through every change; what they take away comes back.
    foreign = {
        "Effect": "Allow",
        "Action": ["oss:GetObject"],
        "Principal": [STRANGER],
        "Resource": [f"acs:oss:*:{facts['owner']}:{owner.bucket}/shared/*"],
    }
    own = owner.statements[0]
    owner.set_statements(foreign, own)
    owner.put()
    owner.turn_the_block_off()
    stack.change({"bucketVersioning": False, "bucketEncryption": "none", "objectPrefixes": ["other/"]})
    stack.must("up", *NOW, "--refresh")
    changed = owner.facts()
    assert (changed["versioning"], changed["encryption"]) == ("Suspended", "None")
    assert changed["block_public_access"] is True
    kept, updated = owner.statements
    assert kept == foreign
    assert updated["Resource"] == [f"acs:oss:*:{facts['owner']}:{owner.bucket}/other/*"]
    stack.must("refresh", *NOW)
    stack.must("up", *NOW, "--expect-no-changes")
    assert owner.statements == [foreign, updated]

    # The end, which comes only when the owner wants it twice.
    assert "protected" in refused(stack, "destroy", "--yes")
    text = refused(stack, "destroy", *NOW)
    assert "this stack made the bucket" in text
    assert "oss-proxy:bucketProtection false" in text
    stack.change({"bucketProtection": False, "bucketEncryption": "AES256"})
    stack.must("up", *NOW)
    assert owner.facts()["encryption"] == "AES256"
    text = refused(stack, "destroy", *NOW)
    assert f"ossutil rm oss://{owner.bucket} -r --all-versions" in text
    assert "public/hello.txt" in owner.listing()
    assert owner.statements == [foreign, updated]
    assert stack.outputs()["instance_id"] in of_stack(stack)
    stack.must("up", *NOW, "--expect-no-changes")

    owner.empty()
    stack.must("destroy", *NOW)
    assert not owner.exists()
    assert of_stack(stack) == before
    assert stack.cloud.status()["coverage"]["unknown"] == {}
    (group,) = [one for one in FEATURES if one.feature in RIGHTS]
    assert {right.action for right in group.rights} <= ram_user.authorised(stack)
    assert ram_user.refused(stack) == set()


def test_a_bucket_is_handed_over_and_not_taken_back(stack: Project, owner: BucketOwner) -> None:
    stack.must("up", *NOW)
    owner.put()
    facts, listing = owner.facts(), owner.listing()

    stack.change({"bucketMode": "existing"})
    assert "which is protected; the settings now say bucketMode existing" in refused(stack, "preview")
    stack.change({"bucketMode": "managed", "bucketName": "another-bucket"})
    assert "which is protected; the settings now say bucketName another-bucket" in refused(stack, "preview")
    stack.change({"bucketName": owner.bucket})
    stack.must("up", *NOW, "--expect-no-changes")

    protect(stack, False)
    stack.must("up", *NOW)
    protect(stack, None)
    stack.change({"bucketMode": "existing"})
    assert "proxy-bucket delete[retain]" in stack.must("preview")
    stack.must("up", *NOW)
    stack.must("up", *NOW, "--expect-no-changes")
    assert (owner.facts(), owner.listing()) == (facts, listing)
    assert len(owner.statements) == 1

    stack.change({"bucketMode": "managed"})
    text = refused(stack, "up", *NOW)
    assert "exists, and is not this stack's own" in text
    assert "oss-proxy:bucketMode existing" in text

    stack.change({"bucketMode": "existing"})
    stack.must("destroy", *NOW)
    assert (owner.facts(), owner.listing()) == (facts, listing)
    assert owner.statements == []


@pytest.mark.parametrize("filled", [False, True])
def test_a_bucket_of_the_account_is_not_taken_over(
    stack: Project, before: list[str], owner: BucketOwner, filled: bool
) -> None:
    owner.make()
    if filled:
        owner.put()
    facts = owner.facts()
    for command in (("preview",), ("up", *NOW)):
        text = refused(stack, *command)
        assert "exists, and is not this stack's own" in text
        assert "Traceback" not in text
    assert owner.facts() == facts
    assert of_stack(stack) == before
    stack.must("destroy", *NOW)
    assert owner.facts() == facts


def test_a_name_that_somebody_else_has(stack: Project, before: list[str], owner: BucketOwner) -> None:
    stack.cloud.cli("fault", "add", "--action", "oss:GetBucketInfo", "--kind", "forbidden")
    text = refused(stack, "preview")
    assert "Bucket names are unique in all of OSS" in text
    assert "Traceback" not in text
    # Taken between the look and the making: the next look says so, and another name is free to be tried.
    stack.cloud.cli("fault", "add", "--action", "oss:PutBucket", "--kind", "forbidden")
    refused(stack, "up", *NOW)
    stack.cloud.cli("fault", "add", "--action", "oss:GetBucketInfo", "--kind", "forbidden")
    assert "choose another name" in refused(stack, "up", *NOW)
    stack.change({"bucketName": f"{owner.bucket}-2"})
    assert "proxy-bucket create" in stack.must("preview")
    stack.must("destroy", *NOW)
    assert of_stack(stack) == before


def test_a_bucket_that_went_wrong_half_way_or_was_lost(stack: Project, owner: BucketOwner) -> None:
    stack.cloud.cli("fault", "add", "--action", "oss:PutBucket", "--kind", "lost-answer")
    refused(stack, "up", *NOW)
    assert owner.facts()["tags"] == {}

    # This stack meant to make it, and it is empty: the next update goes on with it.
    stack.cloud.cli("fault", "add", "--action", "oss:PutBucketTags", "--kind", "error")
    refused(stack, "up", *NOW)
    stack.must("up", *NOW)
    facts = owner.facts()
    assert facts["tags"]["stack"] == "dev"
    assert (facts["versioning"], facts["encryption"]) == ("Enabled", "AES256")
    assert facts["block_public_access"] is True
    stack.must("up", *NOW, "--expect-no-changes")
    stack.must("refresh", *NOW, "--expect-no-changes")

    # Somebody deleted it: nothing is made in its place before the owner says so.
    owner.remove()
    assert "pulumi up --refresh" in refused(stack, "up", *NOW)
    assert not owner.exists()
    protect(stack, False)
    stack.must("up", *NOW, "--refresh")
    assert owner.facts()["tags"]["stack"] == "dev"
    stack.cloud.cli("fault", "add", "--action", "oss:DeleteBucket", "--kind", "lost-answer")
    stack.must("destroy", *NOW)
    assert not owner.exists()


def test_what_is_meant_for_a_managed_bucket_is_refused_for_another(stack: Project) -> None:
    stack.change({"bucketMode": "existing", "bucketProtection": False})
    text = refused(stack, "preview")
    assert "oss-proxy:bucketProtection = " in text
    assert "is for bucketMode managed" in text
