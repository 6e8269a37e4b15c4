"""From a policy's text to a `Policy`, with every rule that PutBucketPolicy checks.

Documented: the ECs below, Version "1" as a string, the fields, an empty Principal list, the size
limits, SourceIp only together with SourceVpc. Inferred (2026-11-23): unknown fields are refused; a
single string may stand for a list of one; a resource must be able to name this bucket.
Source: https://help.aliyun.com/zh/oss/user-guide/0030-00000001 and -2, -3, -4, -5, -8 (2026-11-23).
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from localcloud.oss.policy.conditions import SOURCE_IP, SOURCE_VPC, fault_of
from localcloud.oss.policy.model import Condition, Policy, PolicyError, Statement
from localcloud.oss.policy.wildcard import matches

POLICY_MAX_BYTES = 16 * 1024
FIELD_MAX_BYTES = 4095

_EC_SIZE = "0030-00000001"
_EC_VERSION = "0030-00000002"
_EC_FIELD_SIZE = "0030-00000003"
_EC_ENCODING = "0030-00000004"
_EC_SYNTAX = "0030-00000005"
_EC_SOURCE_IP = "0030-00000008"

_FIELDS = frozenset({"Effect", "Action", "Principal", "Resource", "Condition"})
_ACTION = re.compile(r"oss:[A-Za-z*?]+|\*")
_PRINCIPAL = re.compile(r"\*|\d{1,64}|arn:sts::(\d{1,64}|\*):assumed-role/[^/]+/[^/]+")


def parse_policy(text: bytes, *, bucket: str, owner_uid: str) -> Policy:
    """Parses and validates.

    Args:
        text: The body of PutBucketPolicy.
        bucket: The bucket that the policy is put to.
        owner_uid: UID of the bucket's owner.

    Raises:
        PolicyError: The first fault found, with its EC.
    """
    if len(text) > POLICY_MAX_BYTES:
        raise PolicyError("The bucket policy is larger than 16 KB.", _EC_SIZE)
    try:
        document = json.loads(text.decode(), object_pairs_hook=no_duplicates)
    except UnicodeDecodeError as fault:
        raise PolicyError("The bucket policy must be encoded in UTF-8.", _EC_ENCODING) from fault
    except (ValueError, RecursionError) as fault:
        raise _syntax(f"The bucket policy is not valid JSON: {fault}.") from fault
    if not isinstance(document, dict):
        raise _syntax("The bucket policy must be a JSON object.")
    version = document.pop("Version", None)
    if not isinstance(version, str):
        raise _syntax('The bucket policy needs "Version": "1", as a string.')
    if version != "1":
        raise PolicyError("The version of a bucket policy must be 1.", _EC_VERSION)
    statements = document.pop("Statement", None)
    if document:
        raise _syntax(f"Unknown field {next(iter(document))} in the bucket policy.")
    if not isinstance(statements, list) or not statements:
        raise _syntax("Statement must be a list of at least one statement.")
    return Policy(tuple(_statement(statement, bucket, owner_uid) for statement in statements))


def _syntax(message: str) -> PolicyError:
    return PolicyError(message, _EC_SYNTAX)


def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Makes a JSON object.

    Raises:
        ValueError: A name occurs twice.
    """
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return result


def _statement(statement: Any, bucket: str, owner_uid: str) -> Statement:
    if not isinstance(statement, dict):
        raise _syntax("A statement must be a JSON object.")
    unknown = statement.keys() - _FIELDS
    if unknown:
        raise _syntax(f"Unknown field {min(unknown)} in a statement.")
    effect: Literal["Allow", "Deny"]
    match statement.get("Effect"):
        case "Allow":
            effect = "Allow"
        case "Deny":
            effect = "Deny"
        case _:
            raise _syntax("Effect must be Allow or Deny.")
    actions = _strings(statement.get("Action"), "Action")
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise _syntax(f"Invalid action {action!r}: write oss:ACTION, with wildcards or without.")
    principals = _strings(statement.get("Principal"), "Principal", may_be_empty=True) or ("*",)
    for principal in principals:
        if not _PRINCIPAL.fullmatch(principal):
            raise _syntax(f"Invalid principal {principal!r}: write *, a UID, or an ARN of an assumed role.")
    resources = _strings(statement.get("Resource"), "Resource")
    for resource in resources:
        _check_resource(resource, bucket, owner_uid)
    conditions = read_conditions(statement.get("Condition", {}))
    used = {condition.key for condition in conditions}
    if SOURCE_IP in used and SOURCE_VPC not in used:
        raise PolicyError(
            "acs:SourceIp must be used together with acs:SourceVpc in a statement.", _EC_SOURCE_IP
        )
    return Statement(
        effect=effect,
        actions=actions,
        principals=principals,
        resources=resources,
        conditions=conditions,
    )


def _check_resource(resource: str, bucket: str, owner_uid: str) -> None:
    parts = resource.split(":", 4)
    if len(parts) != 5 or parts[:2] != ["acs", "oss"]:
        raise _syntax(f"Invalid resource {resource!r}: write acs:oss:*:OWNER_UID:BUCKET or .../KEY.")
    if parts[2] != "*":
        raise _syntax(f"Invalid resource {resource!r}: the region must be *.")
    if not matches(parts[3], owner_uid):
        raise _syntax(f"Invalid resource {resource!r}: the UID is not that of the bucket's owner.")
    if not matches(parts[4].partition("/")[0], bucket):
        raise _syntax(f"Invalid resource {resource!r}: it names another bucket.")


def _strings(value: Any, field: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not (values or may_be_empty):
        raise _syntax(f"{field} must be a list of strings.")
    for item in values:
        if not isinstance(item, str):
            raise _syntax(f"{field} must be a list of strings.")
        _check_size(item, field)
    return tuple(values)


def _check_size(value: str, field: str) -> None:
    if len(value.encode("utf-8", "surrogatepass")) > FIELD_MAX_BYTES:
        raise PolicyError(f"A value of {field} is larger than 4095 bytes.", _EC_FIELD_SIZE)


def read_conditions(block: Any) -> tuple[Condition, ...]:
    """Reads a statement's Condition.

    Args:
        block: Operator -> key -> value or values, as JSON holds it.

    Raises:
        PolicyError: The first fault found.
    """
    if not isinstance(block, dict):
        raise _syntax("Condition must be a JSON object of operators.")
    conditions = []
    for operator, keys in block.items():
        if not isinstance(keys, dict) or not keys:
            raise _syntax(f"Condition operator {operator} must hold an object of keys.")
        for key, value in keys.items():
            condition = Condition(operator=operator, key=key, values=_values(value, key))
            fault = fault_of(condition)
            if fault is not None:
                raise _syntax(fault)
            conditions.append(condition)
    return tuple(conditions)


def _values(value: Any, key: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise _syntax(f"The condition key {key} needs a value.")
    texts = []
    for item in values:
        if isinstance(item, bool):
            text = str(item).lower()
        elif isinstance(item, str | int | float):
            text = str(item)
        else:
            raise _syntax(f"A value of the condition key {key} is neither text nor number nor Boolean.")
        _check_size(text, key)
        texts.append(text)
    return tuple(texts)
