"""What the methods of `VersionCalls` check of their own arguments before a call is made of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from alipay_mini_audit.client.arguments import expect
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models import VersionStatus
from alipay_mini_audit.problems import told

__all__ = ["gray_fields", "status_filter"]

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


def status_filter(statuses: Collection[VersionStatus | str] | None) -> tuple[str, ...]:
    """Return the statuses that a list is asked for.

    Args:
        statuses: which; `None` is every one that is known.

    Raises:
        TypeError: it is no collection of texts.
        ValidationError: there is none, or one is no word.
    """
    if statuses is None:
        return tuple(VersionStatus)
    wanted = "a list of VersionStatus, or None"
    if isinstance(statuses, str) or not isinstance(statuses, Collection):
        raise TypeError(f"statuses: expected {wanted}, not {type(statuses).__name__}")
    problems = [] if statuses else [told("statuses", "missing", *_NO_STATUS)]
    for position, each in enumerate(statuses):
        expect(f"statuses[{position}]", each, str, "a text")
        if not _STATUS.fullmatch(each):
            problems.append(told(f"statuses[{position}]", "bad_status", *_BAD_STATUS))
    if problems:
        raise ValidationError(problems)
    return tuple(statuses)


def gray_fields(gray_strategy: str) -> dict[str, str]:
    """Return the field that says for how many of the users a version goes online.

    Raises:
        TypeError: it is no text.
        ValidationError: it is blank.
    """
    expect("gray_strategy", gray_strategy, str, "a text such as 'p10'")
    if not gray_strategy.strip():
        raise ValidationError([told("gray_strategy", "GRAY_STRATEGY_IS_BLANK", *_NO_SHARE)])
    return {"gray_strategy": gray_strategy}
