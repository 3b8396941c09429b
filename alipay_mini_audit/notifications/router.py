"""`NotificationRouter`: from the body of a request to handlers, and to the answer that is due.

At least once: `success` is answered only after all handlers have returned. If one raises, or the
process ends, the platform delivers again: after 4, 10 and 10 minutes, 1, 2, 6 and 15 hours.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from types import UnionType
from typing import Any, Final, TypeVar, final, overload

import attrs

from alipay_mini_audit.crypto import ContentCipher, RSASigner, Signer, Verifier
from alipay_mini_audit.errors import NotificationRejected, RejectionReason
from alipay_mini_audit.notifications.activation import activation_answer, read_check
from alipay_mini_audit.notifications.form import LARGEST_BODY
from alipay_mini_audit.notifications.messages import (
    AnyNotification,
    AuditPassed,
    AuditRejected,
    AuthorizationChanged,
    Notification,
    OtherNotification,
)
from alipay_mini_audit.notifications.rejections import rejected
from alipay_mini_audit.notifications.seen import MemorySeen, SeenStore
from alipay_mini_audit.problems import printable

__all__ = ["FAILED", "REFUSED", "NotificationAnswer", "NotificationRouter", "OnError"]

OnError = Callable[[BaseException, Notification | None], object]
"""Is told what went wrong, and with which notification; `None` if it was not believed."""

_LOGGER: Final = logging.getLogger("alipay_mini_audit")
_KINDS: Final = (AuditPassed, AuditRejected, AuthorizationChanged, OtherNotification)
_Message = TypeVar("_Message", bound=Notification)
_Other = TypeVar("_Other", bound=Notification)
_Handler = Callable[[_Message], Awaitable[object]]


@final
@attrs.frozen
class NotificationAnswer:
    """What to answer an HTTP request.

    Attributes:
        status: 200 for what is dealt with. The others go with `fail` and are for logs of access:
            400 not the platform's, 403 for another app, 413 too large, 500 a handler or the memory
            failed, 503 its handlers are still at work.
        body: the platform is content with `success` alone, and delivers again after anything else.
        content_type: of the body.
    """

    status: int
    body: bytes
    content_type: str = "text/plain"


SUCCEEDED: Final = NotificationAnswer(200, b"success")
REFUSED: Final = NotificationAnswer(400, b"fail")
FOREIGN: Final = NotificationAnswer(403, b"fail")
TOO_LARGE: Final = NotificationAnswer(413, b"fail")
FAILED: Final = NotificationAnswer(500, b"fail")
BUSY: Final = NotificationAnswer(503, b"fail")


@final
class NotificationRouter:
    """Hands the notifications for one application to handlers, each once if all goes well.

    What a handler does must bear being done twice: it may be called again for a notification after
    it, or one behind it, has failed, or the process has ended in between.

    Args:
        app_id: the application; what is for another one is answered `fail`.
        verifier: of the credentials.
        cipher: of the credentials; `None` if the application has no AES key. What is encrypted is
            then answered `fail`.
        seen: remembers what was dealt with; `None` remembers in this process, for 26 hours.
        signer: of the credentials; it answers the console when that activates the application
            gateway. `None` answers `fail`.
        app_public_key: base64 of the application's public key, without PEM lines, which that answer
            holds; `None` takes that of an `RSASigner`.
        on_error: is told of what is not answered `success`, and why; it is called and not awaited.
            The log is told in any case, of errors of others by their type alone.

    Raises:
        TypeError: an argument is none of these, or a signer of your own comes without
            `app_public_key`.
    """

    def __init__(
        self,
        app_id: str,
        *,
        verifier: Verifier,
        cipher: ContentCipher | None = None,
        seen: SeenStore | None = None,
        signer: Signer | None = None,
        app_public_key: str | None = None,
        on_error: OnError | None = None,
    ) -> None:
        if not isinstance(app_id, str) or not app_id:
            raise TypeError("app_id: expected the id of an application")
        is_verifier = _is_one(verifier, Verifier)
        if not is_verifier or inspect.iscoroutinefunction(verifier.verify):
            raise TypeError("verifier: expected an object with def verify(message, signature, ...)")
        if app_public_key is None and isinstance(signer, RSASigner):
            app_public_key = signer.public_key
        if signer is not None and not isinstance(app_public_key, str):
            raise TypeError("app_public_key: expected the key of this signer, in base64")
        if not _is_one(signer, Signer | None):
            raise TypeError("signer: expected an object with async def sign(message), or None")
        if not _is_one(cipher, ContentCipher | None):
            raise TypeError("cipher: expected that of the credentials, or None")
        if not _is_one(seen, SeenStore | None):
            raise TypeError("seen: expected an object with async def has and add, or None")
        if on_error is not None and (
            not callable(on_error) or inspect.iscoroutinefunction(on_error)
        ):
            raise TypeError("on_error: expected a function that is not async, or None")
        self.app_id = app_id
        self._verifier = verifier
        self._cipher = cipher
        self._seen = MemorySeen() if seen is None else seen
        self._signer = signer
        self._app_public_key = app_public_key
        self._on_error = on_error
        self._handlers: dict[type[Notification], list[_Handler[Any]]] = {}
        self._under_way: set[str] = set()

    @overload
    def on(self, kind: type[_Message], /) -> Callable[[_Handler[_Message]], _Handler[_Message]]: ...

    @overload
    def on(
        self, kind: type[_Message], other: type[_Other], /
    ) -> Callable[[_Handler[_Message | _Other]], _Handler[_Message | _Other]]: ...

    @overload
    def on(self, *kinds: type[_Message]) -> Callable[[_Handler[_Message]], _Handler[_Message]]: ...

    def on(self, *kinds: type[Any]) -> Callable[[_Handler[Any]], _Handler[Any]]:
        """Register a handler, as `@router.on(AuditPassed)`.

        Handlers of a kind are called one after the other, in the order of their registration; the
        first one that raises is the last.

        Args:
            kinds: of notifications, exactly these: `AuditPassed`, `AuditRejected`,
                `AuthorizationChanged`, `OtherNotification`.

        Raises:
            TypeError: a kind is none of these, or the handler is no `async def`.
        """
        if not kinds or not all(kind in _KINDS for kind in kinds):
            names = ", ".join(kind.__name__ for kind in _KINDS)
            raise TypeError(f"kinds: expected some of {names}")

        def register(handler: _Handler[Any]) -> _Handler[Any]:
            """Keep a handler, and return it."""
            called = getattr(handler, "__call__", None)  # noqa: B004  # of an object
            if not any(map(inspect.iscoroutinefunction, (handler, called))):
                raise TypeError("handler: expected an async def that takes a notification")
            for kind in kinds:
                self._handlers.setdefault(kind, []).append(handler)
            return handler

        return register

    async def handle(self, body: bytes, headers: Mapping[str, str]) -> NotificationAnswer:
        """Deal with a request, and return what to answer.

        A notification that is delivered again while its handlers are still at work is answered
        `fail` at once: to wait would keep a connection for an answer that comes too late, and the
        platform delivers it once more when they are done.

        Args:
            body: of the request, as it came, 1 MiB at most.
            headers: of the request.

        Raises:
            TypeError: `body` is not `bytes`.
            asyncio.CancelledError: it was cancelled, or a handler was; nothing is remembered.
        """
        try:
            message = Notification.from_http(
                body, headers, verifier=self._verifier, cipher=self._cipher
            )
        except NotificationRejected as error:
            self._tell(error, None)
            too_large = error.reason is RejectionReason.TOO_LARGE
            return TOO_LARGE if too_large else REFUSED
        check = read_check(message)
        if self.app_id not in (message.app_id, check and check.app_id):
            self._tell(rejected(RejectionReason.FOREIGN_APP), message)
            return FOREIGN
        if check is not None:
            return await self._activate(message)
        return await self._deal_with(message)

    async def handle_stream(
        self, chunks: AsyncIterable[bytes], headers: Mapping[str, str]
    ) -> NotificationAnswer:
        """Deal with a request whose body is still to come, see `handle`.

        It reads no more than 1 MiB and the rest of that piece, whatever `Content-Length` says.

        Args:
            chunks: the body, in pieces of any size.
            headers: of the request.

        Raises:
            asyncio.CancelledError: it was cancelled, or a handler was; nothing is remembered.
        """
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            if len(body) > LARGEST_BODY:
                break
        return await self.handle(bytes(body), headers)

    async def _activate(self, message: AnyNotification) -> NotificationAnswer:
        if self._signer is None or self._app_public_key is None:
            _LOGGER.warning("notification.check_unanswered give the router the signer")
            return FAILED
        try:
            body = await activation_answer(self._app_public_key, self._signer)
        except Exception as error:  # noqa: BLE001  # told
            self._tell(error, message)
            return FAILED
        return NotificationAnswer(200, body, "text/xml; charset=GBK")

    async def _deal_with(self, message: AnyNotification) -> NotificationAnswer:
        notify_id = message.notify_id
        if notify_id is None:  # no audit message comes without
            return await self._call_handlers(message)
        if notify_id in self._under_way:
            return BUSY
        self._under_way.add(notify_id)
        try:
            return await self._once(message, notify_id)
        finally:
            self._under_way.discard(notify_id)

    async def _once(self, message: AnyNotification, notify_id: str) -> NotificationAnswer:
        try:
            if await self._seen.has(notify_id):
                return SUCCEEDED
        except Exception as error:  # noqa: BLE001  # told
            self._tell(error, message)
            return FAILED
        answer = await self._call_handlers(message)
        if answer is SUCCEEDED:
            try:
                await self._seen.add(notify_id)
            except Exception as error:  # noqa: BLE001  # told; another delivery would mend nothing
                self._tell(error, message)
        return answer

    async def _call_handlers(self, message: AnyNotification) -> NotificationAnswer:
        for handler in self._handlers.get(type(message), ()):
            try:
                await handler(message)
            except Exception as error:  # noqa: BLE001  # told
                self._tell(error, message)
                return FAILED
            except BaseException as error:
                self._tell(error, message)
                raise
        return SUCCEEDED

    def _tell(self, error: BaseException, message: Notification | None) -> None:
        facts = [f"error={type(error).__name__}"]  # what others say may hold what it came from
        facts += [f"reason={error.reason}"] if isinstance(error, NotificationRejected) else []
        facts += [f"kind={type(message).__name__}"] if message else []
        facts += [f"notify_id={message.notify_id}"] if message and message.notify_id else []
        _LOGGER.warning("notification.failed %s", printable(" ".join(facts)))
        if self._on_error is None:
            return
        try:
            self._on_error(error, message)
        except Exception as raised:  # noqa: BLE001  # what is answered does not depend on it
            _LOGGER.warning("notification.on_error_failed error=%s", type(raised).__name__)


def _is_one(value: object, kind: type | UnionType) -> bool:
    """Say whether an argument is of a type; the class itself, which a protocol takes, is not."""
    return isinstance(value, kind) and not isinstance(value, type)
