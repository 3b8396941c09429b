"""`take_back_rejected`: what `batch take-back` does. The journal is only read.

Whatever is asked for, the platform says first whether it still stands rejected: so it may be run
again at any time, and needs to write nothing down.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar, final

import attrs
import typer

from alipay_mini_audit.batch import Binding, EntryState, Row, SqliteJournal
from alipay_mini_audit.batch.journal.sqlite.owner import expect_binding
from alipay_mini_audit.batch.pace import Pace
from alipay_mini_audit.cli.calls.confirmation import confirm, expect_an_answer
from alipay_mini_audit.cli.calls.statuses import is_rejected
from alipay_mini_audit.cli.calls.submission import host_of
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.console import print_json, say
from alipay_mini_audit.cli.exits import ExitStatus, Stopped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.merchants import tokens_of
from alipay_mini_audit.cli.night.snapshot import owner_of, rows_of
from alipay_mini_audit.cli.night.stopping import until_stopped_twice
from alipay_mini_audit.cli.night.stops import Selection
from alipay_mini_audit.cli.night.taken import Fate, Taken, counts_said, status_for
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import (
    ApiError,
    AuthenticationError,
    CallError,
    ConnectionFailed,
    RateLimited,
    SigningError,
    ValidationError,
)

__all__ = ["TakeBackOrder", "take_back_rejected"]

_AT_ONCE: Final = 8
_Reply = TypeVar("_Reply")


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


def take_back_rejected(order: TakeBackOrder) -> ExitStatus:
    """Take back the versions that were rejected and still are; return the exit status.

    Raises:
        AuditError: credentials, tokens or journal cannot be used; or the first question failed as
            all others would.
        CommandFailed: the answer was no, or more than one selection is given.
        Stopped: a signal came, and what was under way has ended.
        BrokenPipeError: nobody reads the output any more.
    """
    credentials, config = order.connection.load()
    owner = owner_of(order.journal)
    mine = Binding(app_id=credentials.app_id, base_url=config.base_url)
    expect_binding(owner.app_id, owner.base_url, mine, order.journal)
    selection = order.selection
    if selection is not None:
        selection.given()
    rows = [
        row
        for row in rows_of(order.journal)
        if row.state is EntryState.REJECTED and (selection is None or selection.matches(row))
    ]
    tokens = tokens_of(rows, order.tokens, order.connection.app_auth_token)
    if rows and not order.yes:
        expect_an_answer(yes=False)
        confirm(_question(len(rows), mine.app_id, host_of(config), order.language), order.language)
    work = _TakeBack(order, credentials, config, rows, tokens)
    try:
        asyncio.run(until_stopped_twice(work.run, work.on_stop))
    except Stopped:
        work.tell()
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
        self._broken_pipe: BrokenPipeError | None = None

    def on_stop(self, number: signal.Signals) -> None:
        """Say that what is under way ends."""
        language = self._order.language
        english = f"Stopped by {number.name}: what is under way ends."
        say(said(english, f"被信号 {number.name} 停止：等待进行中的调用结束。", language))

    async def run(self, stop: asyncio.Event) -> None:
        """Take all of them back, a few at once, or as many as are begun until `stop` is set.

        Raises:
            AuditError: the pace cannot be kept, or the first one failed as all would.
        """
        if not self._left:
            return
        mine = Binding(app_id=self._credentials.app_id, base_url=self._config.base_url)
        book = SqliteJournal(self._order.journal.resolve()).pace_book(mine)
        async with (
            Pace(book, ceiling=None) as pace,
            AuditClient(self._credentials, self._config) as client,
        ):
            first = await self._take(client, pace)
            if isinstance(first.error, AuthenticationError | SigningError | ConnectionFailed):
                raise first.error
            self._note(first, stop)

            async def work() -> None:
                """Take one after the other back."""
                while self._left and not stop.is_set():
                    self._note(await self._take(client, pace), stop)

            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(_AT_ONCE, len(self._left))):
                        group.create_task(work())
            except ExceptionGroup as failed:  # the pace cannot be kept, for one and all
                raise failed.exceptions[0] from None

    async def _take(self, client: AuditClient, pace: Pace) -> Taken:
        """Look where the next version stands, and take it back if it is rejected still."""
        row = self._left.popleft()
        about, bundle = row.identity.app_version, row.identity.bundle_id or None
        view = client.with_options(app_auth_token=self._tokens[row.mini_app])
        status = ""
        try:
            detail = await _paced(pace, lambda: view.version_detail(about, bundle_id=bundle))
            stands = str(detail.status or "")
            if not is_rejected(detail):
                return Taken(row=row, fate=Fate.LEFT_ALONE, status=stands)
            await pace.moment()
            status = stands  # from here on it may be changed
            await _told(pace, view.versions.cancel_audited(about, bundle_id=bundle))
        except (CallError, SigningError, ValidationError) as error:
            return Taken.failed(row, status, error)
        except asyncio.CancelledError:
            fate = Fate.UNKNOWN if status else Fate.NOT_SENT
            self._note(Taken(row=row, fate=fate, status=status), None)
            raise
        return Taken(row=row, fate=Fate.TAKEN_BACK, status=status)

    def _note(self, taken: Taken, stop: asyncio.Event | None) -> None:
        self._counts[taken.fate] += 1
        if self._broken_pipe is not None:
            return
        language = self._order.language
        try:
            if self._order.as_json:
                print_json(taken.facts(language))
            else:
                typer.echo(taken.line(language))
        except BrokenPipeError as error:
            self._broken_pipe = error
            if stop is not None:
                stop.set()

    def tell(self) -> ExitStatus:
        """Print how many came to what, and return the exit status."""
        if self._broken_pipe is not None:
            raise self._broken_pipe
        status, language = status_for(self._counts), self._order.language
        not_begun = len(self._left)
        if self._order.as_json:
            counts = {fate.value: self._counts[fate] for fate in Fate if self._counts[fate]}
            facts = {"total": self._counts.total() + not_begun, "counts": counts}
            print_json({"summary": {**facts, "not_begun": not_begun, "exit_status": int(status)}})
            return status
        nothing = said("no rejected entry", "没有被驳回的条目", language)
        typer.echo(counts_said(self._counts, not_begun, language) or nothing)
        if status is not ExitStatus.DONE or not_begun:
            again = (
                "It may be run again: what stands rejected no more is left alone.",
                "可以再次运行：不再处于驳回状态的版本不会被处理。",
            )
            sys.stderr.write(f"{said(*again, language)}\n")
        return status


async def _paced(pace: Pace, make: Callable[[], Awaitable[_Reply]]) -> _Reply:
    await pace.moment()
    return await _told(pace, make())


async def _told(pace: Pace, call: Awaitable[_Reply]) -> _Reply:
    """Make a call, and tell the pace what the platform made of it."""
    try:
        reply = await call
    except RateLimited as error:
        await pace.throttled(error.retry_after)
        raise
    except ApiError:
        await pace.accepted()
        raise
    await pace.accepted()
    return reply
