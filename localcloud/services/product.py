"""Which product and which region a request means."""

from __future__ import annotations

import re
from enum import StrEnum

from localcloud.rpc.errors import ApiError
from localcloud.rpc.request import RpcRequest
from localcloud.services.regions import REGIONS


class Product(StrEnum):
    """A product, by the name that the coverage list gives it."""

    STS = "sts"
    BSS = "bss"
    LOCATION = "location"
    ECS = "ecs"
    VPC = "vpc"
    CMS = "cms"
    ALIDNS = "alidns"
    RAM = "ram"


_BY_VERSION = {
    "2015-04-01": Product.STS,
    "2017-12-14": Product.BSS,
    "2015-06-12": Product.LOCATION,
    "2014-05-26": Product.ECS,
    "2016-04-28": Product.VPC,
    "2019-01-01": Product.CMS,
    "2015-01-09": Product.ALIDNS,
    "2015-05-01": Product.RAM,
}
_BY_HOST_LABEL = {
    "sts": Product.STS,
    "business": Product.BSS,
    "location": Product.LOCATION,
    "ecs": Product.ECS,
    "vpc": Product.VPC,
    "metrics": Product.CMS,
    "alidns": Product.ALIDNS,
    "ram": Product.RAM,
}
_ENDPOINT = re.compile(r"(?P<product>[a-z]+)(?:[.-](?P<region>[a-z0-9-]+))?\.aliyuncs\.com")


def product_of(request: RpcRequest) -> Product | None:
    """Tells the product by the API version; None when there is none, or when another's host was asked.

    Raises:
        ApiError: ``MissingParameter`` without a version.
    """
    product = _BY_VERSION.get(request.version)
    endpoint = _ENDPOINT.fullmatch(request.host)
    if endpoint and _BY_HOST_LABEL.get(endpoint["product"]) is not product:
        return None
    return product


def region_of(request: RpcRequest) -> str | None:
    """Tells the region by the RegionId parameter, else by the endpoint's name, else None.

    Raises:
        ApiError: ``InvalidRegionId.NotFound``, or ``InvalidOperation.NotSupportedEndpoint`` when a
            region's endpoint is asked about another region.
    """
    endpoint = _ENDPOINT.fullmatch(request.host)
    served = endpoint["region"] if endpoint and endpoint["region"] in REGIONS else None
    asked = request.params.text("RegionId") or served
    if asked is not None and asked not in REGIONS:
        raise ApiError("InvalidRegionId.NotFound", "The specified RegionId does not exist.", 404)
    if served and asked != served:
        raise ApiError(
            "InvalidOperation.NotSupportedEndpoint",
            "The specified endpoint can't operate this region. Please use API DescribeEndpoints to get "
            "the appropriate endpoint, or upgrade your SDK to latest version.",
        )
    return asked
