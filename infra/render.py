"""The texts that an instance gets: nginx's configuration and the user data. Pure.

What is written is the same bytes for the same values: no time, no random, no order of a hash.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import yaml

from infra.instance.files import File
from infra.instance.units import PROGRAM_FOLDER, running
from infra.instance_files import NGINX_CONF, nginx_file
from infra.nginx.config import nginx_conf
from infra.nginx.context import NginxContext
from infra.text import RenderError, rendered

__all__ = ["USER_DATA_MAX_BYTES", "NginxContext", "RenderError", "nginx_conf", "user_data"]

CLOUD_CONFIG_HEADER = "#cloud-config\n"

# Before Base64. Source: RunInstances, `UserData`, in the current SDK's text (alibabacloud_ecs20140526
# 7.11, 2026-11-23); pages of 2021 still say 16 KB.
USER_DATA_MAX_BYTES = 32 * 1024


def user_data(
    nginx_conf_text: str, system_files: Sequence[File], *, packages: Sequence[str] = ("nginx", "logrotate")
) -> str:
    """Returns an instance's user data: a cloud-config that installs and starts nginx at the first boot.

    Args:
        nginx_conf_text: The whole of ``nginx.conf``.
        system_files: The files beside it.
        packages: The Debian packages to install.

    Returns:
        Cloud-config, in which a long ``nginx.conf`` is packed; the stack's output ``nginx_config`` shows it.

    Raises:
        RenderError: When it is larger than the cloud accepts.
    """
    files = [*system_files, nginx_file(nginx_conf_text)]
    # A reviewer reads the files; programs are this repository's own, and packed.
    packed = {file.path for file in files if file.path.startswith(PROGRAM_FOLDER)}
    text = _cloud_config(files, packages, packed)
    if len(text.encode()) > USER_DATA_MAX_BYTES:
        text = _cloud_config(files, packages, {*packed, NGINX_CONF})
    size = len(text.encode())
    if size > USER_DATA_MAX_BYTES:
        raise RenderError(
            f"the user data would have {size} bytes, the cloud accepts {USER_DATA_MAX_BYTES}",
            fix="use fewer or shorter oss-proxy:objectPrefixes.",
        )
    return text


def _cloud_config(files: Sequence[File], packages: Sequence[str], packed: Collection[str]) -> str:
    values = {
        "files": files,
        "packages": packages,
        "packed": packed,
        "units": running(file.path for file in files),
    }
    document = yaml.safe_load(rendered("cloud-init/user-data.yaml.j2", values))
    return CLOUD_CONFIG_HEADER + yaml.dump(
        document, Dumper=_ReadableDumper, sort_keys=False, allow_unicode=True
    )


class _ReadableDumper(yaml.SafeDumper):
    """Writes text of several lines as a block, so that a preview shows a file as a file."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_ReadableDumper.add_representer(str, _ReadableDumper.represent_text)
