"""A user's submissions are read in one task, and what their generators hold is let go."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from alipay_mini_audit.batch.source import Mark, read
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.models import AuditApply


def submission(number: int) -> Submission:
    return Submission(f"k{number}", AuditApply(app_version=f"0.0.{number}"))


ONE, TWO = submission(1), submission(2)


@asynccontextmanager
async def bound_to_its_task(ended: list[str]) -> AsyncIterator[None]:
    """A scope as those of `asyncio.TaskGroup` and anyio are: its task leaves it, or it fails."""
    task = asyncio.current_task()
    try:
        yield
    finally:
        await asyncio.sleep(0)
        ended.append("ended" if asyncio.current_task() is task else "in another task")


async def several(ended: list[str]) -> AsyncGenerator[Submission, None]:
    async with bound_to_its_task(ended), asyncio.TaskGroup():
        yield ONE
        await asyncio.sleep(0.01)
        yield TWO


async def test_an_async_generator_is_read_in_one_task() -> None:
    ended: list[str] = []
    assert [each async for each in read(several(ended)) if each is not Mark.WAITS] == [ONE, TWO]
    assert ended == ["ended"]


async def test_an_async_generator_is_closed_where_it_was_read() -> None:
    ended: list[str] = []
    async with aclosing(read(several(ended))) as found:
        async for each in found:
            if each is not Mark.WAITS:
                break
    assert ended == ["ended"]
    assert len(asyncio.all_tasks()) == 1


async def test_a_generator_is_closed_though_its_caller_keeps_it() -> None:
    ended = []

    def kept() -> Iterator[Submission]:
        try:
            yield ONE
            yield TWO
        finally:
            ended.append("ended")

    source = kept()
    async with aclosing(read(source)) as found:
        assert await anext(found) is ONE
    assert ended == ["ended"]
    assert list(source) == []


async def test_a_wait_is_told_before_it() -> None:
    more = asyncio.Event()

    async def slow() -> AsyncIterator[Submission]:
        yield ONE
        await more.wait()
        yield TWO

    async with aclosing(read(slow())) as found:
        assert [await anext(found), await anext(found)] == [ONE, Mark.WAITS]
        more.set()
        assert await anext(found) is TWO


async def test_nothing_is_read_before_it_is_wanted() -> None:
    read_so_far = []

    async def lazy() -> AsyncIterator[Submission]:
        for number in range(9):
            read_so_far.append(number)
            yield submission(number)

    async with aclosing(read(lazy())) as found:
        for wanted in range(1, 4):
            await anext(found)
            await asyncio.sleep(0.01)
            assert len(read_so_far) == wanted


@pytest.mark.parametrize("kind", [LookupError, asyncio.CancelledError])
async def test_what_a_source_raises_comes_as_it_is(kind: type[BaseException]) -> None:
    async def broken() -> AsyncIterator[Submission]:
        yield ONE
        raise kind("no row")

    async with aclosing(read(broken())) as found:
        assert await anext(found) is ONE
        assert await anext(found) is Mark.WAITS
        with pytest.raises(kind, match="no row"):
            await anext(found)


class Iterable:
    """An iterable that is no generator, and whose iterator can only be asked for the next one."""

    def __init__(self, found: list[Any]) -> None:
        self.found = iter(found)

    def __aiter__(self) -> "Next":
        return Next(self.found)


class Next:
    def __init__(self, found: Iterator[Any]) -> None:
        self.found = found

    async def __anext__(self) -> Any:
        for each in self.found:
            return each
        raise StopAsyncIteration


async def test_any_async_iterable_is_read_and_none_is_not_overlooked() -> None:
    source: Any = Iterable([ONE, None, TWO])
    found = [each async for each in read(source) if each is not Mark.WAITS]
    assert found == [ONE, None, TWO]
