"""The actions of Location."""

from __future__ import annotations

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError
from localcloud.services.context import Call, Handler
from localcloud.services.regions import REGIONS

# Products whose endpoints follow a pattern, by service code; the region takes the place of {}.
_ENDPOINTS = {
    "alidns": "alidns.{}.aliyuncs.com",
    "cms": "metrics.{}.aliyuncs.com",
    "ecs": "ecs.{}.aliyuncs.com",
    "oss": "oss-{}.aliyuncs.com",
    "sts": "sts.{}.aliyuncs.com",
    "vpc": "vpc.{}.aliyuncs.com",
}


async def describe_endpoints(call: Call) -> Answer:
    """Lists the endpoints of one product in one region; none for a product that is not here.

    Raises:
        ApiError: ``InvalidRegionId`` for a region that does not exist.
    """
    region_id = call.params.require("Id")
    code = call.params.require("ServiceCode")
    if region_id not in REGIONS:
        raise ApiError("InvalidRegionId", "The specified region does not exist.", 404)
    pattern = _ENDPOINTS.get(code.lower())
    endpoints = []
    if pattern is not None:
        endpoints.append(
            {
                "Id": region_id,
                "Endpoint": pattern.format(region_id),
                "Namespace": "26842",
                "SerivceCode": code,  # the real answer has this spelling
                "Type": "openAPI",
                "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
            }
        )
    return {"Success": True, "Endpoints": {"Endpoint": endpoints}}


ACTIONS: dict[str, Handler] = {"DescribeEndpoints": describe_endpoints}
