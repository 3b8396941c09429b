"""`SqliteThread`: does a database's work in one thread of its own, and never blocks the loop.

What is queued while a transaction is written shares the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar, final

import attrs

from alipay_mini_audit.concurrency import is_answered, wait_through
from alipay_mini_audit.errors import BatchError

__all__ = ["SqliteThread"]

T = TypeVar("T")

_PAUSES: Final = (0.001, 0.002, 0.005, 0.01, *[0.02] * 250)
"""Seconds between two tries to have a locked file; about five in all."""
_CLOSING_SECONDS: Final = 30.0
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PROBLEMS: Final = {
    sqlite3.SQLITE_BUSY: "is locked by another program. Look for one that stands still",
    sqlite3.SQLITE_LOCKED: "is locked by another program. Look for one that stands still",
    sqlite3.SQLITE_READONLY: "is read-only. Give this user the right to write it and its folder",
    sqlite3.SQLITE_PERM: "is read-only. Give this user the right to write it and its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Look at its folder and the rights there",
    sqlite3.SQLITE_CORRUPT: "is damaged. Remove it; only what was learnt of the pace is lost",
    sqlite3.SQLITE_NOTADB: "is damaged or no database. Remove it or name another file",
}
"""Primary result code -> what is wrong with the file."""


@attrs.frozen(eq=False)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]


@final
class SqliteThread:
    """One database, and the thread that alone uses it; it starts with the first work.

    Args:
        path: the file.
        prepare: looks at a database that was just opened, and makes its tables; a `BatchError` of
            it is raised by `run`. It is called again if it was locked.
    """

    def __init__(self, path: str, prepare: Callable[[sqlite3.Connection], None]) -> None:
        self._path = path
        self._prepare = prepare
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._closing = threading.Event()
        self._ended: asyncio.Future[None] | None = None

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work within a transaction, and return its result once that is committed.

        Work that was handed over is done even if its caller is cancelled.

        Raises:
            BatchError: the file is locked, damaged, foreign or read-only, or this was closed.
        """
        if self._closing.is_set():
            raise BatchError(f"The file {self._path} is closed.", code="pace_unusable")
        if self._thread is None:
            # A daemon: an iterator that nobody closes must not keep its process from ending.
            self._thread = threading.Thread(
                target=self._main, name="alipay-mini-audit-pace", daemon=True
            )
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, done))
        if not await is_answered(done):
            raise self._hangs()
        return done.result()

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more work."""
        return self._closing.is_set()

    async def aclose(self) -> None:
        """Do what is queued, and end the thread; who waits for a lock gets its error at once.

        Raises:
            BatchError: the disk does not answer.
        """
        self._closing.set()
        if self._thread is None:
            return
        if self._ended is None:
            self._ended = asyncio.get_running_loop().create_future()
            self._jobs.put(None)
        try:
            if not await wait_through(self._ended, _CLOSING_SECONDS):
                raise self._hangs()
        finally:
            if self._ended.done():
                self._thread.join()

    def _main(self) -> None:
        try:
            while jobs := self._next_jobs():
                self._serve(jobs)
        finally:
            if self._connection is not None:
                self._connection.close()
            if self._ended is not None:
                with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits there
                    self._ended.get_loop().call_soon_threadsafe(self._ended.set_result, None)

    def _next_jobs(self) -> list[_Job]:
        """Wait for work, and return all there is; none once this is closed."""
        jobs = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs
        if jobs:
            self._jobs.put(None)  # for the next time
        return jobs

    def _serve(self, jobs: list[_Job]) -> None:
        failure: Exception | None = None
        results: list[object] = []
        try:
            results = self._transact(jobs)
        except sqlite3.Error as error:
            failure = self._as_batch_error(error)
            self._roll_back()
        except Exception as error:  # noqa: BLE001  # nobody may wait for ever
            failure = error
            self._roll_back()
        for loop in {job.loop for job in jobs}:
            with contextlib.suppress(RuntimeError):  # it was closed: nobody waits there
                loop.call_soon_threadsafe(
                    _settle,
                    [j.done for j in jobs if j.loop is loop],
                    [result for j, result in zip(jobs, results, strict=False) if j.loop is loop],
                    failure,
                )

    def _transact(self, jobs: list[_Job]) -> list[object]:
        if self._connection is None:
            self._connection = self._patiently(self._open)
        connection = self._connection
        self._patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
        results = [job.work(connection) for job in jobs]
        self._patiently(lambda: connection.execute("COMMIT"))
        return results

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _patiently(self, step: Callable[[], T]) -> T:
        """Do a step; again and again while the file is locked, for some seconds."""
        for pause in _PAUSES:
            try:
                return step()
            except sqlite3.OperationalError as error:
                if _code_of(error) not in _BUSY or self._closing.wait(pause):
                    raise
        return step()

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def _hangs(self) -> BatchError:
        reason = f"The disk of the file {self._path} does not answer."
        return BatchError(reason, code="pace_unusable")

    def _as_batch_error(self, error: sqlite3.Error) -> BatchError:
        problem = _PROBLEMS.get(_code_of(error), f"cannot be used: {error}")
        failure = BatchError(f"The file {self._path} {problem}.", code="pace_unusable")
        failure.__cause__ = error
        return failure


def _code_of(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF  # without what the extended code adds


def _settle(
    waiting: list[asyncio.Future[Any]], results: list[object], failure: Exception | None
) -> None:
    if failure is not None:
        results = [None] * len(waiting)
    for future, result in zip(waiting, results, strict=True):
        if future.done():  # its caller was cancelled
            continue
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
