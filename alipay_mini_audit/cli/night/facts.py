"""`NightFacts`: what a night came to, as a text for people, variables and JSON for programs."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.words import duration_said, left_out_said, state_said
from alipay_mini_audit.problems import printable

__all__ = ["NightFacts"]

_OF_A_SIGNAL: Final = 128
"""Exit statuses from here on tell that a signal came."""


@final
@attrs.frozen(kw_only=True)
class NightFacts:
    """What a night came to, for those who are told at its end. There is no secret in it.

    Attributes:
        counts: how many entries stand in each state, by the name of the state.
        seconds: how long it took.
        journal: the journal.
        report: the page that tells more; `None` if none was written.
        left_out: how many lines of the manifest are no entries, which `counts` does not count.
        exit_status: what the command says to the shell.
    """

    counts: Mapping[str, int]
    seconds: float
    journal: Path
    report: Path | None
    exit_status: int
    left_out: int = 0

    @property
    def total(self) -> int:
        """How many entries there are."""
        return sum(self.counts.values())

    def as_text(self, language: str) -> str:
        """Return a few lines for people, of which the first has the most important.

        Args:
            language: "zh" or "en".
        """
        return "\n".join(self._lines(language))

    def _lines(self, language: str) -> Iterator[str]:
        done = sum(self.counts.get(state, 0) for state in EntryState if state.is_submitted)
        total, colon = self.total, said(": ", "：", language)
        took, stopped = duration_said(self.seconds, language), self._stopped(language)
        yield said(
            f"alipay-mini-audit: {stopped}{done} of {total} done after {took}.",
            f"alipay-mini-audit：{stopped}{total} 个条目中已提交 {done} 个，用时 {took}。",
            language,
        )
        for state in EntryState:
            if state is not EntryState.DONE and self.counts.get(state):
                yield f"{state_said(state, language)}{colon}{self.counts[state]}"
        if self.left_out:
            yield left_out_said(self.left_out, language)
        if self.exit_status:
            yield f"{said('exit status', '退出状态', language)}{colon}{self.exit_status}"
        if self.report is not None:
            path = printable(str(self.report.absolute()))
            yield f"{said('report', '报告', language)}{colon}{path}"
        path = printable(str(self.journal.absolute()))
        yield f"{said('journal', '日志文件', language)}{colon}{path}"

    def _stopped(self, language: str) -> str:
        if self.exit_status <= _OF_A_SIGNAL:
            return ""
        number = self.exit_status - _OF_A_SIGNAL
        names = {each.value: each.name for each in signal.Signals}
        name = names.get(number, str(number))
        return said(f"stopped by {name}, ", f"被信号 {name} 停止，", language)

    def as_json(self) -> str:
        """Return a JSON object on a line of its own."""
        facts = {
            "total": self.total,
            "counts": {state: self.counts.get(state, 0) for state in map(str, EntryState)},
            "seconds": round(self.seconds, 3),
            "journal": str(self.journal.absolute()),
            "report": None if self.report is None else str(self.report.absolute()),
            "exit_status": self.exit_status,
            "left_out": self.left_out,
        }
        return f"{json.dumps(facts)}\n"

    def as_variables(self, language: str) -> dict[str, str]:
        """Return environment variables, all of which begin with `AUDIT_NIGHT_`.

        Args:
            language: "zh" or "en", for `AUDIT_NIGHT_TEXT`.
        """
        facts = {state.upper(): str(self.counts.get(state, 0)) for state in EntryState}
        facts |= {
            "TOTAL": str(self.total),
            "SECONDS": str(round(self.seconds)),
            "JOURNAL": str(self.journal.absolute()),
            "REPORT": "" if self.report is None else str(self.report.absolute()),
            "LEFT_OUT": str(self.left_out),
            "EXIT_STATUS": str(self.exit_status),
            "TEXT": self.as_text(language),
        }
        return {f"AUDIT_NIGHT_{name}": value for name, value in facts.items()}
