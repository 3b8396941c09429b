"""Which handlers are called, how often, and what is answered."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.certificates import VECTORS
from support.notifications import APP_ID, CIPHER, FORMS, HEADERS, VERIFIER, passed

from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.errors import NotificationRejected, RejectionReason
from alipay_mini_audit.notifications import (
    AuditPassed,
    AuditRejected,
    AuthorizationChanged,
    MemorySeen,
    Notification,
    NotificationAnswer,
    NotificationRouter,
    OtherNotification,
)

SUCCESS = NotificationAnswer(200, b"success", "text/plain")
Told = list[tuple[BaseException, Notification | None]]


def router(**settings: Any) -> NotificationRouter:
    return NotificationRouter(APP_ID, **({"verifier": VERIFIER} | settings))


def collecting(app: NotificationRouter, *kinds: Any) -> list[Notification]:
    """Return the list that a handler fills."""
    found: list[Notification] = []

    @app.on(*kinds)
    async def collect(message: Notification) -> None:
        found.append(message)

    return found


async def test_a_handler_is_called_for_its_kind_alone() -> None:
    app = router(cipher=CIPHER)
    by_kind = {
        kind: collecting(app, kind)
        for kind in (AuditPassed, AuditRejected, AuthorizationChanged, OtherNotification)
    }
    for name in ("passed_v1", "aes_gbk", "authorized", "no_charset"):
        assert await app.handle(FORMS[name], HEADERS) == SUCCESS
    assert {kind.__name__: len(found) for kind, found in by_kind.items()} == {
        "AuditPassed": 1,
        "AuditRejected": 1,
        "AuthorizationChanged": 1,
        "OtherNotification": 1,
    }


async def test_one_handler_may_take_several_kinds() -> None:
    app = router()
    found = collecting(app, AuditPassed, AuditRejected)
    await app.handle(FORMS["passed_v1"], HEADERS)
    await app.handle(FORMS["rejected_gbk"], HEADERS)
    assert [type(each) for each in found] == [AuditPassed, AuditRejected]


async def test_handlers_are_called_one_after_the_other() -> None:
    app, order = router(), []

    @app.on(AuditPassed)
    async def first(_: AuditPassed) -> None:
        order.append("first begins")
        await asyncio.sleep(0)
        order.append("first ends")

    @app.on(AuditPassed)
    async def second(_: AuditPassed) -> None:
        order.append("second")

    await app.handle(passed(), HEADERS)
    assert order == ["first begins", "first ends", "second"]
    assert first.__name__ == "first"


async def test_what_nobody_handles_is_answered_with_success() -> None:
    assert await router().handle(passed(), HEADERS) == SUCCESS


async def test_a_repeat_is_answered_without_the_handlers() -> None:
    app = router()
    found = collecting(app, AuditPassed)
    for _ in range(3):
        assert await app.handle(passed(), HEADERS) == SUCCESS
    assert await app.handle(passed(notify_id="n-2"), HEADERS) == SUCCESS
    assert [each.notify_id for each in found] == ["n-1", "n-2"]


async def test_a_notification_for_another_app_is_answered_with_fail() -> None:
    told: Told = []
    app = router(on_error=lambda *error: told.append(error))
    found = collecting(app, AuditPassed)
    for app_id in ("2021000000000009", "", "20210000000000011"):
        answer = await app.handle(passed(app_id=app_id), HEADERS)
        assert (answer.status, answer.body) == (403, b"fail")
    assert found == []
    reasons = [error.reason for error, _ in told if isinstance(error, NotificationRejected)]
    assert reasons == [RejectionReason.FOREIGN_APP] * 3


async def test_what_is_not_the_platforms_is_answered_with_fail() -> None:
    told: Told = []
    app = router(on_error=lambda *error: told.append(error))
    found = collecting(app, AuditPassed, OtherNotification)
    for body in (b"", b"x", FORMS["next_certificate"], passed() + b"&later=1"):
        answer = await app.handle(body, HEADERS)
        assert (answer.status, answer.body) == (400, b"fail")
    assert (await app.handle(b"x" * 2**20 + b"x", HEADERS)).status == 413
    assert found == []
    assert {type(error) for error, _ in told} == {NotificationRejected}
    assert {message for _, message in told} == {None}


async def test_of_a_body_no_more_is_read_than_is_taken() -> None:
    read = []

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(1000):
            read.append(number)
            yield b"x" * 65536

    assert (await router().handle_stream(pieces(), HEADERS)).status == 413
    assert len(read) == 17


async def test_a_body_in_pieces_is_put_together() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for place in range(len(FORMS["passed_v1"])):
            yield FORMS["passed_v1"][place : place + 1]

    assert await router().handle_stream(pieces(), HEADERS) == SUCCESS


async def test_encrypted_content_without_the_key_is_delivered_again() -> None:
    assert (await router().handle(FORMS["aes_utf8"], HEADERS)).body == b"fail"


async def test_a_handler_that_raises_is_called_again(caplog: pytest.LogCaptureFixture) -> None:
    told: Told = []
    app = router(on_error=lambda *error: told.append(error))
    behind = []
    error = RuntimeError("app_auth_token=202611BBcanary")
    errors = [error, None]

    @app.on(AuditPassed)
    async def handle(_: AuditPassed) -> None:
        if (raised := errors.pop(0)) is not None:
            raise raised

    @app.on(AuditPassed)
    async def after(message: AuditPassed) -> None:
        behind.append(message)

    answer = await app.handle(passed(), HEADERS)
    assert (answer.status, answer.body, behind) == (500, b"fail", [])
    assert [each for each, _ in told] == [error]
    assert [message.notify_id for _, message in told if message] == ["n-1"]
    assert "error=RuntimeError kind=AuditPassed notify_id=n-1" in caplog.text
    assert "canary" not in caplog.text
    assert await app.handle(passed(), HEADERS) == SUCCESS
    assert len(behind) == 1


async def test_two_deliveries_at_once_call_the_handlers_once() -> None:
    app, found, begun, go_on = router(), [], asyncio.Event(), asyncio.Event()

    @app.on(AuditPassed)
    async def handle(message: AuditPassed) -> None:
        found.append(message)
        begun.set()
        await go_on.wait()

    async with asyncio.TaskGroup() as group:
        first = group.create_task(app.handle(passed(), HEADERS))
        await begun.wait()
        second = await app.handle(passed(), HEADERS)
        assert (second.status, second.body) == (503, b"fail")
        other = group.create_task(app.handle(passed(notify_id="n-2"), HEADERS))
        go_on.set()
    assert first.result() == other.result() == SUCCESS
    assert await app.handle(passed(), HEADERS) == SUCCESS
    assert [each.notify_id for each in found] == ["n-1", "n-2"]


async def test_what_was_cancelled_is_delivered_again() -> None:
    told: Told = []
    app, begun = router(on_error=lambda *error: told.append(error)), asyncio.Event()
    calls = []

    @app.on(AuditPassed)
    async def handle(message: AuditPassed) -> None:
        calls.append(message)
        if len(calls) == 1:
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(app.handle(passed(), HEADERS))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [type(error) for error, _ in told] == [asyncio.CancelledError]
    assert await app.handle(passed(), HEADERS) == SUCCESS
    assert len(calls) == 2


class FailingSeen:
    """A store whose disk is full."""

    def __init__(self, *, on: str) -> None:
        self._on = on

    async def has(self, notify_id: str) -> bool:
        del notify_id
        if self._on == "has":
            raise OSError("disk")
        return False

    async def add(self, notify_id: str) -> None:
        del notify_id
        raise OSError("disk")


async def test_without_a_memory_no_handler_is_called() -> None:
    told: Told = []
    app = router(seen=FailingSeen(on="has"), on_error=lambda *error: told.append(error))
    found = collecting(app, AuditPassed)
    assert (await app.handle(passed(), HEADERS)).body == b"fail"
    assert (found, [type(error) for error, _ in told]) == ([], [OSError])


async def test_what_was_done_is_success_although_it_cannot_be_remembered() -> None:
    told: Told = []
    app = router(seen=FailingSeen(on="add"), on_error=lambda *error: told.append(error))
    assert await app.handle(passed(), HEADERS) == SUCCESS
    assert [type(error) for error, _ in told] == [OSError]


async def test_it_is_remembered_once_the_handlers_have_returned() -> None:
    seen = MemorySeen()
    app = router(seen=seen)

    @app.on(AuditPassed)
    async def handle(message: AuditPassed) -> None:
        assert not await seen.has(str(message.notify_id))

    assert await app.handle(passed(), HEADERS) == SUCCESS
    assert await seen.has("n-1")


async def test_what_on_error_raises_changes_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    def on_error(*_: object) -> None:
        raise ValueError("canary")

    answer = await router(on_error=on_error).handle(b"x", HEADERS)
    assert answer.status == 400
    assert "notification.on_error_failed error=ValueError" in caplog.text
    assert "canary" not in caplog.text


async def test_another_notification_without_an_id_has_its_handlers_called_each_time() -> None:
    app = router()
    found = collecting(app, OtherNotification)
    for _ in range(2):
        assert await app.handle(passed(notify_id="", msg_method="later"), HEADERS) == SUCCESS
    assert len(found) == 2


async def test_the_console_is_answered_by_the_signer() -> None:
    app = router(signer=RSASigner(VECTORS / "keys" / "app.pkcs8.pem"))
    answer = await app.handle(FORMS["gateway_check"], HEADERS)
    assert (answer.status, answer.content_type) == (200, "text/xml; charset=GBK")
    assert b"<success>true</success>" in answer.body


async def test_the_console_is_answered_with_fail_for_another_app_or_without_signer() -> None:
    signer = RSASigner(VECTORS / "keys" / "app.pkcs8.pem")
    other = NotificationRouter("2021000000000009", verifier=VERIFIER, signer=signer)
    assert (await other.handle(FORMS["gateway_check"], HEADERS)).status == 403
    assert (await router().handle(FORMS["gateway_check"], HEADERS)).body == b"fail"


class BrokenSigner:
    """A key service that is away."""

    async def sign(self, message: bytes) -> bytes:
        del message
        raise ConnectionError


async def test_a_signer_that_fails_is_told(caplog: pytest.LogCaptureFixture) -> None:
    app = router(signer=BrokenSigner(), app_public_key="key")
    assert (await app.handle(FORMS["gateway_check"], HEADERS)).body == b"fail"
    assert "error=SigningError" in caplog.text


class AsyncVerifier:
    """A verifier that nobody would await."""

    async def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        del message, signature, alipay_cert_sn


async def told_later(error: BaseException, message: Notification | None) -> None:
    """An `on_error` that nobody would await."""
    del error, message


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"app_id": ""}, "app_id"),
        ({"app_id": None}, "app_id"),
        ({"verifier": object()}, "verifier"),
        ({"verifier": AsyncVerifier()}, "verifier"),
        ({"verifier": type(VERIFIER)}, "verifier"),
        ({"signer": BrokenSigner()}, "app_public_key"),
        ({"signer": BrokenSigner(), "app_public_key": b"key"}, "app_public_key"),
        ({"signer": BrokenSigner, "app_public_key": "key"}, "signer"),
        ({"cipher": "aes key"}, "cipher"),
        ({"seen": MemorySeen}, "seen"),
        ({"seen": set()}, "seen"),
        ({"on_error": "log"}, "on_error"),
        ({"on_error": told_later}, "on_error"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(TypeError, match=f"^{named}: expected"):
        NotificationRouter(**{"app_id": APP_ID, "verifier": VERIFIER, **arguments})


@pytest.mark.parametrize("kinds", [(), (Notification,), (str,), (AuditPassed, None)])
def test_only_the_four_kinds_are_taken(kinds: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="kinds: expected some of AuditPassed, "):
        router().on(*kinds)


def test_a_handler_is_an_async_def() -> None:
    with pytest.raises(TypeError, match="handler: expected an async def"):
        router().on(AuditPassed)(print)  # type: ignore[arg-type]


async def test_an_object_may_be_a_handler() -> None:
    class Handler:
        calls = 0

        async def __call__(self, message: AuditPassed) -> None:
            del message
            self.calls += 1

    app, handler = router(), Handler()
    app.on(AuditPassed)(handler)
    await app.handle(passed(), HEADERS)
    assert handler.calls == 1


async def test_the_log_is_quiet_about_what_went_well(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await router().handle(passed(), HEADERS)
    assert caplog.text == ""


async def test_a_body_that_was_parsed_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="body: expected bytes"):
        await router().handle({"sign": "x"}, HEADERS)  # type: ignore[arg-type]
