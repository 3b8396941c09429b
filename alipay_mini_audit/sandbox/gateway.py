"""`SandboxGateway`: a platform on a local port."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Final, Self, final

import attrs
from aiohttp import web

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.business.versions import DEFAULT_BUNDLE, Versions, VersionState
from alipay_mini_audit.sandbox.faults.faults import Faults
from alipay_mini_audit.sandbox.pki.identity import Identity
from alipay_mini_audit.sandbox.pki.material import Material
from alipay_mini_audit.sandbox.protocol.bodies import Submission
from alipay_mini_audit.sandbox.protocol.encryption import Cipher
from alipay_mini_audit.sandbox.protocol.refusals import Refusal
from alipay_mini_audit.sandbox.server import Peer, Server
from alipay_mini_audit.sandbox.service import Service

__all__ = ["SandboxGateway"]

_SHUTDOWN: Final = 0.5
_BACKLOG: Final = 1024


@final
class SandboxGateway:
    """A local server that judges requests, keeps versions, and answers as Alipay does.

    Usage: `async with SandboxGateway() as gateway: ...`. It judges by its own code and shares none
    with the client, so that a mistake in one is caught by the other.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        material: keys and certificates; `None` makes new ones at the start, which takes about a
            second.
        clock: the platform's clock, seconds since 1970.
        speed_up: whether an apply that asks to be expedited is.
        encrypt_key: AES key of encrypted calls, in base64; `None` takes the material's, if it has
            one.

    Attributes:
        faults: what shall go wrong, by request: `gateway.faults.add(Fault.HANG,
            operation="apply")`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        material: Material | None = None,
        clock: Callable[[], float] = time.time,
        speed_up: bool = True,
        encrypt_key: str | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._material = material
        self._clock = clock
        self._speed_up = speed_up
        self._encrypt_key = encrypt_key
        self._versions = Versions(clock())
        self._server: Server | None = None
        self._runner: web.ServerRunner | None = None
        self._site: web.TCPSite | None = None
        self._bound = port
        self._running: set[asyncio.Task[object]] = set()
        self._service: Service | None = None
        self._identity: Identity | None = None
        self._certificates: dict[str, str] = {}
        self.faults = Faults()

    @property
    def base_url(self) -> str:
        """Scheme, host and port.

        Raises:
            ConfigurationError: the gateway is not running.
        """
        if self._site is None:
            raise ConfigurationError(
                "The sandbox gateway is not running: use `async with SandboxGateway()`."
            )
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._bound}"

    @property
    def material(self) -> Material:
        """The keys and certificates in use; another value after a change of certificate.

        Raises:
            ConfigurationError: none were given, and the gateway has not been started yet.
        """
        if self._material is None:
            raise ConfigurationError(
                "The sandbox gateway makes its keys when it starts: start it first."
            )
        return self._material

    @property
    def credentials(self) -> Credentials:
        """What a client needs to call this gateway in key mode.

        Raises:
            ConfigurationError: there are no keys yet.
        """
        return self._identify().key_credentials

    @property
    def certificate_credentials(self) -> Credentials:
        """What a client needs to call this gateway in certificate mode; knows the present
        certificate only.

        Raises:
            ConfigurationError: there are no keys yet, or the certificates are none that a client
            accepts.
        """
        credentials = self._identify().certificate_credentials
        if isinstance(credentials, ConfigurationError):
            raise ConfigurationError(str(credentials))
        return credentials

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """Every accepted apply, oldest first."""
        return () if self._service is None else tuple(self._service.submissions)

    @property
    def calls(self) -> int:
        """How many requests have come since the first start, whatever became of them."""
        return 0 if self._service is None else self._service.calls

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
        owner, state = self._find(app_version, bundle_id, app_auth_token)
        return self._versions.decide(owner, state, status, reject_reason, self._clock())

    def status(
        self,
        app_version: str,
        *,
        bundle_id: str = DEFAULT_BUNDLE,
        app_auth_token: str | None = None,
    ) -> str:
        """Return where a version stands, e.g. `INIT` or `AUDITING`.

        Args:
            app_version: the version; one that nobody has submitted stands at `INIT`.
            bundle_id: the app that the version runs in.
            app_auth_token: the merchant's token; `None` for the app's own version.

        Raises:
            ConfigurationError: the version is blank, or there is no app yet.
        """
        return self._find(app_version, bundle_id, app_auth_token)[1].status

    def accepted(
        self,
        app_version: str,
        *,
        bundle_id: str = DEFAULT_BUNDLE,
        app_auth_token: str | None = None,
    ) -> int:
        """Return how many applies of a version were accepted, whether or not an answer arrived.

        Args:
            app_version: the version.
            bundle_id: the app that the version runs in.
            app_auth_token: the merchant's token; `None` for the app's own version.
        """
        wanted = (app_version, bundle_id, app_auth_token)
        return sum(
            (each.app_version, each.fields.get("bundle_id") or DEFAULT_BUNDLE, each.app_auth_token)
            == wanted
            for each in self.submissions
        )

    async def change_certificate(self, *, expired: bool = False, forged: bool = False) -> str:
        """Give the platform a new key and certificate, with which it signs from now on.

        Args:
            expired: whether the certificate has expired already.
            forged: whether it only names the root as its issuer, and another key signed it.

        Returns:
            The serial number that answers name in `alipay-sn` from now on.

        Raises:
            ConfigurationError: the gateway was never started, or its material lacks the root's
            private key.
        """
        if self._service is None:
            raise ConfigurationError("The sandbox gateway has not been started: start it first.")
        material = self.material
        successor = await asyncio.to_thread(material.successor, expired=expired, forged=forged)
        identity = await asyncio.to_thread(Identity.make, successor, self._aes_key(successor))
        self._become(identity)
        self._service.signer = identity.signer
        return identity.signer.alipay_sn

    def certificate_of(self, alipay_cert_sn: str) -> str:
        """Return a certificate that the platform uses or used, PEM: what one would download from
        the console.

        Args:
            alipay_cert_sn: its serial number, as answers name it in `alipay-sn`.

        Raises:
            ConfigurationError: the platform never used it.
        """
        self._identify()
        if alipay_cert_sn not in self._certificates:
            raise ConfigurationError(
                "alipay_cert_sn: the sandbox never used a certificate with this serial number."
            )
        return self._certificates[alipay_cert_sn]

    @contextlib.asynccontextmanager
    async def offline(self) -> AsyncIterator[None]:
        """Refuse connections inside `async with gateway.offline():`; answers under way are still
        sent.

        Afterwards the gateway listens on the same port again, unless it was closed meanwhile. Does
        nothing if it is not running.

        Raises:
            ConfigurationError: another program has taken the port meanwhile.
        """
        server, runner, site = self._server, self._runner, self._site
        if server is None or runner is None or site is None or site not in runner.sites:
            yield
            return
        await site.stop()
        server.leave()
        try:
            yield
        finally:
            server.stay()
            if self._runner is runner:
                self._site = await self._listen(runner, self._bound)

    async def start(self) -> Self:
        """Listen. Does nothing if it does already.

        Raises:
            ConfigurationError: the keys are unusable, or the address is taken.
        """
        if self._runner is not None:
            return self
        if self._service is None:
            self._service = await asyncio.to_thread(self._prepare)
        server = Server(functools.partial(self._handle, self._service))
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN)
        await runner.setup()
        try:
            self._site = await self._listen(runner, self._port)
        except ConfigurationError:
            await runner.cleanup()
            raise
        self._server, self._runner = server, runner
        self._bound = runner.addresses[0][1]
        return self

    async def aclose(self) -> None:
        """Stop listening and end what is running. Does nothing if it is closed already."""
        server, runner = self._server, self._runner
        self._server = self._runner = self._site = None
        if server is not None and runner is not None:
            server.end_waits()
            await runner.cleanup()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _listen(self, runner: web.ServerRunner, port: int) -> web.TCPSite:
        site = web.TCPSite(runner, self._host, port, backlog=_BACKLOG)
        try:
            await site.start()
        except OSError as error:
            raise ConfigurationError(
                f"Cannot listen on {self._host}:{port}: {error.strerror}"
            ) from error
        return site

    async def _handle(
        self, service: Service, request: web.BaseRequest, peer: Peer
    ) -> web.StreamResponse:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await service.handle(request, peer)

    def _find(
        self, app_version: str, bundle_id: str, app_auth_token: str | None
    ) -> tuple[str, VersionState]:
        owner = app_auth_token or self.material.app_id
        try:
            return owner, self._versions.find(
                owner, {"app_version": app_version, "bundle_id": bundle_id}
            )
        except Refusal as refusal:
            raise ConfigurationError(refusal.message) from None

    def _aes_key(self, material: Material) -> str | None:
        return material.encrypt_key if self._encrypt_key is None else self._encrypt_key

    def _identify(self) -> Identity:
        if self._identity is None:
            identity = Identity.make(self.material, self._aes_key(self.material))
            return self._become(attrs.evolve(identity, material=self.material))
        return self._identity

    def _become(self, identity: Identity) -> Identity:
        self._identity = identity
        self._material = identity.material
        self._certificates[identity.signer.alipay_sn] = identity.material.alipay_certificate
        return identity

    def _prepare(self) -> Service:
        if self._material is None:
            self._material = Material.generate()
        encrypt_key = self._aes_key(self._material)
        return Service(
            self._material,
            self._versions,
            clock=self._clock,
            faults=self.faults,
            cipher=None if encrypt_key is None else Cipher(encrypt_key),
            speed_up=self._speed_up,
            signer=self._identify().signer,
            change_certificate=self.change_certificate,
        )
