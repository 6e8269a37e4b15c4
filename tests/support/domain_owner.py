"""A domain in the cloud's account as its owner sees it and changes it, beside the program."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

from tests.support.localcloud import LocalCloud
from tests.support.project import ROOT

_CALL = """
import json
import sys

from infra.sdk_rpc import ALIDNS, RpcClient

print(json.dumps(RpcClient(ALIDNS, "cn-hangzhou").call(sys.argv[1], json.loads(sys.argv[2]))))
"""
_LOOK_UP = "import socket, sys; print(*sorted({a[4][0] for a in socket.getaddrinfo(sys.argv[1], 80)}))"


@dataclass(frozen=True)
class DomainOwner:
    """Somebody with the account's keys and no Pulumi.

    Attributes:
        cloud: The cloud.
        name: The domain's name.
    """

    cloud: LocalCloud
    name: str

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        """Calls an action of Alibaba Cloud DNS; returns the answer's body."""
        done = self.cloud.run("operator", [sys.executable, "-c", _CALL, action, json.dumps(params)], cwd=ROOT)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def add(self, rr: str, kind: str, value: str) -> str:
        """Makes a record; returns its id."""
        return str(
            self.call("AddDomainRecord", DomainName=self.name, RR=rr, Type=kind, Value=value)["RecordId"]
        )

    def records(self) -> dict[str, dict[str, Any]]:
        """The records by host record and type."""
        found = self.call("DescribeDomainRecords", DomainName=self.name)["DomainRecords"]["Record"]
        return {f"{one['RR']} {one['Type']}": one for one in found}

    def looked_up(self, host: str, place: str = "operator") -> str:
        """What a host resolves to at a place; empty where the name does not exist."""
        return self.cloud.run(place, [sys.executable, "-c", _LOOK_UP, host]).stdout.decode().strip()
