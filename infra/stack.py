"""Wires texts and components together, in the order in which they depend on each other."""

from __future__ import annotations

import pulumi

from infra import outputs, policy, protection, render
from infra.access.context import dumped
from infra.access.kit import access as access_page
from infra.alarms.component import Alarms, AlarmsArgs
from infra.bucket_policy import BucketPolicy
from infra.data_plane import nginx_context, open_ports, ports, system_context
from infra.dns import names
from infra.dns.records import dns_records
from infra.error_hook import explaining
from infra.guard import AccountGuard
from infra.instance_files import packages, system_files
from infra.naming import Naming
from infra.network import Network, NetworkArgs
from infra.policy_merge import contains, readable
from infra.policy_plan import require_plan
from infra.previews import known_or
from infra.proxy import Proxy, ProxyArgs
from infra.setting_types_tls import DNS_01
from infra.settings import Settings
from infra.stack_access import stack_access
from infra.stack_bucket import first_guard, last_guard, managed_bucket
from infra.stack_configuration import bring_configuration, certificate_of, content
from infra.stack_runbook import stack_runbook, url
from infra.survey import Site
from infra.tls.dns_role import DnsRole, DnsRoleArgs

NAME = "proxy"


def make(settings: Settings, site: Site, naming: Naming) -> dict[str, pulumi.Input[str]]:
    """Registers every resource of the stack.

    Args:
        settings: What the stack is to be.
        site: Where it goes.
        naming: Makes the names and tags that the cloud shows.

    Returns:
        The stack's outputs by their keys of ``infra.outputs``.

    Raises:
        render.RenderError: When a text cannot be made, and DeliveryError when it cannot be brought to an
            instance; nothing has been registered then.
        policy.PolicyError: Likewise; and the errors of ``policy_plan.require_plan``, when the bucket's
            policy leaves no place for the proxy's statement.
    """
    nginx_conf = render.nginx_conf(nginx_context(settings, site.bucket_host, site.machine))
    system = system_context(settings, site.bucket_host)
    user_data = render.user_data(nginx_conf, system_files(system), packages=packages(system))
    brought = content(settings, site, nginx_conf)

    def policy_for(vpc_id: str) -> str:
        return policy.build(
            owner_uid=site.account_uid,
            bucket=settings.bucket_name,
            prefixes=settings.object_prefixes,
            private_ips=[settings.private_ip],
            vpc_id=vpc_id,
            versions="versionId" in settings.allowed_query,
            grants=settings.access_grants,
        )

    # The policy comes after the VPC: what stands against it must be told before that is made.
    require_plan(site.bucket_policy, policy_for, secure=settings.oss_over_https)

    if notice := names.filing_notice(settings.region, settings.domain_names):
        # No warning: whether it is filed already is not known here.
        pulumi.log.info(notice)
    hooks = explaining()
    protected = protection.record(settings.model_dump(by_alias=True))
    guard = AccountGuard(
        f"{NAME}-account", account_uid=site.account_uid, region=settings.region, protected=protected
    )
    bucket_guard = first_guard(NAME, settings, site, after=guard)
    bucket = managed_bucket(NAME, settings, site, naming, after=bucket_guard)
    network = Network(
        NAME,
        NetworkArgs(
            naming=naming,
            vpc_cidr=settings.vpc_cidr,
            vswitch_cidr=settings.vswitch_cidr,
            zone_id=site.zone_id,
            zone_pinned=bool(settings.zone_id),
            ports=ports(settings),
            allowed_cidrs=settings.allowed_cidrs,
            open_ports=open_ports(settings),
            protect=settings.deletion_protection,
            hooks=hooks,
            after=bucket_guard,
        ),
    )
    settled_vpc_id = known_or(policy.UNKNOWN_VPC, network.vpc_id)
    access = BucketPolicy(
        f"{NAME}-bucket-policy",
        region=settings.region,
        bucket=settings.bucket_name,
        policy=network.vpc_id.apply(policy_for),
        draft=settled_vpc_id.apply(policy_for),
        seen=site.bucket_policy,
        secure=settings.oss_over_https,
        opts=pulumi.ResourceOptions(depends_on=bucket),
    )

    def document_with(own: str) -> pulumi.Input[str]:
        # Where this run changes nothing, what the survey saw is newer than what the state holds.
        seen, former = site.bucket_policy, site.own_policy
        unchanged = former is None or policy.same_meaning(former, own)
        return readable(seen) if seen is not None and unchanged and contains(seen, own) else access.document

    proxy = Proxy(
        NAME,
        ProxyArgs(
            naming=naming,
            vswitch_id=network.vswitch_id,
            security_group_id=network.security_group_id,
            private_ip=settings.private_ip,
            image_id=site.image_id,
            image_pinned=bool(settings.image_id),
            instance_type=settings.instance_type,
            system_disk_category=settings.system_disk_category,
            system_disk_size_gib=settings.system_disk_size_gib,
            user_data=user_data,
            bandwidth_billing=settings.bandwidth_billing,
            bandwidth_mbps=settings.bandwidth_mbps,
            deletion_protection=settings.deletion_protection,
            hooks=hooks,
            after=bucket_guard,
            access=access,
        ),
    )
    records = dns_records(
        *(settings.dns_zone, settings.domain_names, naming, site.dns),
        address=proxy.public_ip,
        hooks=hooks,
    )
    if settings.acme_challenge == DNS_01:
        records.append(
            DnsRole(
                NAME,
                DnsRoleArgs(
                    naming=naming,
                    account_uid=site.account_uid,
                    zone=settings.dns_zone,
                    instance_id=proxy.instance_id,
                    hooks=hooks,
                    after=bucket_guard,
                ),
            )
        )
    configuration = bring_configuration(
        *(NAME, settings, site, naming),
        content=brought,
        proxy=proxy,
        access=access,
        after=records,
    )
    watch: list[pulumi.Resource] = []
    if settings.alarms:
        watch.append(
            Alarms(
                NAME,
                AlarmsArgs(
                    naming=naming,
                    region=settings.region,
                    contact_groups=settings.alarm_contact_groups,
                    bandwidth_percent=settings.alarm_bandwidth_percent,
                    instance_id=proxy.instance_id,
                    eip_id=proxy.eip_id,
                    bucket=settings.bucket_name,
                    after=bucket_guard,
                ),
            )
        )
    last = AccountGuard(
        f"{NAME}-account-last",
        account_uid=site.account_uid,
        region=settings.region,
        protected=protected,
        # A destroy begins with what nothing depends on: this refuses it before anything is deleted.
        opts=pulumi.ResourceOptions(
            depends_on=[guard, *bucket, network, access, proxy, *records, configuration, *watch]
        ),
    )
    last_guard(NAME, settings, site, after=last)
    kit = stack_access(settings, site, naming, proxy)
    return {
        outputs.ACCESS: kit.apply(access_page),
        outputs.ACCESS_FACTS: kit.apply(dumped),
        outputs.ACCOUNT_UID: site.account_uid,
        outputs.BUCKET: settings.bucket_name,
        outputs.CERTIFICATE: certificate_of(settings, configuration),
        outputs.BUCKET_POLICY: network.vpc_id.apply(policy_for).apply(document_with),
        outputs.CONFIGURATION: configuration.revision,
        outputs.DNS_RECORDS: proxy.public_ip.apply(
            lambda address: names.told(settings.domain_names, settings.dns_zone, address)
        ),
        outputs.IMAGE_ID: proxy.image_id,
        outputs.INSTANCE_ID: proxy.instance_id,
        outputs.INTERNAL_ENDPOINT: site.bucket_host.partition(".")[2],
        outputs.NGINX_CONFIG: nginx_conf,
        outputs.POLICY_PREVIEW: settled_vpc_id.apply(policy_for).apply(document_with),
        outputs.PRIVATE_IP: str(settings.private_ip),
        outputs.PUBLIC_IP: proxy.public_ip,
        outputs.RUNBOOK: stack_runbook(settings, site, naming, proxy, settled_vpc_id),
        outputs.URL: proxy.public_ip.apply(lambda address: url(settings, address)),
        outputs.VPC_ID: network.vpc_id,
    }
