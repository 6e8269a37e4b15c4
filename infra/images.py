"""Which of the cloud's images is a proxy's, which is the newest, and how a stack gets it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Images are named `debian_13_5_x64_20G_alibase_20260828.vhd`; families and minor versions change.
IMAGE_NAME_REGEX = r"^debian_13_(\d+_)?x64_"


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image of the cloud.

    Attributes:
        id: Its id, for example ``debian_13_2_x64_20G_alibase_20260910.vhd``.
        name: Its name, which for the cloud's own images is the id.
        created: When it came out, ``2026-09-10T00:00:00Z``.
    """

    id: str
    name: str
    created: str


def newest(images: Iterable[Image]) -> Image | None:
    """Returns the newest Debian 13 for the instance's processor, or None."""
    fitting = [image for image in images if re.search(IMAGE_NAME_REGEX, image.name)]
    return max(fitting, key=lambda image: image.created, default=None)


def report(*, region: str, stack: str, latest: Image | None, running: str | None) -> str:
    """Says what the newest image is, whether a stack runs it, and how it gets it.

    Args:
        region: The region that was asked.
        stack: The stack's name.
        latest: The newest image, or None when the region has none.
        running: The id of the image of the stack's instance, or None when it has no instance.
    """
    if latest is None:
        return f"{region} offers no image of its own whose name matches {IMAGE_NAME_REGEX}."
    lines = [f"newest Debian 13 of {region}: {latest.id} (of {latest.created[:10]})"]
    if running is None:
        lines.append(f"The stack {stack} has no instance yet. Its first `pulumi up` boots this image.")
    elif running == latest.id:
        lines.append(f"The stack {stack} runs it. Nothing is to be done.")
    else:
        lines += [
            f"The stack {stack} runs {running} and keeps it. To move to the newest:",
            f"  pulumi config set --stack {stack} oss-proxy:imageId {latest.id}",
            "and then `pulumi up`, which replaces the instance. docs/changes.md says what that means.",
        ]
    return "\n".join(lines)
