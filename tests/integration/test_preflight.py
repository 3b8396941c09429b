"""`apply` checks first: nothing bad is sent, and warnings do not get lost."""

import asyncio
from pathlib import Path

import pytest
from support.corpus import GOOD, png

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    ClientConfig,
    Outcome,
    Preflight,
    PreflightWarned,
    Severity,
    ValidationError,
    check,
)
from alipay_mini_audit.events import Event
from alipay_mini_audit.sandbox import Material, SandboxGateway

BAD = AuditApply.from_wire(GOOD | {"service_phone": "1", "app_version": "1.0"})
ODD = AuditApply.from_wire(GOOD | {"app_version": "1.0"})


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


async def test_all_errors_at_once_and_nothing_is_sent(material: Material, tmp_path: Path) -> None:
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            with pytest.raises(ValidationError) as caught:
                await client.apply(BAD, {"out_door_pic": tmp_path / "gone.jpg"})
        assert gateway.calls == 0
    assert caught.value.outcome is Outcome.NOT_SENT
    assert [each.code for each in caught.value.problems] == [
        "INVALID_MINI_APP_SERVICE_TEL",
        "file_not_found",
    ]
    assert str(caught.value).isascii(), "logs are searched in English"


async def test_warnings_come_with_the_reply_and_to_observers(material: Material) -> None:
    recorder = Recorder()
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config, observers=[recorder]) as client:
            reply = await client.apply(ODD, {"app_logo": png()})
            with pytest.raises(ValidationError):
                await client.apply(ODD, preflight=Preflight(refuse=Severity.WARNING))
    assert [each.code for each in reply.meta.warnings] == ["version_format"]
    told = [event for event in recorder.events if isinstance(event, PreflightWarned)]
    assert [event.problems for event in told] == [reply.meta.warnings]


async def test_what_is_let_through_is_refused_by_the_platform(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url, preflight=Preflight(refuse=None))
        async with AuditClient(gateway.credentials, config) as client:
            with pytest.raises(Exception, match="INVALID_MINI_APP_SERVICE_TEL") as caught:
                await client.apply(BAD)
    assert getattr(caught.value, "code", "") == "INVALID_MINI_APP_SERVICE_TEL"


async def test_other_calls_are_not_checked(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            detail = await client.version_detail("1.0")
    assert detail.app_version == "1.0"


async def test_a_file_that_cannot_be_read_stops_a_call_whatever_is_let_through(
    material: Material, tmp_path: Path
) -> None:
    gone = {"app_logo": tmp_path / "gone.png", "out_door_pic": png()}
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url, preflight=Preflight(refuse=None))
        async with AuditClient(gateway.credentials, config) as client:
            for work in (
                client.apply(ODD, gone),
                client.apply(ODD, gone, preflight=Preflight.OFF),
                client.call("POST", "/v3/alipay/open/mini/x", body={}, attachments=gone),
            ):
                with pytest.raises(ValidationError) as caught:
                    await work
                assert [each.code for each in caught.value.problems] == ["file_not_found"]
        assert gateway.calls == 0


async def test_a_file_that_cannot_be_read_hides_nothing_of_the_others(tmp_path: Path) -> None:
    files = {
        "app_logo": png(60, 61),
        "first_screen_shot": tmp_path / "gone.png",
        "second_screen_shot": b"GIF89a no picture",
    }
    first = Preflight(first_submission=True)
    codes = {each.code for each in await check(ODD, files, first, language="en")}
    assert {"LOGO_HEIGHT_NOT_EQUAL_WIDTH", "file_not_found", "INVALID_SCREEN_SHOT_EXT"} <= codes
    assert not codes & {"SCREEN_SHOT_NUM_IS_INVALID", "gap", "LOGO_IS_BLANK"}
    gone = await check(ODD, {"app_logo": tmp_path / "gone.png"}, first, language="en")
    assert "LOGO_IS_BLANK" not in {each.code for each in gone}


async def test_what_is_hostile_does_not_hold_the_loop() -> None:
    rar = b"Rar!\x1a\x07\x00" + b"\0\0\x73\0\0\x07\0" + b"\0\0\x7a\0\0\x07\0" * 100_000
    request = AuditApply.from_wire(GOOD | {"version_desc": "\u4e2d" * 3_000_000})
    late = asyncio.Event()

    async def tick() -> float:
        worst, loop = 0.0, asyncio.get_running_loop()
        while not late.is_set():
            began = loop.time()
            await asyncio.sleep(0.001)
            worst = max(worst, loop.time() - began)
        return worst

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    found = await check(request, {"test_file_name": rar}, language="en")
    late.set()
    assert "INVALID_VERSION_DESC_LENGTH" in {each.code for each in found}
    assert await ticking < 0.4
