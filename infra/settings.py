"""The stack's settings: the one place that reads the configuration.

Every fault is reported together with all others. Types, descriptions and defaults stand in
``Pulumi.yaml`` and nowhere else: Pulumi hands a default over like a value, so no field has one here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv4Network

import pulumi.runtime.config as pulumi_config
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel

from infra import addresses
from infra.setting_faults import OtherSettingFault, SettingsError, clear_secret, faults_of
from infra.setting_secrets import in_the_clear
from infra.setting_types import (
    LARGEST_BANDWIDTH_MBPS,
    BandwidthBilling,
    BucketName,
    ClientNetworks,
    ContactGroups,
    DiskCategory,
    ImageId,
    InstanceType,
    Network,
    Port,
    Prefixes,
    Region,
    TagValue,
    VpcNetwork,
)
from infra.setting_types_acme import (
    AcmeCaCertificate,
    AcmeDirectory,
    AcmeEmail,
    AcmeOpenPort80,
    AcmeProfile,
)
from infra.setting_types_bucket import BucketEncryption, BucketMode, BucketProtection, BucketVersioning
from infra.setting_types_clients import ClientPasswords, LinkKeys
from infra.setting_types_dns import DnsZone, DomainNames
from infra.setting_types_grants import AccessGrants
from infra.setting_types_nginx import (
    CacheMinutes,
    CacheSize,
    ClientConnections,
    ClientRequests,
    ConnectionMbps,
    Document,
    HeaderValue,
    IndexDocument,
    Origins,
    Presigned,
    QueryNames,
)
from infra.setting_types_tls import (
    AcmeChallenge,
    HstsSeconds,
    Https,
    HttpsPort,
    PlainHttp,
    TlsCertificate,
    TlsPrivateKey,
    TlsSetting,
    https_of,
)

NAMESPACE = "oss-proxy"
REGION_KEY = "alicloud:region"


class Settings(BaseModel):
    """What the stack is to be, checked. ``Pulumi.yaml`` describes the fields.

    What a value may be by itself stands with its type in ``infra.setting_types``; here is what it may be
    beside other settings. A field's example is what the fix of a fault suggests. The order matters: a
    field is checked against those above it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    region: Region = Field(alias="alicloud:region", examples=["cn-hangzhou"])
    bucket_name: BucketName = Field(examples=["my-bucket"])
    bucket_mode: BucketMode = Field(examples=["existing"])
    bucket_versioning: BucketVersioning = Field(examples=["true"])
    bucket_encryption: BucketEncryption = Field(examples=["AES256"])
    bucket_protection: BucketProtection = Field(examples=["true"])
    object_prefixes: Prefixes = Field(examples=["public/"])
    access_grants: AccessGrants = Field(examples=["app"])
    public: bool = Field(examples=["false"])
    allowed_cidrs: ClientNetworks = Field(examples=["203.0.113.0/24"])
    listen_port: Port = Field(examples=["80"])
    acme_challenge: AcmeChallenge = Field(examples=["http-01"])
    tls: TlsSetting = Field(examples=["provided"])
    tls_certificate: TlsCertificate = Field(examples=['-- "$(cat fullchain.pem)"'])
    tls_private_key: TlsPrivateKey = Field(examples=[""])
    domain_names: DomainNames = Field(examples=["files.example.com"])
    dns_zone: DnsZone = Field(examples=["example.com"])
    acme_open_port80: AcmeOpenPort80 = Field(examples=["true"])
    acme_directory: AcmeDirectory = Field(examples=['""'])
    acme_ca_certificate: AcmeCaCertificate = Field(examples=['-- "$(cat root.pem)"'])
    acme_email: AcmeEmail = Field(examples=["ops@example.com"])
    acme_profile: AcmeProfile = Field(examples=['""'])
    https_port: HttpsPort = Field(examples=["443"])
    plain_http: PlainHttp = Field(examples=["redirect"])
    hsts_seconds: HstsSeconds = Field(examples=["0"])
    vpc_cidr: VpcNetwork = Field(examples=["172.16.0.0/24"])
    vswitch_cidr: Network = Field(examples=["172.16.0.0/28"])
    private_ip: IPv4Address = Field(examples=['""'])
    zone_id: str = Field(examples=['""'])
    instance_type: InstanceType = Field(examples=["ecs.e-c1m2.large"])
    image_id: ImageId = Field(examples=['""'])
    system_disk_category: DiskCategory = Field(examples=["cloud_essd"])
    system_disk_size_gib: int = Field(ge=20, le=500, examples=["20"])
    bandwidth_billing: BandwidthBilling = Field(examples=["PayByTraffic"])
    bandwidth_mbps: int = Field(ge=1, examples=["20"])
    client_passwords: ClientPasswords = Field(examples=[""])
    boot_timeout_seconds: int = Field(ge=30, le=3600, examples=["600"])
    readiness_timeout_seconds: int = Field(ge=5, le=900, examples=["120"])
    alarms: bool = Field(examples=["true"])
    alarm_contact_groups: ContactGroups = Field(examples=["ops"])
    alarm_bandwidth_percent: int = Field(ge=10, le=100, examples=["80"])
    security_upgrades: bool = Field(examples=["true"])
    deletion_protection: bool = Field(examples=["true"])
    owner: TagValue = Field(examples=["team-storage"])
    presigned: Presigned = Field(examples=["none"])
    allowed_query: QueryNames = Field(examples=["versionId"])
    link_keys: LinkKeys = Field(examples=[""])
    oss_over_https: bool = Field(examples=["true"])
    preview_in_browser: bool = Field(examples=["false"])
    hide_existence: bool = Field(examples=["false"])
    index_document: IndexDocument = Field(examples=["index.html"])
    spa_fallback: Document = Field(examples=["public/index.html"])
    not_found_document: Document = Field(examples=["public/404.html"])
    cors_allowed_origins: Origins = Field(examples=["https://app.example.com"])
    content_security_policy: HeaderValue = Field(examples=["\"default-src 'self'\""])
    compression: bool = Field(examples=["false"])
    client_requests_per_second: ClientRequests = Field(examples=["500"])
    client_connections: ClientConnections = Field(examples=["256"])
    connection_mbps: ConnectionMbps = Field(examples=["0"])
    cache_size_gib: CacheSize = Field(examples=["0"])
    cache_minutes: CacheMinutes = Field(examples=["10"])

    @property
    def https(self) -> Https:
        """What `tls` comes to beside the other settings."""
        return https_of(vars(self))

    @field_validator("allowed_cidrs")
    @classmethod
    def _allowed_cidrs(
        cls, networks: tuple[IPv4Network, ...], info: ValidationInfo
    ) -> tuple[IPv4Network, ...]:
        # Left over, it would let the next wide network in without a word.
        if info.data.get("public") and not any(map(addresses.is_wide, networks)):
            bits = addresses.WIDEST_MASK_BITS_WITHOUT_PUBLIC
            rule = f"is not needed: allowedCidrs holds nothing wider than /{bits}"
            raise OtherSettingFault("public", rule, value=True)
        return networks

    @field_validator("vswitch_cidr")
    @classmethod
    def _vswitch_cidr(cls, network: IPv4Network, info: ValidationInfo) -> IPv4Network:
        if vpc := info.data.get("vpc_cidr"):
            addresses.require_vswitch(network, vpc)
        return network

    @field_validator("private_ip", mode="before")
    @classmethod
    def _chosen_private_ip(cls, value: object, info: ValidationInfo) -> object:
        vswitch: IPv4Network | None = info.data.get("vswitch_cidr")
        if value != "":
            return value
        # Without a vSwitch there is nothing to choose from; that fault stands under its own key.
        return addresses.usable_range(vswitch)[0] if vswitch else IPv4Address(0)

    @field_validator("private_ip")
    @classmethod
    def _private_ip(cls, address: IPv4Address, info: ValidationInfo) -> IPv4Address:
        if vswitch := info.data.get("vswitch_cidr"):
            addresses.require_usable(address, vswitch)
        return address

    @field_validator("allowed_query")
    @classmethod
    def _allowed_query(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if names and info.data.get("presigned") == "required":
            raise ValueError("means nothing with `presigned: required`: signed URLs pass with all they hold")
        return names

    @field_validator("zone_id")
    @classmethod
    def _zone_id(cls, zone: str, info: ValidationInfo) -> str:
        region = info.data.get("region")
        if zone and region and not re.fullmatch(rf"{re.escape(region)}-?[a-z]", zone):
            raise ValueError(f"must be a zone of {region}, or empty for one that has the instance type")
        return zone

    @field_validator("bandwidth_mbps")
    @classmethod
    def _bandwidth_mbps(cls, bandwidth: int, info: ValidationInfo) -> int:
        billing = info.data.get("bandwidth_billing")
        if billing and bandwidth > LARGEST_BANDWIDTH_MBPS[billing]:
            limits = ", ".join(f"{most} with {kind}" for kind, most in LARGEST_BANDWIDTH_MBPS.items())
            raise ValueError(f"is more than bandwidthBilling {billing} lets an EIP have: at most {limits}")
        return bandwidth


def parse(values: Mapping[str, str], *, encrypted: Collection[str] = ()) -> Settings:
    """Checks raw configuration values.

    Args:
        values: Text by key: this program's keys without their namespace, and ``alicloud:region``.
        encrypted: The keys of those values that Pulumi keeps encrypted.

    Raises:
        SettingsError: When any of them cannot be used, with all that cannot.
    """
    fields = {str(field.alias): field for field in Settings.model_fields.values()}
    faults = [clear_secret(key, fields[key], NAMESPACE) for key in in_the_clear(values, fields, encrypted)]
    try:
        settings = Settings.model_validate(dict(values))
    except ValidationError as error:
        raise SettingsError([*faults_of(error, fields, NAMESPACE), *faults]) from None
    if faults:
        raise SettingsError(faults)
    return settings


def load() -> Settings:
    """Reads and checks the running stack's configuration.

    All keys of the namespace are read, not only the known ones: a misspelt key is a fault.

    Raises:
        SettingsError: As ``parse``.
    """
    given = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    prefix = f"{NAMESPACE}:"
    own = {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}
    if REGION_KEY in given:
        own[REGION_KEY] = given[REGION_KEY]
    return parse(own, encrypted={key for key in own if pulumi_config.is_config_secret(prefix + key)})
