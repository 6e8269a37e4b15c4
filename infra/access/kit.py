"""The access kit: what clients of the bucket type, with this stack's own names. Pure.

Everything that is put into a program or a command has been checked by the settings: a bucket's name, a region
and an object prefix hold no character with a meaning in any of these languages.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from infra.access.context import Granted, KitContext, prefix_of
from infra.access.script import oss_diagnose
from infra.oss_names import WHOLE_BUCKET
from infra.text import rendered

README = "README.md"

# A file of the kit, by its path, is the template of that path.
TEMPLATES = (
    README,
    "credentials.sh",
    "ossutil/ossutilconfig",
    "ossutil/commands.sh",
    "ossutil/ossutilconfig-1.7",
    "ossutil/commands-1.7.sh",
    "python/requirements.txt",
    "python/read.py",
    "python-v2/requirements.txt",
    "python-v2/read.py",
    "java/pom.xml",
    "java/src/main/java/Read.java",
    "go/go.mod",
    "go/go.sum",
    "go/read.go",
    "nodejs/package.json",
    "nodejs/read.js",
    "php/composer.json",
    "php/read.php",
    "dotnet/read.csproj",
    "dotnet/read.cs",
    "c/Makefile",
    "c/read.c",
)
OSS_DIAGNOSE = "oss-diagnose"

_LOGIN = "the proxy asks for the name and password that its owner gave you (`--user NAME`)"
_RULES = {
    "none": "GET and HEAD, ranges too",
    "allowed": "GET and HEAD, ranges too, and URLs that are signed for the bucket",
    "required": "GET and HEAD of URLs that are signed for the bucket, and nothing else",
}


def access(context: KitContext) -> str:
    """Returns the kit's first page, which is the stack's output, as Markdown.

    Raises:
        RenderError: When the template asks for a value that the context does not have.
    """
    return rendered(f"access/{README}.j2", _values(context))


def kit(context: KitContext) -> dict[str, str]:
    """Returns the kit's files: their texts by their paths. Programs begin with ``#!``.

    Raises:
        RenderError: When a template asks for a value that the context does not have.
    """
    values = _values(context)
    files = {path: rendered(f"access/{path}.j2", values) for path in TEMPLATES}
    return files | {OSS_DIAGNOSE: oss_diagnose(context)}


def _values(context: KitContext) -> dict[str, Any]:
    proxy = context.proxy
    rule = _RULES[proxy.presigned]
    if proxy.links:
        rule = "links that end, made by whoever has the stack's key for them; GET and HEAD, ranges too"
    return {
        "stack": context.stack,
        "region": context.region,
        "bucket": context.bucket,
        "bucket_host": context.bucket_host,
        "endpoint_url": f"https://{context.endpoint}",
        "host_url": f"https://{context.bucket_host}",
        "key": context.key,
        "name": context.key.rpartition("/")[2],
        "path": quote(context.key),
        "prefix": context.prefix,
        "grants": [_grant(grant) for grant in context.grants],
        "proxy": proxy,
        "proxy_rule": f"It serves {_below(context.prefixes)}: {rule}{f'; {_LOGIN}' if proxy.login else ''}.",
        "login": " --user NAME" if proxy.login else "",
    }


def _grant(grant: Granted) -> dict[str, str]:
    unsigned = not grant.principals
    key = prefix_of(grant.prefixes) + "hello.txt"
    return {
        "name": grant.name,
        "vpc_id": grant.vpc_id,
        "networks": _codes(grant.networks),
        "permissions": ", ".join(grant.permissions),
        "where": _below(grant.prefixes),
        "who": "no signature needed" if unsigned else f"signed by {_codes(grant.principals)}",
        "path": quote(key) if unsigned and "read" in grant.permissions else "",
    }


def _below(prefixes: tuple[str, ...]) -> str:
    return "all objects" if WHOLE_BUCKET in prefixes else f"objects below {_codes(prefixes)}"


def _codes(texts: tuple[str, ...]) -> str:
    return ", ".join(f"`{text}`" for text in texts)
