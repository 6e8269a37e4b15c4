"""What OSS's refusals mean, and what to do.

Source of each EC: https://help.aliyun.com/zh/oss/user-guide/<EC> (2026-11-24)
"""

import re
from typing import Tuple

from infra.access.diagnose.network import Answer

BY_EC = {
    "0003-00000001": (
        "no statement of the bucket's policy lets this host or this key in",
        "name its VPC and private address in accessGrants (pulumi up), or give the key a RAM policy.",
    ),
    "0003-00000905": (
        "no statement of the bucket's policy lets this host list without a signature",
        "name its VPC and private address in accessGrants with the permission list.",
    ),
    "0003-00000101": (
        "a Deny in the bucket's policy strikes this request",
        "look for a Deny with this host's VPC, address or key: pulumi stack output bucket_policy.",
    ),
    "0003-00000005": (
        "the object's own ACL is private, and no policy lets this request in",
        "as for a bucket that is private: accessGrants, or a RAM policy.",
    ),
    "0003-00000201": ("a RAM policy denies it to this key", "look for a Deny among the policies of the key."),
    "0003-00000202": (
        "no RAM policy allows it to this key, and the bucket's policy does not either",
        "give the key's user or role oss:GetObject on the object, or name it in accessGrants.",
    ),
    "0003-00000401": (
        "the policy of a gateway endpoint or PrivateLink endpoint in this VPC leaves the bucket out",
        "let the endpoint's policy allow oss:GetObject on acs:oss:*:*:{bucket} and below it; for requests "
        "without a signature with Principal *.",
    ),
    "0003-00001401": (
        "the bucket stands in the path instead of the host",
        "ask https://{bucket}.ENDPOINT/KEY; SDKs do that by themselves.",
    ),
    "0003-00001403": (
        "the bucket is in another region: its endpoint is {endpoint}",
        "use that endpoint from a host in its region; from here use the proxy.",
    ),
    "0002-00000201": ("the signature is wrong", "check the secret, and that the client signs for {region}."),
    "0002-00000040": ("the signature is wrong", "check the secret, and that the client signs for {region}."),
    "0002-00000504": (
        "the request's time is more than 15 minutes from OSS's: this host's clock is wrong",
        "set the clock: chronyc makestep, or timedatectl set-ntp true.",
    ),
    "0002-00000902": (
        "OSS knows no such AccessKey",
        "check OSS_ACCESS_KEY_ID; the key may have been deleted, or belong to a session without its token.",
    ),
    "0015-00000101": ("there is no such bucket", "check the name {bucket}: it may have been deleted."),
    "0026-00000001": ("there is no such object", "check the key, upper and lower case too."),
}

# For answers without an EC.
BY_CODE = {
    "SignatureDoesNotMatch": "0002-00000201",
    "InvalidAccessKeyId": "0002-00000902",
    "RequestTimeTooSkewed": "0002-00000504",
    "NoSuchBucket": "0015-00000101",
    "NoSuchKey": "0026-00000001",
    "SecondLevelDomainForbidden": "0003-00001401",
}

OTHER_CODES = {
    "InvalidSecurityToken": ("the session's token is wrong", "set OSS_SESSION_TOKEN with its own key."),
    "SecurityTokenExpired": ("the keys of the session have ended", "get new ones."),
    "UserDisable": ("the account has been stopped", "look at the account's bills."),
}


def element(body: str, name: str) -> str:
    """Returns an element of OSS's XML answers; empty without it."""
    found = re.search(f"<{name}>([^<]*)</{name}>", body)
    return found.group(1) if found else ""


def code_of(answer: Answer) -> str:
    """Returns OSS's EC, or where it gives none the one that its code has, or the code."""
    code = element(answer.body, "Code")
    given = answer.headers.get("x-oss-ec") or element(answer.body, "EC")
    return given or BY_CODE.get(code, code)


def meaning(answer: Answer, bucket: str, region: str) -> Tuple[str, str]:
    """Returns what a refusal means and what to do."""
    code = code_of(answer)
    endpoint = element(answer.body, "Endpoint")
    why, fix = BY_EC.get(code) or OTHER_CODES.get(code) or _other(answer, code)
    names = {"bucket": bucket, "region": region, "endpoint": endpoint}
    for name, value in names.items():
        why, fix = why.replace("{" + name + "}", value), fix.replace("{" + name + "}", value)
    return why, fix


def _other(answer: Answer, code: str) -> Tuple[str, str]:
    if answer.status >= 500:
        return "OSS fails or throttles", "try again; then look at the cloud's status page and OSS's limits."
    if not code:
        return (
            "this is no answer of OSS",
            "look for an HTTP proxy or a firewall on the way.",
        )
    message = element(answer.body, "Message")
    return message or "OSS refuses", "look EC or code up: https://api.aliyun.com/troubleshoot?q=" + code
