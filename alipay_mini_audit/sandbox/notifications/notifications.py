"""`Notifications`: what the platform tells an application, and what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final, final

from alipay_mini_audit.sandbox.business.states import VersionState
from alipay_mini_audit.sandbox.notifications.courier import Courier
from alipay_mini_audit.sandbox.notifications.deliveries import Delivery
from alipay_mini_audit.sandbox.notifications.forgery import claim_contrary
from alipay_mini_audit.sandbox.notifications.messages import (
    Envelope,
    Message,
    audit_message,
    check_message,
    grant_message,
    other_message,
    verdict_of,
)
from alipay_mini_audit.sandbox.notifications.mischief import Mischief
from alipay_mini_audit.sandbox.notifications.outbox import Letter, Outbox
from alipay_mini_audit.sandbox.notifications.posting import parse_url
from alipay_mini_audit.sandbox.notifications.sender import Sender
from alipay_mini_audit.sandbox.notifications.style import MessageStyle
from alipay_mini_audit.sandbox.pki.keyring import Keyring
from alipay_mini_audit.sandbox.protocol.encryption import Cipher
from alipay_mini_audit.sandbox.unusable import unusable

__all__ = ["Notifications"]

_TIMEOUT: Final = 16.0
"""That of the sender in the sample of the official page on plugins."""
_NOBODY: Final = (
    ("there is nobody to be told.", "Set `gateway.notifications.url`."),
    ("没有设置接收通知的网址。", "请设置 `gateway.notifications.url`。"),
)
_NO_KEY: Final = (
    ("there is no AES key to encrypt messages with.", "Give the gateway an `encrypt_key`."),
    ("没有可用于加密消息的 AES 密钥。", "请为网关设置 `encrypt_key`。"),
)


@final
class Notifications:
    """Sends messages to the application gateway of the app, again and again until they arrive.

    A message goes out as soon as a version that was in audit is decided. It counts as arrived once
    the receiver answered 200 and exactly `success`. Otherwise it comes again, under the same id, 4,
    10 and 10 minutes, 1, 2, 6 and 15 hours after the attempt before: the schedule that is published
    for payments. Time is that of the gateway's clock, and messages go out by themselves while the
    gateway runs. `deliver` need not wait for the time.

    It may be used from any thread.

    Args:
        url: where to; `None` for nobody.
        clock: the gateway's clock, seconds since 1970.
        keys: returns the platform's keys.

    Attributes:
        timeout: how many seconds a receiver has for its answer; 16 by default.
        on_delivery: is told of each attempt once it has ended, and of each message that is lost;
            must be quick, and must not raise. `None`, the default, for nobody.

    Raises:
        ConfigurationError: this is no URL of HTTP or HTTPS.
    """

    def __init__(
        self, url: str | None, *, clock: Callable[[], float], keys: Callable[[], Keyring]
    ) -> None:
        self._clock = clock
        self._keys = keys
        self._sender = Sender(keys)
        self._outbox = Outbox()
        self._courier = Courier(self._outbox, clock, self._carry)
        self._style = MessageStyle()
        self._mischief = Mischief()
        self._drawn = 0
        self._lock = threading.Lock()
        self._deliveries: list[Delivery] = []
        self._arrived: set[str] = set()
        self._epoch = 0
        """Grows when all is thrown away: what comes of earlier attempts is of no interest then."""
        self._url = parse_url(url, "notify_url")
        self.timeout = _TIMEOUT
        self.on_delivery: Callable[[Delivery], None] | None = None

    @property
    def url(self) -> str | None:
        """Where messages are sent; `None` for nowhere, and then none are made.

        If it is set to `None`, what still waits is thrown away.

        Raises:
            ConfigurationError: this is no URL of HTTP or HTTPS.
        """
        return None if self._url is None else str(self._url)

    @url.setter
    def url(self, url: str | None) -> None:
        self._url = parse_url(url, "notify_url")
        if self._url is None:
            self._outbox.clear()

    @property
    def style(self) -> MessageStyle:
        """How messages are written from now on.

        Raises:
            ConfigurationError: they are to be encrypted, and there is no AES key, or not yet.
        """
        return self._style

    @style.setter
    def style(self, style: MessageStyle) -> None:
        self._cipher(style)
        self._style = style

    @property
    def mischief(self) -> Mischief:
        """What befalls the messages from now on. To set it begins its seed anew."""
        return self._mischief

    @mischief.setter
    def mischief(self, mischief: Mischief) -> None:
        with self._lock:
            self._mischief, self._drawn = mischief, 0

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Every attempt that has ended, and every message that was lost, in that order."""
        return tuple(self._deliveries)

    @property
    def waiting(self) -> int:
        """How many letters wait for their time, forgeries and second copies among them."""
        return len(self._outbox)

    def tell_decision(self, before: VersionState, after: VersionState, mini_app_id: str) -> None:
        """Tell that an audit has ended, if it has, and if anybody is to be told.

        Args:
            before: where the version stood.
            after: where it stands now.
            mini_app_id: the mini-program.
        """
        verdict = verdict_of(after, mini_app_id)
        if self._url is None or before.status != "AUDITING" or verdict is None:
            return
        self._post(audit_message(verdict, self._envelope()))

    def send(self, msg_method: str, content: Mapping[str, object]) -> str:
        """Send a message of another kind, e.g. `alipay.open.auth.appauth.cancelled`.

        Args:
            msg_method: its kind.
            content: its `biz_content`.

        Returns:
            The id of the message.

        Raises:
            ConfigurationError: there is nobody to be told, or no key yet.
        """
        self._check_url()
        return self._post(other_message(msg_method, content, self._envelope()))

    def send_grant(
        self, app_auth_token: str, *, auth_app_id: str, user_id: str = "2088000000000001"
    ) -> str:
        """Tell that a merchant has authorised the app: `open_app_auth_notify`.

        Args:
            app_auth_token: what the merchant grants.
            auth_app_id: the merchant's mini-program.
            user_id: the merchant.

        Returns:
            The id of the message.

        Raises:
            ConfigurationError: there is nobody to be told, or no key yet.
        """
        self._check_url()
        detail = {
            "auth_app_id": auth_app_id,
            "user_id": user_id,
            "app_auth_token": app_auth_token,
            "app_refresh_token": f"refresh-{app_auth_token}"[:40],
            "expires_in": 31_536_000,
            "re_expires_in": 32_140_800,
        }
        return self._post(grant_message(detail, self._envelope()))

    def send_check(self) -> None:
        """Ask whether the app's gateway is there, as the console does: `alipay.service.check`.

        It is asked once. The answer counts if it is the XML that says so, signed by the app.

        Raises:
            ConfigurationError: there is nobody to be asked, or no key yet.
        """
        self._check_url()
        now = self._clock()
        message = check_message(app_id=self._keys().material.app_id, now=now)
        self._outbox.put(Letter(message=message, due=now, once=True))
        self._courier.wake()

    async def deliver(self, within: float = 0.0) -> tuple[Delivery, ...]:
        """Make every attempt that is due, without waiting for its time, and wait for the answers.

        Args:
            within: how far ahead, in seconds of the gateway's clock: `deliver(25 * 3600)` sends
                what does not arrive eight times. 0, the default, for what is due now.

        Returns:
            The attempts that have ended meanwhile, those that were due by themselves too.

        Raises:
            ConfigurationError: the gateway is not running, or `within` is no number from 0 on.
        """
        before = len(self._deliveries)
        await self._courier.deliver(within)
        return tuple(self._deliveries[before:])

    def clear(self) -> None:
        """Throw away what waits or is under way, and the record of what was sent."""
        self._epoch += 1
        self._outbox.clear()
        self._deliveries.clear()
        self._arrived.clear()

    def start(self) -> None:
        """Begin to send, in the running event loop; the gateway does it when it starts."""
        self._courier.start()

    async def aclose(self) -> None:
        """End all that is under way; the gateway does it when it closes. What waits is kept."""
        await self._courier.aclose()

    def _check_url(self) -> None:
        if self._url is None:
            raise unusable("notify_url", *_NOBODY)

    def _envelope(self) -> Envelope:
        style = self._style
        return Envelope(
            app_id=self._keys().material.app_id,
            now=self._clock(),
            style=style,
            cipher=self._cipher(style),
        )

    def _cipher(self, style: MessageStyle) -> Cipher | None:
        if not style.encrypted:
            return None
        key = self._keys().encrypt_key
        if key is None:
            raise unusable("encrypted", *_NO_KEY)
        return Cipher(key)

    def _post(self, message: Message) -> str:
        now = self._clock()
        with self._lock:
            self._drawn += 1
            mischief, number = self._mischief, self._drawn
        fate = mischief.draw(number)
        if fate.forged is not None:
            false = claim_contrary(message) if fate.forged == "wrong_key" else message
            self._outbox.put(
                Letter(
                    message=false,
                    due=now,
                    forged=fate.forged,
                    draw=fate.draw,
                    once=True,
                    mischief=(fate.forged,),
                )
            )
        if fate.lost:
            letter = Letter(message=message, due=now, mischief=("lost",))
            self._keep(_begun(letter, now, problem=None))
        else:
            self._outbox.post(message, fate, now, mischief.delay_s)
        self._courier.wake()
        return str(message.notify_id)

    async def _carry(self, letter: Letter, moment: float) -> None:
        url, notify_id, epoch = self._url, letter.message.notify_id, self._epoch
        if url is None or (notify_id in self._arrived and not letter.once):
            return
        delivery = _begun(letter, moment, problem="closed")
        try:
            delivery = await self._sender.send(letter, delivery, url=url, seconds=self.timeout)
        finally:
            if epoch == self._epoch:
                self._settle(letter, delivery)
                self._keep(delivery)

    def _settle(self, letter: Letter, delivery: Delivery) -> None:
        if not delivery.counted:
            self._outbox.put_again(letter, delivery.time)
            self._courier.wake()
        elif not delivery.is_forged and delivery.notify_id is not None:
            self._arrived.add(delivery.notify_id)

    def _keep(self, delivery: Delivery) -> None:
        self._deliveries.append(delivery)
        if self.on_delivery is not None:
            self.on_delivery(delivery)


def _begun(letter: Letter, moment: float, *, problem: str | None) -> Delivery:
    return Delivery(
        name=letter.message.name,
        notify_id=letter.message.notify_id,
        app_version=letter.message.app_version,
        attempt=letter.attempt,
        time=moment,
        problem=problem,
        mischief=letter.mischief,
    )
