"""What the cloud refuses in the middle of an update: it is explained, and the next one goes on from there."""

from __future__ import annotations

from tests.support.project import Project

NOW = ("--yes", "--skip-preview")


def order(stack: Project, action: str, code: str, *options: str) -> None:
    """Lets the next call of an action be refused."""
    stack.cloud.cli("fault", "add", "--action", action, "--kind", "error", "--code", code, *options)


def test_an_update_that_is_refused_is_explained_and_the_next_ones_converge(stack: Project) -> None:
    # VPC and EIP are made at the same time, the instance when they are there.
    for code, words, *actions in (
        ("QuotaExceeded.Vpc", "the account may have no more of these", "CreateVpc", "AllocateEipAddress"),
        ("InsufficientBalance", "the account cannot pay for it", "AllocateEipAddress"),
        ("QuotaExceed.ElasticQuota", "Quota Center", "RunInstances"),
        ("OperationDenied.NoStock", "the zone has none of these instances left", "RunInstances"),
    ):
        for action in actions:
            order(stack, action, code)
        result = stack.pulumi("up", *NOW)
        stack.cloud.cli("fault", "clear")
        assert result.code != 0, result.text
        # The provider's own words, and ours.
        assert code in result.text.replace(f"({code})", "")
        assert words in result.text
        assert f"({code})" in result.text
        assert "the next `pulumi up` goes on from it" in result.text
        assert "Traceback" not in result.text
    # What passes by itself is repeated by the provider, and nobody hears of it.
    order(stack, "AssociateEipAddress", "Throttling.User")
    stack.must("up", *NOW)
    stack.cloud.cli("fault", "clear")

    status = stack.cloud.status()
    assert (len(status["vpcs"]), len(status["instances"])) == (1, 1)
    assert status["instances"][0]["eip"] == stack.outputs()["public_ip"]
    stack.must("up", *NOW, "--expect-no-changes")
    stack.must("refresh", *NOW, "--expect-no-changes")

    # A disk does not shrink.
    stack.change({"systemDiskSizeGib": 40})
    stack.must("up", *NOW)
    stack.change({"systemDiskSizeGib": 20})
    result = stack.pulumi("up", *NOW)
    assert result.code != 0
    assert "a disk only grows (InvalidDiskSize.TooSmall)" in result.text
    stack.change({"systemDiskSizeGib": 40})
    stack.must("up", *NOW)
    # A destroy runs no program: the provider's message is all there is, and it is shown.
    order(stack, "DeleteVpc", "DependencyViolation.NetworkAcl")
    result = stack.pulumi("destroy", *NOW)
    assert result.code != 0
    assert "DependencyViolation.NetworkAcl" in result.text
