"""Two stacks whose kits are kept as golden files."""

from __future__ import annotations

from infra.access.context import Granted, KitContext, Proxy

PLAIN = KitContext(
    stack="dev",
    region="cn-hangzhou",
    bucket="oss-proxy-dev",
    endpoint="oss-cn-hangzhou-internal.aliyuncs.com",
    prefixes=("public/", "docs/"),
    proxy=Proxy(url="http://203.0.113.9/"),
)

# The finance cloud names its endpoints by other words than its regions.
EVERYTHING = KitContext(
    stack="prod",
    region="cn-hangzhou-finance",
    bucket="ledgers",
    endpoint="oss-cn-hzjbp-a-internal.aliyuncs.com",
    prefixes=("*",),
    grants=(
        Granted(
            name="reports",
            vpc_id="vpc-bp1example",
            networks=("10.1.2.3", "10.1.4.0/24"),
            permissions=("read", "list"),
            prefixes=("berichte/März 2026/".replace(" ", "_"),),
        ),
        Granted(
            name="writer",
            vpc_id="vpc-bp2example",
            networks=("10.2.0.0/24",),
            permissions=("read", "list", "write"),
            prefixes=("*",),
            principals=("251234567890",),
        ),
    ),
    proxy=Proxy(url="https://files.example.com/", presigned="allowed", login=True),
)
STACKS = {"plain": PLAIN, "everything": EVERYTHING}
