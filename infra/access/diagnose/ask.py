"""At OSS's door: what it says to a request, without and with a signature, and what the proxy says."""

import datetime
import ssl
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Dict, Optional
from urllib.parse import quote, urlsplit

from infra.access.diagnose.meanings import code_of, meaning
from infra.access.diagnose.network import Answer, Network
from infra.access.diagnose.report import Report
from infra.access.diagnose.signing import signed_headers
from infra.access.diagnose.target import Target

# What OSS lets two clocks differ.
SKEW_MAX_S = 15 * 60
SKEW_NOTE_S = 60
# OSS answers NoSuchKey only to whom it lets in.
NO_SUCH_KEY = "0026-00000001"


def utc_now() -> datetime.datetime:
    """Returns the time of this host's clock."""
    return datetime.datetime.now(datetime.timezone.utc)


def asked(
    network: Network, target: Target, address: str, report: Report, headers: Optional[Dict[str, str]] = None
) -> Optional[Answer]:
    """Asks OSS for the key; returns None, with the fault told, when there is no answer."""
    try:
        return network.get(
            target.scheme, target.host, target.port, "/" + quote(target.key), headers, address=address
        )
    except ssl.SSLError as error:
        report.bad(
            f"HTTPS fails: {error}",
            "install ca-certificates and set the clock; let no appliance look into HTTPS to OSS.",
        )
    except (OSError, HTTPException) as error:
        report.bad(
            f"{address} accepts the connection and does not answer: {error}",
            "look for a firewall, an HTTP proxy or an MTU that is too large on the way.",
        )
    return None


def check_clock(answer: Answer, now: datetime.datetime, report: Report) -> None:
    """Compares the clocks by the answer's Date."""
    try:
        there = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError, IndexError):
        return
    apart = int((now - there).total_seconds())
    if abs(apart) > SKEW_MAX_S:
        report.bad(
            f"this host's clock is {apart} s from OSS's: every signature is refused",
            "set the clock: chronyc makestep, or timedatectl set-ntp true.",
        )
    elif abs(apart) > SKEW_NOTE_S:
        report.note(f"this host's clock is {apart} s from OSS's; more than 900 s are refused")
    else:
        report.good(f"this host's clock is OSS's within {SKEW_NOTE_S} s")


def check_unsigned(answer: Answer, target: Target, report: Report, *, final: bool) -> bool:
    """Tells what OSS said to a request without a signature; returns whether it let it in.

    Args:
        answer: What it said.
        target: What was asked for.
        report: Where to tell it.
        final: Whether there are no keys to try with afterwards, so that a refusal is the fault.
    """
    who = "without a signature"
    if _let_in(answer, target, who, report):
        return True
    why, fix = meaning(answer, target.bucket, target.region)
    told = f"{who}: {answer.status} {code_of(answer)}: {why}"
    if final:
        report.bad(told, fix)
    else:
        report.note(told)
    return False


def check_signed(
    network: Network, target: Target, address: str, keys: Dict[str, str], report: Report
) -> bool:
    """Asks with a signature and tells what OSS said; returns whether it let the request in."""
    headers = signed_headers(keys, target.region, target.bucket, target.key, utc_now())
    answer = asked(network, target, address, report, headers)
    if answer is None:
        return False
    who = "signed with {}".format(keys["id"])
    if _let_in(answer, target, who, report):
        return True
    why, fix = meaning(answer, target.bucket, target.region)
    report.bad(f"{who}: {answer.status} {code_of(answer)}: {why}", fix)
    return False


def check_proxy(network: Network, target: Target, report: Report) -> bool:
    """Tells what the proxy says to this host; returns whether it lets it in."""
    url = urlsplit(target.proxy)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        health = network.get(url.scheme, url.hostname or "", port, "/healthz")
        answer = network.get(url.scheme, url.hostname or "", port, url.path + quote(target.key))
    except (OSError, HTTPException) as error:
        report.bad(
            f"the proxy {target.proxy} does not answer: {error}",
            "is this host's public address in allowedCidrs? If so, see docs/runbook.md.",
        )
        return False
    if health.body.strip() != "ok":
        report.bad(
            f"something else answers in place of the proxy {target.proxy}",
            "look for an HTTP proxy or a firewall on the way, and whether the address is right.",
        )
        return False
    told = f"the proxy {target.proxy} answers {answer.status}"
    hints = {
        401: ": it lets this host in, and wants a name and a password",
        404: ": it lets this host in, and serves no object " + target.key,
    }
    if answer.status < 400 or answer.status in hints:
        report.good(told + hints.get(answer.status, ""))
        return True
    report.bad(told, "with links or signed URLs only, 403 is right without one; else see docs/runbook.md.")
    return False


def _let_in(answer: Answer, target: Target, who: str, report: Report) -> bool:
    if answer.status < 400:
        report.good(f"{who}: {answer.status}, {target.key} can be read")
        return True
    if code_of(answer) == NO_SUCH_KEY:
        report.good(f"{who}: let in; there is no object {target.key} (try another with --key)")
        return True
    return False
