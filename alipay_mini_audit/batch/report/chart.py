"""The chart of a night, as SVG and HTML: how many entries came through in each interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from alipay_mini_audit.batch.report.spreadsheet import beijing_time
from alipay_mini_audit.batch.report.template import escaped
from alipay_mini_audit.batch.report.timeline import Interval

__all__ = ["chart", "round_ceiling"]

_KINDS: Final = ("accepted", "refused", "unknown")  # from the bottom up
_HEIGHT: Final = 100
_STEP: Final = 10
_GAP: Final = 1
_DAY: Final = 86_400
_CEILINGS: Final = (1, 2, 4, 5, 10)


def chart(intervals: Sequence[Interval], words: Mapping[str, str]) -> str:
    """Return bars over time, stacked; their labels are HTML, so that they are legible on a phone.

    Args:
        intervals: from the first to the last; empty for a chart of nothing.
        words: the texts of the page, in its language.
    """
    if not intervals:
        return f'<p class="none">{words["nothing_sent"]}</p>'
    ceiling = round_ceiling(max(interval.total for interval in intervals))
    bars = "".join(
        _bar(place, interval, ceiling, words) for place, interval in enumerate(intervals)
    )
    width = len(intervals) * _STEP
    middle = _HEIGHT / 2
    lines = "".join(
        f'<path class="line" d="M0 {y:g}H{width}" vector-effect="non-scaling-stroke"/>'
        for y in (0, middle, _HEIGHT)
    )
    first, last = intervals[0], intervals[-1]
    labels = _labels(first.begins, last.begins + last.seconds)
    half = f"{ceiling // 2:,}" if ceiling % 2 == 0 else ""
    return (
        f'<div class="plot"><div class="scale"><span>{ceiling:,}</span><span>{half}</span>'
        f'<span>0</span></div><svg viewBox="0 0 {width} {_HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="{words["chart"]}">{lines}{bars}</svg></div>'
        f'<div class="times">{"".join(f"<span>{escaped(label)}</span>" for label in labels)}</div>'
    )


def round_ceiling(most: int) -> int:
    """Return the round number that a scale ends with.

    Args:
        most: the largest number that has to have room; 1 at least.
    """
    size = 1
    while size * _CEILINGS[-1] < most:
        size *= 10
    return next(size * step for step in _CEILINGS if size * step >= most)


def _bar(place: int, interval: Interval, ceiling: int, words: Mapping[str, str]) -> str:
    top = float(_HEIGHT)
    parts = []
    counts = [(kind, getattr(interval, kind)) for kind in _KINDS]
    for kind, count in counts:
        if count:
            height = _HEIGHT * count / ceiling
            top -= height
            parts.append(
                f'<rect class="{kind}" x="{place * _STEP + _GAP}" y="{top:.2f}" '
                f'width="{_STEP - 2 * _GAP}" height="{height:.2f}"/>'
            )
    if not parts:
        return ""
    told = " · ".join(f"{count:,} {words[kind]}" for kind, count in counts if count)
    title = f"<title>{beijing_time(interval.begins)} · {told}</title>"
    return f"<g>{title}{''.join(parts)}</g>"


def _labels(begins: int, ends: int) -> list[str]:
    moments = [beijing_time(moment) for moment in (begins, (begins + ends) // 2, ends)]
    if ends - begins > _DAY:
        return [moment[5:16] for moment in moments]
    is_short = ends - begins < 10 * 60
    return [moment[11:] if is_short else moment[11:16] for moment in moments]
