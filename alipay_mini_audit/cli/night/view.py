"""What a running night shows: lines of a terminal, or one line. Pure, from a `Tally`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alipay_mini_audit.batch import BatchEntry, EntryState
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.tally import Limit, Phase, Tally
from alipay_mini_audit.cli.night.words import (
    duration_said,
    moment_said,
    reason_said,
    size_said,
    state_said,
)
from alipay_mini_audit.problems import Severity, printable

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["ending_line", "plain_line", "problem_line", "screen"]

_WIDEST: Final = 100
_STYLES: Final = {
    **{state: "green" for state in EntryState if state.is_submitted},
    **dict.fromkeys((EntryState.INVALID, EntryState.REFUSED, EntryState.REJECTED), "red"),
}
_COLUMN: Final = 12
_FREE: Final = 5
"""Columns that stay free at the right: a terminal writes `^C` there, twice at the most, and must
not wrap."""


def screen(tally: Tally, now: float, wall: float, width: int, language: str) -> Text:
    """Return what a terminal shows; each line is as wide as the terminal at most.

    Args:
        tally: what is known.
        now: the time by the clock of the tally.
        wall: the time in seconds since 1970.
        width: columns of the terminal.
        language: "zh" or "en".
    """
    from rich.text import Text  # as long as the command itself

    width = min(width, _WIDEST) - _FREE
    rows = [
        _bar(tally, width, language),
        _row(("pace", "速度"), _pace(tally, now, language), language),
        _row(("left", "剩余"), _left(tally, now, wall, language), language),
        _row(("so far", "目前"), _counts(tally, language), language),
    ]
    if tally.problems:
        rows.append(Text(""))
        rows.append(Text(said("last problems", "最近的问题", language), style="bold"))
        rows += [Text(f"  {problem_line(each, language)}") for each in tally.problems]
    if tally.phase is Phase.ENDING:
        rows.append(Text(ending_line(tally, language), style="yellow"))
    for row in rows:
        row.truncate(width, overflow="ellipsis")
    return Text("\n", no_wrap=True, overflow="crop").join(rows)


def plain_line(tally: Tally, now: float, wall: float, language: str) -> str:
    """Return the same in one line, for a log; the arguments are those of `screen`."""
    parts = [
        f"{tally.over}/{tally.total}",
        _pace(tally, now, language),
        _left(tally, now, wall, language),
        _counts(tally, language).plain,
    ]
    return " | ".join(part for part in parts if part)


def problem_line(entry: BatchEntry, language: str) -> str:
    """Return a line about an entry that is not done."""
    colon = said(": ", "：", language)
    errors = [each for each in entry.problems if each.severity is Severity.ERROR]
    if entry.state is EntryState.INVALID and errors:
        found = errors[0].in_language(language)
        why = f"{found.code}{colon}{found.message}"
    else:
        state = state_said(entry.state, language)
        why = said(", ", "，", language).join([state, reason_said(entry.reason, language)])
    return printable(f"{entry.key} {entry.app_version}{colon}{why}")


def _bar(tally: Tally, width: int, language: str) -> Text:
    from rich.text import Text

    share = tally.over / tally.total if tally.total else 1.0
    numbers = f" {tally.over}/{tally.total} {int(share * 100):3}%"
    under_way = tally.under_way
    if under_way:
        numbers += said(f", {under_way} under way", f"，{under_way} 个进行中", language)
    cells = max(10, min(40, width - _COLUMN - len(numbers) - 4))
    full = round(share * cells)
    return Text.assemble(
        (_padded(said("submitted", "提交", language)), "bold"),
        ("━" * full, "green"),
        ("─" * (cells - full), "dim"),
        numbers,
    )


def _row(label: tuple[str, str], content: str | Text, language: str) -> Text:
    from rich.text import Text

    return Text.assemble((_padded(said(*label, language)), "bold"), content)


def _padded(label: str) -> str:
    from rich.cells import cell_len

    return label + " " * (_COLUMN - cell_len(label))


def _pace(tally: Tally, now: float, language: str) -> str:
    per_second = tally.per_second(now)
    if per_second is None:
        speed = said("not known yet", "尚未测出", language)
    elif per_second >= 1:
        speed = said(f"{per_second:.1f} a second", f"每秒 {per_second:.1f} 个", language)
    else:
        speed = said(
            f"{per_second * 60:.1f} a minute", f"每分钟 {per_second * 60:.1f} 个", language
        )
    return f"{speed}{said(', ', '，', language)}{_why(tally, now, language)}"


def _why(tally: Tally, now: float, language: str) -> str:
    match tally.limit(now):
        case Limit.THROTTLED if tally.quiet_until > now:
            wait = duration_said(tally.quiet_until - now, language)
            return said(f"the platform asks to wait for {wait}", f"平台要求等待 {wait}", language)
        case Limit.THROTTLED:
            return said("throttled by the platform", "被平台限流", language)
        case Limit.RATE:
            return said("limited by --rate", "受 --rate 限制", language)
        case Limit.BYTES:
            speed = size_said(tally.bytes_per_second(now))
            return said(
                f"limited by --max-bytes-per-second ({speed}/s)",
                f"受 --max-bytes-per-second 限制（{speed}/s）",
                language,
            )
        case Limit.QUOTA:
            return said("the quota of a template is used up", "模板配额已用完", language)
        case _:
            return said("as fast as line and platform are", "取决于线路和平台", language)


def _left(tally: Tally, now: float, wall: float, language: str) -> str:
    seconds = tally.seconds_left(now)
    count = tally.left
    entries = said(f"{count} entries", f"{count} 个条目", language)
    if seconds is None:
        return entries
    if not count:
        return said("nothing", "无", language)
    duration = duration_said(seconds, language)
    end = moment_said(wall + seconds, wall)
    return said(
        f"{entries}, about {duration}, over at {end}",
        f"{entries}，约 {duration}，预计 {end} 结束",
        language,
    )


def _counts(tally: Tally, language: str) -> Text:
    from rich.text import Text

    shown = Text()
    for state in EntryState:
        count = tally.counts[state]
        if count:
            gap = said(", ", "，", language) if shown else ""
            shown.append(gap)
            shown.append(f"{state_said(state, language)} {count}", _STYLES.get(state, "yellow"))
    return shown or Text("-")


def ending_line(tally: Tally, language: str) -> str:
    """Return what is said once it was asked to stop."""
    return said(
        f"stopping: {tally.under_way} under way may end; a second signal stops now",
        f"正在停止：等待 {tally.under_way} 个进行中的请求结束；再来一次信号则立即停止",
        language,
    )
