"""What the access kit of a stack is made from. Pure.

The stack's outputs carry it as JSON, so that the files can be written where only the state can be read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from infra.access.grants import Grant
from infra.errors import ProgramError
from infra.oss_names import WHOLE_BUCKET

EXAMPLE_NAME = "hello.txt"


class AccessError(ProgramError):
    """A kit that cannot be made."""


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """How clients elsewhere come in.

    Attributes:
        url: Where they ask, with a slash at the end.
        presigned: Whether URLs that are signed for OSS pass: ``none``, ``allowed`` or ``required``.
        login: Whether the proxy asks for a name and a password.
        links: Whether it wants links that end.
    """

    url: str
    presigned: Literal["none", "allowed", "required"] = "none"
    login: bool = False
    links: bool = False


@dataclass(frozen=True, kw_only=True)
class Granted:
    """Whom the bucket's policy lets in beside the proxy, as people read it.

    Attributes:
        name: The grant's name.
        vpc_id: The VPC.
        networks: Private addresses and networks in it.
        permissions: ``read``, ``list`` and ``write``, as granted.
        prefixes: Object prefixes, or ``*`` for all.
        principals: UIDs and role ARNs; none means that requests need no signature.
    """

    name: str
    vpc_id: str
    networks: tuple[str, ...]
    permissions: tuple[str, ...]
    prefixes: tuple[str, ...]
    principals: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KitContext:
    """What the kit's templates need.

    Attributes:
        stack: Pulumi's stack name.
        region: The bucket's region.
        bucket: The bucket.
        endpoint: The host of OSS's internal endpoint in that region, without the bucket.
        prefixes: Object prefixes that the proxy serves, or ``*``.
        grants: Whom the policy lets in beside the proxy.
        proxy: How clients elsewhere come in.
    """

    stack: str
    region: str
    bucket: str
    endpoint: str
    prefixes: tuple[str, ...]
    grants: tuple[Granted, ...] = ()
    proxy: Proxy

    @property
    def bucket_host(self) -> str:
        """The bucket's own host at the internal endpoint."""
        return f"{self.bucket}.{self.endpoint}"

    @property
    def prefix(self) -> str:
        """The prefix that the examples list: the first, or empty for the whole bucket."""
        return prefix_of(self.prefixes)

    @property
    def key(self) -> str:
        """The key that the examples read; an object of that name need not be there."""
        return self.prefix + EXAMPLE_NAME


def granted(grant: Grant) -> Granted:
    """Returns a grant as people read it."""
    hosts = [network.with_prefixlen.removesuffix("/32") for network in grant.networks]
    return Granted(
        name=grant.name,
        vpc_id=grant.vpc_id,
        networks=tuple(hosts),
        permissions=grant.permissions,
        prefixes=grant.prefixes,
        principals=() if grant.anonymous else grant.principals,
    )


def prefix_of(prefixes: Sequence[str]) -> str:
    """Returns the first of some prefixes as text in front of a key."""
    return "" if prefixes[0] == WHOLE_BUCKET else prefixes[0]


def dumped(context: KitContext) -> str:
    """Returns a context as JSON; it holds no secret."""
    return json.dumps(asdict(context), ensure_ascii=False, sort_keys=True)


def loaded(text: str) -> KitContext:
    """Reads what ``dumped`` wrote.

    Raises:
        AccessError: When it is something else, such as another release's.
    """
    try:
        values = json.loads(text)
        grants = tuple(Granted(**_tuples(grant)) for grant in values.pop("grants"))
        return KitContext(**_tuples(values) | {"grants": grants, "proxy": Proxy(**values["proxy"])})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AccessError(
            f"the stack's output cannot be read as what the kit is made from: {error}",
            fix="run pulumi up with this release of the program, then try again.",
        ) from error


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON knows no tuples."""
    known = {field.name for field in (*fields(KitContext), *fields(Granted))}
    return {
        key: tuple(value) if isinstance(value, list) and key in known else value
        for key, value in values.items()
    }
