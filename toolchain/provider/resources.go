package main

// resources maps a Terraform resource to its token in the pulumi_alicloud Python package.
// A further resource is one more line here; tests/toolchain checks the tokens against the package.
var resources = map[string]string{
	"alicloud_vpc":     "alicloud:vpc/network:Network",
	"alicloud_vswitch": "alicloud:vpc/switch:Switch",

	"alicloud_ecs_command":         "alicloud:ecs/command:Command",
	"alicloud_ecs_invocation":      "alicloud:ecs/ecsInvocation:EcsInvocation",
	"alicloud_eip_address":         "alicloud:ecs/eipAddress:EipAddress",
	"alicloud_eip_association":     "alicloud:ecs/eipAssociation:EipAssociation",
	"alicloud_instance":            "alicloud:ecs/instance:Instance",
	"alicloud_security_group":      "alicloud:ecs/securityGroup:SecurityGroup",
	"alicloud_security_group_rule": "alicloud:ecs/securityGroupRule:SecurityGroupRule",

	"alicloud_oss_bucket":                        "alicloud:oss/bucket:Bucket",
	"alicloud_oss_bucket_acl":                    "alicloud:oss/bucketAcl:BucketAcl",
	"alicloud_oss_bucket_policy":                 "alicloud:oss/bucketPolicy:BucketPolicy",
	"alicloud_oss_bucket_public_access_block":    "alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock",
	"alicloud_oss_bucket_server_side_encryption": "alicloud:oss/bucketServerSideEncryption:BucketServerSideEncryption",
	"alicloud_oss_bucket_versioning":             "alicloud:oss/bucketVersioning:BucketVersioning",

	"alicloud_ram_policy":                 "alicloud:ram/policy:Policy",
	"alicloud_ram_role":                   "alicloud:ram/role:Role",
	"alicloud_ram_role_attachment":        "alicloud:ram/roleAttachment:RoleAttachment",
	"alicloud_ram_role_policy_attachment": "alicloud:ram/rolePolicyAttachment:RolePolicyAttachment",

	"alicloud_alidns_record": "alicloud:dns/alidnsRecord:AlidnsRecord",
	"alicloud_cms_alarm":     "alicloud:cms/alarm:Alarm",

	"alicloud_ess_scaling_configuration": "alicloud:ess/scalingConfiguration:ScalingConfiguration",
	"alicloud_ess_scaling_group":         "alicloud:ess/scalingGroup:ScalingGroup",
	"alicloud_ess_scaling_rule":          "alicloud:ess/scalingRule:ScalingRule",

	"alicloud_nlb_listener":                       "alicloud:nlb/listener:Listener",
	"alicloud_nlb_load_balancer":                  "alicloud:nlb/loadBalancer:LoadBalancer",
	"alicloud_nlb_server_group":                   "alicloud:nlb/serverGroup:ServerGroup",
	"alicloud_nlb_server_group_server_attachment": "alicloud:nlb/serverGroupServerAttachment:ServerGroupServerAttachment",
}

// single names, for a resource, the lists of at most one element that the Python package has as one object. The newer
// Terraform provider that the package was made from bounds them; the one that is built here does not.
var single = map[string][]string{
	"alicloud_instance": {"network_interfaces"},
}

// dataSources maps a Terraform data source to its token in the pulumi_alicloud Python package.
var dataSources = map[string]string{
	"alicloud_account":         "alicloud:index/getAccount:getAccount",
	"alicloud_caller_identity": "alicloud:index/getCallerIdentity:getCallerIdentity",
	"alicloud_regions":         "alicloud:index/getRegions:getRegions",
	"alicloud_zones":           "alicloud:index/getZones:getZones",

	"alicloud_eip_addresses":   "alicloud:ecs/getEipAddresses:getEipAddresses",
	"alicloud_images":          "alicloud:ecs/getImages:getImages",
	"alicloud_instance_types":  "alicloud:ecs/getInstanceTypes:getInstanceTypes",
	"alicloud_security_groups": "alicloud:ecs/getSecurityGroups:getSecurityGroups",

	"alicloud_oss_buckets": "alicloud:oss/getBuckets:getBuckets",

	"alicloud_vpcs":      "alicloud:vpc/getNetworks:getNetworks",
	"alicloud_vswitches": "alicloud:vpc/getSwitches:getSwitches",
}
