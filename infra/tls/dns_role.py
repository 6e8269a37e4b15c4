"""The instance's RAM role, by which it makes the records that prove its names to an authority."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.naming import Naming
from infra.tls import dns_rights


@dataclass(frozen=True, kw_only=True)
class DnsRoleArgs:
    """What the role needs.

    Attributes:
        naming: Makes the names and tags that the cloud shows.
        account_uid: The account that has the domain.
        zone: The domain.
        instance_id: The instance that gets the role.
        hooks: What is called when the cloud refuses.
        after: What must be there before anything is made.
    """

    naming: Naming
    account_uid: str
    zone: str
    instance_id: pulumi.Input[str]
    hooks: pulumi.ResourceHookBinding
    after: pulumi.Resource


class DnsRole(pulumi.ComponentResource):
    """A role with rights in one domain, given to a running instance without replacing it.

    Args:
        name: The logical name; children are named after it.
        args: What the role needs.
        opts: Pulumi's options.
    """

    def __init__(self, name: str, args: DnsRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # Only a stack that has one spends the time to import it.
        import pulumi_alicloud.ram as alicloud_ram

        super().__init__("oss-proxy:infra:DnsRole", name, None, opts)
        own = pulumi.ResourceOptions(parent=self, hooks=args.hooks, depends_on=args.after)
        called, tags = dns_rights.name_of(args.naming), args.naming.tags()
        role = alicloud_ram.Role(
            f"{name}-acme-dns-role",
            role_name=called,
            assume_role_policy_document=dns_rights.trust(),
            description="the OSS proxy proves its names by records of Alibaba Cloud DNS",
            tags=tags,
            opts=own,
        )
        policy = alicloud_ram.Policy(
            f"{name}-acme-dns-policy",
            policy_name=called,
            policy_document=dns_rights.policy(args.account_uid, args.zone),
            description="records of one domain, for the OSS proxy's certificate",
            tags=tags,
            # For another domain it is made anew: versions of it would need rights that nothing else does.
            opts=pulumi.ResourceOptions.merge(
                own,
                pulumi.ResourceOptions(replace_on_changes=["policyDocument"], delete_before_replace=True),
            ),
        )
        rights = alicloud_ram.RolePolicyAttachment(
            f"{name}-acme-dns-rights",
            role_name=role.role_name,
            policy_name=policy.policy_name,
            policy_type="Custom",
            opts=own,
        )
        alicloud_ram.RoleAttachment(
            f"{name}-acme-dns-attachment",
            role_name=role.role_name,
            instance_ids=[args.instance_id],
            # The instance is to have its rights as soon as it has credentials.
            opts=pulumi.ResourceOptions.merge(own, pulumi.ResourceOptions(depends_on=[rights])),
        )
        self.register_outputs({})
