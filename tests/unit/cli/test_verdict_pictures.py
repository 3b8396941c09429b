"""Pictures from a server of the test: good ones, and everything else that may come."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.cli.verdict_pictures import Limits, save_pictures
from alipay_mini_audit.models import AuditRecord, Verdict, VerdictKind
from alipay_mini_audit.sandbox.samples import png

PICTURE = png(5_000, seed=1)
LIMITS = Limits(size=20_000, seconds=0.5, total=5.0, at_once=4)


class Pictures:
    """A server, and what it was asked for."""

    url = ""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        match request.path.strip("/"):
            case "page":
                return web.Response(text="<html>", content_type="image/png")
            case "large":
                return web.Response(body=PICTURE + bytes(20_000))
            case "moved":
                raise web.HTTPFound("/good")
            case "slow":
                response = web.StreamResponse()
                await response.prepare(request)
                await response.write(PICTURE[:100])
                await asyncio.sleep(10)
                return response
            case "gone":
                raise web.HTTPNotFound
        return web.Response(body=PICTURE)


@pytest.fixture
async def pictures() -> AsyncIterator[Pictures]:
    pictures = Pictures()
    application = web.Application()
    application.router.add_get("/{path:.*}", pictures.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    pictures.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield pictures
    await runner.cleanup()


def rejected(key: str, *urls: str) -> Row:
    verdict = Verdict(
        app_version="1.0.0",
        kind=VerdictKind.REJECTED,
        status="AUDIT_REJECT",
        base_audit_record=AuditRecord(audit_images=list(urls)),
    )
    return Row(identity=Identity(key, "1.0.0"), state=EntryState.REJECTED, verdict=verdict)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_good_ones_are_saved_and_the_others_are_told(
    pictures: Pictures, tmp_path: Path
) -> None:
    others = ["page", "large", "moved", "gone", "slow"]
    odd = ["file:///etc/passwd", "http://user:secret@127.0.0.1/x", "data:,x", "//x", "http://["]
    rows = [
        rejected("shop-1", f"{pictures.url}/good", f"{pictures.url}/better"),
        rejected("../..//shop", *(f"{pictures.url}/{name}" for name in others), *odd),
        Row(identity=Identity("no verdict", "1.0.0")),
    ]
    began = time.monotonic()
    saved = await save_pictures(rows, tmp_path / "pictures", "en", LIMITS)
    assert time.monotonic() - began < 4
    assert [file.read_bytes() for file in saved.files] == [PICTURE, PICTURE]
    assert {file.parent.parent for file in saved.files} == {tmp_path / "pictures"}
    assert {file.suffix for file in saved.files} == {".png"}
    assert {url.rsplit("/", 1)[-1] for _, url, _ in saved.failed} >= set(others)
    assert len(saved.failed) == len(others) + len(odd)
    assert sorted(pictures.asked) == sorted(f"/{name}" for name in ("good", "better", *others))
    assert files_in(tmp_path) == sorted(saved.files)


async def test_what_is_there_is_not_asked_for_again(pictures: Pictures, tmp_path: Path) -> None:
    rows = [rejected("shop-1", f"{pictures.url}/good")]
    first = await save_pictures(rows, tmp_path, "en", LIMITS)
    again = await save_pictures(rows, tmp_path, "en", LIMITS)
    assert first == again
    assert pictures.asked == ["/good"]


async def test_the_whole_has_an_end(pictures: Pictures, tmp_path: Path) -> None:
    urls = [f"{pictures.url}/slow?{number}" for number in range(20)]
    limits = Limits(seconds=5.0, total=0.3, at_once=2)
    began = time.monotonic()
    saved = await save_pictures([rejected("shop-1", *urls)], tmp_path, "zh", limits)
    assert time.monotonic() - began < 3
    assert (saved.files, len(saved.failed)) == ([], 20)
    assert {why for _, _, why in saved.failed} == {"已超时，未下载"}
