"""What became of a night that was killed in the middle, as values. Nothing is printed here."""

from __future__ import annotations

from pathlib import Path
from typing import final

import attrs

from alipay_mini_audit.batch import EntryState
from alipay_mini_audit.cli.demo.night.counting import Count
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said

__all__ = ["Killed", "NightResult", "ReasonRow"]


@final
@attrs.frozen(kw_only=True)
class Killed:
    """What was known after SIGKILL.

    Attributes:
        accepted: how many entries the gateway had accepted.
        done: how many of them the journal knew of.
        under_way: of how many the journal knew only that they were being sent.
    """

    accepted: int
    done: int
    under_way: int


@final
@attrs.frozen(kw_only=True)
class ReasonRow:
    """Entries, or lines of the manifest, with which it went alike.

    Attributes:
        count: how many.
        state: where they stand; `None` if they are lines that are no entry.
        code: of the reason; empty if there is none.
        meaning: the reason in words; empty for those that are done.
        first: the first key, or the place in the manifest; empty for those that are done.
    """

    count: int
    state: EntryState | None
    code: str = ""
    meaning: str = ""
    first: str = ""


@final
@attrs.frozen(kw_only=True)
class NightResult:
    """What became of a night.

    Attributes:
        total: how many lines the manifest had.
        good: how many of them were right.
        killed: what was known when it was killed.
        rows: what became of all of it, in the end.
        count: what the gateway has accepted of it.
        journal: where the journal is.
        report: where the page is.
        seconds: from the first start of the program to its second end.
    """

    total: int
    good: int
    killed: Killed
    rows: tuple[ReasonRow, ...]
    count: Count
    journal: Path
    report: Path
    seconds: float

    def raise_for_wrong(self, language: str) -> None:
        """Raise if an entry was not accepted exactly once.

        Args:
            language: of what is raised, "zh" or "en".

        Raises:
            CommandFailed: that is so.
        """
        wrong = self.count.wrong
        if not wrong:
            return
        (name, times), others = wrong[0], len(wrong) - 1
        more = said(f" ({others} more)", f"（另有 {others} 个）", language) if others else ""
        raise CommandFailed(
            said(
                f"The demo failed. The gateway accepted {name} {times} times{more}.",
                f"演示失败。网关受理了 {name} {times} 次{more}。",
                language,
            )
        )
