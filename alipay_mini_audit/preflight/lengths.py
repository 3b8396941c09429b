"""Rules about how long a text is and which characters it has, driven by the table of fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.models.fields import (
    FIELDS,
    CharacterSet,
    Counting,
    FieldSpec,
    Length,
    ValueType,
)
from alipay_mini_audit.preflight.rules import Subject
from alipay_mini_audit.preflight.text import HAN, width
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["bad_characters", "bad_lengths", "surrounding_blanks"]

_HUGE: Final = 2000
"""Characters: more than twice of any limit, so that nothing has to be counted."""
_LIMITED: Final = tuple(
    (spec, spec.length, spec.codes.length)
    for spec in FIELDS.values()
    if spec.length is not None and spec.codes.length is not None
)
_RESTRICTED: Final = tuple(
    (spec.attribute, spec.characters, spec.codes.characters)
    for spec in FIELDS.values()
    if spec.characters is not None and spec.codes.characters is not None
)
_TEXTS: Final = tuple(
    spec.attribute for spec in FIELDS.values() if spec.type is ValueType.TEXT and not spec.is_secret
)
_MARKS: Final = frozenset({"Mn", "Mc"})
_SURELY: Final = {
    CharacterSet.NAME: re.compile(f"[A-Za-z0-9_{HAN}]*"),
    CharacterSet.ALPHANUMERIC: re.compile("[A-Za-z0-9]*"),
    CharacterSet.PHONE: re.compile("[0-9-]*"),
}
"""What every text of the platform's takes."""
_WORDS: Final = {
    CharacterSet.NAME: (
        "Chinese, letters, digits, `_`, `+`, `-`",
        "中文、字母、数字、`_`、`+`、`-`",
    ),
    CharacterSet.ALPHANUMERIC: ("letters and digits", "字母和数字"),
    CharacterSet.PHONE: ("digits and `-`", "数字和 `-`"),
}
_TWICE: Final = (", a Chinese one counting as two", "（一个汉字计 2 个）")
_TOO_LONG: Final = (
    ("its length is {count}; the platform takes at most {limit} characters{how}.", "Shorten it."),
    ("按平台的计数方式为 {count} 个字符{chinese_how}，平台最多接受 {limit} 个。", "请缩短。"),
)
_TOO_SHORT: Final = (
    ("its length is {count}; the platform wants at least {limit} characters{how}.", "Say more."),
    ("按平台的计数方式为 {count} 个字符{chinese_how}，平台至少需要 {limit} 个。", "请补充内容。"),
)
_MAY_BE_TOO_LONG: Final = (
    (
        (
            "its length is {least} to {count}, depending on how characters are counted{how}; the "
            "platform takes at most {limit}."
        ),
        "Shorten it to be sure.",
    ),
    (
        "按不同的计数方式为 {least} 至 {count} 个字符{chinese_how}，平台最多接受 {limit} 个。",
        "为稳妥起见，请缩短。",
    ),
)
_MAY_BE_TOO_SHORT: Final = (
    (
        (
            "its length is {least} to {count}, depending on how characters are counted{how}; the "
            "platform wants at least {limit}."
        ),
        "Say more to be sure.",
    ),
    (
        "按不同的计数方式为 {least} 至 {count} 个字符{chinese_how}，平台至少需要 {limit} 个。",
        "为稳妥起见，请补充内容。",
    ),
)
_OLDER: Final = (
    (
        "its length is {count}{how}: the platform's newest text takes {limit}, older ones {older}.",
        "Shorten it to {sure} to be sure.",
    ),
    (
        (
            "按平台的计数方式为 {count} 个字符{chinese_how}：最新的文档允许 {limit} 个，"
            "较早的文档为 {older} 个。"
        ),
        "为稳妥起见，请缩短到 {sure} 个以内。",
    ),
)
_OUTSIDE: Final = (
    ("it has characters that the platform does not take there.", "It takes {words}."),
    ("含有平台不接受的字符。", "可用的字符：{chinese_words}。"),
)
_DOUBTFUL: Final = (
    (
        "it has characters that not every text of the platform's allows there.",
        "It surely takes {words}.",
    ),
    ("含有平台各文档说法不一的字符。", "一定可用的字符：{chinese_words}。"),
)
_BLANKS: Final = (
    ("it begins or ends with white space.", "Remove it: it may count, or be shown."),
    ("开头或结尾有空白。", "请去掉：空白可能会计入长度或显示出来。"),
)


def bad_lengths(subject: Subject) -> Iterator[Problem]:
    """Find texts that are too long or too short under some reading, an error under every one."""
    for spec, limits, code in _LIMITED:
        text = getattr(subject.request, spec.attribute)
        if text and not text.isspace() and not _is_told_of(spec, code, text):
            yield from _length_problems(spec, limits, code, text)


def _is_told_of(spec: FieldSpec, code: str, text: str) -> bool:
    """Say whether the rule about characters tells the same."""
    if spec.characters is None or code != spec.codes.characters:
        return False
    return _SURELY[spec.characters].fullmatch(text.strip()) is None


def _length_problems(spec: FieldSpec, limits: Length, code: str, text: str) -> Iterator[Problem]:
    # A line break of two characters is the only thing that counts less than they are.
    is_huge = len(text) > _HUGE and len(text.strip()) > _HUGE
    least, most = (len(text), len(text)) if is_huge else width(text)
    if limits.counting is Counting.ONCE:
        least = most = len(text.strip())  # blanks around it either do not count or are refused
    how, chinese_how = _TWICE if limits.counting is Counting.CHINESE_TWICE else ("", "")
    filled = {"least": least, "count": most, "how": how, "chinese_how": chinese_how}
    path, older, warning = spec.attribute, limits.older_maximums, Severity.WARNING
    at_most, at_least = filled | {"limit": limits.maximum}, filled | {"limit": limits.minimum}
    if least > limits.maximum:
        yield told(path, code, *_TOO_LONG, values=at_most | {"count": least})
    elif most < limits.minimum:
        yield told(path, code, *_TOO_SHORT, values=at_least)
    elif most > limits.maximum:
        yield told(path, code, *_MAY_BE_TOO_LONG, warning, values=at_most)
    elif least < limits.minimum:
        yield told(path, code, *_MAY_BE_TOO_SHORT, warning, values=at_least)
    elif older and most > min(older):
        stated = {"older": "/".join(map(str, older)), "sure": min(older)}
        yield told(path, code, *_OLDER, warning, values=at_most | stated)


def bad_characters(subject: Subject) -> Iterator[Problem]:
    """Find characters outside the set of a field."""
    for attribute, allowed, code in _RESTRICTED:
        text = getattr(subject.request, attribute)
        if not text or text.isspace():
            continue
        inner = text.strip()
        if _SURELY[allowed].fullmatch(inner):
            continue
        english, chinese = _WORDS[allowed]
        filled = {"words": english, "chinese_words": chinese}
        if _is_doubtful(inner, allowed):
            yield told(attribute, code, *_DOUBTFUL, severity=Severity.WARNING, values=filled)
        else:
            yield told(attribute, code, *_OUTSIDE, values=filled)


def _is_doubtful(text: str, allowed: CharacterSet) -> bool:
    """Say whether some text of the platform's may allow every character."""
    if allowed is CharacterSet.PHONE:
        return False
    extra = "_+-" if allowed is CharacterSet.NAME else ""
    return all(
        each.isalnum() or each in extra or unicodedata.category(each) in _MARKS for each in text
    )


def surrounding_blanks(subject: Subject) -> Iterator[Problem]:
    """Find texts with white space around them."""
    for attribute in _TEXTS:
        text = getattr(subject.request, attribute)
        if text and text != text.strip() and not text.isspace():
            yield told(attribute, "surrounding_blanks", *_BLANKS, severity=Severity.WARNING)
