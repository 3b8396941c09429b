"""`run_night`: looks at all of a manifest, asks, submits, and says what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable
from typing import final

import attrs
import typer

from alipay_mini_audit.batch import BatchEntry, EntryState, SqliteJournal, Submission, Summary
from alipay_mini_audit.cli.console import print_table
from alipay_mini_audit.cli.exits import ExitStatus, Stopped, until_stopped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.order import NightOrder, is_confirmed
from alipay_mini_audit.cli.night.output import (
    counts_facts,
    entry_facts,
    groups_facts,
    groups_table,
    print_findings,
    print_line,
    problem_facts,
)
from alipay_mini_audit.cli.night.preflight import Findings, Source, look_at_all
from alipay_mini_audit.cli.night.release import released_first
from alipay_mini_audit.cli.night.show import shown
from alipay_mini_audit.cli.night.stopping import until_stopped_twice
from alipay_mini_audit.cli.night.tally import Phase, Tally
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.events import Event

__all__ = ["preflight_of", "run_night"]


def run_night(order: NightOrder, source: Source) -> int:
    """Submit a manifest, and return the exit status.

    Raises:
        AuditError: the credentials, the journal or the manifest cannot be used.
        CommandFailed: nobody can be asked.
        Stopped: a signal came, and what was being sent has ended.
    """
    credentials, config = order.connection.load()
    findings = preflight_of(order, source, credentials, config)
    if not order.as_json:
        print_findings(findings, order.language)
    is_refused = order.all_or_nothing and findings.has_errors
    if is_refused or not findings.good:
        _say_nothing_is_sent(order, findings)
        return ExitStatus.INVALID
    if order.asks and not is_confirmed(_question(order, findings, credentials, config), order.language):
        typer.echo(said("Nothing was sent.", "未提交任何内容。", order.language), err=True)
        return ExitStatus.INVALID
    night = _Night(order, source, findings, credentials, config)
    return asyncio.run(until_stopped_twice(night.run, night.on_stop))


def preflight_of(
    order: NightOrder, source: Source, credentials: Credentials, config: ClientConfig
) -> Findings:
    """Read a manifest and check all of its entries; nothing is sent.

    Raises:
        AuditError: the manifest cannot be read.
        Stopped: a signal came.
    """
    from rich.console import Console  # noqa: PLC0415

    async def look() -> Findings:
        """Check with one client, and show how far it is."""
        async with AuditClient(credentials, config) as client:
            with Console(stderr=True).status("") as status:
                count = 0

                def tell() -> None:
                    """Count one more."""
                    nonlocal count
                    count += 1
                    if count % 50 == 1:
                        status.update(said(f"checked {count}", f"已检查 {count} 个", order.language))

                return await look_at_all(source, client, order.language, tell)

    return asyncio.run(until_stopped(look()))


def _say_nothing_is_sent(order: NightOrder, findings: Findings) -> None:
    if order.as_json:
        print_line(
            {
                "summary": {
                    "total": len(findings.keys),
                    "counts": {},
                    "problems": _problems_facts(findings, order.language),
                    "exit_status": int(ExitStatus.INVALID),
                }
            }
        )
        return
    typer.echo(said("Nothing was sent.", "未提交任何内容。", order.language), err=True)


def _problems_facts(findings: Findings, language: str) -> list[dict[str, object]]:
    lines = [{"key": None, **problem_facts(each, language)} for each in findings.lines]
    return lines + [{"key": key, **problem_facts(each, language)} for key, each in findings.found]


def _question(
    order: NightOrder, findings: Findings, credentials: Credentials, config: ClientConfig
) -> str:
    good, total = findings.good, len(findings.keys)
    until = order.policy.until
    ends = "" if until is None else said(
        f", until {until:%Y-%m-%d %H:%M} by this machine's clock",
        f"，截至本机时间 {until:%Y-%m-%d %H:%M}",
        order.language,
    )
    return said(
        f"Submit {good} of {total} entries as app {credentials.app_id} to {config.base_url}{ends}?",
        f"以应用 {credentials.app_id} 向 {config.base_url} 提交 {total} 个条目中的 {good} 个{ends}？",
        order.language,
    )


@final
@attrs.define
class _Night:
    order: NightOrder
    source: Source
    findings: Findings
    credentials: Credentials
    config: ClientConfig
    tally: Tally = attrs.field(init=False)
    stop: asyncio.Event | None = None
    broken_pipe: BrokenPipeError | None = None

    def __attrs_post_init__(self) -> None:
        policy = self.order.policy
        self.tally = Tally(
            total=len(self.findings.keys),
            began=time.monotonic(),
            rate=policy.rate,
            max_bytes=policy.max_bytes_per_second,
        )

    def on_stop(self) -> None:
        """Say that it ends."""
        self.tally.phase = Phase.ENDING

    def on_event(self, event: Event) -> None:
        """Count what happens to calls; see `Observer`."""
        self.tally.hear(event, time.monotonic())

    async def run(self, stop: asyncio.Event) -> int:
        """Submit, print, and return the exit status."""
        self.stop = stop
        self.tally.began = time.monotonic()
        order = self.order
        token = order.connection.app_auth_token
        async with (
            AuditClient(self.credentials, self.config, observers=[self]) as client,
            SqliteJournal(order.journal) as journal,
        ):
            view = client if token is None else client.with_options(app_auth_token=token)
            try:
                async with shown(self.tally, order.language, is_quiet=order.as_json) as tell:
                    await self._submit(view, journal, stop, tell)
            finally:
                summary = await journal.summary()
                with contextlib.suppress(OSError):
                    self._say(summary, stop)
        if self.broken_pipe is not None:
            raise self.broken_pipe
        return self._status()

    async def _submit(
        self,
        client: AuditClient,
        journal: SqliteJournal,
        stop: asyncio.Event,
        tell: Callable[[BatchEntry], None],
    ) -> None:
        order = self.order
        found = client.submit_many(
            self._submissions(journal),
            journal=journal,
            policy=order.policy,
            take_over=order.take_over,
            stop=stop,
        )
        async with contextlib.aclosing(found) as entries:
            async for entry in entries:
                self.tally.add(entry, time.monotonic())
                if entry.state is not EntryState.DONE:
                    tell(entry)
                if order.as_json:
                    self._print(entry)

    def _submissions(self, journal: SqliteJournal) -> AsyncIterator[Submission]:
        if self.order.retries_refused:
            return released_first(self.source, journal, self.order.journal, self.findings.keys)
        return aiter(self.source)

    def _print(self, entry: BatchEntry) -> None:
        """Print an entry; if nobody reads any more, end softly."""
        if self.broken_pipe is not None:
            return
        try:
            print_line(entry_facts(entry, self.order.language))
        except BrokenPipeError as error:
            self.broken_pipe = error
            if self.stop is not None:
                self.stop.set()

    def _status(self) -> ExitStatus:
        is_done = self.tally.is_all_done and not self.findings.lines
        return ExitStatus.DONE if is_done else ExitStatus.UNFINISHED

    def _say(self, summary: Summary, stop: asyncio.Event) -> None:
        self.tally.phase = Phase.OVER
        order = self.order
        if order.as_json:
            if self.broken_pipe is None:
                print_line({"summary": self._facts(summary, stop)})
            return
        print_table(groups_table(summary, order.language))
        if self._status() is not ExitStatus.DONE:
            typer.echo(_advice(order.language))

    def _facts(self, summary: Summary, stop: asyncio.Event) -> dict[str, object]:
        return {
            "total": self.tally.total,
            "counts": counts_facts(self.tally.counts),
            "is_stopped": stop.is_set(),
            "problems": [problem_facts(each, self.order.language) for each in self.findings.lines],
            "journal": {"counts": counts_facts(summary.counts), "groups": groups_facts(summary)},
            "exit_status": int(self._status()),
        }


def _advice(language: str) -> str:
    return said(
        "Not every entry is done. Mend what is to be mended, and run the same command again: it "
        "goes on where it was.",
        "并非所有条目都已提交。请修正有问题的条目，然后再次运行同一命令，将从中断处继续。",
        language,
    )
