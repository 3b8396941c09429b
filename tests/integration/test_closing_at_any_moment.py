"""`aclose()` at random moments, in short; `support.closing` says how to run the long form."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.closing import Closing, Complaint, close_at_random
from support.closing_scenes import SCENES, Peer, be_silent

from alipay_mini_audit import AuditError

SEED = 20261125


@pytest.mark.timeout(120)
@pytest.mark.parametrize("uses_uvloop", [False, True], ids=["asyncio", "uvloop"])
def test_a_close_ends_within_a_second_at_any_moment_and_leaves_nothing(uses_uvloop: bool) -> None:
    complaints = close_at_random(SEED, 2 * len(SCENES), uses_uvloop=uses_uvloop)
    assert not complaints, "\n".join([f"seed {SEED}", *map(str, complaints)])


class BadClient:
    """Takes its time to close, leaves a task, a descriptor and a call that goes on."""

    async def cancel(self, _: str) -> None:
        raise KeyError("what no call may raise")

    async def apply(self, *_: object) -> None:
        await asyncio.sleep(30)

    async def aclose(self) -> None:
        self.task = asyncio.create_task(asyncio.sleep(30))
        self.descriptor = os.dup(0)
        await asyncio.sleep(1.1)
        raise AuditError("could not close")


class BadScene:
    name = "bad"

    def __init__(self, client: BadClient) -> None:
        self.client = client

    def attachments(self) -> None:
        return None

    @contextlib.asynccontextmanager
    async def play(self, _: Path) -> AsyncIterator[tuple[Any, Peer]]:
        yield self.client, Peer(be_silent)


async def test_the_judge_sees_what_a_bad_close_leaves(tmp_path: Path) -> None:
    client = BadClient()
    seen: list[Complaint] = []
    for calls in (1, 2):
        await Closing(BadScene(client), 0.0, calls, seen).run(tmp_path)
        os.close(client.descriptor)
    assert {each.kind for each in seen} >= {
        "aclose took more than a second",
        "aclose raised",
        "a call goes on after the close",
        "a task is left",
        "descriptors are left",
    }
