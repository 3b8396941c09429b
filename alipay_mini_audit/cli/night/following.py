"""`watch_journal`: what `watch` does: waits for the verdicts of a night, and tells each."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import final

import attrs
import typer

from alipay_mini_audit.batch import BatchEntry, EntryState, SqliteJournal
from alipay_mini_audit.cli.calls.verdict import kind_said, verdict_facts
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.console import print_json, printable
from alipay_mini_audit.cli.exits import ExitStatus, one_line
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.listening import Listen, listening
from alipay_mini_audit.cli.night.merchants import token_missing, tokens_of
from alipay_mini_audit.cli.night.output import counts_facts, entry_facts
from alipay_mini_audit.cli.night.snapshot import rows_of
from alipay_mini_audit.cli.night.stopping import until_stopped_twice
from alipay_mini_audit.cli.night.words import state_said
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.verdicts import Inbox, Poll

__all__ = ["WatchOrder", "watch_journal"]


@final
@attrs.frozen(kw_only=True)
class WatchOrder:
    """What was asked for.

    Attributes:
        journal: of the batch.
        connection: who asks whom; its token is for entries without another.
        tokens: file of tokens; `None` for none.
        poll: how often to ask.
        seconds: how long to wait; `None` until all verdicts are known.
        listen: where messages are heard; `None` for nowhere.
        take_over: own the journal though another process does.
        language: "zh" or "en".
        as_json: a program reads stdout.
    """

    journal: Path
    connection: Connection
    tokens: Path | None = None
    poll: Poll = attrs.Factory(Poll)
    seconds: float | None = None
    listen: Listen | None = None
    take_over: bool = False
    language: str = "en"
    as_json: bool = False


def watch_journal(order: WatchOrder) -> ExitStatus:
    """Wait until the verdict of each entry is known; return the exit status.

    Raises:
        AuditError: the credentials, the tokens or the journal cannot be used.
        Stopped: a signal came, and what was being asked has ended.
        BrokenPipeError: nobody reads the output any more.
    """
    credentials, config = order.connection.load()
    rows = rows_of(order.journal)
    awaited = [row for row in rows if row.state.is_submitted and row.verdict is None]
    own = order.connection.app_auth_token
    tokens = tokens_of(awaited, order.tokens, own, journal=rows)
    watch = _Watch(order, credentials, config, tokens)
    asyncio.run(until_stopped_twice(watch.run, watch.on_stop))
    return watch.tell()


@final
class _Watch:
    def __init__(
        self,
        order: WatchOrder,
        credentials: Credentials,
        config: ClientConfig,
        tokens: Mapping[str, str | None],
    ) -> None:
        self._order = order
        self._credentials = credentials
        self._config = config
        self._tokens = tokens
        self._broken_pipe: BrokenPipeError | None = None
        self._failed = 0

    def on_stop(self, number: signal.Signals) -> None:
        """Note that a signal asks it to end."""
        if not self._order.as_json:
            english, chinese = f"Stopped by {number.name}.", f"被信号 {number.name} 停止。"
            with contextlib.suppress(OSError):
                sys.stderr.write(f"{said(english, chinese, self._order.language)}\n")

    async def run(self, stop: asyncio.Event) -> None:
        """Wait and print until all is known, the time is over, or `stop` is set."""
        order = self._order
        inbox = None if order.listen is None else Inbox()
        loop = asyncio.get_running_loop()
        end = None if order.seconds is None else loop.call_later(order.seconds, stop.set)
        async with contextlib.AsyncExitStack() as stack:
            if order.listen is not None and inbox is not None:
                where = await stack.enter_async_context(
                    listening(order.listen, self._credentials, inbox)
                )
                self._say(said(f"Listening at {where}", f"正在监听 {where}", order.language))
            client = await stack.enter_async_context(AuditClient(self._credentials, self._config))
            journal = await stack.enter_async_context(SqliteJournal(order.journal))
            following = client.follow(
                journal,
                token_for=self._token_for,
                inbox=inbox,
                poll=order.poll,
                stop=stop,
                take_over=order.take_over,
            )
            await self._hear(following, stop)
        if end is not None:
            end.cancel()

    async def _hear(self, following: AsyncGenerator[BatchEntry, None], stop: asyncio.Event) -> None:
        async with contextlib.aclosing(following) as entries:
            async for entry in entries:
                self._failed += entry.verdict is None
                try:
                    self._print(entry)
                except BrokenPipeError as error:
                    self._broken_pipe = self._broken_pipe or error
                    stop.set()

    def _token_for(self, entry: BatchEntry) -> str | None:
        if entry.mini_app not in self._tokens:  # of a batch that ran once more since we looked
            raise ValidationError([token_missing(entry.key, entry.mini_app)])
        return self._tokens[entry.mini_app]

    def _print(self, entry: BatchEntry) -> None:
        if self._broken_pipe is not None:
            return
        language = self._order.language
        if self._order.as_json:
            verdict = None if entry.verdict is None else verdict_facts(entry.verdict)
            print_json(entry_facts(entry, language) | {"verdict": verdict})
            return
        name = f"{entry.key} {entry.app_version}"
        colon = said(": ", "：", language)
        if entry.verdict is None:
            why = "" if entry.error is None else one_line(entry.error, language)
            self._say(f"{name}{colon}{why}")
            return
        reasons = said("; ", "；", language).join(entry.verdict.reasons)
        line = f"{name}{colon}{kind_said(entry.verdict, language)}"
        typer.echo(printable(f"{line}{colon}{reasons}" if reasons else line))

    def _say(self, line: str) -> None:
        if not self._order.as_json:
            sys.stderr.write(f"{printable(line)}\n")

    def tell(self) -> ExitStatus:
        """Print how many verdicts there are, and return the exit status."""
        if self._broken_pipe is not None:
            raise self._broken_pipe
        found = rows_of(self._order.journal)
        rows = [row for row in found if row.state.is_submitted]
        counts = Counter(row.state for row in rows)
        in_doubt = sum(row.former is not None for row in found)  # that, or what was accepted before
        unknown = sum(row.verdict is None for row in rows) + in_doubt
        total = len(rows) + in_doubt
        passed = counts[EntryState.PASSED] + counts[EntryState.ONLINE]
        status = ExitStatus.DONE if passed == total else ExitStatus.UNFINISHED
        language = self._order.language
        if self._order.as_json:
            facts = {"total": total, "counts": counts_facts(counts), "awaited": unknown}
            print_json({"summary": {**facts, "exit_status": int(status)}})
            return status
        comma = said(", ", "，", language)
        parts = [
            f"{state_said(state, language)} {counts[state]}"
            for state in EntryState
            if counts[state] and state is not EntryState.DONE
        ]
        if unknown:
            parts.append(said(f"not known yet {unknown}", f"尚无结果 {unknown}", language))
        if others := counts[EntryState.DONE] + in_doubt - unknown:
            parts.append(
                said(f"withdrawn or taken over {others}", f"撤回或失效 {others}", language)
            )
        typer.echo(comma.join(parts) or said("nothing was submitted", "没有已提交的条目", language))
        if counts[EntryState.REJECTED]:
            on = (
                "Before mended versions are submitted: `batch take-back` takes the rejected back.",
                "提交修改后的版本之前，请用 `batch take-back` 退回被驳回的版本。",
            )
            self._say(said(*on, language))
        return status
