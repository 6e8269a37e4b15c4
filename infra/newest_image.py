"""``make image``: tells the newest image of a stack's region, and changes nothing.

A stack never moves to a newer image by itself. This is how its owner hears of one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import count
from typing import Any

from infra import outputs
from infra.errors import ProgramError
from infra.images import Image, newest, report
from infra.sdk_rpc import ECS, RpcClient

# Source: https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-describeimages (2026-11-23)
LARGEST_PAGE = 100


class StackError(ProgramError):
    """Pulumi did not say what was asked of it."""


def main(stack: str) -> int:
    """Prints the report for a stack of the project in the current folder.

    Returns:
        The exit status.
    """
    try:
        region = _pulumi("config", "get", "alicloud:region", "--stack", stack).strip()
        made: dict[str, Any] = json.loads(_pulumi("stack", "output", "--json", "--stack", stack))
        latest = newest(images_of(RpcClient(ECS, region)))
    except ProgramError as error:
        print(error, file=sys.stderr)
        return 1
    print(report(region=region, stack=stack, latest=latest, running=made.get(outputs.IMAGE_ID)))
    return 0


def images_of(client: RpcClient) -> list[Image]:
    """Lists the cloud's own images for the instance's processor.

    Raises:
        CloudError: When ECS refuses, or does not answer.
    """
    found: list[Image] = []
    for page in count(1):
        answer = client.call(
            "DescribeImages",
            {
                "ImageOwnerAlias": "system",
                "Architecture": "x86_64",
                "OSType": "linux",
                "PageSize": LARGEST_PAGE,
                "PageNumber": page,
            },
        )
        found += [
            Image(id=one["ImageId"], name=one["ImageName"], created=one["CreationTime"])
            for one in answer["Images"]["Image"]
        ]
        if page * LARGEST_PAGE >= int(answer["TotalCount"]):
            break
    return found


def _pulumi(*arguments: str) -> str:
    done = subprocess.run(
        ["pulumi", "--non-interactive", *arguments], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise StackError(
            f"pulumi {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}",
            consequence="the stack's image is not known.",
            fix="run this where `pulumi stack ls` shows the stack, as `make image STACK=NAME`.",
        )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
