"""What the cloud's refusals mean, and what to do then. Pure.

The provider hands an API's refusal on as its code and text among its own words. Those that an operator can
mend are explained here; docs/errors.md shows the same table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """What is said of a refusal.

    Attributes:
        codes: The codes, each whole or up to a dot.
        fault: What is wrong.
        fix: What to do, before the next ``pulumi up``.
    """

    codes: tuple[str, ...]
    fault: str
    fix: str


# Sources: the error codes on https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances,
# https://help.aliyun.com/en/vpc/developer-reference/api-vpc-2016-04-28-createvpc,
# https://help.aliyun.com/en/eip/developer-reference/api-vpc-2016-04-28-allocateeipaddress-eips and
# https://help.aliyun.com/en/ecs/developer-reference/error-code-error-code-troubleshooting-ideas (2026-11-23).
EXPLANATIONS = (
    Explanation(
        ("OperationDenied.NoStock", "Zone.NotOnSale", "Zone.NotOpen", "InvalidResourceType.NotSupported"),
        "the zone has none of these instances left",
        "wait, or pulumi config set oss-proxy:instanceType TYPE; or, with a vSwitch that is made anew, "
        "pulumi config set oss-proxy:zoneId ZONE.",
    ),
    Explanation(
        ("QuotaExceed", "QuotaExceeded", "ORDER.QUANTITY_INVALID", "OperationFailed.EipQuotaExceed"),
        "the account may have no more of these",
        "release what nobody needs, or ask for more in the Quota Center: https://quotas.console.aliyun.com.",
    ),
    Explanation(
        (
            "InvalidAccountStatus.NotEnoughBalance",
            "InsufficientBalance",
            "PAY.INSUFFICIENT_BALANCE",
            "Account.Arrearage",
            "SYSTEM.SALE_VALIDATE_UNEXPECTED_ERROR",
        ),
        "the account cannot pay for it",
        "add funds, or have the account's arrears settled.",
    ),
    Explanation(
        ("RealNameAuthenticationError", "OperationFailed.RiskControl", "SecurityRisk.3DVerification"),
        "the account is not verified far enough to buy this",
        "have the account's administrator complete the verification in the console.",
    ),
    Explanation(
        ("Forbidden.RAM", "Forbidden", "NoPermission", "UnauthorizedOperation"),
        "these credentials may not do it",
        "grant the action that the message names; `make -s ram-policy` prints all that a deployer needs.",
    ),
    Explanation(
        ("InvalidOperation.DeletionProtection",),
        "the cloud protects it from deletion",
        "take the protection off by itself: pulumi config set oss-proxy:deletionProtection false; pulumi up.",
    ),
    Explanation(
        ("DependencyViolation",),
        "something that this stack did not make still uses it",
        "find it in the console, and remove or move it.",
    ),
    Explanation(
        ("InvalidDiskSize.TooSmall", "InvalidDiskSize"),
        "a disk only grows",
        "pulumi config set oss-proxy:systemDiskSizeGib GIB, with at least what the disk has.",
    ),
    Explanation(
        ("InvalidIPAddress.AlreadyUsed",),
        "another host of the vSwitch has the private address",
        "pulumi config set oss-proxy:privateIp ADDRESS, with a free one; or remove what took it.",
    ),
    Explanation(
        ("InvalidImageId.NotFound", "OperationDenied.ImageNotValid", "ImageNotSupportInstanceType"),
        "the image is gone, or not made for this instance type",
        "`make image` tells the newest one: pulumi config set oss-proxy:imageId ID.",
    ),
    Explanation(
        ("DomainRecordDuplicate", "DomainRecordConflict"),
        "the name has a record that the state does not know",
        "pulumi preview, which names it and what to do.",
    ),
    Explanation(
        ("Throttling", "ServiceUnavailable", "InternalError", "SystemBusy"),
        "the cloud is busy, or fails for the moment",
        "wait a minute.",
    ),
)

_BUSY = EXPLANATIONS[-1]
# How Go and its HTTP client tell of an answer that did not come.
_NO_ANSWER = ("EOF", "connection reset by peer", "broken pipe", "Client.Timeout", "i/o timeout")


def passes_by_itself(text: str) -> bool:
    """Tells whether a failure that a provider's message tells of passes when the call is made again."""
    found = explanation_of(text)
    return any(word in text for word in _NO_ANSWER) if found is None else found[1] is _BUSY


def explanation_of(text: str) -> tuple[str, Explanation] | None:
    """Returns the code that a provider's message holds and what it means; None for a message without one."""
    words = text.replace('"', " ").replace(",", " ").replace(":", " ").split()
    for one in EXPLANATIONS:
        for code in one.codes:
            for word in words:
                if word == code or word.startswith(f"{code}."):
                    return word, one
    return None


def told(name: str, operation: str, text: str) -> str | None:
    """Returns what to say of a failed operation beside the provider's message, or None.

    Args:
        name: The resource's logical name.
        operation: ``create``, ``update`` or ``delete``.
        text: The provider's message.
    """
    found = explanation_of(text)
    if found is None:
        return None
    code, meaning = found
    return (
        f"{name}, {operation}: {meaning.fault} ({code})\n"
        "  Consequence: what is there already stays, and the next `pulumi up` goes on from it.\n"
        f"  Fix: {meaning.fix}"
    )
