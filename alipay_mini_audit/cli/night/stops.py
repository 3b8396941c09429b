"""`apply_stop`: holds, releases or skips entries of a journal that is there."""

from __future__ import annotations

import asyncio
import difflib
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.batch import EntryState, Row, SqliteJournal
from alipay_mini_audit.batch.journal.book import stops_on
from alipay_mini_audit.batch.journal.row import HoldKind
from alipay_mini_audit.cli.console import print_json, printable, say
from alipay_mini_audit.cli.exits import CommandFailed, until_stopped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.output import counts_facts
from alipay_mini_audit.cli.night.snapshot import rows_of, stopped_in
from alipay_mini_audit.cli.night.words import state_said

__all__ = ["Selection", "Stopped", "apply_stop"]

_MAY_GO: Final = (
    *(EntryState.PLANNED, EntryState.SENDING, EntryState.UNKNOWN, EntryState.DEFERRED),
    *(EntryState.HELD, EntryState.SKIPPED, EntryState.INVALID, EntryState.REFUSED),
)
"""Where something may still happen to an entry."""
_DONE: Final = {
    "hold": ("On hold", "已暂停"),
    "release": ("Released", "已解除"),
    "skip": ("Skipped", "已跳过"),
}


@final
@attrs.frozen(kw_only=True)
class Selection:
    """What is held, released or skipped; one of the three is given."""

    key: str | None = None
    mini_app: str | None = None
    template: str | None = None

    def given(self) -> dict[str, str]:
        """Return the one that is given.

        Raises:
            CommandFailed: none or more than one is.
        """
        found = {name: each for name, each in attrs.asdict(self).items() if each is not None}
        if len(found) != 1:
            raise CommandFailed(
                said(
                    "Give exactly one of --key, --mini-app and --template.",
                    "请在 --key、--mini-app、--template 中给出且只给出一个。",
                )
            )
        return found

    def matches(self, row: Row) -> bool:
        """Say whether a row is meant."""
        ((kind, value),) = self.given().items()
        return stops_on(row)[HoldKind(kind)] == value


@final
@attrs.frozen(kw_only=True)
class Stopped:
    """What was held, released or skipped.

    Attributes:
        action: `hold`, `release` or `skip`.
        kind: what `value` is.
        value: a key, a mini-program or a template.
        counts: how many entries that is about, by their state.
        is_changed: there was something to do.
        near: what may have been meant; `None` if nothing is like it.
    """

    action: str
    kind: str
    value: str
    counts: Mapping[EntryState, int]
    is_changed: bool
    near: str | None

    @property
    def affected(self) -> int:
        """How many entries it makes a difference to: what is done stays so."""
        return sum(self.counts.get(state, 0) for state in _MAY_GO) if self.is_changed else 0

    def told(self, language: str) -> str:
        """Return it as a line."""
        comma = said(", ", "，", language)
        stand = comma.join(f"{state_said(state, language)} {n}" for state, n in self.counts.items())
        stand = stand or said("no entry so far", "目前没有条目", language)
        about = said(f"{self._name} ({stand})", f"{self._name}（{stand}）", language)
        if not self.is_changed:
            return said(
                f"Nothing to release: {about} is neither on hold nor skipped nor refused.",
                f"没有可解除的：{about}未被暂停或跳过，也未被拒绝。",
                language,
            )
        if self.action != "release" and self.counts and not self.affected:
            return said(
                f"Nothing changes for {about}: what is done stays so. It is noted for entries to "
                "come.",
                f"{about}不受影响：已提交的保持不变。已记录，对以后的条目生效。",
                language,
            )
        return f"{said(*_DONE[self.action], language)}{said(': ', '：', language)}{about}"

    def warning(self, language: str) -> str | None:
        """Return what to say of a name that no entry has; `None` if one has it."""
        if self.counts:
            return None
        near = "" if self.near is None else printable(self.near)
        return said(
            f"Warning: the journal has no entry of {self._name} yet."
            + (f" Did you mean {near}?" if near else ""),
            f"提示：日志中目前没有 {self._name} 的条目。" + (f"是否想写 {near}？" if near else ""),
            language,
        )

    @property
    def _name(self) -> str:
        return f"{self.kind} {printable(self.value)}"


def apply_stop(
    action: str, path: Path, selection: Selection, language: str, *, as_json: bool
) -> None:
    """Hold, release or skip, and print which entries that is about.

    What no entry is called so far is stopped too, with a warning, for an entry may come.

    Args:
        action: `hold`, `release` or `skip`.
        path: of the journal.
        selection: what is meant.
        language: "zh" or "en".
        as_json: a program reads stdout.

    Raises:
        BatchError: there is no such journal, or it cannot be written; a missing one is not made.
        CommandFailed: not exactly one thing is selected.
    """
    given = selection.given()
    ((kind, value),) = given.items()
    before = rows_of(path)  # so that no journal is made where there is none
    was_refused = any(selection.matches(row) and row.state is EntryState.REFUSED for row in before)
    was_stopped = value in stopped_in(path)[HoldKind(kind)]
    asyncio.run(until_stopped(_apply(action, path, given)))
    rows = rows_of(path)
    known = {name for row in rows if (name := stops_on(row)[HoldKind(kind)])}
    stopped = Stopped(
        action=action,
        kind=kind,
        value=value,
        counts=Counter(row.state for row in rows if selection.matches(row)),
        is_changed=action != "release" or was_stopped or was_refused,
        near=next(iter(difflib.get_close_matches(value, known, 1)), None),
    )
    warning = stopped.warning(language)
    if as_json:
        facts = {"entries": counts_facts(stopped.counts), "affected": stopped.affected}
        print_json({"action": action, kind: value, **facts, "warning": warning})
        return
    say(stopped.told(language), sys.stdout)
    if warning is not None:
        say(warning)


async def _apply(action: str, path: Path, given: dict[str, str]) -> None:
    async with SqliteJournal(path) as journal:
        actions = {"hold": journal.hold, "release": journal.release, "skip": journal.skip}
        await actions[action](**given)
