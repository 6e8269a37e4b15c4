"""From this host to OSS's door: the name's addresses, the region, a connection."""

import ipaddress
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import List, Optional, Tuple

from infra.access.diagnose.meanings import code_of, element
from infra.access.diagnose.network import Network
from infra.access.diagnose.place import Place
from infra.access.diagnose.report import Report
from infra.access.diagnose.target import Target

# Where OSS's internal endpoints are. Source: https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints
# (2026-02-05)
INTERNAL = ipaddress.ip_network("100.64.0.0/10")


def check_place(place: Optional[Place], target: Target, report: Report) -> bool:
    """Tells where this host is; returns whether that rules the internal endpoint out."""
    if place is None:
        report.note("no metadata service answers: this is no ECS instance")
        return False
    told = [place.instance_id or "an instance", "in " + place.region, place.vpc_id, place.private_ip]
    report.good("this host is " + ", ".join(filter(None, told)))
    if not place.region or place.region == target.endpoint_region:
        return False
    report.bad(
        f"{target.endpoint} answers hosts in {target.endpoint_region} alone, and this is {place.region}",
        f"use a host in {target.endpoint_region}, or the proxy{target.proxy_in_brackets}.",
    )
    return True


def check_names(network: Network, target: Target, report: Report) -> List[str]:
    """Returns the addresses of the bucket's host; none when they cannot be OSS's."""
    host = target.host
    try:
        found = network.resolve(host)
    except OSError as error:
        report.bad(
            f"{host} has no address: {error}",
            "have the cloud's name servers in /etc/resolv.conf: 100.100.2.136 and 100.100.2.138.",
        )
        return []
    addresses = [ipaddress.ip_address(text) for text in found]
    if all(address in INTERNAL for address in addresses):
        report.good("{} leads to {}, internal".format(host, ", ".join(found)))
    elif all(address.is_private for address in addresses):
        report.note("{} leads to {}: a PrivateLink endpoint, it seems".format(host, ", ".join(found)))
    else:
        report.bad(
            "{} leads to {}, which is no internal address (100.64.0.0/10)".format(host, ", ".join(found)),
            "something answers in place of the cloud's name servers: /etc/hosts, a private zone, a server of "
            "yours. Have 100.100.2.136 and 100.100.2.138 in /etc/resolv.conf.",
        )
        return []
    return found


def check_connection(network: Network, addresses: List[str], target: Target, report: Report) -> str:
    """Returns the first address that takes a connection; empty when none does."""
    port = target.port
    other = 80 if port == 443 else 443
    found = opened(network, [(address, number) for number in (port, other) for address in addresses])
    good = [address for address, number in found if number == port]
    silent = [address for address in addresses if address not in good]
    if good:
        report.good("{} takes connections at port {}".format(", ".join(good), port))
        if silent:
            report.note(", ".join(silent) + " does not: a rule or route that knows only some of OSS's?")
        return good[0]
    where = "{} at port {}".format(", ".join(addresses), port)
    if found:
        report.bad(
            f"{where} does not answer, port {other} does",
            f"let the security group's egress rules allow TCP {port} to 100.64.0.0/10.",
        )
        return ""
    report.bad(
        f"{where} does not answer",
        f"let the security group's egress rules and the network ACL allow TCP {port} to 100.64.0.0/10, and "
        "look for a route (CEN, VPN) or a firewall here that takes 100.64.0.0/10.",
    )
    return ""


def check_region(network: Network, target: Target, report: Report) -> None:
    """Asks the public endpoint whether the bucket is in the region at all; says nothing when it is."""
    host = target.host.replace("-internal.", ".")
    try:
        answer = network.get("https", host, 443, "/")
    except (OSError, HTTPException, ValueError):
        return
    code = code_of(answer)
    if code == "0003-00001403":
        report.bad(
            "the bucket {} is not in {}: its endpoint is {}".format(
                target.bucket, target.endpoint_region, element(answer.body, "Endpoint")
            ),
            "use that region's internal endpoint, from a host there.",
        )
    elif code == "0015-00000101":
        report.bad(f"there is no bucket {target.bucket}", "check its name.")


def opened(network: Network, doors: List[Tuple[str, int]]) -> List[Tuple[str, int]]:
    """Returns those addresses and ports that take a connection; all are tried at once."""

    def opens(door: Tuple[str, int]) -> bool:
        try:
            network.connect(*door).close()
        except OSError:
            return False
        return True

    with ThreadPoolExecutor(max(len(doors), 1)) as pool:
        tried = [(door, pool.submit(opens, door)) for door in doors]
    return [door for door, good in tried if good.result()]
