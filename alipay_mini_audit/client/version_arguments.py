"""What the methods of `VersionCalls` check of their own arguments before a call is made of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from alipay_mini_audit.client.arguments import expect
from alipay_mini_audit.models import VersionStatus, text_problems
from alipay_mini_audit.problems import Problem, told

__all__ = ["share_problems", "status_problems"]

_STATUS: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")

_NO_STATUS: Final = (
    ("there is no status to look for.", "Leave it out to see the versions in every status."),
    ("没有给出要查询的状态。", "如需查询所有状态的版本，不传即可。"),
)
_BAD_STATUS: Final = (
    ("a status is a word in capitals, such as AUDITING.", ""),
    ("状态应为大写单词，例如 AUDITING。", ""),
)
_NO_SHARE: Final = (
    ("it is blank.", "Give p10, p30 or p50."),
    ("为空或只含空白字符。", "请填写 p10、p30 或 p50。"),
)


def status_problems(statuses: Collection[VersionStatus | str] | None) -> list[Problem]:
    """Return what is wrong with the statuses that a list is asked for.

    Args:
        statuses: which; nothing is wrong with `None`.

    Raises:
        TypeError: it is no collection of texts.
    """
    if statuses is None:
        return []
    if isinstance(statuses, str) or not isinstance(statuses, Collection):
        wanted = "a list of VersionStatus, or None"
        raise TypeError(f"statuses: expected {wanted}, not {type(statuses).__name__}")
    problems = [] if statuses else [told("statuses", "missing", *_NO_STATUS)]
    for position, each in enumerate(statuses):
        path = f"statuses[{position}]"
        expect(path, each, str, "a text")
        if not _STATUS.fullmatch(each):
            problems.append(told(path, "bad_status", *_BAD_STATUS))
    return problems


def share_problems(gray_strategy: str) -> list[Problem]:
    """Return what is wrong with the share of the users that a version goes online for.

    Raises:
        TypeError: it is no text.
    """
    expect("gray_strategy", gray_strategy, str, "a text such as 'p10'")
    if gray_strategy.strip():
        return text_problems("gray_strategy", gray_strategy)
    return [told("gray_strategy", "GRAY_STRATEGY_IS_BLANK", *_NO_SHARE)]
