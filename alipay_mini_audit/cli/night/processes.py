"""`submit_by_processes`: a night in several processes, each with an event loop of its own.

Signing, TLS and Python itself take a processor each. The journal has one owner all the same, this
process, and does for the others what they ask for; their pace is shared by its database.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from typing import Final, final

import attrs

from alipay_mini_audit.batch import BatchEntry, Binding, OwnableJournal, Submission
from alipay_mini_audit.batch.journal import JournalRun
from alipay_mini_audit.cli.night.channel import Channel
from alipay_mini_audit.cli.night.order import NightOrder
from alipay_mini_audit.cli.night.remote import Question, answer
from alipay_mini_audit.cli.night.share import Ended, Share, Stop
from alipay_mini_audit.concurrency import finish
from alipay_mini_audit.errors import AuditError, BatchError
from alipay_mini_audit.events import Event

__all__ = ["shares_of", "submit_by_processes"]

_ENDING_SECONDS: Final = 30.0
"""For what is being sent to be broken off; then the process is killed."""
_WORKER: Final = "alipay_mini_audit.cli.night.worker"


async def submit_by_processes(
    journal: OwnableJournal,
    binding: Binding,
    shares: Sequence[Share],
    *,
    stop: asyncio.Event,
    on_event: Callable[[Event], None],
    on_owned: Callable[[], Awaitable[None]],
    take_over: bool = False,
) -> AsyncGenerator[BatchEntry, None]:
    """Submit many versions, and yield what becomes of each, in the order of completion.

    Leaving the iterator ends the processes: what they are sending is broken off. So does the end of
    this process, whatever ends it.

    Args:
        journal: the one of the shares, which is open.
        binding: whose entries they are.
        shares: one for each process.
        stop: once it is set nothing more is begun, and it ends when what is being sent has.
        on_event: is told of what happens to calls.
        on_owned: is awaited before anything is sent, once the journal is this run's.
        take_over: own the journal though another process does.

    Raises:
        BatchError: the journal cannot be used, or a process has ended before its share; the others
            begin nothing more then.
        AuditError: what a process was stopped by.
    """
    results: asyncio.Queue[BatchEntry | None] = asyncio.Queue()
    async with journal.run(binding, take_over=take_over) as run:
        await on_owned()
        ending = asyncio.Event()
        children = [_Child(share, run, results, on_event, ending) for share in shares]
        heeding = asyncio.create_task(_heed(stop, ending))
        working = asyncio.create_task(_work(children, results))
        try:
            while (entry := await results.get()) is not None:
                yield entry
        finally:
            heeding.cancel()
            working.cancel()
            await finish(asyncio.wait({heeding, working}), patience=2 * _ENDING_SECONDS)
        working.result()


async def _heed(stop: asyncio.Event, ending: asyncio.Event) -> None:
    await stop.wait()
    ending.set()


async def _work(children: Sequence[_Child], results: asyncio.Queue[BatchEntry | None]) -> None:
    """Let all children do their share; raise what the first one fails with."""
    try:
        ends = await asyncio.gather(*(child.run() for child in children), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
    finally:
        results.put_nowait(None)


def shares_of(order: NightOrder, source: AsyncIterable[Submission]) -> list[Share]:
    """Divide a night among its processes.

    Args:
        order: what was asked for, all processes together.
        source: all submissions; it can be pickled.
    """
    count, policy = order.processes, order.policy
    line = policy.max_bytes_per_second
    policy = attrs.evolve(
        policy,
        concurrency=-(-policy.concurrency // count),
        bytes_in_flight=-(-policy.bytes_in_flight // count),
        max_bytes_per_second=None if line is None else line / count,
    )
    return [
        Share(
            source=source,
            number=number,
            of=count,
            connection=order.connection,
            journal=order.journal,
            policy=policy,
        )
        for number in range(count)
    ]


@final
class _Child:
    """One process, as seen by its parent.

    Args:
        share: what it does.
        run: of the journal.
        results: takes what becomes of entries.
        on_event: is told of what happens to calls.
        ending: once it is set nothing more is begun; a child that fails sets it.
    """

    def __init__(
        self,
        share: Share,
        run: JournalRun,
        results: asyncio.Queue[BatchEntry | None],
        on_event: Callable[[Event], None],
        ending: asyncio.Event,
    ) -> None:
        self._share = share
        self._run = run
        self._results = results
        self._on_event = on_event
        self._ending = ending
        self._answers: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Do the share.

        Raises:
            AuditError: what it was stopped by.
        """
        try:
            await self._work()
        except BaseException as error:
            self._ending.set()
            if isinstance(error, OSError):  # there is no room for one more process
                raise _not_started(error) from error
            raise

    async def _work(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", _WORKER, str(theirs.fileno())),
                stdin=DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is told to it by its parent
            )
            theirs.close()
            try:
                await self._serve(await Channel.open(ours))
            finally:
                await finish(_ended(process), patience=2 * _ENDING_SECONDS)

    async def _serve(self, channel: Channel) -> None:
        stopping = asyncio.create_task(self._pass_on_stop(channel))
        try:
            await channel.send(self._share)
            while not isinstance(message := await channel.receive(), Ended):
                self._take(message, channel)
        except (EOFError, OSError):
            raise _lost() from None
        finally:
            for task in (stopping, *self._answers):
                task.cancel()
            channel.close()
        if message.error is not None:
            raise message.error

    def _take(self, message: object, channel: Channel) -> None:
        match message:
            case BatchEntry():
                self._results.put_nowait(message)
            case Question():
                task = asyncio.create_task(self._answer(message, channel))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)
            case _:
                self._on_event(message)  # type: ignore[arg-type]  # there is nothing else

    async def _answer(self, question: Question, channel: Channel) -> None:
        given = await answer(self._run, question)
        with contextlib.suppress(OSError):  # the reader sees that it is gone
            await channel.send(given)

    async def _pass_on_stop(self, channel: Channel) -> None:
        await self._ending.wait()
        with contextlib.suppress(OSError):
            await channel.send(Stop())


async def _ended(process: Process) -> None:
    """Wait for the end of a process that knows that its parent has left; kill it if need be."""
    try:
        async with asyncio.timeout(_ENDING_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _lost() -> AuditError:
    reason = "A process of this night has ended before its share. What it was sending is asked for."
    return BatchError(reason, code="batch_stopped")


def _not_started(error: OSError) -> AuditError:
    reason = f"A process of this night could not be started: {error.strerror or error}."
    return BatchError(reason, code="batch_stopped")
