"""What states and reasons of a night are called."""

from __future__ import annotations

import datetime
from typing import Final

from alipay_mini_audit.batch import EntryState
from alipay_mini_audit.batch.report.reasons import STATE_NAMES
from alipay_mini_audit.cli.language import said

__all__ = [
    "duration_said",
    "left_out_said",
    "moment_said",
    "reason_said",
    "size_said",
    "state_said",
]

_REASONS: Final = {
    "a file is gone or has changed": "文件缺失或已变化",
    "already done": "此前已提交",
    "another entry submits the same version of the same mini-program": "与另一条目版本重复",
    "content changed": "内容与上次提交的不同",
    "lost on its way": "途中丢失",
    "mini-program on hold": "小程序已暂停",
    "no connection": "无法连接",
    "no signature": "无法签名",
    "not sent": "未发送",
    "on hold": "条目已暂停",
    "outcome unknown": "结果未知",
    "outside the time window": "不在允许的时间内",
    "quota of the template used up": "模板当日配额已用完",
    "skipped": "已跳过",
    "template on hold": "模板已暂停",
    "the key stands for another mini-program": "该键属于另一个小程序",
    "the same entry was given before in this run": "本次运行中重复给出",
    "submitted again, or taken offline": "此后又被提交，或已下架",
    "throttled": "被限流",
    "withdrawn from audit": "已撤回审核",
}
"""The reasons of the engine; codes stand for themselves in any language."""
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
_STEP: Final = 1024


def state_said(state: EntryState, language: str) -> str:
    """Return what a state is called."""
    return said(STATE_NAMES["en"][state], STATE_NAMES["zh"][state], language)


def reason_said(reason: str, language: str) -> str:
    """Return a reason of an entry; a code as it is."""
    return said(reason, _REASONS.get(reason, reason), language)


def left_out_said(count: int, language: str) -> str:
    """Return how many lines of a manifest no number of entries counts."""
    lines = "line of the manifest is no entry"
    if count != 1:
        lines = "lines of the manifest are no entries"
    return said(
        f"{count} {lines}, and not counted.",
        f"清单中另有 {count} 行无法成为条目，不计在内。",
        language,
    )


def duration_said(seconds: float, language: str) -> str:
    """Return a length of time in its two largest units."""
    whole = max(0, round(seconds))
    if whole >= _DAY:
        days, hours = whole // _DAY, whole % _DAY // _HOUR
        return said(f"{days} d {hours} h", f"{days} 天 {hours} 小时", language)
    if whole >= _HOUR:
        hours, minutes = whole // _HOUR, whole % _HOUR // _MINUTE
        return said(f"{hours} h {minutes:02} min", f"{hours} 小时 {minutes:02} 分", language)
    if whole >= _MINUTE:
        minutes, left = divmod(whole, _MINUTE)
        return said(f"{minutes} min {left:02} s", f"{minutes} 分 {left:02} 秒", language)
    return said(f"{whole} s", f"{whole} 秒", language)


def moment_said(moment: float, now: float) -> str:
    """Return a moment by the clock of this machine, with its day if that is not today.

    Args:
        moment: in seconds since 1970.
        now: in seconds since 1970.
    """
    local = datetime.datetime.fromtimestamp(moment).astimezone()
    today = datetime.datetime.fromtimestamp(now).astimezone().date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def size_said(count: float) -> str:
    """Return a number of bytes; as in all commands, a KB has 1024 and an MB 1024 times that."""
    value = float(count)
    for unit in ("B", "KB", "MB"):
        if value < _STEP:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= _STEP
    return f"{value:.1f} GB"
