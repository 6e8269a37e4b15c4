"""What the program asks the cloud before it registers the first resource.

A bucket that does not exist though it should, lives elsewhere or belongs to somebody else, credentials of two
accounts, a missing image: each stops the program here, so that nothing is created, with ``--skip-preview``
too. Whether a bucket may exist that the stack is to make itself, ``infra.bucket_guard`` tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from infra import sdk, sdk_view
from infra.alarms.monitor import require_contact_groups
from infra.bucket_features import require_readable
from infra.dns import survey as dns
from infra.errors import ProgramError
from infra.images import IMAGE_NAME_REGEX
from infra.naming import Naming
from infra.nginx.sizing import Machine
from infra.recovery.check import missing, require_settled
from infra.recovery.commands import PendingState
from infra.recovery.state import State
from infra.regions import internal_endpoint, require_internal_endpoint
from infra.reporting import plain_lookups
from infra.rollout.records import Seen
from infra.sdk_process import SdkProcess
from infra.sdk_rpc import ALIDNS, CMS, RpcClient
from infra.settings import Settings

# The categories of the settings that the provider's lookup of zones takes; it refuses the newer ones.
# Source: data_source_alicloud_zones.go of the provider (v1.285.0)
CATEGORIES_OF_ZONES = frozenset({"cloud_essd"})


NOT_LISTED = (
    "Whether an interrupted update left something in the cloud could not be seen. Grant vpc:DescribeVpcs, "
    "vpc:DescribeVSwitches, vpc:DescribeEipAddresses, ecs:DescribeSecurityGroups and ecs:DescribeInstances."
)


class SurveyError(ProgramError):
    """The cloud is not as the settings need it."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the stack goes, as the cloud says.

    Attributes:
        account_uid: The UID of the account that everything is made in; it owns the bucket.
        bucket_host: The bucket's own host at the internal endpoint.
        image_id: The image of new instances.
        zone_id: The zone of a new vSwitch.
        bucket_policy: The bucket's policy as it is now, or None where it has none.
        own_policy: This stack's statements in it as the state has them, or None where it has none.
        commands: The commands that the stack's instances were given, the newest first.
        bucket_exists: Whether the bucket is there; false only where the stack makes it.
        bucket_empty: Whether a bucket that the stack makes is there and known to hold nothing.
        machine: What the instance type has.
        dns: How the records stand that the stack makes in a domain of the account.
    """

    account_uid: str
    bucket_host: str
    image_id: str
    zone_id: str
    bucket_policy: str | None
    own_policy: str | None
    commands: list[Seen]
    bucket_exists: bool
    bucket_empty: bool
    machine: Machine
    dns: dns.Standing


def survey(settings: Settings, naming: Naming, sdk_process: SdkProcess) -> Site:
    """Makes all checks that need the cloud.

    Args:
        settings: What the stack is to be.
        naming: Tells the stack from every other one.
        sdk_process: Where the official SDKs are asked.

    Raises:
        UnsettledError: When an update was interrupted, and this one would go on from what it left.
        SurveyError: When the cloud is not as the settings need it.
        BucketFeatureError: When the bucket's settings keep the proxy out.
        RecordError: When a record of somebody else stands at a name of the stack.
        ContactGroupError: When nobody would hear of an alarm.
        sdk.CloudError: When the cloud refused to answer, or did not answer.
        LookupFailedError: When it refused the provider, or did not answer it.
    """
    stack = f"{pulumi.get_organization()}/{naming.project}/{naming.stack}"
    sdk_process.ask(
        {
            "region": settings.region,
            "bucket": settings.bucket_name,
            "identity": naming.identity(),
            "mode": settings.bucket_mode,
            "instance_type": settings.instance_type,
        }
    )
    with PendingState(stack) as exported, plain_lookups():
        provider_uid = alicloud.get_caller_identity().account_id
        image_id = settings.image_id or _newest_image()
        zone_id = settings.zone_id or _zone_with(settings)
        view = sdk_view.read(sdk_process.answer())
        state = exported.result()
    _require_one_account(provider_uid, view.account_uid)
    standing = _dns(settings, state, naming)
    require_settled(state, view.resources, naming, records=standing.leftovers)
    unseen = [NOT_LISTED] if view.resources is None else missing(state, view.resources, naming)
    for warning in unseen:
        pulumi.log.warn(warning)
    if view.bucket is not None:
        _require_usable_bucket(settings, provider_uid, view.bucket)
        for warning in require_readable(settings.bucket_name, view.bucket.features):
            pulumi.log.warn(warning)
    if settings.alarms:
        require_contact_groups(RpcClient(CMS, settings.region), settings.alarm_contact_groups)
    return Site(
        account_uid=provider_uid,
        bucket_host=f"{settings.bucket_name}.{_endpoint(settings, view.bucket)}",
        image_id=image_id,
        zone_id=zone_id,
        bucket_policy=view.bucket_policy,
        own_policy=state.policy,
        commands=view.commands,
        bucket_exists=view.bucket is not None,
        bucket_empty=view.bucket_empty,
        machine=_known(view.machine, settings),
        dns=standing,
    )


def _dns(settings: Settings, state: State, naming: Naming) -> dns.Standing:
    zone, hosts = settings.dns_zone, settings.domain_names
    if not zone:
        return dns.Standing()
    records = dns.list_records(RpcClient(ALIDNS, settings.region), zone, hosts)
    return dns.judge(records, zone, hosts, state, naming)


def _newest_image() -> str:
    found = alicloud.ecs.get_images(
        owners="system", name_regex=IMAGE_NAME_REGEX, architecture="x86_64", os_type="linux", most_recent=True
    )
    if not found.images:
        raise SurveyError(
            f"the cloud offers no image of its own whose name matches {IMAGE_NAME_REGEX}",
            consequence="no instance can be made; nothing was created or changed.",
            fix="pulumi config set oss-proxy:imageId ID, with a Debian 13 image of this region.",
        )
    return found.images[0].id


def _zone_with(settings: Settings) -> str:
    category = settings.system_disk_category
    known = category in CATEGORIES_OF_ZONES
    zones = alicloud.get_zones(
        available_instance_type=settings.instance_type,
        available_disk_category=category if known else None,
        available_resource_creation="VSwitch",
    ).ids
    if not known:
        offered = alicloud.ecs.get_instance_types(
            instance_type=settings.instance_type, system_disk_category=category, network_type="Vpc"
        ).instance_types
        selling = {zone for one in offered for zone in one.availability_zones}
        zones = [zone for zone in zones if zone in selling]
    if not zones:
        raise SurveyError(
            f"no zone of {settings.region} offers {settings.instance_type} "
            f"with {settings.system_disk_category}",
            consequence="no instance can be made; nothing was created or changed.",
            fix="pulumi config set oss-proxy:instanceType TYPE, with one that the region offers.",
        )
    return zones[0]


def _known(machine: Machine | None, settings: Settings) -> Machine:
    if machine is None:
        raise SurveyError(
            f"{settings.region} knows no instance type {settings.instance_type}",
            consequence="no instance can be made; nothing was created or changed.",
            fix="pulumi config set oss-proxy:instanceType TYPE, with one that the region offers.",
        )
    return machine


def _require_one_account(provider_uid: str, sdk_uid: str) -> None:
    if provider_uid != sdk_uid:
        raise SurveyError(
            f"the provider's credentials belong to account {provider_uid}, the SDKs' to account {sdk_uid}",
            consequence="another account would write the bucket policy; nothing was created or changed.",
            fix="give both the same, for example only ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET, "
            "and unset ALICLOUD_ACCESS_KEY, ALICLOUD_SECRET_KEY and profiles.",
        )


def _require_usable_bucket(settings: Settings, account_uid: str, bucket: sdk.BucketInfo) -> None:
    if bucket.owner_uid != account_uid:
        raise SurveyError(
            f"the bucket {settings.bucket_name} belongs to account {bucket.owner_uid}, "
            f"these credentials to account {account_uid}",
            consequence="its policy is not this account's to set; nothing was created or changed.",
            fix="use credentials of the bucket's owner, or a bucket of yours.",
        )
    if bucket.region != settings.region:
        raise SurveyError(
            f"the bucket {settings.bucket_name} is in {bucket.region}, the stack in {settings.region}",
            consequence="its internal endpoint is out of reach from there; nothing was created or changed.",
            fix=f"pulumi config set alicloud:region {bucket.region}, in a new stack.",
        )


def _endpoint(settings: Settings, bucket: sdk.BucketInfo | None) -> str:
    """Returns the internal endpoint as the bucket names it; that of its region while it is yet to be made."""
    if bucket is None:
        return internal_endpoint(settings.region)
    try:
        return require_internal_endpoint(settings.region, bucket.internal_endpoint)
    except ValueError as error:
        raise SurveyError(
            f"the bucket {settings.bucket_name} {error}",
            consequence="what the proxy would ask is not certain; nothing was created or changed.",
            fix="use a bucket with the ordinary endpoint of its region.",
        ) from None
