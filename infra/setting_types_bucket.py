"""The types of the settings that say who makes the bucket, and how the stack keeps its own. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ValidationInfo

from infra.bucket_mode import MANAGED, BucketMode

__all__ = ["BucketEncryption", "BucketMode", "BucketProtection", "BucketVersioning"]


def managed_only(default: object) -> AfterValidator:
    """Returns a check that a setting keeps its default unless ``bucketMode`` is ``managed``.

    Pulumi hands defaults over like values, so a value that was given shows only where it is another one.
    """

    def check(value: object, info: ValidationInfo) -> object:
        # A mode that cannot be used is told under its own key.
        if info.data.get("bucket_mode", MANAGED) != MANAGED and value != default:
            raise ValueError(
                "is for bucketMode managed: of an existing bucket the program changes nothing but its own "
                "statement in the policy. Leave this out, or let the program make the bucket "
                "(pulumi config set oss-proxy:bucketMode managed)"
            )
        return value

    return AfterValidator(check)


# All three come after the setting `bucketMode`, which they ask.
BucketVersioning = Annotated[bool, managed_only(True)]
BucketEncryption = Annotated[Literal["AES256", "none"], managed_only("AES256")]
BucketProtection = Annotated[bool, managed_only(True)]
