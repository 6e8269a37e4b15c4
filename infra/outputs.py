"""The keys of the stack's outputs; scripts and tests use these."""

from __future__ import annotations

from typing import Final

ACCESS: Final = "access"
ACCESS_FACTS: Final = "access_facts"
ACCOUNT_UID: Final = "account_uid"
BUCKET: Final = "bucket"
BUCKET_POLICY: Final = "bucket_policy"
CERTIFICATE: Final = "certificate"
CONFIGURATION: Final = "configuration"
DNS_RECORDS: Final = "dns_records"
IMAGE_ID: Final = "image_id"
INSTANCE_ID: Final = "instance_id"
INTERNAL_ENDPOINT: Final = "internal_endpoint"
NGINX_CONFIG: Final = "nginx_config"
POLICY_PREVIEW: Final = "policy_preview"
PRIVATE_IP: Final = "private_ip"
PUBLIC_IP: Final = "public_ip"
RUNBOOK: Final = "runbook"
URL: Final = "url"
VPC_ID: Final = "vpc_id"
