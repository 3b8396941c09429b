"""A night that is frozen while another process takes its journal over: nothing goes twice."""

import asyncio
import os
import platform
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.batches import Night, night
from support.night_process import (
    assert_journal_agrees,
    assert_once,
    end_of,
    freeze,
    start,
)
from support.slow_relay import SlowRelay

from alipay_mini_audit.sandbox import Material

ENTRIES = 14
SIZES = (6_000_000, 9_000_000, 7_000_000)
"""Bytes of a file: more than the kernel takes in advance."""
IN_THE_KERNEL = range(1_700_000, 2_300_000)
"""Bytes of which the kernel has all, and delivers them."""
ELSEWHERE = 6_500_000
"""More bytes than the kernel takes (4.2 million), the relay's own, and a piece out of hand."""
SIDE_BY_SIDE = 6
SLOWLY = 700_000
"""Bytes a second at which the rest comes of what the kernel has."""
WINDOW = 7.0
LIMITS = {"connect": 1, "sign": 1, "stall": 1.5, "reply": 1, "total": 6}
LONGEST = 6.5
"""Seconds that are more than any limit."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


@pytest.fixture
async def here(material: Material) -> AsyncIterator[Night]:
    async with night(material) as found:
        yield found


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(1, ENTRIES + 1):
        size = SIZES[number % len(SIZES)]
        (folder / f"{number}.png").write_bytes(number.to_bytes(2) * (size // 2))
    return folder


def is_half_sent(relay: SlowRelay) -> bool:
    """Some uploads are done, of one the kernel has the rest, and of one it has not."""
    uploads = [request for request in relay.requests if request.is_upload]
    left = [upload.left or 0 for upload in uploads]
    return 0 in left and any(count in IN_THE_KERNEL for count in left) and max(left) > ELSEWHERE


async def test_a_frozen_night_is_taken_over_and_sends_nothing_more_when_it_wakes(
    here: Night, files: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    async with SlowRelay(here.gateway.base_url, rate=3_000_000) as relay:
        order = {
            "journal": str(journal),
            "base_url": relay.base_url,
            "count": ENTRIES,
            "folder": str(files),
            "timeouts": LIMITS,
            "policy": {"unknown_window": WINDOW, "attempts": 10, "concurrency": SIDE_BY_SIDE},
        }
        frozen = await start(order)
        await freeze(frozen, journal, lambda: is_half_sent(relay))
        relay.slow_down(SLOWLY)
        since = asyncio.get_running_loop().time()
        under_way = [upload for upload in relay.requests if upload.is_upload and upload.left]

        (refused,) = await end_of(await start(order))
        assert "BatchError journal_locked" in refused
        assert f"Process {frozen.pid} on {platform.node()} " in refused

        said = await end_of(await start({**order, "take_over": True}))
        assert said[-1].endswith("finished"), said[-3:]
        assert len(said) == ENTRIES + 1
        await asyncio.sleep(since + LONGEST - asyncio.get_running_loop().time())

        frozen.send_signal(signal.SIGCONT)
        last = (await end_of(frozen))[-1]
        await relay.until_quiet()
    assert frozen.returncode == 5
    assert "ended BatchError batch_superseded" in last
    assert_once(here, ENTRIES)
    summary = await assert_journal_agrees(here, journal, ENTRIES)
    assert 1 <= summary.fenced <= SIDE_BY_SIDE
    assert {upload.is_whole for upload in under_way} == {True, False}


async def test_a_frozen_upload_is_cut_when_it_wakes_though_it_has_time_left(
    here: Night, files: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    async with SlowRelay(here.gateway.base_url, rate=300_000) as relay:
        order = {
            "journal": str(journal),
            "base_url": relay.base_url,
            "count": 1,
            "folder": str(files),
            "policy": {"unknown_window": 0.5},
        }
        frozen = await start(order)
        await freeze(frozen, journal, lambda: any(each.received for each in relay.requests))
        (upload,) = relay.requests
        assert upload.left is not None
        assert upload.left > ELSEWHERE
        relay.slow_down(10_000_000)
        said = await end_of(await start({**order, "take_over": True}))
        assert said[-1].endswith("finished"), said
        frozen.send_signal(signal.SIGCONT)
        (last,) = await end_of(frozen)
        await relay.until_quiet()
    assert upload.is_cut
    assert "ended BatchError batch_superseded" in last
    assert_once(here, 1)
    summary = await assert_journal_agrees(here, journal, 1)
    assert summary.fenced == 1
