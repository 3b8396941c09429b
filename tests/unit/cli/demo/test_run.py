"""How a demo ends that is stopped."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from alipay_mini_audit.cli.demo.run import run_demo
from alipay_mini_audit.sandbox.samples import png


async def test_no_thread_writes_a_file_after_the_demo_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever removes the folder would find it filled behind its back."""
    begun, demo_ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    were_too_late: list[bool] = []

    def draw_slowly(size: int, **options: Any) -> bytes:
        loop.call_soon_threadsafe(begun.set)
        were_too_late.append(demo_ended.wait(0.2))  # seconds, unless the demo does not wait for it
        return png(size, **options)

    monkeypatch.setattr("alipay_mini_audit.cli.demo.files.png", draw_slowly)
    demo = asyncio.create_task(
        run_demo(tmp_path, versions=2, size=1024, language="en", on_step=lambda _: None)
    )
    await begun.wait()
    demo.cancel()
    with pytest.raises(asyncio.CancelledError):
        await demo
    demo_ended.set()
    assert were_too_late
    assert not any(were_too_late)
