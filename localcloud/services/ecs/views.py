"""How records of ECS look in answers; the shapes are those of the official SDK's models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.services.ecs.catalog import INSTANCE_TYPES
from localcloud.services.ecs.models import Disk, Instance, SecurityGroup
from localcloud.services.ids import DEFAULT_RESOURCE_GROUP_ID, to_minutes, to_seconds
from localcloud.services.state import State

# What the cloud shows for instances that are billed by use.
_NEVER_EXPIRES = "2099-12-31T15:59Z"
_SECURITY_GROUP_CAPACITY = 2000


def tag_list(tags: Mapping[str, str]) -> dict[str, Any]:
    """Returns tags as ECS lists them."""
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in tags.items()]}


def instance_common(instance: Instance, state: State) -> dict[str, Any]:
    """Returns what DescribeInstances and DescribeInstanceAttribute show alike."""
    kind = INSTANCE_TYPES[instance.instance_type]
    eip = state.eip_of(instance.instance_id)
    return {
        "InstanceId": instance.instance_id,
        "InstanceName": instance.name,
        "Description": instance.description,
        "Status": instance.status,
        "RegionId": instance.region_id,
        "ZoneId": instance.zone_id,
        "ClusterId": "",
        "HostName": instance.hostname,
        "ImageId": instance.image_id,
        "InstanceType": instance.instance_type,
        "Cpu": kind.cores,
        "Memory": kind.memory_gib * 1024,
        "SerialNumber": instance.serial_number,
        "InstanceNetworkType": "vpc",
        "InstanceChargeType": "PostPaid",
        "InternetChargeType": instance.internet_charge_type,
        "InternetMaxBandwidthIn": 0,
        "InternetMaxBandwidthOut": 0,
        "CreditSpecification": "",
        "StoppedMode": "KeepCharging" if instance.status == "Stopped" else "Not-applicable",
        "VlanId": "",
        "CreationTime": to_minutes(instance.created),
        "ExpiredTime": _NEVER_EXPIRES,
        "SecurityGroupIds": {"SecurityGroupId": list(instance.security_group_ids)},
        "VpcAttributes": {
            "VpcId": instance.vpc_id,
            "VSwitchId": instance.vswitch_id,
            "PrivateIpAddress": {"IpAddress": [instance.private_ip]},
            "NatIpAddress": "",
        },
        "EipAddress": {
            "AllocationId": eip.allocation_id if eip else "",
            "IpAddress": eip.address if eip else "",
            "Bandwidth": eip.bandwidth_mbps if eip else 0,
            "InternetChargeType": eip.internet_charge_type if eip else "",
        },
        "InnerIpAddress": {"IpAddress": []},
        "PublicIpAddress": {"IpAddress": []},
        "OperationLocks": {"LockReason": []},
        "DedicatedHostAttribute": {"DedicatedHostId": "", "DedicatedHostName": ""},
    }


def instance_view(instance: Instance, state: State) -> dict[str, Any]:
    """Returns an instance as DescribeInstances shows it."""
    kind = INSTANCE_TYPES[instance.instance_type]
    image = state.images[instance.image_id]
    return {
        **instance_common(instance, state),
        "InstanceTypeFamily": kind.family,
        "CpuOptions": {
            "CoreCount": max(1, kind.cores // 2),
            "ThreadsPerCore": min(2, kind.cores),
            "Numa": "",
        },
        "OSName": image.os_name,
        "OSNameEn": image.os_name,
        "OSType": "linux",
        "IoOptimized": True,
        "DeviceAvailable": True,
        "Recyclable": False,
        "GPUAmount": 0,
        "GPUSpec": "",
        "LocalStorageAmount": 0,
        "LocalStorageCapacity": 0,
        "KeyPairName": "",
        "HpcClusterId": "",
        "DeploymentSetId": "",
        "AutoReleaseTime": "",
        "SaleCycle": "",
        "SpotStrategy": "NoSpot",
        "SpotPriceLimit": 0.0,
        "SpotDuration": 1,
        "SpotInterruptionBehavior": "Terminate",
        "DeletionProtection": instance.deletion_protection,
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
        "StartTime": to_minutes(instance.started) if instance.started else "",
        "MetadataOptions": {
            "HttpEndpoint": instance.http_endpoint,
            "HttpTokens": instance.http_tokens,
            "HttpPutResponseHopLimit": instance.http_put_response_hop_limit,
        },
        "ImageOptions": {"LoginAsNonRoot": False},
        "AdditionalInfo": {"EnableHighDensityMode": False},
        "HibernationOptions": {"Configured": False},
        "DedicatedInstanceAttribute": {"Tenancy": "", "Affinity": ""},
        "EcsCapacityReservationAttr": {"CapacityReservationId": "", "CapacityReservationPreference": ""},
        "RdmaIpAddress": {"IpAddress": []},
        "NetworkInterfaces": {
            "NetworkInterface": [
                {
                    "NetworkInterfaceId": instance.interface_id,
                    "Type": "Primary",
                    "MacAddress": instance.mac,
                    "PrimaryIpAddress": instance.private_ip,
                    "PrivateIpSets": _private_ips(instance),
                }
            ]
        },
        "Tags": tag_list(instance.tags),
    }


def interface_view(instance: Instance) -> dict[str, Any]:
    """Returns the primary network interface of an instance."""
    return {
        "NetworkInterfaceId": instance.interface_id,
        "NetworkInterfaceName": "",
        "Description": "",
        "Type": "Primary",
        "Status": "InUse",
        "InstanceId": instance.instance_id,
        "Attachment": {"InstanceId": instance.instance_id, "DeviceIndex": 0, "NetworkCardIndex": 0},
        "NetworkInterfaceTrafficMode": "Standard",
        "QueueNumber": 1,
        "SourceDestCheck": False,
        "DeleteOnRelease": True,
        "MacAddress": instance.mac,
        "PrivateIpAddress": instance.private_ip,
        "PrivateIpSets": _private_ips(instance),
        "Ipv6Sets": {"Ipv6Set": []},
        "VpcId": instance.vpc_id,
        "VSwitchId": instance.vswitch_id,
        "ZoneId": instance.zone_id,
        "SecurityGroupIds": {"SecurityGroupId": list(instance.security_group_ids)},
        "OwnerId": instance.account_uid,
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
        "ServiceManaged": False,
        "CreationTime": to_seconds(instance.created),
        "Tags": tag_list(instance.interface_tags),
    }


def disk_view(disk: Disk) -> dict[str, Any]:
    """Returns a disk."""
    attached = to_seconds(disk.created)
    return {
        "DiskId": disk.disk_id,
        "DiskName": disk.name,
        "Description": disk.description,
        "Type": "system",
        "Category": disk.category,
        "PerformanceLevel": disk.performance_level,
        "Size": disk.size_gib,
        "Encrypted": disk.encrypted,
        "KMSKeyId": disk.kms_key_id,
        "ImageId": disk.image_id,
        "InstanceId": disk.instance_id,
        "Device": "/dev/xvda",
        "Attachments": {
            "Attachment": [
                {"InstanceId": disk.instance_id, "Device": "/dev/xvda", "AttachedTime": attached},
            ]
        },
        "AttachedTime": attached,
        "DetachedTime": "",
        "Status": "In_use",
        "RegionId": disk.region_id,
        "ZoneId": disk.zone_id,
        "DiskChargeType": "PostPaid",
        "DeleteWithInstance": True,
        "DeleteAutoSnapshot": True,
        "EnableAutoSnapshot": True,
        "EnableAutomatedSnapshotPolicy": False,
        "AutoSnapshotPolicyId": "",
        "StorageClusterId": "",
        "BurstingEnabled": False,
        "ProvisionedIops": 0,
        "Portable": True,
        "MultiAttach": "Disabled",
        "SerialNumber": disk.disk_id.partition("-")[2],
        "SourceSnapshotId": "",
        "ProductCode": "",
        "ExpiredTime": _NEVER_EXPIRES,
        "CreationTime": to_seconds(disk.created),
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
        "OperationLocks": {"OperationLock": []},
        "MountInstances": {"MountInstance": []},
        "Tags": tag_list(disk.tags),
    }


def security_group_view(group: SecurityGroup, state: State) -> dict[str, Any]:
    """Returns a security group, without its rules."""
    members = len(state.members_of(group.security_group_id))
    return {
        "SecurityGroupId": group.security_group_id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "SecurityGroupType": group.kind,
        "VpcId": group.vpc_id,
        "EcsCount": members,
        "AvailableInstanceAmount": _SECURITY_GROUP_CAPACITY - members,
        "RuleCount": len(group.rules),
        "GroupToGroupRuleCount": sum(bool(rule.group_id) for rule in group.rules),
        "ServiceManaged": False,
        "CreationTime": to_seconds(group.created),
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
        "Tags": tag_list(group.tags),
    }


def _private_ips(instance: Instance) -> dict[str, Any]:
    return {"PrivateIpSet": [{"PrivateIpAddress": instance.private_ip, "Primary": True}]}
