"""Proofs by DNS: records in Alibaba Cloud DNS, made with the rights of the instance's role.

Sources (2026-11-24): https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
(signatures); https://help.aliyun.com/en/ecs/user-guide/view-instance-metadata (token, credentials of the
role); https://help.aliyun.com/document_detail/29772.html (AddDomainRecord) and its neighbours.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from infra.instance.acme.order import NotIssued, Wanted
from infra.instance.acme.store import state
from infra.instance.acme.told import TXT, ask, servers

HOST = "alidns.aliyuncs.com"
METADATA = "100.100.100.200"
VERSION = "2015-01-09"
CALL_S = 10.0
# A role that the instance was given just now, and its rights, are not known everywhere at once.
ROLE_PATIENCE_S = 40.0
# Servers tell a record within seconds.
TOLD_PATIENCE_S = 60.0
WAIT_S = 2.0
PREFIX = "_acme-challenge"
_NOT_YET = (
    "Forbidden",
    "NoPermission",
    "InvalidSecurityToken",
    "InvalidAccessKeyId",
    "Throttling",
    "Service",
    "Internal",
)


class Refused(NotIssued):
    """Alibaba Cloud DNS refuses a call."""

    def __init__(self, action: str, code: str, message: str) -> None:
        super().__init__(f"Alibaba Cloud DNS refuses {action} ({code}): {message}")
        self.code = code


class Proofs:
    """Answers to challenges of DNS, and no others of the zone's records.

    What it makes is noted before it is made: the next one removes what an interrupted one left.
    """

    kind = "dns-01"

    def __init__(self, wanted: Wanted, root: Path) -> None:
        self._zone, self._root = wanted.zone, root
        self._place = state(root) / "dns-proofs.json"
        self._deadline = time.monotonic() + ROLE_PATIENCE_S
        self._published: list[tuple[str, str]] = []
        self.clear()

    def publish(self, name: str, token: str, validation: str) -> None:
        """Makes the record that proves a name."""
        host = f"{PREFIX}.{name}"
        self._note([*self._noted(), [self._zone, host, validation]])
        self._published.append((host, validation))
        rr = host.removesuffix(f".{self._zone}")
        try:
            self._call("AddDomainRecord", DomainName=self._zone, RR=rr, Type="TXT", Value=validation)
        except Refused as error:
            # Its answer was lost the first time.
            if error.code != "DomainRecordDuplicate":
                raise

    def await_told(self) -> None:
        """Waits until the zone's servers tell all of it: asked too early, the authority counts a failure."""
        asked = servers(self._zone, self._root)
        if not asked:
            raise NotIssued(f"no name servers of {self._zone} are known: has its registrar named them?")
        deadline = time.monotonic() + TOLD_PATIENCE_S
        for host, value in self._published:
            while not self._is_told(asked, host, value):
                if time.monotonic() > deadline:
                    raise NotIssued(
                        f"the name servers of {self._zone} do not tell the record TXT {host}: has its "
                        "registrar named those that Alibaba Cloud DNS shows for it?"
                    )
                time.sleep(WAIT_S)

    def clear(self) -> None:
        """Removes what was made; what cannot be removed now is left to the next time."""
        self._deadline = max(self._deadline, time.monotonic() + 3 * WAIT_S)
        # Of another zone the role has no rights any more.
        noted = [one for one in self._noted() if one[0] == self._zone]
        try:
            for host in sorted({host for _, host, _ in noted}):
                self._remove(host, {value for _, of, value in noted if of == host})
        except NotIssued as error:
            print(f"Records {PREFIX} are left in {self._zone}: {error}", flush=True)
            return
        self._place.unlink(missing_ok=True)

    def _remove(self, host: str, values: set[str]) -> None:
        listed = self._call(
            "DescribeSubDomainRecords", DomainName=self._zone, SubDomain=host, Type="TXT", PageSize="100"
        )
        for row in listed["DomainRecords"]["Record"]:
            if row["Value"].strip('"') not in values:
                continue
            try:
                self._call("DeleteDomainRecord", RecordId=row["RecordId"])
            except Refused as error:
                if error.code != "DomainRecordNotBelongToUser":
                    raise

    def _is_told(self, asked: list[str], host: str, value: str) -> bool:
        told = [found for server in asked if (found := ask(server, host, TXT)) is not None]
        return bool(told) and all(value in found for found in told)

    def _noted(self) -> list[list[str]]:
        try:
            noted: list[list[str]] = json.loads(self._place.read_text())
        except (OSError, ValueError):
            return []
        return noted

    def _note(self, records: list[list[str]]) -> None:
        beside = self._place.with_suffix(".new")
        beside.write_text(json.dumps(records))
        beside.replace(self._place)

    def _call(self, action: str, **params: str) -> dict[str, Any]:
        while True:
            try:
                return call(action, params)
            except NotIssued as error:
                passing = not isinstance(error, Refused) or error.code.startswith(_NOT_YET)
                if not passing or time.monotonic() > self._deadline:
                    raise
                time.sleep(WAIT_S)


def call(action: str, params: dict[str, str]) -> dict[str, Any]:
    """Calls an action of Alibaba Cloud DNS as the instance's role.

    Raises:
        Refused: When it is refused.
        NotIssued: When the instance has no role, or there is no answer.
    """
    query, headers = signed(action, params, _credentials(), HOST)
    try:
        connection = HTTPSConnection(HOST, timeout=CALL_S)
        status, answered = _answer(connection, "GET", f"/?{query}", headers)
        told: dict[str, Any] = json.loads(answered)
    except (OSError, HTTPException, ValueError) as error:
        raise NotIssued(f"Alibaba Cloud DNS does not answer {action}: {error}") from None
    if status >= 400:
        raise Refused(action, str(told.get("Code")), str(told.get("Message")))
    return told


def signed(
    action: str, params: dict[str, str], role: dict[str, str], host: str
) -> tuple[str, dict[str, str]]:
    """Returns the query and the headers of a call, signed by ACS3-HMAC-SHA256."""
    query = "&".join(f"{_escaped(key)}={_escaped(value)}" for key, value in sorted(params.items()))
    nothing = hashlib.sha256().hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": nothing,
        "x-acs-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-security-token": role["SecurityToken"],
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": VERSION,
    }
    names = ";".join(headers)
    lines = "".join(f"{key}:{value}\n" for key, value in headers.items())
    canonical = f"GET\n/\n{query}\n{lines}\n{names}\n{nothing}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.digest(
        role["AccessKeySecret"].encode(), f"ACS3-HMAC-SHA256\n{digest}".encode(), "sha256"
    ).hex()
    key = role["AccessKeyId"]
    headers["Authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}"
    )
    return query, headers


def _credentials() -> dict[str, str]:
    try:
        token = _metadata("PUT", "/api/token", {"X-aliyun-ecs-metadata-token-ttl-seconds": "60"})
        mine = {"X-aliyun-ecs-metadata-token": token}
        place = "/meta-data/ram/security-credentials/"
        (name, *_) = _metadata("GET", place, mine).split()
        role: dict[str, str] = json.loads(_metadata("GET", place + name, mine))
        if role["Code"] != "Success":
            raise ValueError(role["Code"])
    except (OSError, HTTPException, ValueError, KeyError) as error:
        raise NotIssued(f"the instance has no credentials of its RAM role: {error}") from None
    return role


def _metadata(method: str, path: str, headers: dict[str, str]) -> str:
    connection = HTTPConnection(METADATA, timeout=CALL_S)
    status, text = _answer(connection, method, f"/latest{path}", headers)
    if status != 200:
        raise ValueError(f"metadata answers {status} for {path}")
    return text


def _answer(connection: HTTPConnection, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def _escaped(text: str) -> str:
    return quote(text, safe="~")
