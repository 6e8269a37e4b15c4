"""What an instance may do in Alibaba Cloud DNS to prove its names: the texts of a RAM role. Pure."""

from __future__ import annotations

import json
import re

from infra.naming import Naming, shortened

# What `infra.instance.acme.alidns` calls. RAM limits them to a domain, not to records.
# Source: https://alibabacloud.com/help/en/dns/permission-management (2026-11-24)
ACTIONS = ("alidns:AddDomainRecord", "alidns:DeleteDomainRecord", "alidns:DescribeSubDomainRecords")
# Of a role, whose name may hold dots, and of a policy, whose name may not.
# Source: https://www.alibabacloud.com/help/doc-detail/28753.htm (2026-11-23)
NAME_MAX_CHARACTERS = 64
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9-]")


def name_of(naming: Naming) -> str:
    """Returns the name of the role, and of its policy."""
    name = naming.physical("acme-dns")
    return shortened(name, NAME_MAX_CHARACTERS, plain=_NOT_IN_NAMES.sub("-", name))


def trust() -> str:
    """Returns who may take the role on: instances that have been given it."""
    principal = {"Service": ["ecs.aliyuncs.com"]}
    return _document({"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": principal})


def policy(account_uid: str, zone: str) -> str:
    """Returns what the role may do: records of one domain."""
    resource = f"acs:alidns:*:{account_uid}:domain/{zone}"
    return _document({"Action": list(ACTIONS), "Effect": "Allow", "Resource": resource})


def _document(statement: dict[str, object]) -> str:
    return json.dumps({"Statement": [statement], "Version": "1"})
