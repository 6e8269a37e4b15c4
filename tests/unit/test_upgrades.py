"""What apt makes of the files about upgrades, also beside those of the packages."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.instance_files import SystemContext, packages, system_files

# As the package and Debian's cloud images have them.
OTHERS = {
    "20auto-upgrades": 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
    "50unattended-upgrades": "Unattended-Upgrade::Origins-Pattern {\n"
    '  "origin=Debian,codename=${distro_codename},label=Debian";\n'
    '  "origin=Debian,codename=${distro_codename}-security,label=Debian-Security";\n};\n'
    'Unattended-Upgrade::Automatic-Reboot "true";\n',
}


def apt_config(folder: Path, *, wanted: bool) -> list[str]:
    """The lines of ``apt-config dump`` with an instance's files and these of the packages."""
    if shutil.which("apt-config") is None:
        pytest.skip("no apt on this machine")
    parts = folder / "parts"
    parts.mkdir()
    context = SystemContext(bucket_host="b", security_upgrades=wanted)
    own = {Path(file.path).name: file.content for file in system_files(context) if "apt.conf.d" in file.path}
    for name, content in {**OTHERS, **own}.items():
        (parts / name).write_text(content)
    (folder / "apt.conf").write_text(f'Dir::Etc::parts "{parts}";\n')
    environment = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
    dump = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True, env=environment)
    assert dump.stderr == ""
    return dump.stdout.splitlines()


def test_only_security_upgrades_and_no_reboot(tmp_path: Path) -> None:
    lines = apt_config(tmp_path, wanted=True)
    origins = [line for line in lines if line.startswith("Unattended-Upgrade::Origins-Pattern:: ")]
    assert origins == [
        "Unattended-Upgrade::Origins-Pattern:: "
        '"origin=Debian,codename=${distro_codename}-security,label=Debian-Security";'
    ]
    assert 'Unattended-Upgrade::Automatic-Reboot "false";' in lines
    assert 'APT::Periodic::Unattended-Upgrade "1";' in lines
    # nginx.conf is ours: no upgrade may ask about it, or put its own in its place.
    assert 'DPkg::Options:: "--force-confold";' in lines


def test_none_where_they_are_not_wanted_whatever_the_image_says(tmp_path: Path) -> None:
    lines = apt_config(tmp_path, wanted=False)
    assert 'APT::Periodic::Unattended-Upgrade "0";' in lines
    assert 'APT::Periodic::Update-Package-Lists "0";' in lines


def test_the_package_comes_with_the_first_boot_or_when_it_is_first_needed() -> None:
    for wanted in (True, False):
        context = SystemContext(bucket_host="b", security_upgrades=wanted)
        assert ("unattended-upgrades" in packages(context)) is wanted
        later = [file.content for file in system_files(context) if "apt-daily-upgrade" in file.path]
        assert bool(later) is wanted
        assert all("install -qq -y unattended-upgrades" in text for text in later)
