"""What is served where: the endpoints at each place's addresses, and what its name servers tell. Pure."""

from __future__ import annotations

from dataclasses import replace

from localcloud.dns import View
from localcloud.fabric.netns.naming import (
    ACME_ADDRESS,
    API_ADDRESS,
    LOCAL_ACME_ADDRESS,
    LOCAL_API_ADDRESS,
    LOCAL_DNS_ADDRESS,
    LOCAL_OSS_ADDRESS,
    METADATA_ADDRESS,
    MIRROR_ADDRESS,
    PUBLIC_DNS_ADDRESS,
    PUBLIC_OSS_ADDRESS,
    VPC_DNS_ADDRESSES,
)
from localcloud.fabric.protocol import VpcSpec
from localcloud.gateway import Place
from localcloud.regions import OSS_VIP_RANGES

PUBLIC_VIEW = View(
    api=API_ADDRESS, public_oss=PUBLIC_OSS_ADDRESS, acme=ACME_ADDRESS, name_servers=PUBLIC_DNS_ADDRESS
)
VPC_VIEW = replace(PUBLIC_VIEW, mirror=MIRROR_ADDRESS)
LOCAL_VIEW = View(
    api=LOCAL_API_ADDRESS,
    public_oss=LOCAL_OSS_ADDRESS,
    acme=LOCAL_ACME_ADDRESS,
    name_servers=LOCAL_DNS_ADDRESS,
)


def public_place() -> Place:
    """Returns the public endpoints, as the backbone serves them."""
    return Place(
        name="public",
        services={API_ADDRESS: "api", PUBLIC_OSS_ADDRESS: "oss", ACME_ADDRESS: "acme"},
        dns=(PUBLIC_DNS_ADDRESS,),
        view=PUBLIC_VIEW,
    )


def local_place() -> Place:
    """Returns the public endpoints, as a cloud of API services alone has them on its loopback."""
    return Place(
        name="local",
        services={LOCAL_API_ADDRESS: "api", LOCAL_OSS_ADDRESS: "oss", LOCAL_ACME_ADDRESS: "acme"},
        dns=(LOCAL_DNS_ADDRESS,),
        view=LOCAL_VIEW,
    )


def vpc_place(vpc: VpcSpec) -> Place:
    """Returns the internal services of a VPC."""
    return Place(
        name=vpc.vpc_id,
        services={
            METADATA_ADDRESS: "metadata",
            MIRROR_ADDRESS: "mirror",
            **dict.fromkeys(OSS_VIP_RANGES.get(vpc.region_id, ()), "oss"),
        },
        dns=VPC_DNS_ADDRESSES,
        view=VPC_VIEW,
        vpc_id=vpc.vpc_id,
        region_id=vpc.region_id,
    )
