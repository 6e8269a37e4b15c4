"""Which public rules a test enforces.

The ids are those of the tools: checkov's, KICS's query folders, InfraGuard's, cnspec's checks in
`mondoo-alibaba-security`, the CIS Alibaba Cloud Foundation Benchmark 2.0, Prowler's, CloudSploit's. Sources,
as of 2026-11-23: https://github.com/bridgecrewio/checkov, https://github.com/Checkmarx/kics,
https://github.com/aliyun/infraguard, https://github.com/mondoohq/cnspec,
https://github.com/prowler-cloud/prowler, https://github.com/aquasecurity/cloudsploit. The rules are put in
words of our own; none of the tools looks at a Pulumi program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

# The rule in words -> the ids of the public rules that ask for it.
ENFORCED: dict[str, tuple[str, ...]] = {}

_Test = TypeVar("_Test", bound=Callable[..., Any])


def enforces(*ids: str) -> Callable[[_Test], _Test]:
    """Enters a test's rule, which is its name in words."""

    def enter(test: _Test) -> _Test:
        ENFORCED[test.__name__.removeprefix("test_").replace("_", " ")] = ids
        return test

    return enter
