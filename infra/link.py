"""Makes a link that opens one object until a time, for a stack with ``linkKeys``."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

from infra.errors import ProgramError
from infra.nginx import links
from infra.nginx.rules import QUERY_NAMES

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_S = 366 * 86400
_NO_LINK = "there is no link."


class LinkError(ProgramError):
    """A link that cannot be made, or that the proxy would refuse."""

    def __init__(self, fault: str, fix: str) -> None:
        super().__init__(fault, consequence=_NO_LINK, fix=fix)


def seconds(text: str) -> int:
    """Returns a duration such as ``90s``, ``15m``, ``1h`` or ``7d`` in seconds.

    Raises:
        argparse.ArgumentTypeError: When it is none, or longer than a year.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", text)
    duration = int(found[1]) * _UNITS_S[found[2]] if found else 0
    if not 0 < duration <= LONGEST_S:
        raise argparse.ArgumentTypeError("must be a duration such as 90s, 15m, 1h or 7d, at most 366d")
    return duration


def keys_of(text: str) -> dict[str, str]:
    """Returns keys by name from the value of ``linkKeys``; the first is the one that signs.

    Raises:
        LinkError: When it is no such value; the message holds no key.
    """
    try:
        keys = json.loads(text)
        if not isinstance(keys, dict) or not keys:
            raise ValueError("must be a JSON text that is not empty, such as the setting's")
        for name, key in keys.items():
            if not re.fullmatch(links.NAME, name) or not isinstance(key, str):
                raise ValueError("must hold keys by names of lower-case letters, digits and -")
            links.require_key(key)
    except ValueError as error:
        # A parser quotes what it reads.
        why = "is no JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        raise LinkError(f"linkKeys {why}", "pulumi config set --secret linkKeys, then pulumi up.") from None
    return dict(keys)


def object_of(path: str) -> str:
    """Returns the key of the object that a URL's path means.

    Raises:
        LinkError: When the proxy would serve none for it.
    """
    try:
        key = unquote(path, errors="strict").removeprefix("/")
    except UnicodeDecodeError:
        raise LinkError(f"{path} is not UTF-8", "write the object's key instead.") from None
    require_servable(key)
    return key


def require_servable(key: str) -> None:
    """Checks the key of an object.

    Raises:
        LinkError: When the proxy would answer 404 for it.
    """
    if {".", ".."} & set(key.split("/")) or key.startswith("/") or not _is_text(key):
        raise LinkError(
            f"the proxy serves no object of the key {key!r}",
            "name one without a slash at its beginning and without dots alone between slashes.",
        )


def _is_text(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in key


def query_of(text: str) -> dict[str, str]:
    """Returns the parameters of a URL that reach OSS, by their names.

    Raises:
        LinkError: When there are others, or one comes twice.
    """
    found: dict[str, str] = {}
    for parameter in filter(None, text.split("&")):
        name, _, value = parameter.partition("=")
        if name not in QUERY_NAMES or name in found or " " in value:
            raise LinkError(
                f"the parameter {name!r} cannot be in a link, or not again",
                f"use {' and '.join(QUERY_NAMES)} alone, each once, as far as allowedQuery has it.",
            )
        found[name] = value
    return found


def made(target: str, base: str, keys: Mapping[str, str], name: str, expires: int) -> str:
    """Returns the link.

    Args:
        target: An object's key; or a URL at the proxy, which then stands for ``base`` too.
        base: Where the proxy is, with or without a slash at the end.
        keys: Keys by name.
        name: The name of the key that signs; empty for the first.
        expires: When the link ends, in seconds since 1970.

    Raises:
        LinkError: When it cannot be made.
    """
    name = name or next(iter(keys))
    if name not in keys:
        raise LinkError(f"linkKeys has no key {name!r}", f"use one of {', '.join(keys)}.")
    if not is_url(target):
        require_servable(target)
        return base.rstrip("/") + links.link(target, expires, name, keys[name])
    url = urlsplit(target)
    signed = links.link(object_of(url.path), expires, name, keys[name], query_of(url.query))
    return f"{url.scheme}://{url.netloc}{signed}"


def is_url(target: str) -> bool:
    """Whether a target is a URL; else it is an object's key."""
    return target.startswith(("http://", "https://"))


def _pulumi(*arguments: str) -> str:
    try:
        done = subprocess.run(["pulumi", *arguments], check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise LinkError("there is no pulumi here", "use --stdin and a whole URL.") from None
    if done.returncode != 0:
        raise LinkError(f"pulumi {' '.join(arguments)} fails: {done.stderr.strip()}", "mend what it says.")
    return done.stdout.strip()


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv: The arguments; those of the process when not given.

    Returns:
        The exit status: 0, or 1 when the link cannot be made.
    """
    parser = argparse.ArgumentParser(
        prog="python -m infra.link", description="Prints a link that opens one object until a time."
    )
    parser.add_argument("target", metavar="KEY|URL", help="an object's key as it is, or its URL at the proxy")
    parser.add_argument("--expires", type=seconds, default="1h", metavar="DURATION", help="90s, 15m, 1h, 7d")
    parser.add_argument(
        "--key", default="", metavar="NAME", help="the key that signs; the first if not given"
    )
    parser.add_argument("--stack", default="", help="Pulumi's stack; the selected one if not given")
    parser.add_argument(
        "--stdin",
        action="store_true",
        help="read the value of linkKeys from there, not from Pulumi; wants a URL",
    )
    arguments = parser.parse_args(argv)
    stack = ["--stack", arguments.stack] if arguments.stack else []
    try:
        if arguments.stdin and not is_url(arguments.target):
            raise LinkError("with --stdin nothing tells where the proxy is", "write the whole URL.")
        keys = keys_of(sys.stdin.read() if arguments.stdin else _pulumi("config", "get", "linkKeys", *stack))
        base = "" if is_url(arguments.target) else _pulumi("stack", "output", "url", *stack)
        expires = int(time.time()) + arguments.expires
        print(made(arguments.target, base, keys, arguments.key, expires))
    except LinkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
