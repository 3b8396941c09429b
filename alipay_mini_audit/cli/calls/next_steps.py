"""What a failed or interrupted call has done on the platform, and what to do next."""

from __future__ import annotations

import datetime
from typing import Final

from alipay_mini_audit.cli.calls.asked import AskedCall
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.errors import Outcome

__all__ = ["next_step", "outcome_of"]

_BEIJING: Final = datetime.timezone(datetime.timedelta(hours=8))

_OUTCOMES: Final = {
    Outcome.NOT_SENT: ("nothing has reached the platform", "没有任何内容到达平台"),
    Outcome.REFUSED: (
        "the platform refused it, nothing has changed there",
        "平台已拒绝，平台上没有变化",
    ),
    Outcome.ACCEPTED_UNREADABLE: (
        "the platform accepted it, its reply cannot be read",
        "平台已受理，但应答无法读取",
    ),
    Outcome.UNKNOWN: ("nobody knows whether it took effect", "尚不清楚是否已经生效"),
    None: ("the platform accepted it", "平台已受理"),
}

_UNCHANGED: Final = {
    Outcome.NOT_SENT: ("You may run the same command again.", "可以重新执行同一命令。"),
    Outcome.REFUSED: ("Run the same command again later.", "请稍后重新执行同一命令。"),
    None: ("Correct that first, then run the command again.", "请先更正，再重新执行该命令。"),
}
"""What to do if nothing has changed on the platform; `None`: it cannot be sent again as it is."""

_READINGS: Final = {
    "cancel": (
        "INIT: it is withdrawn. AUDITING: it is still in audit.",
        "INIT 表示已撤销，AUDITING 表示仍在审核中。",
    ),
    "cancel_audited": (
        "INIT: it is taken back. Where it was, and still so after a few minutes: it is not.",
        "INIT 表示已退回开发；仍为原状态且几分钟后仍是如此，表示没有退回。",
    ),
    "online": (
        "RELEASE: it is online. WAIT_RELEASE or GRAY, and still so after a few minutes: it is not.",
        "RELEASE 表示已上架；WAIT_RELEASE 或 GRAY 且几分钟后仍是如此，表示没有上架。",
    ),
    "gray_online": (
        (
            "GRAY with this gray_strategy: it is done. Anything else, and still so after a few "
            "minutes: it is not."
        ),
        "GRAY 且 gray_strategy 与此相同表示已生效；其他状态且几分钟后仍是如此，表示没有生效。",
    ),
}
"""How to read what `detail` prints."""


def outcome_of(asked: AskedCall, outcome: Outcome | None, language: str) -> str:
    """Return what a call has done on the platform, without a full stop.

    Args:
        asked: which call.
        outcome: what is known; `None` if it was accepted.
        language: "zh" or "en".
    """
    if asked.only_asks:
        return said("there is no answer yet", "尚未得到应答", language)
    return said(*_OUTCOMES[outcome], language)


def next_step(
    asked: AskedCall,
    outcome: Outcome | None,
    began: datetime.datetime | None,
    language: str,
    *,
    is_repeatable: bool,
    is_about_state: bool = False,
) -> str:
    """Return what to do after a call that failed or was interrupted, in a few lines.

    Args:
        asked: which call.
        outcome: what it has done on the platform; `None` if it was accepted.
        began: when the call began, aware; `None` if it has not.
        language: "zh" or "en".
        is_repeatable: whether the same may be sent again as it is.
        is_about_state: whether the version was refused for the state that it is in.
    """
    if is_about_state:
        return _look(asked, language)
    if outcome in (Outcome.NOT_SENT, Outcome.REFUSED):
        return said(*_UNCHANGED[outcome if is_repeatable else None], language)
    if asked.only_asks:
        return said(
            "A question changes nothing: ask again.", "查询不改变任何状态，可以重新查询。", language
        )
    look = _look(asked, language)
    if outcome is Outcome.UNKNOWN:
        warning = said(
            "Do not send it again before you have asked.",
            "在查询清楚之前，请勿再次发送。",
            language,
        )
        return "\n".join((warning, look, _reading(asked, began, language)))
    done = said("Do not send it again.", "请勿再次发送。", language)
    return f"{done}\n{look}"


def _look(asked: AskedCall, language: str) -> str:
    if asked.question is None:
        return said(
            "Look at the version in Alipay's console.",
            "请在支付宝开放平台控制台查看该版本。",
            language,
        )
    return said(f"Ask with: {asked.question}", f"查询命令：{asked.question}", language)


def _reading(asked: AskedCall, began: datetime.datetime | None, language: str) -> str:
    """Return how to read the answer."""
    if asked.operation in _READINGS:
        return said(*_READINGS[asked.operation], language)
    since = "" if began is None else f"{began.astimezone(_BEIJING):%Y-%m-%d %H:%M:%S%z}"
    return said(
        f"AUDITING, submitted at {since} or later: it has arrived. INIT, and still so after a few "
        "minutes: it has not.",
        f"状态为 AUDITING 且提交时间不早于 {since}，表示已到达；状态为 INIT 且几分钟后仍是如此，"
        "表示没有到达。",
        language,
    )
