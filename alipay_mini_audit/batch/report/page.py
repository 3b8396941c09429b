"""One self-contained HTML page of a night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.report.chart import chart
from alipay_mini_audit.batch.report.digest import Digest, ReasonGroup
from alipay_mini_audit.batch.report.reasons import STATE_NAMES, STATES
from alipay_mini_audit.batch.report.spreadsheet import beijing_time
from alipay_mini_audit.batch.report.table import PackedTable
from alipay_mini_audit.batch.report.template import (
    SCRIPT_POLICY,
    escaped,
    filled,
    marked_up,
    script_json,
)
from alipay_mini_audit.batch.report.timeline import Interval
from alipay_mini_audit.batch.report.wording import SCRIPT_WORDS, WORDS

__all__ = ["PageParts", "report_page", "verdict_line"]

_SHOWN_KEYS: Final = 5
_UNITS: Final = {
    "en": (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)),
    "zh": (("天", 86_400), ("小时", 3600), ("分钟", 60), ("秒", 1)),
}


@final
@attrs.frozen(kw_only=True)
class PageParts:
    """The files that the page is made of, as they lie beside this module.

    Attributes:
        html: the template.
        css: its styles.
        js: its script.
    """

    html: str
    css: str
    js: str


def report_page(
    parts: PageParts,
    name: str,
    whose: str,
    digest: Digest,
    table: PackedTable,
    *,
    now: float,
    language: str,
    left_out: int | None = None,
) -> str:
    """Return the page.

    Args:
        parts: what it is made of.
        name: of the journal.
        whose: which application submits where, so that nobody takes a rehearsal for the night;
            empty if that is not known.
        digest: of all rows, in the same language.
        table: of the same rows, in the same language; it is closed.
        now: the time, in seconds since 1970.
        language: "zh" or "en".
        left_out: how many lines of the manifest are no entries; `None` if nobody knows.
    """
    words = WORDS[language]
    intervals = digest.timeline.intervals()
    columns = "\n".join(
        f'<script type="text/plain" data-column="{column}">{packed}</script>'
        for column, packed in table.close().items()
    )
    facts = {
        "policy": escaped(SCRIPT_POLICY),
        "name": escaped(name),
        "whose": escaped(whose),
        "made_line": words["made"].format(time=beijing_time(now)),
        "sent_line": _sent_line(digest, words),
        "verdict_line": verdict_line(digest, language),
        "total": f"{digest.total:,}",
        "tiles": _tiles(digest, language),
        "share": _share(digest),
        "reasons": _reasons(digest, table, language) + _left_out(left_out, words),
        "chart_svg": chart(intervals, words),
        "per_line": words["per"].format(width=_width(intervals, language)) if intervals else "",
        "columns": columns,
        "legend": script_json(table.legend()),
        "script_words": script_json(SCRIPT_WORDS[language]),
        "css": parts.css,
        "js": parts.js,
    }
    return filled(parts.html, {**words, **facts})


def _sent_line(digest: Digest, words: Mapping[str, str]) -> str:
    if digest.begins is None or digest.ends is None:
        return words["nothing_sent"]
    begins, ends = beijing_time(digest.begins), beijing_time(digest.ends)
    is_one_day = begins[:10] == ends[:10]
    return words["sent"].format(begins=begins, ends=ends[11:] if is_one_day else ends)


def verdict_line(digest: Digest, language: str) -> str:
    """Return how many verdicts there are, and how long they took; empty if there is none."""
    found, words = digest.verdicts(), WORDS[language]
    if found.half is None or found.longest is None:
        return ""
    return words["verdicts"].format(
        known=f"{found.known:,}",
        total=f"{found.known + found.awaited:,}",
        half=_length(found.half, language),
        longest=_length(found.longest, language),
    )


def _length(seconds: float, language: str) -> str:
    """Return a length of time in its largest unit, to a tenth of it."""
    units = _UNITS[language]
    word, unit = next((each for each in units if seconds >= each[1]), units[-1])
    count = f"{seconds / unit:.1f}".removesuffix(".0")
    return f"{count} {word}" if language == "zh" or count == "1" else f"{count} {word}s"


def _tiles(digest: Digest, language: str) -> str:
    names = STATE_NAMES[language]
    return "".join(
        f'<button type="button" class="tile {state.value}" data-state="{state.value}">'
        f"<b>{digest.counts[state]:,}</b><span>{names[state]}</span></button>"
        for state in STATES
        if digest.counts[state] or state is EntryState.DONE
    )


def _share(digest: Digest) -> str:
    return "".join(
        f'<i class="{state.value}" style="flex-grow:{digest.counts[state]}"></i>'
        for state in STATES
        if digest.counts[state]
    )


def _reasons(digest: Digest, table: PackedTable, language: str) -> str:
    words = WORDS[language]
    groups = digest.groups()
    if not groups:
        return f'<p class="none">{words["all_done" if digest.total else "no_entries"]}</p>'
    told = "".join(_group(group, table, language) for group in groups)
    has_several = sum(group.count for group in groups) > digest.left
    note = f'<p class="note">{words["reasons_note"]}</p>' if has_several else ""
    return f"<ul>{told}</ul>{note}"


def _left_out(count: int | None, words: Mapping[str, str]) -> str:
    if count == 0:
        return ""
    name = {None: "lines_not_counted", 1: "line_left_out"}.get(count, "lines_left_out")
    return f'<p class="note">{words[name].format(count=count)}</p>'


def _group(group: ReasonGroup, table: PackedTable, language: str) -> str:
    words = WORDS[language]
    state, reason = group.state, group.reason
    count = words["one"] if group.count == 1 else words["many"].format(count=f"{group.count:,}")
    shown = [f"<bdi>{escaped(key)}</bdi>" for key in group.keys[:_SHOWN_KEYS]]
    comma, blank = words["comma"], words["blank"]
    keys = "".join(f"<span>{key}{comma}</span>{blank}" for key in shown[:-1])
    keys += f"<span>{shown[-1]}</span>"
    more = f" {words['and_more']}" if group.count > _SHOWN_KEYS else ""
    code = (
        f"<code>{escaped(reason.code)}</code> "
        if reason.is_code and reason.code != reason.meaning
        else ""
    )
    badge = f'<span class="badge {state.value}">{STATE_NAMES[language][state]}</span>'
    return (
        f'<li class="{state.value}"><h3><b>{count}</b>{words["colon"]}'
        f"{marked_up(reason.meaning)}</h3>"
        + (f"<p>{marked_up(reason.advice)}</p>" if reason.advice else "")
        + f'<p class="keys">{badge} {code}{words["such_as"]} {keys}{more}</p>'
        f'<button type="button" data-reason="{table.number_of(state, reason.code)}">'
        f"{words['show']}</button></li>"
    )


def _width(intervals: tuple[Interval, ...], language: str) -> str:
    seconds = intervals[0].seconds
    word, unit = next(each for each in _UNITS[language] if seconds % each[1] == 0)
    count = seconds // unit
    if language == "zh":
        return f" {count} {word}"
    return word if count == 1 else f"{count} {word}s"
