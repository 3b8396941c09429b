"""`Digest`: what a person wants to know of a night, counted while its rows go by."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.report.reasons import Reason, reasons_of, told_reason
from alipay_mini_audit.batch.report.timeline import Timeline

__all__ = ["Digest", "ReasonGroup", "Verdicts", "moment_of", "seconds_taken"]

_FIRST_KEYS: Final = 10


@final
@attrs.frozen(kw_only=True)
class ReasonGroup:
    """Entries that are not done for the same reason.

    Attributes:
        state: where they stand.
        reason: why, in words.
        count: how many.
        keys: the keys of the first of them, ten at most.
    """

    state: EntryState
    reason: Reason
    count: int
    keys: tuple[str, ...]


@final
@attrs.frozen(kw_only=True)
class Verdicts:
    """How long audits took that have ended, in seconds.

    Attributes:
        known: of how many entries the verdict is known.
        awaited: of how many it is not, though they were submitted.
        half: within which half of them came; `None` if none did.
        longest: how long the longest took; `None` likewise.
    """

    known: int
    awaited: int
    half: float | None
    longest: float | None


@final
class Digest:
    """Counts the rows of a journal.

    Args:
        language: of the reasons, "zh" or "en".

    Attributes:
        counts: how many entries stand where.
        timeline: when they were sent.
        begins: when the first attempt was made, in seconds since 1970; `None` if none was.
        ends: when the last one was made, likewise.
        left: how many entries have a reason, so that something is left to do.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self.counts: Counter[EntryState] = Counter()
        self.timeline = Timeline()
        self.begins: float | None = None
        self.ends: float | None = None
        self.left = 0
        self._taken = array("d")
        self._awaited = 0
        self._groups: Counter[tuple[EntryState, str]] = Counter()
        self._keys: dict[tuple[EntryState, str], list[str]] = {}

    @property
    def total(self) -> int:
        """How many entries there are."""
        return self.counts.total()

    def add(self, row: Row) -> None:
        """Count a row."""
        self.counts[row.state] += 1
        self.timeline.add(row.state, row.sending_at)
        if row.sending_at is not None:
            self.begins = min(row.sending_at, self.begins or row.sending_at)
            self.ends = max(row.sending_at, self.ends or row.sending_at)
        if row.verdict is not None:
            self._taken.append(seconds_taken(row))
        elif row.state.is_submitted:
            self._awaited += 1
        reasons = reasons_of(row)
        self.left += bool(reasons)
        for reason in reasons:
            group = row.state, reason
            self._groups[group] += 1
            keys = self._keys.setdefault(group, [])
            if len(keys) < _FIRST_KEYS:
                keys.append(row.identity.key)

    def groups(self) -> tuple[ReasonGroup, ...]:
        """Return the reasons, the most frequent first; an entry is in the group of each of its own.

        What is done is in none.
        """
        found = sorted(self._groups.items(), key=lambda group: (-group[1], *group[0]))
        return tuple(
            ReasonGroup(
                state=state,
                reason=told_reason(code, state, self._language),
                count=count,
                keys=tuple(self._keys[state, code]),
            )
            for (state, code), count in found
        )

    def verdicts(self) -> Verdicts:
        """Return how long the audits took that have ended."""
        taken = sorted(self._taken)
        return Verdicts(
            known=len(taken),
            awaited=self._awaited,
            half=taken[(len(taken) - 1) // 2] if taken else None,
            longest=taken[-1] if taken else None,
        )

    def document(self) -> Mapping[str, object]:
        """Return all of it as a JSON object; times are seconds since 1970."""
        return {
            "total": self.total,
            "counts": {state.value: self.counts[state] for state in EntryState},
            "begins": self.begins,
            "ends": self.ends,
            "verdicts": attrs.asdict(self.verdicts()),
            "groups": [
                {
                    "state": group.state.value,
                    "code": group.reason.code,
                    "meaning": group.reason.meaning,
                    "advice": group.reason.advice,
                    "count": group.count,
                    "keys": list(group.keys),
                }
                for group in self.groups()
            ],
            "intervals": [attrs.asdict(each) for each in self.timeline.intervals() if each.total],
        }


def seconds_taken(row: Row) -> float:
    """Return how long an audit took that has ended, in seconds.

    By the platform's clock, or from its last attempt until its verdict was learnt.
    """
    if row.verdict is not None and (took := row.verdict.took) is not None:
        return took.total_seconds()
    return max(0.0, (row.verdict_at or 0.0) - (row.sending_at or row.verdict_at or 0.0))


def moment_of(row: Row) -> float:
    """Return when something last happened to an entry itself, in seconds since 1970.

    `updated_at` alone would be the beginning of the latest run, which claims every row.
    """
    return row.updated_at if row.sending_at is None else row.sending_at
