"""The texts that an instance gets: nginx's configuration and the user data. Pure.

What is written is the same bytes for the same values: no time, no random, no order of a hash.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import yaml

from infra.nginx.config import nginx_conf
from infra.nginx.context import NginxContext
from infra.text import RenderError, read, rendered

__all__ = ["USER_DATA_MAX_BYTES", "NginxContext", "RenderError", "UserDataContext", "nginx_conf", "user_data"]

CLOUD_CONFIG_HEADER = "#cloud-config\n"

# Before Base64. Source: RunInstances, `UserData`, in the current SDK's text (alibabacloud_ecs20140526
# 7.11, 2026-11-23); pages of 2021 still say 16 KB.
USER_DATA_MAX_BYTES = 32 * 1024


@dataclass(frozen=True, kw_only=True)
class UserDataContext:
    """What the template of the user data needs: the text of each file that the first boot writes."""

    nginx_conf: str
    nginx_restart_conf: str
    apt_conf: str


def user_data(nginx_conf_text: str) -> str:
    """Returns an instance's user data: a cloud-config that installs and starts nginx at the first boot.

    Args:
        nginx_conf_text: The whole of ``nginx.conf``.

    Raises:
        RenderError: When it is larger than the cloud accepts.
    """
    context = UserDataContext(
        nginx_conf=nginx_conf_text,
        nginx_restart_conf=read("cloud-init/nginx-restart.conf"),
        apt_conf=read("cloud-init/apt.conf"),
    )
    document = yaml.safe_load(rendered("cloud-init/user-data.yaml.j2", asdict(context)))
    text = CLOUD_CONFIG_HEADER + yaml.dump(
        document, Dumper=_ReadableDumper, sort_keys=False, allow_unicode=True
    )
    size = len(text.encode())
    if size > USER_DATA_MAX_BYTES:
        raise RenderError(
            f"the user data would have {size} bytes, the cloud accepts {USER_DATA_MAX_BYTES}",
            fix="use fewer or shorter oss-proxy:objectPrefixes.",
        )
    return text


class _ReadableDumper(yaml.SafeDumper):
    """Writes text of several lines as a block, so that a preview shows a file as a file."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_ReadableDumper.add_representer(str, _ReadableDumper.represent_text)
