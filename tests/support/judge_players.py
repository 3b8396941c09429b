"""The clients of a round, each behind a relay of its own, and what is noted of their calls."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Self

import aiohttp
import attrs
from support.judge_link import Head
from support.judge_relay import Relay
from support.judge_story import SLOTS, Treatment

from alipay_mini_audit import (
    AuditClient,
    CallEnded,
    CallStarted,
    ClientConfig,
    Credentials,
    Event,
    OutcomeResolved,
    Preflight,
)
from alipay_mini_audit.sandbox import SandboxGateway

SECOND = 1.0
"""Seconds that a close may take."""


@attrs.define
class Notebook:
    """Observes the calls; the label of each is its mark."""

    started: set[str] = attrs.field(factory=set)
    ended: dict[str, CallEnded] = attrs.field(factory=dict)
    seems_lost: set[str] = attrs.field(factory=set)

    def on_event(self, event: Event) -> None:
        if event.label is None or event.resolves is not None:
            return
        if isinstance(event, CallStarted):
            self.started.add(event.label)
        elif isinstance(event, CallEnded):
            self.ended[event.label] = event
        elif isinstance(event, OutcomeResolved) and event.landed is False:
            self.seems_lost.add(event.label)


@attrs.define(eq=False)
class Player:
    """A client and its relay; `session` is the user's own, if it has one."""

    client: AuditClient
    relay: Relay
    session: aiohttp.ClientSession | None


@attrs.define(eq=False)
class Players:
    """Makes clients, and puts a new one where one is closed."""

    gateway: SandboxGateway
    treat: Callable[[Head], Treatment]
    dice: random.Random
    notebook: Notebook
    by_certificate: bool
    complaints: list[str] = attrs.field(factory=list)
    slots: list[Player] = attrs.field(factory=list)
    _relays: contextlib.AsyncExitStack = attrs.field(factory=contextlib.AsyncExitStack)
    _relayed: list[Relay] = attrs.field(factory=list)

    async def __aenter__(self) -> Self:
        for number in range(SLOTS):
            self.slots.append(await self._make(number))
        return self

    async def __aexit__(self, *_: object) -> None:
        for player in self.slots:
            await self._close(player, 0.0)
            if player.session is not None:
                await player.session.close()
        quiet = asyncio.gather(*(relay.until_quiet() for relay in self._relayed))
        try:
            await asyncio.wait_for(quiet, 5)
        except TimeoutError:
            left = sum(len(relay.links) for relay in self._relayed)
            self.complaints.append(f"{left} connections were open after the clients were closed")
        await self._relays.aclose()

    @property
    def late(self) -> int:
        """How many requests arrived although their client had left."""
        return sum(relay.late for relay in self._relayed)

    async def replace(self, number: int, grace: float | None) -> None:
        """Close the client of a slot and put another there.

        Args:
            number: of the slot.
            grace: of the close; `None` closes the session first, if it is the user's.
        """
        player, self.slots[number] = self.slots[number], await self._make(number)
        if grace is None and player.session is not None:
            await player.session.close()
        await self._close(player, grace or 0.0)
        if player.session is not None:
            await player.session.close()

    async def _make(self, number: int) -> Player:
        relay = Relay(self.gateway, self.treat, random.Random(self.dice.random()))
        self._relayed.append(await self._relays.enter_async_context(relay))
        config = ClientConfig(
            preflight=Preflight.OFF,
            base_url=relay.base_url,
            max_connections=self.dice.choice((4, 16, 32)),
            chunk_size=self.dice.choice((16 * 1024, 768 * 1024)),
        )
        session = None
        if number == SLOTS - 1:
            session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=8))
        client = AuditClient(
            self._credentials(), config, session=session, observers=[self.notebook]
        )
        return Player(client, relay, session)

    def _credentials(self) -> Credentials:
        if not self.by_certificate:
            return self.gateway.credentials
        material = self.gateway.material

        async def fetch(alipay_cert_sn: str) -> bytes:
            await asyncio.sleep(0.02)
            return self.gateway.certificate_of(alipay_cert_sn).encode()

        return Credentials.from_certificates(
            material.app_id,
            material.app_private_key,
            material.app_certificate,
            material.alipay_certificate,
            material.root_certificate,
            fetch_certificate=fetch,
        )

    async def _close(self, player: Player, grace: float) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        closing = asyncio.ensure_future(player.client.aclose(grace=grace))
        await asyncio.wait({closing}, timeout=20)
        took = loop.time() - started
        if not closing.done():
            self.complaints.append("aclose did not return in 20 s")
            closing.cancel()
        elif closing.exception() is not None:
            self.complaints.append(f"aclose raised {closing.exception()!r}")
        elif took > grace + 2 * SECOND:  # other work keeps the loop busy here
            self.complaints.append(f"aclose(grace={grace}) took {took:.1f} s")
