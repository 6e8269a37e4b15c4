"""The part of the stack that has to do with whose the bucket is."""

from __future__ import annotations

import pulumi

from infra.bucket import ManagedBucket, ManagedBucketArgs
from infra.bucket_guard import BucketGuard, BucketGuardProvider, LastBucketGuardProvider
from infra.bucket_mode import MANAGED
from infra.naming import Naming
from infra.settings import Settings
from infra.survey import Site


def first_guard(name: str, settings: Settings, site: Site, *, after: pulumi.Resource) -> BucketGuard:
    """Registers the guard that everything else comes after.

    Args:
        name: What logical names begin with.
        settings: What the stack is to be.
        site: Where it goes.
        after: What it comes after itself.
    """
    return _guard(f"{name}-bucket-guard", BucketGuardProvider(), settings, site, after)


def last_guard(name: str, settings: Settings, site: Site, *, after: pulumi.Resource) -> BucketGuard:
    """Registers the guard that a destroy begins with; arguments as for ``first_guard``."""
    return _guard(f"{name}-bucket-guard-last", LastBucketGuardProvider(), settings, site, after)


def managed_bucket(
    name: str, settings: Settings, site: Site, naming: Naming, *, after: pulumi.Resource
) -> list[ManagedBucket]:
    """Registers the bucket where the stack makes it; the list is empty where it does not.

    Args:
        name: What logical names begin with.
        settings: What the stack is to be.
        site: Where it goes.
        naming: Makes the tags that the cloud shows.
        after: What must be there before.
    """
    if settings.bucket_mode != MANAGED:
        return []
    args = ManagedBucketArgs(
        naming=naming,
        bucket=settings.bucket_name,
        versioning=settings.bucket_versioning,
        encryption=settings.bucket_encryption,
        protected=settings.bucket_protection,
        adopt=site.bucket_empty,
        after=after,
    )
    return [ManagedBucket(name, args)]


def _guard(
    name: str, provider: BucketGuardProvider, settings: Settings, site: Site, after: pulumi.Resource
) -> BucketGuard:
    return BucketGuard(
        name,
        provider,
        account_uid=site.account_uid,
        region=settings.region,
        bucket=settings.bucket_name,
        mode=settings.bucket_mode,
        protected=settings.bucket_mode == MANAGED and settings.bucket_protection,
        deletion_protection=settings.deletion_protection,
        exists=site.bucket_exists,
        opts=pulumi.ResourceOptions(depends_on=[after]),
    )
