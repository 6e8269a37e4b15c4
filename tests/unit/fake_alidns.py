# mypy: allow-untyped-calls
"""What an instance meets when it proves names by DNS: metadata, Alibaba Cloud DNS, name servers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import dnslib
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest

KEY, SECRET, TOKEN = "STS.key", "the role's secret", "session-token"
ROLE = "oss-proxy-dev-acme-dns"
ZONE = "example.com"


@dataclass
class Alidns:
    """The records of one zone, and what else is there.

    Attributes:
        records: Id, full name and value of each TXT record.
        refusals: Code of the refusal of the next calls of an action, one each.
        calls: The actions in their order.
        told_after: How many questions for TXT are answered without a record first.
        has_role: Whether the instance has a role.
        name_servers: Those that the zone's parent names.
    """

    records: dict[str, tuple[str, str]] = field(default_factory=dict)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    told_after: int = 0
    has_role: bool = True
    name_servers: tuple[str, ...] = ("ns1.example.net", "ns2.example.net")
    faults: list[str] = field(default_factory=list)

    def metadata(self, method: str, path: str, token: str) -> str | None:
        """Answers a path; None for nothing there."""
        if (method, path) == ("PUT", "/latest/api/token"):
            return "imds"
        place = "/latest/meta-data/ram/security-credentials/"
        if token != "imds" or not self.has_role:
            return None
        role = {
            "Code": "Success",
            "AccessKeyId": KEY,
            "AccessKeySecret": SECRET,
            "SecurityToken": TOKEN,
        }
        return {place: ROLE, place + ROLE: json.dumps(role)}.get(path)

    def answer(self, action: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answers a signed call."""
        self.calls.append(action)
        if codes := self.refusals.get(action):
            return 400, {"Code": codes.pop(0), "Message": "no"}
        if action == "DeleteDomainRecord":
            if self.records.pop(query["RecordId"], None) is None:
                return 400, {"Code": "DomainRecordNotBelongToUser", "Message": "no"}
            return 200, {}
        assert query["DomainName"] == ZONE
        if action == "AddDomainRecord":
            assert query["Type"] == "TXT"
            made = (f"{query['RR']}.{ZONE}", query["Value"])
            if made in self.records.values():
                return 400, {"Code": "DomainRecordDuplicate", "Message": "no"}
            self.records[f"9{len(self.calls)}"] = made
            return 200, {"RecordId": "9"}
        rows = [
            {"RecordId": id_, "Value": value}
            for id_, (name, value) in self.records.items()
            if name == query["SubDomain"]
        ]
        return 200, {"DomainRecords": {"Record": rows}}

    def tell(self, asked: bytes) -> bytes:
        """Answers a question as a name server does, with names that point back."""
        request = dnslib.DNSRecord.parse(asked)
        reply, name = request.reply(), str(request.q.qname).rstrip(".")
        if request.q.qtype == dnslib.QTYPE.NS:
            for server in self.name_servers:
                reply.add_answer(dnslib.RR(request.q.qname, dnslib.QTYPE.NS, rdata=dnslib.NS(server)))
            return bytes(reply.pack())
        self.told_after -= 1
        for of, value in self.records.values() if self.told_after < 0 else ():
            if of == name:
                reply.add_answer(dnslib.RR(request.q.qname, dnslib.QTYPE.TXT, rdata=dnslib.TXT(value)))
        return bytes(reply.pack())


@contextmanager
def running(world: Alidns) -> Iterator[tuple[str, int]]:
    """Serves it; yields the HTTP services' host and port, and the name server's port."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Says nothing."""

        def do_PUT(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            if self.path.startswith("/latest/"):
                token = self.headers.get("X-aliyun-ecs-metadata-token", "")
                text = world.metadata(self.command, self.path, token)
                self.say(200 if text else 404, text or "")
                return
            if fault := signature_fault(self):
                world.faults.append(fault)
                self.say(400, json.dumps({"Code": "SignatureDoesNotMatch", "Message": fault}))
                return
            query = dict(parse_qsl(urlsplit(self.path).query))
            status, body = world.answer(self.headers["x-acs-action"], query)
            self.say(status, json.dumps(body))

        def say(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 0))

    def tell() -> None:
        while True:
            asked, who = names.recvfrom(4096)
            if not asked:
                return
            names.sendto(world.tell(asked), who)

    threads = [threading.Thread(target=web.serve_forever), threading.Thread(target=tell)]
    for thread in threads:
        thread.start()
    try:
        yield f"127.0.0.1:{web.server_port}", names.getsockname()[1]
    finally:
        web.shutdown()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", names.getsockname())
        for thread in threads:
            thread.join()
        web.server_close()
        names.close()


def signature_fault(handler: BaseHTTPRequestHandler) -> str:
    """Returns what the official SDK would have signed otherwise; empty for nothing."""
    request = DaraRequest()
    parts = urlsplit(handler.path)
    request.method, request.pathname = handler.command, parts.path
    request.query = dict(parse_qsl(parts.query))
    headers = {key.lower(): value for key, value in handler.headers.items()}
    # Those that the protocol wants signed: https://help.aliyun.com/zh/sdk/product-overview/
    # v3-request-structure-and-signature (2026-11-24); the SDK signs whatever it is given.
    request.headers = {
        key: value for key, value in headers.items() if key.startswith("x-acs-") or key == "host"
    }
    given = headers.get("authorization", "")
    if request.headers.get("x-acs-security-token") != TOKEN:
        return "no token"
    payload = Utils.hex_encode(Utils.hash(b"", "ACS3-HMAC-SHA256"))
    wanted = Utils.get_authorization(request, "ACS3-HMAC-SHA256", payload, KEY, SECRET)
    return "" if given == wanted else f"{given} is not {wanted}"
