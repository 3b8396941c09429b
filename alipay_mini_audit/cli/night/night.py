"""`Night`: one run of a batch at a terminal, from the first entry to the summary."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import final

import attrs

from alipay_mini_audit.batch import (
    BatchEntry,
    EntryState,
    SqliteJournal,
    Submission,
    Summary,
)
from alipay_mini_audit.batch.journal.row import Identity
from alipay_mini_audit.cli.console import print_json, print_table, print_text
from alipay_mini_audit.cli.exits import (
    NOBODY_READS,
    CommandFailed,
    ExitStatus,
    one_line,
    signal_status,
)
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.hooks import NightFacts, tell
from alipay_mini_audit.cli.night.order import NightOrder
from alipay_mini_audit.cli.night.output import (
    counts_facts,
    entry_facts,
    groups_facts,
    groups_table,
    problem_facts,
)
from alipay_mini_audit.cli.night.preflight import Findings, Source
from alipay_mini_audit.cli.night.release import release_refused
from alipay_mini_audit.cli.night.show import shown
from alipay_mini_audit.cli.night.tally import Phase, Tally
from alipay_mini_audit.cli.night.unread import unread_entries
from alipay_mini_audit.cli.night.words import left_out_said
from alipay_mini_audit.cli.report import Wanted, make_report
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import AuditError, BatchError
from alipay_mini_audit.events import Event

__all__ = ["Night"]


@final
@attrs.define(kw_only=True)
class Night:
    """One run of a batch at a terminal.

    Attributes:
        order: what was asked for.
        source: the manifest.
        findings: what preflight has said of it.
        credentials: of the app.
        config: of the client.
    """

    order: NightOrder
    source: Source
    findings: Findings
    credentials: Credentials
    config: ClientConfig
    _tally: Tally = attrs.field(init=False)
    _stop: asyncio.Event = attrs.field(init=False, factory=asyncio.Event)
    _stopped_by: signal.Signals | None = attrs.field(init=False, default=None)
    _broken_pipe: BrokenPipeError | None = attrs.field(init=False, default=None)
    _failure: AuditError | None = attrs.field(init=False, default=None)
    _refused: set[Identity] = attrs.field(init=False, factory=set)

    @_tally.default
    def _new_tally(self) -> Tally:
        policy = self.order.policy
        return Tally(
            total=self.findings.total,
            began=time.monotonic(),
            rate=policy.rate,
            max_bytes=policy.max_bytes_per_second,
        )

    def on_stop(self, number: signal.Signals) -> None:
        """Note that a signal asks it to end."""
        self._stopped_by = number
        self._tally.phase = Phase.ENDING

    def on_event(self, event: Event) -> None:
        """Count what happens to calls; see `Observer`."""
        self._tally.hear(event, time.monotonic())

    async def run(self, stop: asyncio.Event) -> ExitStatus:
        """Submit, print, and return the exit status.

        Args:
            stop: once it is set, nothing more is begun.

        Raises:
            AuditError: nothing was sent, since the journal or the credentials cannot be used.
            BrokenPipeError: nobody reads the output any more; so nothing more was begun.
        """
        self._stop = stop
        self._tally.began = time.monotonic()
        order = self.order
        token = order.connection.app_auth_token
        async with AuditClient(self.credentials, self.config, observers=[self]) as client:
            view = client if token is None else client.with_options(app_auth_token=token)
            try:
                async with SqliteJournal(order.journal) as journal:
                    await self._submit_and_say(view, journal)
            except BatchError as error:
                self._note_failure(error)
        await self._tell_hooks(await self._write_report())
        if self._broken_pipe is not None:
            raise self._broken_pipe
        return self._status

    async def _submit_and_say(self, client: AuditClient, journal: SqliteJournal) -> None:
        try:
            async with shown(self._tally, self.order.language, is_quiet=self.order.as_json) as tell:
                await self._submit(client, journal, tell)
        except AuditError as error:
            self._note_failure(error)
        finally:
            if self._has_begun:
                summary = await self._summary(journal)
                self._say(summary, 0 if summary is None else await self._count_kept(journal))

    def _note_failure(self, error: AuditError) -> None:
        """Keep what ended the night; raise it if nothing has happened before."""
        if not self._has_begun and self._stopped_by is None:
            raise error
        if self._failure is None:
            self._failure = error

    @property
    def _has_begun(self) -> bool:
        return self._tally.has_called or bool(self._tally.over)

    async def _summary(self, journal: SqliteJournal) -> Summary | None:
        """Return what the journal says; `None` if it cannot be read, which is no other end."""
        try:
            return await journal.summary()
        except BatchError as error:
            self._note_failure(error)
            return None

    async def _count_kept(self, journal: SqliteJournal) -> int:
        """Count what this run saw refused, though the journal goes on with what was accepted."""
        kept = set(self._refused)
        try:
            async for row in journal.entries(EntryState.REFUSED):
                kept.discard(row.identity)
        except BatchError:  # it was read a moment before
            return 0
        return len(kept)

    async def _submit(
        self,
        client: AuditClient,
        journal: SqliteJournal,
        tell: Callable[[BatchEntry], None],
    ) -> None:
        found = client.submit_many(
            self._submissions(journal),
            journal=journal,
            policy=self.order.policy,
            take_over=self.order.take_over,
            stop=self._stop,
        )
        unheard = dict.fromkeys(self.findings.identities)
        async with contextlib.aclosing(found) as entries:
            async for entry in entries:
                unheard.pop(_identity_of(entry), None)
                self._hear_of(entry, tell)
        if not self._stop.is_set():
            for entry in await unread_entries(unheard.keys(), journal):
                self._hear_of(entry, tell)

    def _hear_of(self, entry: BatchEntry, tell: Callable[[BatchEntry], None]) -> None:
        self._tally.add(entry, time.monotonic())
        if not entry.state.is_submitted:
            tell(entry)
        if entry.state is EntryState.REFUSED:
            self._refused.add(_identity_of(entry))
        if self.order.as_json:
            self._print(entry_facts(entry, self.order.language))

    async def _submissions(self, journal: SqliteJournal) -> AsyncIterator[Submission]:
        """Yield all of them; they are read once the journal is this run's."""
        if self.order.retries_refused:
            await release_refused(journal, self.order.journal, self.findings.claims)
        async for submission in self.source:
            yield submission

    def _print(self, facts: dict[str, object]) -> None:
        """Print an object; if nobody reads any more, begin nothing more."""
        if self._broken_pipe is not None:
            return
        try:
            print_json(facts)
        except BrokenPipeError as error:
            self._broken_pipe = error
            self._stop.set()

    @property
    def _status(self) -> ExitStatus:
        is_read = not self.findings.has_bad_lines
        is_done = self._failure is None and self._tally.is_all_done and is_read
        return ExitStatus.DONE if is_done else ExitStatus.UNFINISHED

    @property
    def _exit_status(self) -> int:
        """What the shell is told."""
        if self._stopped_by is not None:
            return signal_status(self._stopped_by)
        return int(self._status) if self._broken_pipe is None else NOBODY_READS

    async def _write_report(self) -> Path | None:
        """Write the page that was asked for; what goes wrong there changes nothing."""
        place, language = self.order.report, self.order.language
        if place is None or not self._has_begun:
            return None
        try:
            wanted = Wanted(html=place, left_out=self.findings.left_out)
            await asyncio.to_thread(make_report, self.order.journal, wanted, language)
        except (AuditError, CommandFailed, OSError) as error:
            self._warn(f"--report: {one_line(error, language)}")
            return None
        return place

    @staticmethod
    def _warn(line: str) -> None:
        with contextlib.suppress(OSError):  # a terminal that is gone
            sys.stderr.write(f"{line}\n")

    async def _tell_hooks(self, report: Path | None) -> None:
        """Tell whoever wants to know; what goes wrong there changes nothing."""
        tally = self._tally
        counts = tally.counts + Counter({EntryState.PLANNED: tally.left})
        facts = NightFacts(
            counts=counts_facts(counts),
            seconds=time.monotonic() - tally.began,
            journal=self.order.journal,
            report=report,
            left_out=self.findings.left_out or 0,
            exit_status=self._exit_status,
        )
        for line in await tell(self.order.hooks, facts, self.order.language):
            self._warn(line)

    def _say(self, summary: Summary | None, kept: int) -> None:
        self._tally.phase = Phase.OVER
        language = self.order.language
        if self.order.as_json:
            self._print({"summary": self._facts(summary)})
            return
        with contextlib.suppress(OSError):  # a terminal that is gone hides no exit status
            if self._failure is not None:
                sys.stderr.write(f"{one_line(self._failure, language)}\n")
            if summary is not None:
                print_table(groups_table(summary, language))
            if self.findings.left_out:
                print_text(left_out_said(self.findings.left_out, language))
            for line in _advice(self._tally.counts, kept, language):
                print_text(line)
            if self._status is not ExitStatus.DONE:
                print_text(_way_on(language))

    def _facts(self, summary: Summary | None) -> dict[str, object]:
        came, language = self._stopped_by, self.order.language
        failure = self._failure
        return {
            "total": self._tally.total,
            "counts": counts_facts(self._tally.counts),
            "stopped_by": None if came is None else came.name,
            "error": None if failure is None else one_line(failure, language),
            "left_out": self.findings.left_out,
            "manifest": [problem_facts(each, language) for each in self.findings.lines],
            "journal": None
            if summary is None
            else {"counts": counts_facts(summary.counts), "groups": groups_facts(summary)},
            "exit_status": self._exit_status,
        }


def _identity_of(entry: BatchEntry) -> Identity:
    return Identity(entry.key, entry.app_version, entry.bundle_id or "")


def _advice(counts: Mapping[EntryState, int], kept: int, language: str) -> Iterator[str]:
    """Yield what was not sent, and would not be if the same command were run again.

    Args:
        counts: how many entries ended where.
        kept: how many of the refused were accepted before with other content.
        language: "zh" or "en".
    """
    if rejected := counts[EntryState.REJECTED]:
        yield said(
            f"Rejected before, and not sent again: {rejected}. Take them back with "
            "`batch take-back`, and give them new version numbers.",
            f"此前被驳回、不会再次提交的条目：{rejected} 个。请用 `batch take-back` 退回，"
            "并换上新的版本号。",
            language,
        )
    if kept:
        yield said(
            f"Refused: {kept}, though accepted before with other content, which the journal "
            "goes on with. They go again with `--changed send`.",
            f"被拒绝的条目：{kept} 个，但此前以其他内容受理过，批次日志仍保留该结果。"
            "加 `--changed send` 会再次提交。",
            language,
        )
    if refused := counts[EntryState.REFUSED] - kept:
        yield said(
            f"Refused: {refused}. They go again once they have changed, or unchanged with "
            "`--retry refused`.",
            f"被拒绝的条目：{refused} 个。内容改过才会再次提交，不改则需加 `--retry refused`。",
            language,
        )


def _way_on(language: str) -> str:
    return said(
        "Not every entry is done. Mend what is to be mended and run the same command again: it "
        "goes on from here.",
        "并非所有条目都已提交。请修正有问题的条目，然后再次运行同一命令，将从这里继续。",
        language,
    )
