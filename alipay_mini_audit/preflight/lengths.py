"""Rules about how long a text is and which characters it has, driven by the table of fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.models.fields import FIELDS, CharacterSet, Counting, FieldSpec, Length
from alipay_mini_audit.preflight.rules import Subject
from alipay_mini_audit.preflight.text import HAN, width
from alipay_mini_audit.preflight.texts import told
from alipay_mini_audit.problems import Problem, Severity

__all__ = ["bad_characters", "bad_lengths", "surrounding_blanks"]

_HUGE: Final = 2000
"""Characters: more than twice of any limit, so that nothing has to be counted."""
_OLD_NAME_LIMITS: Final = (20, 30)
_LIMITED: Final = tuple(
    (spec, spec.length, spec.codes.length)
    for spec in FIELDS.values()
    if spec.length is not None and spec.codes.length is not None
)
_TEXTS: Final = tuple(
    spec.attribute for spec in FIELDS.values() if spec.type.value == "text" and not spec.is_secret
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
_TOO_LONG: Final = (
    ("it has {count} characters, and the platform takes at most {limit}.", "Shorten it."),
    ("有 {count} 个字符，平台最多接受 {limit} 个。", "请缩短。"),
)
_TOO_SHORT: Final = (
    ("it has {count} characters, and the platform wants at least {limit}.", "Say more."),
    ("有 {count} 个字符，平台至少要求 {limit} 个。", "请补充内容。"),
)
_MAY_BE_TOO_LONG: Final = (
    (
        (
            "it has {least} to {count} characters, depending on how they are counted; the platform "
            "takes at most {limit}."
        ),
        "Shorten it to be sure.",
    ),
    (
        "按不同的计数方式为 {least} 至 {count} 个字符，平台最多接受 {limit} 个。",
        "为稳妥起见请缩短。",
    ),
)
_MAY_BE_TOO_SHORT: Final = (
    (
        (
            "it has {least} to {count} characters, depending on how they are counted; the platform "
            "wants at least {limit}."
        ),
        "Say more to be sure.",
    ),
    (
        "按不同的计数方式为 {least} 至 {count} 个字符，平台至少要求 {limit} 个。",
        "为稳妥起见请补充内容。",
    ),
)
_OLD_NAME: Final = (
    (
        "it has {count} characters: the platform's newest text takes 40, older ones 30 and 20.",
        "Shorten it to 20 to be sure.",
    ),
    (
        "有 {count} 个字符：平台最新文档允许 40 个，较早的文档为 30 个和 20 个。",
        "为稳妥起见请缩短到 20 个以内。",
    ),
)
_OUTSIDE: Final = (
    ("it has characters that the platform does not take there.", "It takes {words}."),
    ("含有平台不接受的字符。", "允许：{chinese_words}。"),
)
_DOUBTFUL: Final = (
    (
        "it has characters that not every text of the platform's allows there.",
        "It surely takes {words}.",
    ),
    ("含有平台各文档说法不一的字符。", "一定可用的是：{chinese_words}。"),
)
_BLANKS: Final = (
    ("it begins or ends with white space.", "Remove it: it may count, or be shown."),
    ("开头或结尾有空白。", "请去掉：空白可能计入长度或被显示。"),
)


def bad_lengths(subject: Subject) -> Iterator[Problem]:
    """Find texts that are too long or too short under some reading, an error under every one."""
    for spec, limits, code in _LIMITED:
        text = getattr(subject.request, spec.attribute)
        if text and not text.isspace():
            yield from _length_problems(spec, limits, code, text)


def _length_problems(spec: FieldSpec, limits: Length, code: str, text: str) -> Iterator[Problem]:
    # A line break of two characters is the only thing that counts less than they are.
    is_huge = len(text) > _HUGE and len(text.strip()) > _HUGE
    least, most = (len(text), len(text)) if is_huge else width(text)
    if limits.counting is Counting.ONCE:
        least, most = len(text.strip()), len(text)
    path = spec.attribute
    maximum, minimum = limits.maximum, limits.minimum
    if least > maximum:
        yield told(path, code, *_TOO_LONG, values={"count": least, "limit": maximum})
    elif most < minimum:
        yield told(path, code, *_TOO_SHORT, values={"count": most, "limit": minimum})
    elif most > maximum:
        filled = {"least": least, "count": most, "limit": maximum}
        yield told(path, code, *_MAY_BE_TOO_LONG, severity=Severity.WARNING, values=filled)
    elif least < minimum:
        filled = {"least": least, "count": most, "limit": minimum}
        yield told(path, code, *_MAY_BE_TOO_SHORT, severity=Severity.WARNING, values=filled)
    elif path == "app_name" and most > min(_OLD_NAME_LIMITS):
        yield told(path, code, *_OLD_NAME, severity=Severity.WARNING, values={"count": most})


def bad_characters(subject: Subject) -> Iterator[Problem]:
    """Find characters outside the set of a field."""
    for attribute in ("app_name", "app_english_name", "service_phone"):
        text = getattr(subject.request, attribute)
        if not text or text.isspace():
            continue
        spec = FIELDS[attribute]
        allowed, code = spec.characters, spec.codes.characters
        assert allowed is not None  # noqa: S101  # the table has both for these fields
        assert code is not None  # noqa: S101
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
