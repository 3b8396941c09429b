"""`take_back_rejected`: what `batch take-back` does. The journal is only read.

Whatever is asked for, the platform says first whether it still stands rejected: so it may be run
again at any time, and needs to write nothing down.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, final

import attrs
import typer

from alipay_mini_audit.batch import Binding, EntryState, Row, SqliteJournal
from alipay_mini_audit.batch.journal.sqlite.owner import expect_binding
from alipay_mini_audit.batch.pace import Pace
from alipay_mini_audit.cli.calls.confirmation import confirm, expect_an_answer
from alipay_mini_audit.cli.calls.submission import host_of
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.console import print_json, say
from alipay_mini_audit.cli.exits import ExitStatus, Stopped, one_line
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.merchants import tokens_of
from alipay_mini_audit.cli.night.snapshot import owner_of, rows_of
from alipay_mini_audit.cli.night.stopping import until_stopped_twice
from alipay_mini_audit.cli.night.stops import Selection
from alipay_mini_audit.cli.night.taken import Fate, Taken, counts_said, status_for
from alipay_mini_audit.cli.night.withdrawing import ONCE, Withdrawing
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import BatchError

__all__ = ["TakeBackOrder", "take_back_rejected"]

_AT_ONCE: Final = 8


@final
@attrs.frozen(kw_only=True)
class TakeBackOrder:
    """What was asked for.

    Attributes:
        journal: of the batch.
        connection: who calls whom; its token is for entries without another.
        tokens: file of tokens; `None` for none.
        selection: which entries; `None` for all that were rejected.
        yes: do not ask.
        language: "zh" or "en".
        as_json: a program reads stdout.
    """

    journal: Path
    connection: Connection
    tokens: Path | None = None
    selection: Selection | None = None
    yes: bool = False
    language: str = "en"
    as_json: bool = False


def take_back_rejected(order: TakeBackOrder) -> int:
    """Take back the versions that were rejected and still are; return the exit status.

    Raises:
        AuditError: credentials, tokens or journal cannot be used; or the first question failed as
            all others would.
        CommandFailed: the answer was no, or more than one selection is given.
        Stopped: a signal came, and what was under way has ended.
        OSError: the output cannot be written, by nobody reading it say.
    """
    credentials, config = order.connection.load()
    owner = owner_of(order.journal)
    mine = Binding(app_id=credentials.app_id, base_url=config.base_url)
    expect_binding(owner.app_id, owner.base_url, mine, order.journal)
    selection = order.selection
    if selection is not None:
        selection.given()
    journal = rows_of(order.journal)
    rows = [
        row
        for row in journal
        if row.state is EntryState.REJECTED and (selection is None or selection.matches(row))
    ]
    own = order.connection.app_auth_token
    tokens = tokens_of(rows, order.tokens, own, journal=journal)
    if rows and not order.yes:
        expect_an_answer(yes=False)
        confirm(_question(len(rows), mine.app_id, host_of(config), order.language), order.language)
    work = _TakeBack(order, credentials, config, rows, tokens)
    try:
        asyncio.run(until_stopped_twice(work.run, work.on_stop))
    except Stopped as stopped:
        work.tell(stopped)
        raise
    return work.tell()


def _question(count: int, app_id: str, host: str, language: str) -> str:
    english = f"{count} versions that were" if count != 1 else "1 version that was"
    return said(
        f"Take {english} rejected back to development, as far as still rejected, "
        f"as app {app_id} at {host}?",
        f"以应用 {app_id} 在 {host} 将 {count} 个被驳回且仍为驳回状态的版本退回开发？",
        language,
    )


@final
class _TakeBack:
    def __init__(
        self,
        order: TakeBackOrder,
        credentials: Credentials,
        config: ClientConfig,
        rows: Sequence[Row],
        tokens: Mapping[str, str | None],
    ) -> None:
        self._order = order
        self._credentials = credentials
        self._config = config
        self._left = deque(rows)
        self._tokens = tokens
        self._counts: Counter[Fate] = Counter()
        self._unprintable: OSError | None = None
        self._failure: BatchError | None = None
        self._stopped_by: signal.Signals | None = None

    def on_stop(self, number: signal.Signals) -> None:
        """Say that what is under way ends."""
        language, self._stopped_by = self._order.language, number
        english = f"Stopped by {number.name}: what is under way ends."
        say(said(english, f"被信号 {number.name} 停止：等待进行中的调用结束。", language))

    async def run(self, stop: asyncio.Event) -> None:
        """Take all of them back, a few at once, or as many as are begun until `stop` is set.

        Raises:
            AuditError: the pace cannot be kept, and nothing was asked; or the first one failed as
                all would.
        """
        try:
            await self._work(stop)
        except BatchError as error:
            if not self._counts:
                raise
            self._failure = self._failure or error

    async def _work(self, stop: asyncio.Event) -> None:
        if not self._left:
            return
        mine = Binding(app_id=self._credentials.app_id, base_url=self._config.base_url)
        book = SqliteJournal(self._order.journal.resolve()).pace_book(mine)
        once = attrs.evolve(self._config, retry=ONCE)
        async with (
            Pace(book, ceiling=None) as pace,
            AuditClient(self._credentials, once) as client,
        ):

            async def work() -> None:
                """Take one after the other back."""
                while self._left and not stop.is_set():
                    self._note(await self._take(client, pace, stop), stop)

            first = await self._take(client, pace, stop)
            failure = None if first is None else first.failure_of_all
            if failure is not None:
                raise failure
            self._note(first, stop)
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_AT_ONCE, len(self._left))):
                    group.create_task(work())

    async def _take(self, client: AuditClient, pace: Pace, stop: asyncio.Event) -> Taken | None:
        """Take the next version back; `None` if it is left for the next time."""
        row = self._left.popleft()
        taking = Withdrawing(
            row=row,
            client=client.with_options(app_auth_token=self._tokens[row.mini_app]),
            pace=pace,
            retry=self._config.retry,
            stop=stop,
        )
        taken: Taken | None = None
        try:
            taken = await taking.go()
        except BatchError as error:
            if not self._counts:
                raise
            taking.pace_error = error
        except asyncio.CancelledError:
            self._note(taking.cut(), None)
            raise
        if taken is None:
            self._left.appendleft(row)
        if taking.pace_error is not None:
            self._failure = self._failure or taking.pace_error
            stop.set()
        return taken

    def _note(self, taken: Taken | None, stop: asyncio.Event | None) -> None:
        if taken is None:
            return
        self._counts[taken.fate] += 1
        if self._unprintable is not None:
            return
        language = self._order.language
        try:
            if self._order.as_json:
                print_json(taken.facts(language))
            else:
                typer.echo(taken.line(language))
        except OSError as error:  # a pipe that nobody reads, or a disk that is full
            self._unprintable = error
            if stop is not None:
                stop.set()

    def tell(self, stopped: Stopped | None = None) -> int:
        """Print how many came to what, and return the exit status.

        Args:
            stopped: by which signal; `None` for none.

        Raises:
            OSError: stdout cannot be written; what came to what is on stderr.
        """
        language, not_begun = self._order.language, len(self._left)
        counted = counts_said(self._counts, not_begun, language)
        status = self._status if stopped is None else stopped.status
        failure = None if self._failure is None else one_line(self._failure, language)
        if failure is not None:
            say(failure)
        if self._unprintable is not None:
            if not isinstance(self._unprintable, BrokenPipeError):
                say(counted)
            raise self._unprintable
        if self._order.as_json:
            counts = {fate.value: self._counts[fate] for fate in Fate if self._counts[fate]}
            facts = {"total": self._counts.total() + not_begun, "counts": counts}
            ending = {
                "stopped_by": None if self._stopped_by is None else self._stopped_by.name,
                "error": failure,
                "exit_status": int(status),
            }
            print_json({"summary": {**facts, "not_begun": not_begun, **ending}})
            return status
        typer.echo(counted or said("no rejected entry", "没有被驳回的条目", language))
        if status != ExitStatus.DONE:
            again = (
                "It may be run again: what stands rejected no more is left alone.",
                "可以再次运行：不再处于驳回状态的版本不会被处理。",
            )
            sys.stderr.write(f"{said(*again, language)}\n")
        return status

    @property
    def _status(self) -> ExitStatus:
        status = status_for(self._counts)
        return ExitStatus.NOT_SENT if status is ExitStatus.DONE and self._left else status
