"""Domains: which there are, whose they are, and which one a name belongs to."""

from __future__ import annotations

import uuid
from datetime import datetime

from localcloud.errors import LocalcloudError
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import invalid_parameter
from localcloud.rpc.params import Params
from localcloud.services.alidns.errors import foreign_domain, no_domain
from localcloud.services.alidns.models import Domain
from localcloud.services.alidns.requests import is_domain
from localcloud.services.alidns.views import domain_view
from localcloud.services.context import Call, Handler
from localcloud.services.paging import page
from localcloud.services.state import State

_LONGEST_INPUT = 128


def add_domain(state: State, name: str, account_uid: str, now: datetime) -> Domain:
    """Adds a domain to an account; one that it has already is kept.

    Raises:
        LocalcloudError: It is no domain's name, or overlaps with another.
    """
    name = name.lower().removesuffix(".")
    if not is_domain(name):
        raise LocalcloudError(f"{name!r} is no domain's name, such as example.test.")
    there = state.domains.get(name)
    if there is not None and there.account_uid == account_uid:
        return there
    for other in state.domains:
        if name == other or name.endswith("." + other) or other.endswith("." + name):
            raise LocalcloudError(f"{name} cannot be added: {other} is there, and one would hide the other.")
    state.domains[name] = Domain(name=name, domain_id=str(uuid.uuid4()), account_uid=account_uid, created=now)
    return state.domains[name]


def remove_domain(state: State, name: str) -> None:
    """Removes a domain with its records.

    Raises:
        LocalcloudError: There is none.
    """
    if state.domains.pop(name, None) is None:
        raise LocalcloudError(f"There is no domain {name}. See: localcloud dns domain list")
    for record in [record for record in state.dns_records.values() if record.domain_name == name]:
        del state.dns_records[record.record_id]


def own_domain(call: Call, name: str) -> Domain:
    """Returns the caller's domain.

    Raises:
        ApiError: ``InvalidDomainName.NoExist`` or ``IncorrectDomainUser``.
    """
    domain = call.env.state.domains.get(name.lower())
    if domain is None:
        raise no_domain()
    if domain.account_uid != call.key.account_uid:
        raise foreign_domain()
    return domain


def domain_of(state: State, name: str) -> Domain | None:
    """Returns the domain that a full name is in, or None."""
    labels = name.lower().removesuffix(".").split(".")
    suffixes = (".".join(labels[at:]) for at in range(len(labels)))
    return next((state.domains[suffix] for suffix in suffixes if suffix in state.domains), None)


def with_domain(state: State, params: Params) -> Params:
    """Adds the domain's name to the parameters of a call that names a record or a full name alone.

    RAM judges by the domain: https://alibabacloud.com/help/en/dns/permission-management (2023-11-08). What is
    not there is in no domain, and needs rights to all of them: inferred.
    """
    if params.text("DomainName"):
        return params
    record = state.dns_records.get(params.text("RecordId"))
    domain = domain_of(state, params.text("SubDomain"))
    name = record.domain_name if record else domain.name if domain else ""
    return Params({**params.as_dict(), "DomainName": name})


async def describe_domains(call: Call) -> Answer:
    """Lists the caller's domains, the newest first."""
    word = call.params.text("KeyWord").lower()
    exact = call.params.text("SearchMode").upper() == "EXACT"
    state, uid = call.env.state, call.key.account_uid
    found = [
        domain
        for domain in reversed(state.domains.values())
        if domain.account_uid == uid and (word == domain.name if exact and word else word in domain.name)
    ]
    shown, fields = page(found, call.params, default=20, largest=100)
    counts = [
        sum(record.domain_name == domain.name for record in state.dns_records.values()) for domain in shown
    ]
    views = [domain_view(domain, count) for domain, count in zip(shown, counts, strict=True)]
    return {**fields, "Domains": {"Domain": views}}


async def get_main_domain_name(call: Call) -> Answer:
    """Splits a name into domain and host record: a domain that is here, else the last two labels.

    The cloud goes by the list of public suffixes.

    Raises:
        ApiError: ``InvalidParameter``.
    """
    name = call.params.require("InputString").lower().removesuffix(".")
    if len(name) > _LONGEST_INPUT or not is_domain(name):
        raise invalid_parameter("InputString")
    known = domain_of(call.env.state, name)
    main = known.name if known else ".".join(name.split(".")[-2:])
    rr = name.removesuffix(main).removesuffix(".")
    level = 1 + len(rr.split(".")) if rr else 1
    return {"DomainName": main, "RR": rr or "@", "DomainLevel": level}


ACTIONS: dict[str, Handler] = {
    "DescribeDomains": describe_domains,
    "GetMainDomainName": get_main_domain_name,
}
