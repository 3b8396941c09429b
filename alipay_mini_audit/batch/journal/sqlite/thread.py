"""`DatabaseThread`: one thread for one connection, which commits whatever waits together.

A transaction that is on disk costs a sync of the disk, however much is in it. So the thread takes
all that has come meanwhile into one transaction, and only after its commit tells those who wait.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar, final

import attrs

from alipay_mini_audit.batch.journal.opening import open_already
from alipay_mini_audit.batch.journal.sqlite.faults import batch_error, is_of_the_value
from alipay_mini_audit.batch.journal.sqlite.file import JournalFile
from alipay_mini_audit.batch.journal.sqlite.memo import Outdated
from alipay_mini_audit.concurrency import wait_through
from alipay_mini_audit.errors import AuditError, BatchError, ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["DatabaseThread", "expect_ended"]

_CLOSING_SECONDS: Final = 30.0
_SHARING_SECONDS: Final = 0.016
_LOOK_SECONDS: Final = 5.0
_LOOKS: Final = 12
"""So many looks find nothing answered before a disk counts as one that hangs."""
_OTHER_LOOP: Final = (
    ("it was opened in another event loop.", "Open it in each loop that uses it."),
    ("它是在另一个事件循环中打开的。", "请在使用它的每个事件循环中分别打开。"),
)
_T = TypeVar("_T")


@final
@attrs.frozen(eq=False)
class _Job:
    """What is to be done, and who waits for it."""

    work: Callable[[sqlite3.Connection], object]
    future: asyncio.Future[object]
    is_alone: bool = False
    may_wait: bool = False


@final
@attrs.frozen
class _Answer:
    """What became of a job."""

    future: asyncio.Future[object]
    result: object = None
    error: AuditError | None = None


@final
class DatabaseThread:
    """A thread with a connection of its own; use `start` and `stop` in one event loop.

    Args:
        name: of the thread.
        path: of the journal.
        open_file: opens it, in the thread.
        begin: begins a transaction.
        commit: commits it; raises `Outdated` if it has to be done once more.
        forget: is told when transactions were undone, or made by other work.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        open_file: Callable[[], JournalFile],
        begin: Callable[[sqlite3.Connection], object],
        commit: Callable[[sqlite3.Connection], object],
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._open_file = open_file
        self._begin = begin
        self._write = commit
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._opened: asyncio.Future[object] = self._loop.create_future()
        self._ended: asyncio.Future[object] = self._loop.create_future()
        self._waiting: set[asyncio.Future[Any]] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._idle_looks = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)

    async def start(self) -> None:
        """Open the file.

        Raises:
            BatchError: it cannot be used.
        """
        self._thread.start()
        try:
            await self._opened
        except BaseException:
            await self.stop()
            raise

    def submit(
        self,
        work: Callable[[sqlite3.Connection], _T],
        *,
        is_alone: bool = False,
        may_wait: bool = False,
    ) -> asyncio.Future[_T]:
        """Have work done; the future is done once that is on disk, or fails with `BatchError`.

        Work that fails by itself leaves nothing, and is no hindrance to what shares its
        transaction: that is done once more without it. So work must do nothing but use the
        connection.

        Args:
            work: what to do with the connection, in the thread.
            is_alone: it sees to its transaction itself.
            may_wait: it may wait for a few milliseconds, to share a transaction.

        Raises:
            BatchError: the thread is stopped.
            ConfigurationError: it was started in another event loop, where its futures end.
        """
        if self._is_closed:
            raise batch_error(self._path, "journal_closed")
        if asyncio.get_running_loop() is not self._loop:
            raise ConfigurationError.from_problem(told("journal", "other_event_loop", *_OTHER_LOOP))
        future = self._loop.create_future()
        self._waiting.add(future)
        if self._watch is None:
            self._idle_looks = 0
            self._watch = self._loop.call_later(_LOOK_SECONDS, self._look)
        self._jobs.put(_Job(work, future, is_alone, may_wait))
        return future

    async def carry_out(
        self,
        work: Callable[[sqlite3.Connection], _T],
        *,
        is_alone: bool = False,
        may_wait: bool = False,
    ) -> _T:
        """Have work done, see `submit`, and return its result.

        Raises:
            BatchError: it failed, or nothing was answered for a minute: the disk hangs.
        """
        return await self.submit(work, is_alone=is_alone, may_wait=may_wait)

    async def stop(self) -> None:
        """Do what was submitted, close the file, and end the thread; even if cancelled meanwhile.

        Raises:
            BatchError: the disk does not answer.
        """
        if not self._is_closed:
            self._is_closed = True
            self._jobs.put(None)
        try:
            if not await wait_through(self._ended, _CLOSING_SECONDS):
                raise batch_error(self._path, "journal_failed")
        finally:
            if self.has_ended:
                self._thread.join()

    @property
    def is_running_here(self) -> bool:
        """Whether it was started in the present event loop, and has not ended."""
        return self._loop is asyncio.get_running_loop() and not self.has_ended

    @property
    def has_ended(self) -> bool:
        """Whether nothing is written any more."""
        return self._ended.done()

    def _main(self) -> None:
        try:
            self._serve()
        finally:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self._end)

    def _serve(self) -> None:
        try:
            file = self._open_file()
        except Exception as error:  # noqa: BLE001  # it is told to whoever waits
            told = error if isinstance(error, AuditError) else batch_error(self._path, error)
            self._tell([_Answer(self._opened, error=told)])
            return
        try:
            self._tell([_Answer(self._opened)])
            while (jobs := self._take()) is not None:
                try:
                    answers = self._work(file, jobs)
                except BaseException:  # the thread ends, but nobody waits for ever
                    self._tell([self._refuse(job) for job in jobs])
                    raise
                self._tell(answers)
        finally:
            file.close()

    def _take(self) -> list[_Job] | None:
        """Wait for jobs; return all there are up to one that is alone, and `None` at the end."""
        first = self._jobs.get()
        if first is None:
            return None
        if first.may_wait:
            time.sleep(_SHARING_SECONDS)
        jobs = [first]
        while not jobs[-1].is_alone:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)  # nothing comes behind it
                break
            jobs.append(job)
        return jobs

    def _work(self, file: JournalFile, jobs: list[_Job]) -> list[_Answer]:
        if jobs[-1].is_alone:
            return [*self._commit(file, jobs[:-1]), self._do_alone(file, jobs[-1])]
        return self._commit(file, jobs)

    def _do_alone(self, file: JournalFile, job: _Job) -> _Answer:
        try:
            self._forget()
            result = job.work(file.db)
            file.verify()
            return _Answer(job.future, result)
        except Exception as error:  # noqa: BLE001  # it is told to whoever waits
            return _Answer(job.future, error=self._explain(file, error))

    def _commit(self, file: JournalFile, jobs: Sequence[_Job]) -> list[_Answer]:
        told: list[_Answer] = []
        while jobs:
            current: _Job | None = None
            done: list[_Answer] = []
            try:
                self._begin(file.db)
                for current in jobs:
                    result = current.work(file.db)
                    done.append(_Answer(current.future, result))
                current = None
                self._write(file.db)
                file.verify()
            except Outdated:
                _roll_back(file.db)
                self._forget()
            except Exception as error:  # noqa: BLE001  # it is told to whoever waits
                _roll_back(file.db)
                self._forget()
                if current is None or not (isinstance(error, BatchError) or is_of_the_value(error)):
                    return told + [
                        _Answer(job.future, error=self._explain(file, error)) for job in jobs
                    ]
                told.append(_Answer(current.future, error=self._explain(file, error)))
                jobs = [job for job in jobs if job is not current]
            else:
                return told + done
        return told

    def _explain(self, file: JournalFile, error: Exception) -> AuditError:
        if isinstance(error, AuditError) and not isinstance(error, BatchError):
            return error
        try:
            file.verify()
        except BatchError as gone:
            gone.__cause__ = error
            return gone
        except OSError as lost:
            return batch_error(self._path, lost)
        return batch_error(self._path, error)

    def _refuse(self, job: _Job) -> _Answer:
        return _Answer(job.future, error=batch_error(self._path, "journal_closed"))

    def _tell(self, answers: list[_Answer]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._resolve, answers)

    def _resolve(self, answers: Sequence[_Answer]) -> None:
        self._idle_looks = 0
        for answer in answers:
            self._waiting.discard(answer.future)
            if answer.future.done():  # whoever waited was cancelled
                continue
            if answer.error is None:
                answer.future.set_result(answer.result)
            else:
                answer.future.set_exception(answer.error)

    def _look(self) -> None:
        """See whether the thread still answers.

        It looks a few times: a process that was frozen finds on waking what was done meanwhile.
        """
        self._watch = None
        if not self._waiting:
            return
        self._idle_looks += 1
        if self._idle_looks > _LOOKS:
            hanging = [_Answer(each, error=self._hangs()) for each in self._waiting]
            self._resolve(hanging)
        else:
            self._watch = self._loop.call_later(_LOOK_SECONDS, self._look)

    def _hangs(self) -> BatchError:
        return batch_error(self._path, "journal_failed")

    def _end(self) -> None:
        """Nothing more is done: let nobody wait for it."""
        self._is_closed = True
        if self._watch is not None:
            self._watch.cancel()
        if not self._opened.done():
            self._resolve([_Answer(self._opened, error=batch_error(self._path, "journal_closed"))])
        with suppress(queue.Empty):
            while True:
                if (job := self._jobs.get_nowait()) is not None:
                    self._resolve([self._refuse(job)])
        self._resolve([_Answer(self._ended)])


def expect_ended(thread: DatabaseThread | None) -> None:
    """Return if another thread may take the place of one, which nobody could stop any more.

    Raises:
        ConfigurationError: it is running.
    """
    if thread is not None and thread.is_running_here:
        raise open_already()


def _roll_back(db: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        if db.in_transaction:
            db.execute("ROLLBACK")
