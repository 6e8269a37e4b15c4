"""One whole cloud: its services, the networks they are reached through, and who asks what of whom."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from localcloud import places
from localcloud.acme.host import InternetHost, SameHost
from localcloud.acme.service import AcmeService
from localcloud.ca import CertificateAuthority, bundle_path
from localcloud.coverage import Coverage
from localcloud.endpoints import InternalEndpoints
from localcloud.errors import LocalcloudError
from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.fabric import NetnsFabric
from localcloud.fabric.netns.naming import PUBLIC_DNS_ADDRESS, VPC_DNS_ADDRESSES, Names
from localcloud.fabric.netns.networks import Networks
from localcloud.fabric.netns.public import make_public_side
from localcloud.fabric.null import NullFabric
from localcloud.fabric.protocol import Fabric, FabricError, VpcSpec
from localcloud.faults import Faults
from localcloud.gateway import Gateway, Handler, Place, open_sockets
from localcloud.home import Home, Mode
from localcloud.instances.archive import find_archive
from localcloud.instances.metadata import Guest, MetadataService
from localcloud.instances.rootfs import list_in_image, mirror_dir, rootfs_path
from localcloud.inventory import list_resources
from localcloud.ledger import Ledger
from localcloud.mirror import Mirror
from localcloud.oss.service import OssService
from localcloud.ram.authority import RamAuthority
from localcloud.ram.roles import RamRecords
from localcloud.served import local_place, public_place, vpc_place
from localcloud.services.cloud import ApiServices

_FAULT_KEYS = ("action", "kind", "times", "after", "delay_s", "code", "status")


class World:
    """A cloud in one process.

    Args:
        home: Its home folder.
        mode: Whether instances boot, in namespaces that root makes, or only the API services run, in the
            namespaces that the calling process is in already.

    Attributes:
        fabric: What makes networks and instances; None when only the API services run.
    """

    def __init__(self, home: Home, mode: Mode) -> None:
        self._home = home
        self._mode = mode
        self._names = Names(home.prefix)
        self._ledger = Ledger(home.ledger)
        authority = CertificateAuthority(home.authority)
        accounts = home.accounts()
        coverage = self._coverage = Coverage()
        faults = self._faults = Faults()
        uid = self._account_uid = home.settings().account_uid
        roles = RamRecords()
        ram = self._ram = RamAuthority(uid, home.ram_users(), accounts, home.save_ram_users, roles)
        self.fabric: NetnsFabric | None = None
        fabric: Fabric
        if mode == "full":
            certificate = bundle_path(home.authority).read_bytes()
            networks = Networks(self._names, self._ledger, self)
            fabric = self.fabric = NetnsFabric(
                self._names, self._ledger, networks, home.instances, rootfs_path(), certificate
            )
        else:
            fabric = NullFabric()
        self._endpoints = InternalEndpoints(self.fabric.networks.put_down if self.fabric else None)
        self._api = ApiServices(accounts, fabric, coverage, faults=faults, ram=ram, records=roles)
        self._oss = OssService(accounts, home.objects, coverage, faults=faults, ram=ram)
        host = SameHost() if self.fabric is None else InternetHost(self._names, self.fabric.networks)
        self._acme = AcmeService(home.acme, host, authority, faults, coverage)
        services: dict[str, Handler] = {
            "api": self._api.handle,
            "oss": self._oss.handle,
            "acme": self._acme.handle,
        }
        self._mirror: Mirror | None = None
        if self.fabric is not None:
            self._mirror = Mirror(mirror_dir(), find_archive(), known=list_in_image)
            services["mirror"] = self._mirror.handle
            services["metadata"] = MetadataService(self._find_guest).handle
        self._gateway = Gateway(services, authority.server_context(), self._api.alidns)

    async def start(self) -> None:
        """Makes the networks and begins to serve.

        Raises:
            LocalcloudError: A port is in use.
            FabricError: The machine cannot make a network.
        """
        if self.fabric is None:
            place = self._with_endpoints(local_place())
            await self._gateway.open(place, open_sockets(place))
            return
        for name, servers in (("public", (PUBLIC_DNS_ADDRESS,)), ("vpc", VPC_DNS_ADDRESSES)):
            places.write_files(self._home.network / name, servers)
        await make_public_side(self._names, self.fabric.networks.make_namespace)
        place = self._with_endpoints(public_place())
        await self._gateway.open(place, namespaces.inside(self._names.backbone, lambda: open_sockets(place)))

    async def close(self) -> None:
        """Shuts instances down, ends serving, removes the networks."""
        await self._api.close()
        if self.fabric is not None:
            await self.fabric.close()
        await self._gateway.close_all()
        await self._acme.close()
        if self._mirror is not None:
            await self._mirror.close()
        await self._oss.close()
        if self.fabric is not None:
            for name in self._names.public:
                await self.fabric.networks.remove_namespace(name)

    async def open_vpc(self, vpc: VpcSpec, namespace: str) -> None:
        """Begins to serve a VPC whose router's namespace is there."""
        place = self._with_endpoints(vpc_place(vpc))
        await self._gateway.open(place, namespaces.inside(namespace, lambda: open_sockets(place)))

    def _with_endpoints(self, place: Place) -> Place:
        return replace(place, view=replace(place.view, internal_oss=self._endpoints.addresses))

    async def close_vpc(self, vpc_id: str) -> None:
        """Ends serving a VPC."""
        await self._gateway.close(vpc_id)

    async def answer(self, request: Mapping[str, Any]) -> Any:
        """Answers a command of the CLI.

        Raises:
            LocalcloudError: It asks for what is not there.
        """
        command = str(request.get("command"))
        try:
            if command in ("ram-user", "ram-list", "ram-rm"):
                return self._ram.answer(command.removeprefix("ram-"), request)
            if command.startswith("endpoint-"):
                return await self._endpoints.answer(command.removeprefix("endpoint-"), request)
            if command.startswith("acme-"):
                return await self._acme.answer(command.removeprefix("acme-"), request)
            if command.startswith("dns-"):
                return self._answer_dns(command.removeprefix("dns-"), request)
            if command == "status":
                return self._status()
            if command == "enter":
                return await self._enter(str(request["place"]))
            if command == "fault-add":
                return asdict(self._faults.add(**{key: request[key] for key in _FAULT_KEYS}))
            if command == "image-publish":
                return self._publish_image(str(request["name"]))
            if command == "fault-list":
                return self._faults.list()
            if command == "fault-clear":
                return self._faults.clear()
            if command == "fault-wait":
                return await self._faults.wait(request["id"], request["seconds"])
            if command == "fault-release":
                return self._faults.release(request["id"])
            if command == "calls":
                return self._faults.calls.since(request["since"])
        except FabricError as error:
            raise LocalcloudError(str(error)) from error
        raise LocalcloudError(
            f"The daemon does not know the command {command!r}; it is of another version. Restart it."
        )

    def _answer_dns(self, command: str, request: Mapping[str, Any]) -> Any:
        domains = self._api.alidns
        if command == "domain-add":
            return domains.add_domain(str(request["name"]), self._account_uid)
        if command == "domain-rm":
            return domains.remove_domain(str(request["name"]))
        return domains.domains()

    def _publish_image(self, name: str) -> str:
        if not self._api.publish_image(name):
            raise LocalcloudError(
                f"{name!r} is no name of a system image: it should look like "
                "debian_13_3_x64_20G_alibase_20261120.vhd"
            )
        return name

    def _find_guest(self, vpc_id: str, ip: str) -> Guest | None:
        guest = None if self.fabric is None else self.fabric.find_guest(vpc_id, ip)
        record = self._api.ecs.instance_by_private_ip(vpc_id, ip)
        if guest is None or record is None:
            return guest
        # What may change while an instance runs is the record's to tell.
        spec = replace(
            guest.spec, http_tokens_required=record.http_tokens == "required", user_data=record.user_data
        )
        roles = self._api.instance_roles
        guest = replace(guest, role=roles.role_of(record), credentials=lambda: roles.credentials(record))
        return replace(guest, spec=spec, name=record.name, enabled=record.http_endpoint == "enabled")

    def _status(self) -> dict[str, Any]:
        return {
            "mode": self._mode,
            "prefix": self._home.prefix,
            "pid": os.getpid(),
            "namespaces": self._ledger.entries("namespace"),
            **list_resources(self._api),
            "coverage": self._coverage.as_dict(),
            "ram": self._ram.as_dict(),
        }

    async def _enter(self, place: str) -> dict[str, Any]:
        """Tells how to get to a place: a namespace, or the first process of an instance's system."""
        if self.fabric is None:
            raise LocalcloudError(
                f"There is no place {place!r}: only the API services run, without networks. "
                "Start the whole cloud as root: localcloud down, sudo localcloud up."
            )
        if place.startswith("i-"):
            return {"leader": self.fabric.leader(place)}
        if "/" in place:
            vpc_id, _, address = place.partition("/")
            return {"namespace": await self.fabric.networks.host_at(vpc_id, address)}
        running = self.fabric.running_instances()
        if not running:
            raise LocalcloudError(
                f"No instance is running, so there is no place {place!r}. Run `pulumi up` first."
            )
        instance = running[-1]
        if place == "vpc":
            return {"namespace": await self.fabric.networks.probe_beside(instance.vpc_id)}
        return {"namespace": await self.fabric.networks.probe_elsewhere(instance)}


@contextlib.asynccontextmanager
async def running(home: Home, mode: Mode) -> AsyncIterator[World]:
    """Runs a cloud for the time of a block."""
    world = World(home, mode)
    try:
        await world.start()
        yield world
    finally:
        await world.close()
