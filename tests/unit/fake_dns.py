"""Alibaba Cloud DNS in memory, as far as the program asks it itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.sdk_rpc import ApiError


def row(id_: str, host: str, kind: str, value: str, **more: Any) -> dict[str, Any]:
    """A record as the API lists it; ``host`` is its full name, for the fake alone."""
    shown = {"Line": "default", "TTL": 600, "Status": "ENABLE", **more}
    return {"RecordId": id_, "Type": kind, "Value": value, "host": host, **shown}


@dataclass
class FakeDns:
    """The records of one domain."""

    zone: str = "example.com"
    rows: list[dict[str, Any]] = field(default_factory=list)
    refuses: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((action, dict(params)))
        if self.refuses:
            raise self._refusal(self.refuses)
        if action == "DeleteDomainRecord":
            kept = [one for one in self.rows if one["RecordId"] != params["RecordId"]]
            if len(kept) == len(self.rows):
                raise self._refusal("DomainRecordNotBelongToUser")
            self.rows = kept
            return {"RecordId": params["RecordId"]}
        assert action == "DescribeSubDomainRecords"
        if params["DomainName"] != self.zone:
            raise self._refusal("InvalidDomainName.NoExist")
        found = [one for one in self.rows if one["host"] == params["SubDomain"]]
        return {"DomainRecords": {"Record": [{k: v for k, v in one.items() if k != "host"} for one in found]}}

    def _refusal(self, code: str) -> ApiError:
        return ApiError(f"alidns: {code}", code=code, consequence="none.", fix="grant it.")
