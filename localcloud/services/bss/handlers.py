"""The actions of BSS."""

from __future__ import annotations

from localcloud.rpc.answer import Answer
from localcloud.services.context import Call, Handler


async def query_available_instances(call: Call) -> Answer:
    """Lists subscriptions: none, on a domestic account.

    The alicloud provider calls it before anything else: a ``NotApplicable`` error would tell it that
    the account is an international one, which is asked at other endpoints.
    """
    page = {
        "PageNum": call.params.integer("PageNum", 1, low=1),
        "PageSize": call.params.integer("PageSize", 20, low=1),
    }
    return {
        "Success": True,
        "Code": "Success",
        "Message": "Successful!",
        "Data": {**page, "TotalCount": 0, "InstanceList": []},
    }


ACTIONS: dict[str, Handler] = {"QueryAvailableInstances": query_available_instances}
