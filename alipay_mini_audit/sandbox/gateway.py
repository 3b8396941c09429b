"""`SandboxGateway`: a platform on a local port."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self, final

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.admin import Door
from alipay_mini_audit.sandbox.business.arrivals import Arrival
from alipay_mini_audit.sandbox.business.desk import Desk
from alipay_mini_audit.sandbox.business.merchants import Grant, Merchants
from alipay_mini_audit.sandbox.business.quotas import CallRate
from alipay_mini_audit.sandbox.business.states import VersionState
from alipay_mini_audit.sandbox.business.submissions import Submission
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.clock import ShiftedClock
from alipay_mini_audit.sandbox.control import Control
from alipay_mini_audit.sandbox.faults.faults import Faults
from alipay_mini_audit.sandbox.listener import Listener
from alipay_mini_audit.sandbox.notifications.door import NotificationDoor
from alipay_mini_audit.sandbox.notifications.notifications import Notifications
from alipay_mini_audit.sandbox.pki.keyring import Keyring
from alipay_mini_audit.sandbox.pki.material import Material
from alipay_mini_audit.sandbox.records import RequestRecord
from alipay_mini_audit.sandbox.service import Service

__all__ = ["SandboxGateway"]


@final
class SandboxGateway(Control):
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
        strict: whether the platform's rules hold: of fields and files, one version of a
            mini-program in audit, passed, rejected or in gray release at a time, no audit of a
            package that has not passed its scan, and no body in more than 100 chunks. Without them
            fields and files are toys, as tests of the transport have them. `True` by default.
        basic_info: whether mini-programs have their name, logo, category, contact and region from
            the start, as those made in the console do. If not, the first apply of each has to bring
            them. `True` by default.
        rate: how many calls the app may make in a second; more are answered with
            `app-call-limited`. `None`, the default, for any number.
        templates: the template that each merchant's mini-program was made of: app_auth_token to
            template id. A template may be submitted five times a day in Beijing, then the answer is
            `SYSTEM_LIMIT`. `None`, the default, for no templates.
        merchants: what each merchant's token is for: app_auth_token to the app id of a
            mini-program, or to a `Grant`, which may end or lack a call; any other token is refused.
            `None`, the default, takes any token, for an app id that is made from its digest.
        admin: whether other programs may look, decide and script faults under `/_sandbox/`. A
            client under test finds nothing there that production lacks unless this is set.
        on_request: is told of each request once it has ended, whatever became of it, in the event
            loop; must be quick, and must not raise. `None` for nobody.

    Raises:
        ConfigurationError: `rate` is below 1, a token or an app id of `merchants` is blank, or
            `admin` is set and `host` is no loopback address.

    Attributes:
        faults: what goes wrong on purpose: `gateway.faults.add(Fault.HANG, operation="apply")`.
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
        strict: bool = True,
        basic_info: bool = True,
        rate: int | None = None,
        templates: Mapping[str, str] | None = None,
        merchants: Mapping[str, str | Grant] | None = None,
        admin: bool = False,
        on_request: Callable[[RequestRecord], None] | None = None,
        notify_url: str | None = None,
    ) -> None:
        if rate is not None and rate < 1:
            raise ConfigurationError("rate", f"expected a number from 1 on, not {rate!r}.")
        if admin and not _is_loopback(host):
            raise ConfigurationError(
                "admin", "the door for other programs is for loopback addresses only."
            )
        self._listener = Listener(host, port)
        self._clock = ShiftedClock(clock)
        self._admin = admin
        self._on_request = on_request or _tell_nobody
        self._speed_up = speed_up
        self._encrypt_key = encrypt_key
        self._keyring = None if material is None else Keyring(material, encrypt_key)
        super().__init__(Versions(clock()), Merchants(merchants, clock()), self._clock)
        self._desk = Desk(
            self._versions, strict=strict, basic_info=basic_info, templates=templates or {}
        )
        self._rate = None if rate is None else CallRate(rate)
        self._service: Service | None = None
        self._notifications = Notifications(notify_url, clock=self._clock, keys=self._keys)
        self.faults = Faults()

    @property
    def notifications(self) -> Notifications:
        """What the platform tells the app of verdicts, and what goes wrong with it on purpose."""
        return self._notifications

    @property
    def base_url(self) -> str:
        """Scheme, host and port.

        Raises:
            ConfigurationError: the gateway is not running.
        """
        return self._listener.base_url

    @property
    def material(self) -> Material:
        """The keys and certificates in use; another value after a change of certificate.

        Raises:
            ConfigurationError: none were given, and the gateway has not been started yet.
        """
        return self._keys().material

    @property
    def credentials(self) -> Credentials:
        """What a client needs to call this gateway in key mode.

        Raises:
            ConfigurationError: there are no keys yet, or one is unusable.
        """
        return self._keys().identity().key_credentials

    @property
    def certificate_credentials(self) -> Credentials:
        """What a client needs in certificate mode; it knows the present certificate only.

        Raises:
            ConfigurationError: there are no keys yet, or a client refuses the certificates.
        """
        return self._keys().identity().certificate_credentials

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """Every accepted apply, oldest first."""
        return () if self._service is None else tuple(self._service.submissions)

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """Every call that came whole and would move a version, accepted or not, as judged."""
        return () if self._service is None else tuple(self._service.arrivals)

    @property
    def calls(self) -> int:
        """How many requests have come since the first start, whatever became of them."""
        return 0 if self._service is None else self._service.calls

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
            raise ConfigurationError(
                "gateway", "the sandbox gateway was never started.", "Start it first."
            )
        return await self._keys().change_certificate(expired=expired, forged=forged)

    def certificate_of(self, alipay_cert_sn: str) -> str:
        """Return a certificate that the platform uses or used, PEM: a download from the console.

        Args:
            alipay_cert_sn: its serial number, as answers name it in `alipay-sn`.

        Raises:
            ConfigurationError: the platform never used it, or there are no keys yet.
        """
        return self._keys().certificate_of(alipay_cert_sn)

    def offline(self) -> AbstractAsyncContextManager[None]:
        """Refuse connections inside `async with gateway.offline():`.

        Answers under way are still sent. Afterwards the gateway listens on the same port again,
        unless it was closed meanwhile. Does nothing if it is not running.

        Raises:
            ConfigurationError: another program has taken the port meanwhile.
        """
        return self._listener.offline()

    async def start(self) -> Self:
        """Listen. Does nothing if it does already.

        Raises:
            ConfigurationError: the keys are unusable, or the address is taken.
        """
        if self._service is None:
            self._service = await asyncio.to_thread(self._prepare)
        service = self._service
        if not self._admin:
            await self._listener.start(service.handle)
            self._notifications.start()
            return self
        door = Door(
            service=service,
            versions=self._versions,
            faults=self.faults,
            clock=self._clock,
            notifications=NotificationDoor(self._notifications),
            control=self,
            app_id=self.material.app_id,
        )
        await self._listener.start(door.handle)
        self._notifications.start()
        return self

    async def aclose(self) -> None:
        """Stop listening and end what is running. Does nothing if it is closed already."""
        try:
            await self._notifications.aclose()
        finally:
            await self._listener.aclose()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _keys(self) -> Keyring:
        if self._keyring is None:
            raise ConfigurationError(
                "material", "the sandbox gateway makes its keys when it starts.", "Start it first."
            )
        return self._keyring

    def _decided(self, mini_app_id: str, before: VersionState, after: VersionState) -> None:
        self._notifications.tell_decision(before, after, mini_app_id)

    def _prepare(self) -> Service:
        if self._keyring is None:
            self._keyring = Keyring(Material.generate(), self._encrypt_key)
        self._keyring.identity()  # parsed here, in the worker thread
        return Service(
            self._keyring,
            self._versions,
            desk=self._desk,
            merchants=self._merchants,
            rate=self._rate,
            clock=self._clock,
            faults=self.faults,
            speed_up=self._speed_up,
            on_request=self._on_request,
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _tell_nobody(_: RequestRecord) -> None:
    """Do nothing."""
