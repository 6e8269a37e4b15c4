"""The proxy itself: an instance that runs nginx, behind an EIP.

The instance needs no RAM role, no key and no password: nginx's requests to OSS are anonymous, and nobody
logs in. Its user data counts for the first boot alone; what changes after that is brought to the running
instance (``infra.rollout``). Where it is replaced, the EIP and the private address stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

import pulumi
import pulumi_alicloud as alicloud

from infra.naming import Naming

# How the ids of images begin that are not the cloud's own.
# Source: https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-createimage (2026-11-24)
CUSTOM_IMAGE = "m-"
PERFORMANCE_LEVELS = {"cloud_essd": "PL0"}


@dataclass(frozen=True, kw_only=True)
class ProxyArgs:
    """What a proxy needs.

    Attributes:
        naming: Makes the names and tags that the cloud shows.
        vswitch_id: The vSwitch that the instance is in.
        security_group_id: The security group that it is in.
        private_ip: Its private address, the one that the bucket policy names.
        image_id: The image that it boots.
        image_pinned: Whether the image was chosen by the owner; if not, a running instance keeps its own.
        instance_type: Its type.
        system_disk_category: The category of its system disk.
        system_disk_size_gib: The size of its system disk in GiB.
        user_data: What cloud-init does at the first boot.
        bandwidth_billing: What the EIP's traffic costs: ``PayByTraffic`` or ``PayByBandwidth``.
        bandwidth_mbps: The most that the EIP lets through, in Mbit/s.
        deletion_protection: Whether the cloud and Pulumi refuse to delete the instance and the EIP.
        hooks: What is called when the cloud refuses.
        after: What must be there before anything is made.
        access: What must be there before the instance boots.
    """

    naming: Naming
    vswitch_id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    private_ip: IPv4Address
    image_id: str
    image_pinned: bool
    instance_type: str
    system_disk_category: str
    system_disk_size_gib: int
    user_data: str
    bandwidth_billing: str
    bandwidth_mbps: int
    deletion_protection: bool
    hooks: pulumi.ResourceHookBinding
    after: pulumi.Resource
    access: pulumi.Resource


class Proxy(pulumi.ComponentResource):
    """One instance with one public address.

    Args:
        name: The logical name; children are named after it.
        args: What the proxy needs.
        opts: Pulumi's options.
    """

    instance_id: pulumi.Output[str]
    instance_urn: pulumi.Output[str]
    image_id: pulumi.Output[str]
    eip_id: pulumi.Output[str]
    public_ip: pulumi.Output[str]
    reached_at: pulumi.Output[str]

    def __init__(self, name: str, args: ProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("oss-proxy:infra:Proxy", name, None, opts)
        eip = alicloud.ecs.EipAddress(
            f"{name}-eip",
            address_name=args.naming.physical("eip"),
            payment_type="PayAsYouGo",
            internet_charge_type=args.bandwidth_billing,  # named, because the cloud's default is a rent
            bandwidth=str(args.bandwidth_mbps),
            deletion_protection=args.deletion_protection,
            tags=args.naming.tags(),
            opts=pulumi.ResourceOptions(
                parent=self,
                hooks=args.hooks,
                protect=args.deletion_protection,
                depends_on=[args.after],
            ),
        )
        instance = self._instance(name, args)
        association = alicloud.ecs.EipAssociation(
            f"{name}-eip-association",
            allocation_id=eip.id,
            instance_id=instance.id,
            instance_type="EcsInstance",
            opts=pulumi.ResourceOptions(
                parent=self,
                hooks=args.hooks,
                # An EIP has one association at a time.
                delete_before_replace=True,
            ),
        )
        self.instance_id = instance.id
        self.instance_urn = instance.urn
        self.image_id = instance.image_id
        self.eip_id = eip.id
        self.public_ip = eip.ip_address
        # The same, known when it leads to the instance.
        self.reached_at = pulumi.Output.all(eip.ip_address, association.id).apply(lambda made: str(made[0]))
        self.register_outputs(
            {"instance_id": self.instance_id, "image_id": self.image_id, "public_ip": self.public_ip}
        )

    def _instance(self, name: str, args: ProxyArgs) -> alicloud.ecs.Instance:
        return alicloud.ecs.Instance(
            f"{name}-instance",
            instance_name=args.naming.physical("instance"),
            instance_type=args.instance_type,
            instance_charge_type="PostPaid",
            image_id=args.image_id,
            vswitch_id=args.vswitch_id,
            private_ip=str(args.private_ip),
            security_groups=[args.security_group_id],
            internet_max_bandwidth_out=0,  # no public address of its own: that is the EIP's
            http_endpoint="enabled",
            http_tokens="required",
            system_disk_category=args.system_disk_category,
            system_disk_performance_level=PERFORMANCE_LEVELS.get(args.system_disk_category),
            system_disk_size=args.system_disk_size_gib,
            system_disk_encrypted=True,
            user_data=args.user_data,
            # Security Center's agent, which the cloud puts into its own images only.
            security_enhancement_strategy=None if args.image_id.startswith(CUSTOM_IMAGE) else "Active",
            deletion_protection=args.deletion_protection,
            tags=args.naming.tags(),
            # The cloud gives a new instance's tags to its disk and interface as well; a later change
            # reaches the disk by these. Nothing reaches the interface, which keeps those of its making.
            volume_tags=args.naming.tags(),
            opts=pulumi.ResourceOptions(
                parent=self,
                hooks=args.hooks,
                protect=args.deletion_protection,
                # Who is not let in need not boot, and a policy that cannot be written costs no instance.
                depends_on=[args.access],
                # The provider would reboot a running proxy for new user data, which cloud-init would not
                # read; a successor gets them. The newest image changes by itself, and the provider would
                # swap the disk of a running proxy. The agent comes with a new instance alone.
                ignore_changes=[
                    "user_data",
                    "security_enhancement_strategy",
                    *([] if args.image_pinned else ["image_id"]),
                ],
                # In place, the provider stops the instance for each of these, or loses its disk.
                replace_on_changes=["image_id", "private_ip", "vswitch_id"],
                # The successor needs the same private address.
                delete_before_replace=True,
            ),
        )
