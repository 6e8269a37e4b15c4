# mypy: ignore-errors
# The cloud-init that it extends is in the image only.
"""The AliYun data source of cloud-init, for instances of the stand-in cloud.

The stock source tells the cloud by the machine's DMI product name, which cloud-init does not read
inside a container. That one check is replaced; tokens, metadata and user data are the stock code's.
It also needs no DHCP: the network is configured before the system starts.
"""

from cloudinit import sources
from cloudinit.sources import DataSourceAliYun as stock


class DataSourceAliYunLocal(stock.DataSourceAliYunLocal):
    """The stock source, sure that it runs on Alibaba Cloud."""

    perform_dhcp_setup = False

    def _get_cloud_name(self):
        return self.dsname.lower()


def get_datasource_list(depends):
    """Returns the sources that fit the boot stage, as cloud-init asks of each source module."""
    return sources.list_from_depends(depends, [(DataSourceAliYunLocal, (sources.DEP_FILESYSTEM,))])
