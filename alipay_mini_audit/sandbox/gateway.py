"""`SandboxGateway`: a platform on a local port."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, final

from aiohttp import web

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.material import Material
from alipay_mini_audit.sandbox.received import Submission
from alipay_mini_audit.sandbox.refusal import Refusal
from alipay_mini_audit.sandbox.service import Service
from alipay_mini_audit.sandbox.versions import DEFAULT_BUNDLE, Versions, VersionState

__all__ = ["SandboxGateway"]

_SHUTDOWN: Final = 0.5
_BACKLOG: Final = 1024
_BUFFER: Final = 16 * 1024  # a quarter of the default: a hundred uploads at once stay small


@final
class SandboxGateway:
    """A local server that judges requests, keeps versions, and answers as Alipay does.

    Usage: `async with SandboxGateway() as gateway: ...`. It judges by its own code and shares none with the
    client, so that a mistake in one is caught by the other.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        material: keys and certificates; `None` makes new ones at the start, which takes about a second.
        clock: the platform's clock, seconds since 1970.
        speed_up: whether an apply that asks to be expedited is.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        material: Material | None = None,
        clock: Callable[[], float] = time.time,
        speed_up: bool = True,
    ) -> None:
        self._host = host
        self._port = port
        self._material = material
        self._clock = clock
        self._speed_up = speed_up
        self._versions = Versions(clock())
        self._runner: web.ServerRunner | None = None
        self._running: set[asyncio.Task[object]] = set()
        self._service: Service | None = None

    @property
    def base_url(self) -> str:
        """Scheme, host and port.

        Raises:
            ConfigurationError: the gateway is not running.
        """
        if self._runner is None or not self._runner.addresses:
            raise ConfigurationError("The sandbox gateway is not running: use `async with SandboxGateway()`.")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._runner.addresses[0][1]}"

    @property
    def material(self) -> Material:
        """The keys and certificates in use.

        Raises:
            ConfigurationError: none were given, and the gateway has not been started yet.
        """
        if self._material is None:
            raise ConfigurationError("The sandbox gateway makes its keys when it starts: start it first.")
        return self._material

    @property
    def credentials(self) -> Credentials:
        """What a client needs to call this gateway in key mode.

        Raises:
            ConfigurationError: there are no keys yet.
        """
        material = self.material
        return Credentials.from_keys(
            app_id=material.app_id,
            private_key=material.app_private_key,
            alipay_public_key=material.alipay_public_key,
        )

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """Every accepted apply, oldest first."""
        return () if self._service is None else tuple(self._service.submissions)

    def decide(
        self,
        app_version: str,
        status: str,
        *,
        reject_reason: str | None = None,
        bundle_id: str = DEFAULT_BUNDLE,
        app_auth_token: str | None = None,
    ) -> VersionState:
        """Move a version to a status, as the auditors or the developer would.

        Args:
            app_version: the version; one that nobody has submitted may be moved too.
            status: e.g. `WAIT_RELEASE`, `AUDIT_REJECT`, `RELEASE`; any text is taken.
            reject_reason: what the auditors say; `None` for nothing.
            bundle_id: the app that the version runs in.
            app_auth_token: the merchant's token; `None` for the app's own version.

        Returns:
            Where the version stands now.

        Raises:
            ConfigurationError: the version is blank, or there is no app yet.
        """
        owner = app_auth_token or self.material.app_id
        try:
            state = self._versions.find(owner, {"app_version": app_version, "bundle_id": bundle_id})
        except Refusal as refusal:
            raise ConfigurationError(refusal.message) from None
        return self._versions.decide(owner, state, status, reject_reason, self._clock())

    async def start(self) -> Self:
        """Listen. Does nothing if it does already.

        Raises:
            ConfigurationError: the keys are unusable, or the address is taken.
        """
        if self._runner is not None:
            return self
        if self._service is None:
            self._service = await asyncio.to_thread(self._prepare)
        handler = functools.partial(self._handle, self._service)
        server = web.Server(handler, access_log=None, auto_decompress=False, read_bufsize=_BUFFER)
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port, backlog=_BACKLOG).start()
        except OSError as error:
            await runner.cleanup()
            raise ConfigurationError(f"Cannot listen on {self._host}:{self._port}: {error.strerror}") from error
        self._runner = runner
        return self

    async def aclose(self) -> None:
        """Stop listening and end what is running. Does nothing if it is closed already."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _handle(self, service: Service, request: web.BaseRequest) -> web.StreamResponse:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await service.handle(request)

    def _prepare(self) -> Service:
        if self._material is None:
            self._material = Material.generate()
        return Service(self._material, self._versions, clock=self._clock, speed_up=self._speed_up)
