"""Records: made, changed, removed and shown."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from localcloud.rpc.answer import Answer
from localcloud.services.alidns.domains import domain_of, own_domain
from localcloud.services.alidns.errors import conflict, duplicate, no_domain, no_record
from localcloud.services.alidns.models import Record
from localcloud.services.alidns.requests import read_record
from localcloud.services.alidns.search import matching
from localcloud.services.alidns.views import record_view, status
from localcloud.services.context import Call, Handler
from localcloud.services.paging import page


async def add_domain_record(call: Call) -> Answer:
    """Makes a record.

    Raises:
        ApiError: ``InvalidDomainName.NoExist``, ``IncorrectDomainUser``, ``DomainRecordDuplicate``,
            ``DomainRecordConflict``, and the errors of ``requests.read_record``.
    """
    domain = own_domain(call, call.params.require("DomainName"))
    wanted, now = read_record(call.params), call.env.now()
    record = Record(
        **wanted,
        record_id=f"9{secrets.randbelow(10**17):017}",
        domain_name=domain.name,
        account_uid=domain.account_uid,
        created=now,
        changed=now,
    )
    _check_others(call, record)
    call.env.state.dns_records[record.record_id] = record
    return {"RecordId": record.record_id}


async def update_domain_record(call: Call) -> Answer:
    """Changes a record.

    Raises:
        ApiError: ``DomainRecordNotBelongToUser``, ``DomainRecordDuplicate`` also when nothing would change,
            ``DomainRecordConflict``, and the errors of ``requests.read_record``.
    """
    record = _own(call)
    changed = replace(record, **read_record(call.params))
    if changed == record:
        raise duplicate()
    _check_others(call, changed)
    return _put(call, changed)


async def update_domain_record_remark(call: Call) -> Answer:
    """Changes a record's note.

    Raises:
        ApiError: ``DomainRecordNotBelongToUser``.
    """
    return _put(call, replace(_own(call), remark=call.params.text("Remark")))


async def set_domain_record_status(call: Call) -> Answer:
    """Switches a record on or off, whatever the case of the status.

    Raises:
        ApiError: ``DomainRecordNotBelongToUser``.
    """
    call.params.require("Status")
    words = ("ENABLE", "Enable", "enable", "DISABLE", "Disable", "disable")
    enabled = call.params.choice("Status", words, "").lower() == "enable"
    return {**_put(call, replace(_own(call), enabled=enabled)), "Status": status(enabled=enabled)}


async def delete_domain_record(call: Call) -> Answer:
    """Removes a record.

    Raises:
        ApiError: ``DomainRecordNotBelongToUser``.
    """
    record = _own(call)
    del call.env.state.dns_records[record.record_id]
    return {"RecordId": record.record_id}


async def describe_domain_record_info(call: Call) -> Answer:
    """Shows a record.

    Raises:
        ApiError: ``DomainRecordNotBelongToUser``.
    """
    record = _own(call)
    domain = call.env.state.domains[record.domain_name]
    return {**record_view(record), "DomainId": domain.domain_id, "GroupId": "", "GroupName": ""}


async def describe_domain_records(call: Call) -> Answer:
    """Lists a domain's records, the newest first.

    Raises:
        ApiError: ``InvalidDomainName.NoExist`` or ``IncorrectDomainUser``.
    """
    domain = own_domain(call, call.params.require("DomainName"))
    return _list(call, matching(_of_domain(call, domain.name), call.params))


async def describe_sub_domain_records(call: Call) -> Answer:
    """Lists the records of one name.

    Raises:
        ApiError: ``InvalidDomainName.NoExist`` or ``IncorrectDomainUser``.
    """
    name = call.params.require("SubDomain").lower().removesuffix(".")
    known = domain_of(call.env.state, name)
    domain = own_domain(call, call.params.text("DomainName") or (known.name if known else ""))
    if name != domain.name and not name.endswith("." + domain.name):
        raise no_domain()
    found = (
        record
        for record in _of_domain(call, domain.name)
        if record.name == name and call.params.text("Type", record.type).upper() == record.type
    )
    return _list(call, found)


def _own(call: Call) -> Record:
    record = call.env.state.dns_records.get(call.params.require("RecordId"))
    if record is None or record.account_uid != call.key.account_uid:
        raise no_record()
    return record


def _put(call: Call, record: Record) -> dict[str, Any]:
    call.env.state.dns_records[record.record_id] = replace(record, changed=call.env.now())
    return {"RecordId": record.record_id}


def _of_domain(call: Call, name: str) -> Iterable[Record]:
    newest_first = reversed(call.env.state.dns_records.values())
    return (record for record in newest_first if record.domain_name == name)


def _check_others(call: Call, record: Record) -> None:
    """Compares a record with the others of its name.

    A CNAME tolerates no other record, as DNS itself says (RFC 1034, 3.6.2). The cloud lets several CNAMEs
    share a name to spread load, which is not modelled.
    """
    for other in _of_domain(call, record.domain_name):
        if other.record_id == record.record_id or other.name != record.name:
            continue
        if (other.type, other.value) == (record.type, record.value):
            raise duplicate()
        if "CNAME" in (other.type, record.type):
            raise conflict()


def _list(call: Call, records: Iterable[Record]) -> Answer:
    shown, fields = page(list(records), call.params, default=20, largest=500)
    return {**fields, "DomainRecords": {"Record": [record_view(record) for record in shown]}}


ACTIONS: dict[str, Handler] = {
    "AddDomainRecord": add_domain_record,
    "DeleteDomainRecord": delete_domain_record,
    "DescribeDomainRecordInfo": describe_domain_record_info,
    "DescribeDomainRecords": describe_domain_records,
    "DescribeSubDomainRecords": describe_sub_domain_records,
    "SetDomainRecordStatus": set_domain_record_status,
    "UpdateDomainRecord": update_domain_record,
    "UpdateDomainRecordRemark": update_domain_record_remark,
}
