"""A bucket that the stack makes itself: private, never public, and harder to lose than everything else.

Three things stand between the bucket's data and a deletion. Pulumi refuses to delete a protected resource,
which it is until ``bucketProtection`` is off. Where the bucket is gone from the program, Pulumi forgets it
and never deletes it (``retain_on_delete``); only a destroy of the whole stack does (``infra.bucket_guard``).
And OSS deletes no bucket that holds anything; nothing here ever empties one (``force_destroy`` is off).

The statement in its policy is that of an existing bucket, ``infra.bucket_policy``, and not the provider's
BucketPolicy: that one owns the whole document, so whatever another stack or a person adds to the policy of
this bucket would be lost with the next change.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from infra.naming import Naming

# The provider reads all of these back, and where the program sets none it takes what it finds for a change
# and wipes it: the policy (https://github.com/aliyun/terraform-provider-alicloud/issues/9331, 2025-12-24),
# rules of the owner's. The ACL, deprecated here, is a resource of its own.
NOT_OURS = (
    "access_monitor",
    "acl",
    "cors_rules",
    "lifecycle_rules",
    "logging",
    "policy",
    "referer_config",
    "resource_group_id",
    "transfer_acceleration",
    "website",
)


@dataclass(frozen=True, kw_only=True)
class ManagedBucketArgs:
    """What a bucket needs.

    Attributes:
        naming: Makes the tags that the cloud shows.
        bucket: Its name, unique in all of OSS.
        versioning: Whether what is overwritten or deleted stays as a version.
        encryption: ``AES256``, or ``none``.
        protected: Whether Pulumi refuses to let go of it.
        adopt: Whether a bucket that is there may be one that an earlier update made and did not hear of.
        after: What must be there before anything is made.
    """

    naming: Naming
    bucket: str
    versioning: bool
    encryption: str
    protected: bool
    adopt: bool
    after: pulumi.Resource


class ManagedBucket(pulumi.ComponentResource):
    """A private bucket with Block Public Access.

    Versioning and encryption are the bucket's own properties, not the provider's separate resources: new
    objects are encrypted from the first one on, and turning either off is a change of the bucket, which
    works under protection too. Versioning can be suspended, never undone.
    Source: https://alibabacloud.com/help/en/oss/developer-reference/putbucketversioning (2026-11-24); that a
    bucket without versions takes ``Suspended`` is inferred from it.

    Args:
        name: The logical name; children are named after it.
        args: What the bucket needs.
        opts: Pulumi's options.
    """

    def __init__(
        self, name: str, args: ManagedBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("oss-proxy:infra:ManagedBucket", name, None, opts)
        bucket = alicloud.oss.Bucket(
            f"{name}-bucket",
            bucket=args.bucket,
            force_destroy=False,
            versioning={"status": "Enabled" if args.versioning else "Suspended"},
            server_side_encryption_rule=(
                None if args.encryption == "none" else {"sse_algorithm": args.encryption}
            ),
            tags=args.naming.tags(),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.after],
                protect=args.protected,
                retain_on_delete=True,
                ignore_changes=list(NOT_OURS),
                # Nothing happens where the state holds the bucket; otherwise it is taken into the state.
                import_=args.bucket if args.adopt else None,
            ),
        )
        alicloud.oss.BucketAcl(
            f"{name}-bucket-acl",
            bucket=bucket.id,
            acl="private",
            opts=pulumi.ResourceOptions(parent=self),
        )
        alicloud.oss.BucketPublicAccessBlock(
            f"{name}-bucket-public-access-block",
            bucket=bucket.id,
            block_public_access=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                # A bucket that is deleted takes it along; one that stays must not be opened.
                retain_on_delete=True,
            ),
        )
        self.register_outputs({})
