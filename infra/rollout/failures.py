"""What is said when an instance did not take its configuration, by the kind of failure. Pure."""

from __future__ import annotations

from infra.errors import ProgramError
from infra.instance.outcomes import Outcome

# Enough for nginx's message or cloud-init's last lines, and no flood in a terminal.
OUTPUT_SHOWN_BYTES = 2048

_KEEPS = "the instance serves what it served before."
_AGAIN = "then run `pulumi up` again."
_REPLACE = "pulumi up --replace URN, with the instance's URN of `pulumi stack --show-urns`"

_SENTENCES: dict[Outcome, tuple[str, str]] = {
    Outcome.FIRST_BOOT_FAILED: (
        "the instance's first boot ended with an error",
        f"mend what the log names (often: packages that could not be had), then boot anew: {_REPLACE}.",
    ),
    Outcome.FIRST_BOOT_TOO_SLOW: (
        "the instance's first boot has not ended",
        f"raise oss-proxy:bootTimeoutSeconds, {_AGAIN}",
    ),
    Outcome.CONFIGURATION_REFUSED: (
        "nginx refuses the new configuration",
        f"mend the setting or template that its message names, {_AGAIN}",
    ),
    Outcome.NGINX_NOT_RUNNING: (
        "nginx is not running",
        f"see what its log says; a reboot of the instance starts it too; {_AGAIN}",
    ),
    Outcome.SECRETS_NOT_READABLE: (
        "the instance cannot read the secrets that were sealed to it",
        "run `pulumi up` again: it asks the instance for its key anew.",
    ),
    Outcome.PACKAGES_NOT_INSTALLED: (
        "packages that the settings need cannot be installed",
        f"mend what apt names (often: the package mirror), {_AGAIN}",
    ),
    Outcome.NO_CERTIFICATE: (
        "there is no certificate for HTTPS",
        f"mend what the text above names; the public address stays the same; {_AGAIN}",
    ),
    Outcome.NAME_NOT_RESOLVED: (
        "DNS: the instance finds no address for the bucket's internal endpoint",
        f"use the VPC's own name servers, 100.100.2.136 and 100.100.2.138 (DHCP options set), {_AGAIN}",
    ),
    Outcome.NAME_NOT_INTERNAL: (
        "DNS: the bucket's internal endpoint leads outside the cloud's internal network",
        f"use the VPC's own name servers, 100.100.2.136 and 100.100.2.138 (DHCP options set), {_AGAIN}",
    ),
    Outcome.NO_ROUTE: (
        "route: OSS's internal endpoint does not answer the instance",
        "let nothing stand between: routes for 100.64.0.0/10 (CEN, VPN), egress rules of security groups and "
        f"network ACLs, a firewall on the instance; {_AGAIN}",
    ),
    Outcome.ACCESS_DENIED: (
        "policy: OSS does not let the instance read",
        "look the EC up; where a VPC gateway endpoint's policy is narrow (EC 0003-00000401), let it allow "
        f"oss:GetObject for everybody on this bucket; {_AGAIN}",
    ),
    Outcome.WRONG_HOST: (
        "Host: what answers is not this bucket",
        f"check oss-proxy:bucketName and that the bucket still exists in alicloud:region, {_AGAIN}",
    ),
    Outcome.STORAGE_FAILS: ("OSS answers, but with an error of its own", f"wait a minute, {_AGAIN}"),
    Outcome.PROXY_ANSWERS_OTHERWISE: (
        "nginx does not pass OSS's answer on",
        f"see /var/log/nginx/error.log on the instance, {_AGAIN}",
    ),
}


class ChangeError(ProgramError):
    """An instance did not take its configuration."""


def change_error(instance_id: str, exit_code: int, output: str) -> ChangeError:
    """Returns the fault for a change that ended with an exit status other than 0."""
    shown = output.encode()[-OUTPUT_SHOWN_BYTES:].decode(errors="ignore")
    try:
        what, fix = _SENTENCES[Outcome(exit_code)]
    except (ValueError, LookupError):
        what, fix = f"the change ended with exit status {exit_code}", f"mend what the output names, {_AGAIN}"
    return ChangeError(f"{what} ({instance_id}):\n{shown}", consequence=_KEEPS, fix=fix)
