"""Warnings about what texts say: auditors refuse what was never meant for them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.preflight.rules import Subject
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["example_email", "other_platforms", "placeholders", "promised_account"]

PLACEHOLDERS: Final = (
    *("test", "testing", "xxx", "xxxx", "asdf", "todo", "tbd", "foo", "lorem ipsum"),
    *("测试", "测试版本", "测试一下", "请输入", "待补充", "占位", "随便写写"),
)
OTHER_PLATFORMS: Final = (
    *("微信", "wechat", "抖音", "tiktok", "小红书", "百度", "快手", "美团", "淘宝", "京东"),
)
_READ: Final = ("version_desc", "app_name", "app_english_name", "app_slogan", "app_desc", "memo")
_READ_CHARACTERS: Final = 2000
_EXAMPLES: Final = re.compile(r"@(?:[A-Za-z0-9-]+\.)*example\.(?:com|org|net|cn)$", re.IGNORECASE)
_ACCOUNT: Final = re.compile(
    r"(?:测试|体验|审核)(?:账号|帐号|账户)|\btest account\b", re.IGNORECASE
)

_PLACEHOLDER: Final = (
    ("it reads like a placeholder.", "Write what the auditors should know."),
    ("看起来像占位文字。", "请写明审核人员需要了解的内容。"),
)
_OTHER: Final = (
    ("it names another platform: {word}.", "Auditors refuse that as a rule; remove the name."),
    ("提到了其他平台：{word}。", "审核通常不予通过，请去掉。"),
)
_EXAMPLE: Final = (
    ("it is an address of an example, which nobody reads.", "Give your own."),
    ("这是示例域名的邮箱，无人接收。", "请填写真实邮箱。"),
)
_PROMISED: Final = (
    ("it mentions a test account, and test_account is not given.", "Give it with its password."),
    ("提到了测试账号，但没有填写 test_account。", "请一并填写账号和密码。"),
)


@functools.lru_cache(maxsize=16)
def _whole(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches a text that is nothing but these words, again and again."""
    longest_first = sorted(words, key=len, reverse=True)
    either = "|".join(re.escape(word) for word in longest_first) or "(?!)"
    # Possessive: otherwise a long text could be taken apart in more ways than there is time for.
    return re.compile(rf"(?:(?>{either})[\s\d.,，。!！…-]*+)++", re.IGNORECASE)


@functools.lru_cache(maxsize=16)
def _inside(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds one of these words; a Latin one only where no letter touches it."""
    either = "|".join(
        rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" if word.isascii() else re.escape(word)
        for word in words
    )
    return re.compile(either or "(?!)", re.IGNORECASE)


def placeholders(subject: Subject) -> Iterator[Problem]:
    """Find texts that are nothing but placeholders."""
    own = subject.preflight.placeholders
    pattern = _whole(PLACEHOLDERS if own is None else own)
    for name in _READ:
        text = getattr(subject.request, name)
        if text and len(text) <= _READ_CHARACTERS and pattern.fullmatch(text.strip()):
            yield told(name, "placeholder_text", *_PLACEHOLDER, severity=Severity.WARNING)


def other_platforms(subject: Subject) -> Iterator[Problem]:
    """Find names of other platforms."""
    own = subject.preflight.other_platforms
    pattern = _inside(OTHER_PLATFORMS if own is None else own)
    for name in _READ:
        found = pattern.search((getattr(subject.request, name) or "")[:_READ_CHARACTERS])
        if found is not None:
            values = {"word": found[0]}
            yield told(name, "other_platform", *_OTHER, severity=Severity.WARNING, values=values)


def example_email(subject: Subject) -> Iterator[Problem]:
    """Find an address of a domain that is kept for examples (RFC 2606)."""
    address = subject.request.service_email
    if address and _EXAMPLES.search(address.strip()):
        yield told("service_email", "example_email", *_EXAMPLE, severity=Severity.WARNING)


def promised_account(subject: Subject) -> Iterator[Problem]:
    """Find a memo that mentions a test account which is not given."""
    memo = subject.request.memo
    if memo and not subject.request.test_account and _ACCOUNT.search(memo[:_READ_CHARACTERS]):
        yield told("memo", "test_account_missing", *_PROMISED, severity=Severity.WARNING)
