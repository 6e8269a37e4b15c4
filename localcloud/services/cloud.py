"""All control APIs behind one HTTP handler."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from localcloud.accounts import Accounts
from localcloud.coverage import Coverage
from localcloud.fabric.protocol import Fabric, FabricError
from localcloud.faults import Faults, LostAnswer, lose_answer
from localcloud.origin import Origin
from localcloud.ram.protocol import NoRamPolicies, RamPolicies
from localcloud.ram.roles import RamRecords
from localcloud.ram.sessions import Sessions
from localcloud.rpc.answer import Answer, new_request_id, render, render_error
from localcloud.rpc.auth import Authenticator, utc_now
from localcloud.rpc.errors import (
    ApiError,
    forbidden,
    internal_error,
    service_unavailable,
    throttled,
    unknown_action,
)
from localcloud.rpc.request import RpcRequest, read_request
from localcloud.services.alidns import handlers as alidns
from localcloud.services.alidns.domains import with_domain
from localcloud.services.alidns.queries import AlidnsQueries
from localcloud.services.authorize import Authorizer
from localcloud.services.background import Background
from localcloud.services.bss import handlers as bss
from localcloud.services.cms import handlers as cms
from localcloud.services.cms.queries import CmsQueries
from localcloud.services.context import Call, Delays, Environment
from localcloud.services.ecs import handlers as ecs
from localcloud.services.ecs.images import publish
from localcloud.services.ecs.queries import EcsQueries
from localcloud.services.ecs.roles import InstanceRoles
from localcloud.services.idempotency import ClientTokens
from localcloud.services.location import handlers as location
from localcloud.services.product import Product, product_of, region_of
from localcloud.services.ram import handlers as ram_service
from localcloud.services.state import State
from localcloud.services.sts import handlers as sts
from localcloud.services.sts.assume import with_role
from localcloud.services.vpc import handlers as vpc
from localcloud.services.vpc.queries import VpcQueries

_log = logging.getLogger("localcloud.services")

_ACTIONS = {
    Product.STS: sts.ACTIONS,
    Product.BSS: bss.ACTIONS,
    Product.LOCATION: location.ACTIONS,
    Product.ECS: ecs.ACTIONS,
    Product.VPC: vpc.ACTIONS,
    Product.CMS: cms.ACTIONS,
    Product.ALIDNS: alidns.ACTIONS,
    Product.RAM: ram_service.ACTIONS,
}

# Domains, roles and policies are in no region.
_WORLDWIDE = (Product.ALIDNS, Product.RAM, Product.STS)


class ApiServices:
    """STS, RAM, BSS, Location, ECS, VPC, CloudMonitor and Alidns.

    Args:
        accounts: The access keys that may call.
        fabric: The machinery that makes networks and instances.
        coverage: Where calls are counted.
        delays: How long passing states last.
        now: Tells the time, in UTC; tests give their own.
        faults: What fails on order.
        ram: What RAM policies say of RAM users and roles.
        records: The roles and policies, which ``ram`` knows too.

    Attributes:
        ecs: Read access to instances.
        vpc: Read access to networks.
        cms: Read access to alert rules.
        alidns: The domains, for the name servers and the command line.
        instance_roles: Roles and policies, and the credentials that instances have by them.
    """

    def __init__(
        self,
        accounts: Accounts,
        fabric: Fabric,
        coverage: Coverage,
        *,
        delays: Delays | None = None,
        now: Callable[[], datetime] = utc_now,
        faults: Faults | None = None,
        ram: RamPolicies | None = None,
        records: RamRecords | None = None,
    ) -> None:
        state = State(ram=records or RamRecords())
        sessions = Sessions(accounts, now)
        self.ecs = EcsQueries(state)
        self.vpc = VpcQueries(state)
        self.cms = CmsQueries(state)
        self.alidns = AlidnsQueries(state, now)
        self.instance_roles = InstanceRoles(state, sessions)
        self._coverage = coverage
        self._faults = faults or Faults()
        self._authenticator = Authenticator(accounts, now)
        self._authorizer = Authorizer(ram or NoRamPolicies())
        self._tokens = ClientTokens()
        self._env = Environment(
            state=state,
            fabric=fabric,
            background=Background(),
            delays=delays or Delays(),
            now=now,
            faults=self._faults,
            sessions=sessions,
        )
        for product, actions in _ACTIONS.items():
            coverage.declare(product.value, actions)

    async def handle(self, request: web.BaseRequest, origin: Origin) -> web.StreamResponse:
        """Answers one request.

        Args:
            request: The HTTP request; its Host tells product and region where it is an endpoint's name.
            origin: Where it came from, for the log.
        """
        started = time.monotonic()
        request_id = new_request_id()
        host = request.host.partition(":")[0].lower()
        product, action, xml = host.partition(".")[0] or "unknown", "", False
        try:
            rpc = await read_request(request)
            xml = rpc.wants_xml
            service = product_of(rpc)
            product, action = service.value if service else product, rpc.action
            answer = await self._answer(rpc, service, origin)
        except ApiError as error:
            outcome = error.code
            response = render_error(
                error, product=product.capitalize(), host=host, request_id=request_id, xml=xml
            )
        except LostAnswer:
            outcome = "answer lost"
            response = lose_answer(request)
        else:
            outcome = "OK"
            response = render(action, answer, request_id=request_id, xml=xml)
        elapsed_ms = (time.monotonic() - started) * 1000
        _log.info("%s %s:%s %s %.0f ms", origin.source_ip, product, action, outcome, elapsed_ms)
        return response

    def publish_image(self, name: str) -> bool:
        """Lets a system image come out; False when its name is none."""
        return publish(self._env.state, name) is not None

    async def settle(self) -> None:
        """Waits until every change that calls have begun is done."""
        await self._env.background.settle()

    async def close(self) -> None:
        """Ends all work; records are lost."""
        await self._env.background.close()

    async def _answer(self, rpc: RpcRequest, product: Product | None, origin: Origin) -> Answer:
        action = rpc.action
        handler = _ACTIONS[product].get(action) if product and rpc.path == "/" else None
        service = product.value if product else rpc.host.partition(".")[0] or "unknown"
        self._coverage.record(service, action, known=handler is not None)
        if handler is None:
            raise unknown_action()
        key = self._authenticator.authenticate(rpc)
        region = region_of(rpc)
        params = rpc.params
        if product is Product.ALIDNS:
            params = with_domain(self._env.state, params)
        elif product is Product.STS:
            params = with_role(params)
        self._authorizer.require_rights(
            service,
            action,
            params,
            key=key,
            region_id=None if product in _WORLDWIDE else region,
            origin=origin,
            now=self._env.now(),
        )
        call = Call(env=self._env, action=f"{service}:{action}", params=rpc.params, key=key, region=region)
        try:
            return await self._faults.around(
                service,
                action,
                lambda: self._tokens.run(call, handler),
                {"throttle": throttled(), "error": service_unavailable(), "forbidden": forbidden()},
            )
        except FabricError as fault:
            _log.error("%s failed, the machinery could not follow: %s", call.action, fault)
            raise internal_error(f"({fault})") from fault
        except (ApiError, LostAnswer):
            raise
        except Exception as fault:
            _log.exception("%s failed", call.action)
            raise internal_error() from fault
