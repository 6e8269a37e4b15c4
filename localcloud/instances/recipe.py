"""What goes into the root file system that instances boot from. Pure: no I/O but reading own files.

A Debian 13 as the cloud's public image has it where that can be seen (cloud-init with the AliYun
source, the cloud's package mirror and name servers), without what makes no sense in a container
(consoles, timers, hardware). Lists of packages are in the image, as of the day it was made, so that an
instance's first ``apt-get update`` only asks whether they still hold.
"""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files

SUITE = "trixie"
ARCHITECTURE = "amd64"
MIRROR_HOST = "mirrors.cloud.aliyuncs.com"
# Source: https://help.aliyun.com/zh/oss/user-guide/access-oss-via-bucket-domain-name (2026-02).
NAME_SERVERS = ("100.100.2.136", "100.100.2.138")
ARCHIVE_SUITES = (SUITE, f"{SUITE}-updates")
SECURITY_SUITE = f"{SUITE}-security"

PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "apt",
    "ca-certificates",
    "cloud-init",
    "curl",
    # cloud-init runs apt under it: no waiting for the disk on packages that can be had again.
    "eatmydata",
    "iproute2",
    "iputils-ping",
    "procps",
    "sudo",
)

MASKED_UNITS = (
    # The console is a log file: nobody logs in there.
    "console-getty.service",
    "getty@.service",
    "systemd-logind.service",
    # Background work of apt would hold its lock while user data installs packages.
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    # Hardware and kernel, which belong to the host.
    "fstrim.timer",
    "dev-hugepages.mount",
    "sys-fs-fuse-connections.mount",
    "systemd-pstore.service",
    "systemd-modules-load.service",
    "systemd-binfmt.service",
    "systemd-udevd.service",
    "systemd-udev-trigger.service",
    "cloud-init-hotplugd.socket",
    # The addresses are given before the system starts.
    "systemd-networkd.service",
    "systemd-networkd-wait-online.service",
    "networking.service",
)

_CLOUD_CONFIG = f"""\
# Instances of the stand-in cloud: the same data source as in the cloud, and a network that is there
# before the system starts.
datasource_list: [AliYun]
datasource_pkg_list: [localcloud_datasource]
datasource:
  AliYun:
    metadata_urls: ["http://100.100.100.200"]
    timeout: 5
    max_wait: 60
network:
  config: disabled
growpart:
  mode: "off"
resize_rootfs: false
manage_etc_hosts: localhost
# The image has no SSH server: Cloud Assistant is the way in.
ssh_genkeytypes: []
apt:
  preserve_sources_list: true
locale: C.UTF-8
system_info:
  package_mirrors:
    - arches: [default]
      failsafe:
        primary: http://{MIRROR_HOST}/debian
        security: http://{MIRROR_HOST}/debian-security
"""

_APT_CONFIG = """\
// The mirror also serves from its cache when the host is offline, however old that is.
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "3";
APT::Install-Recommends "false";
"""

_DPKG_CONFIG = """\
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
path-include=/usr/share/doc/*/copyright
"""


def sources_text() -> str:
    """Returns apt's sources, which name the cloud's mirror, as on the cloud's public images."""
    stanza = (
        "Types: deb\nURIs: http://{host}/{path}\nSuites: {suites}\nComponents: main\n"
        "Architectures: {architecture}\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )
    return "\n".join(
        stanza.format(host=MIRROR_HOST, path=path, suites=suites, architecture=ARCHITECTURE)
        for path, suites in (("debian", " ".join(ARCHIVE_SUITES)), ("debian-security", SECURITY_SUITE))
    )


def image_files() -> dict[str, str]:
    """Returns the files that the image adds to the packages': path in the image -> text."""
    package = "usr/lib/python3/dist-packages/localcloud_datasource"
    source = files("localcloud.instances.image").joinpath("DataSourceAliYun.py").read_text()
    return {
        "etc/apt/sources.list.d/debian.sources": sources_text(),
        "etc/apt/apt.conf.d/90localcloud": _APT_CONFIG,
        "etc/dpkg/dpkg.cfg.d/90localcloud": _DPKG_CONFIG,
        "etc/cloud/cloud.cfg.d/90_localcloud.cfg": _CLOUD_CONFIG,
        "etc/resolv.conf": "".join(f"nameserver {server}\n" for server in NAME_SERVERS)
        + "options timeout:2 attempts:3\n",
        "etc/hostname": "localhost\n",
        "etc/default/locale": "LANG=C.UTF-8\n",
        "etc/systemd/journald.conf.d/90-localcloud.conf": "[Journal]\nStorage=persistent\n",
        f"{package}/__init__.py": "",
        f"{package}/DataSourceAliYun.py": source,
    }


def recipe_hash() -> str:
    """Returns 16 hex digits that change with anything that goes into the image."""
    recipe = [SUITE, ARCHITECTURE, PACKAGES, MASKED_UNITS, image_files()]
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]
