"""nginx's configuration and the instance's user data as text. Pure.

What is written is the same bytes for the same values: no time, no random, no order of a hash. Values that
reach nginx are checked again here, by the same rules as the settings, because a template has no types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from infra import oss_names
from infra.errors import ProgramError

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
CLOUD_CONFIG_HEADER = "#cloud-config\n"

# Before Base64. Source: RunInstances, `UserData`, in the current SDK's text (alibabacloud_ecs20140526
# 7.11, 2026-11-23); pages of 2021 still say 16 KB.
USER_DATA_MAX_BYTES = 32 * 1024

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,251})[a-z0-9]")


class RenderError(ProgramError):
    """Text that cannot be made from these values, or that the cloud would not accept."""


@dataclass(frozen=True, kw_only=True)
class NginxContext:
    """What the template of nginx's configuration needs.

    Attributes:
        bucket_host: The bucket's own host at the internal endpoint, ``BUCKET.oss-REGION-internal...``.
        listen_port: The TCP port that clients use.
        prefixes: Object prefixes, each ending with ``/``, or exactly ``("*",)`` for every object.
    """

    bucket_host: str
    listen_port: int
    prefixes: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.bucket_host):
            raise RenderError(f"{self.bucket_host!r} is no host name", fix="check oss-proxy:bucketName.")
        if not 1 <= self.listen_port <= 65535:
            raise RenderError(f"{self.listen_port} is no TCP port", fix="check oss-proxy:listenPort.")
        if not self.prefixes:
            raise RenderError("there is no prefix to serve", fix="check oss-proxy:objectPrefixes.")
        for prefix in () if self.whole_bucket else self.prefixes:
            try:
                oss_names.require_prefix(prefix)
            except ValueError as error:
                raise RenderError(
                    f"the prefix {prefix!r} {error}", fix="check oss-proxy:objectPrefixes."
                ) from error

    @property
    def whole_bucket(self) -> bool:
        """Whether every object of the bucket is served."""
        return self.prefixes == (oss_names.WHOLE_BUCKET,)

    @property
    def locations(self) -> list[str]:
        """The arguments of nginx's ``location`` for what is served.

        Regular expressions: of a prefix that ends with ``/`` nginx makes a redirect for the path without.
        """
        return ["/"] if self.whole_bucket else [f'~ "^/{re.escape(prefix)}"' for prefix in self.prefixes]


@dataclass(frozen=True, kw_only=True)
class UserDataContext:
    """What the template of the user data needs: the text of each file that the first boot writes."""

    nginx_conf: str
    nginx_restart_conf: str
    apt_conf: str


def nginx_conf(context: NginxContext) -> str:
    """Returns the whole ``nginx.conf`` of an instance.

    Raises:
        RenderError: When the template asks for a value that the context does not have.
    """
    return _render(
        "nginx/nginx.conf.j2",
        bucket_host=context.bucket_host,
        listen_port=context.listen_port,
        locations=context.locations,
        whole_bucket=context.whole_bucket,
    )


def user_data(nginx_conf_text: str) -> str:
    """Returns an instance's user data: a cloud-config that installs and starts nginx at the first boot.

    Args:
        nginx_conf_text: The whole of ``nginx.conf``.

    Raises:
        RenderError: When it is larger than the cloud accepts.
    """
    context = UserDataContext(
        nginx_conf=nginx_conf_text,
        nginx_restart_conf=_read("cloud-init/nginx-restart.conf"),
        apt_conf=_read("cloud-init/apt.conf"),
    )
    document = yaml.safe_load(_render("cloud-init/user-data.yaml.j2", **asdict(context)))
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


def _yaml_string(text: str) -> str:
    """Writes text as a YAML scalar; every JSON string is one."""
    return json.dumps(text, ensure_ascii=False)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - neither nginx's language nor YAML is HTML; values are checked instead
    )
    environment.filters["yaml_string"] = _yaml_string
    return environment


def _render(template: str, **values: str | int | bool | Sequence[str]) -> str:
    try:
        return _environment().get_template(template).render(values)
    except TemplateError as error:
        raise RenderError(
            f"the template {template} cannot be rendered: {error}",
            fix="mend the template, or give it the value.",
        ) from error


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
