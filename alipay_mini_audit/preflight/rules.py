"""`Preflight`: which rules there are, and what is done about what they find. No I/O here."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, Final, Literal, Self, final, get_args

import attrs

from alipay_mini_audit.attachments.heads import FileHead
from alipay_mini_audit.codes import CATALOGUE
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight.codes import RULE_CODES
from alipay_mini_audit.problems import Problem, Severity, printable, told

__all__ = ["Level", "Preflight", "Rule", "Subject"]

_NEAR_CODE: Final = (
    ("no rule finds the code {code}.", "Is it {close}?"),
    ("没有规则会给出 {code}。", "是否应为 {close}？"),
)
_NO_CODE: Final = (
    ("no rule finds the code {code}.", "Rules of your own are extra_rules."),
    ("没有规则会给出 {code}。", "自定义规则请用 extra_rules。"),
)

Level = Literal["skip", "warning", "error"]
"""What is made of a problem, whatever its rule thinks of it."""


@final
@attrs.frozen(kw_only=True)
class Subject:
    """What a rule looks at.

    Attributes:
        request: the fields.
        heads: the files by wire name, in the order of sending.
        preflight: the settings.
        today: the day in Beijing.
    """

    request: AuditApply
    heads: Mapping[str, FileHead]
    preflight: Preflight
    today: datetime.date


Rule = Callable[[Subject], Iterable[Problem]]


_LEVELS: Final = get_args(Level)
_WRONG_TYPE: Final = ("expected {wanted}.", ""), ("应为 {chinese_wanted}。", "")
_SEVERITY: Final = "a Severity", "Severity"
_FLAG: Final = "True or False", "True 或 False"
_WORDS: Final = "a tuple of words", "tuple，其中为词语"
_RULES: Final = (
    "a tuple of functions from a Subject to problems",
    "tuple，其中为函数，各函数接受 Subject 并返回问题",
)
_LEVELS_BY_CODE: Final = (
    'a mapping from codes to "skip", "warning" or "error"',
    'dict，键为错误码，值为 "skip"、"warning" 或 "error"',
)


def _own_levels(levels: Mapping[str, Level]) -> Mapping[str, Level]:
    return dict(levels) if isinstance(levels, Mapping) else levels


@final
@attrs.frozen(kw_only=True)
class Preflight:
    """What is checked before a submission, and what is done about it.

    Nothing is refused that the platform may accept: what is wrong under one reading of its rules
    only is a warning.

    Raises:
        ConfigurationError: a setting cannot be used.
    """

    OFF: ClassVar[Self]
    """Checks nothing."""

    refuse: Severity | None = Severity.ERROR
    """The mildest problem that stops a submission; `None` lets all through, and tells of them.

    `Severity.ERROR` by default. A file that cannot be read stops it whatever this says.
    """
    levels: Mapping[str, Level] = attrs.field(factory=dict, converter=_own_levels, hash=False)
    """By the code of a problem: "skip" drops it, "warning" and "error" set its severity.

    Codes that no rule of this package has are those of `extra_rules`; without any they are refused.
    """
    first_submission: bool = False
    """Whether the platform has nothing yet that it could fill in: name, logo, category and so on.

    `False` by default.
    """
    placeholders: tuple[str, ...] | None = None
    """Words that show that a text is not meant for auditors; `None` takes those of this package."""
    other_platforms: tuple[str, ...] | None = None
    """Names that a mini-program of Alipay should not mention; `None` takes those of this package.
    """
    extra_rules: tuple[Rule, ...] = ()
    """Rules of your own, after those of this package.

    One that raises is a `ConfigurationError`; in a batch it makes its entry invalid.
    """
    is_on: bool = True
    """Whether anything is checked; see `OFF`."""

    def __attrs_post_init__(self) -> None:
        is_severity = self.refuse is None or isinstance(self.refuse, Severity)
        _expect("refuse", is_severity, *_SEVERITY)
        is_flag = isinstance(self.first_submission, bool)
        _expect("first_submission", is_flag, *_FLAG)
        _expect("placeholders", _are_words(self.placeholders), *_WORDS)
        _expect("other_platforms", _are_words(self.other_platforms), *_WORDS)
        are_rules = isinstance(self.extra_rules, tuple) and all(map(callable, self.extra_rules))
        _expect("extra_rules", are_rules, *_RULES)
        are_levels = isinstance(self.levels, Mapping) and all(
            isinstance(code, str) and level in _LEVELS for code, level in self.levels.items()
        )
        _expect("levels", are_levels, *_LEVELS_BY_CODE)
        if not self.extra_rules:
            _expect_codes(self.levels)


def _are_words(value: object) -> bool:
    return value is None or (
        isinstance(value, tuple) and all(isinstance(each, str) and each for each in value)
    )


def _expect(name: str, is_good: object, wanted: str, chinese_wanted: str) -> None:
    if not is_good:
        values = {"wanted": wanted, "chinese_wanted": chinese_wanted}
        problem = told(f"Preflight.{name}", "wrong_type", *_WRONG_TYPE, values=values)
        raise ConfigurationError.from_problem(problem)


def _expect_codes(levels: Iterable[str]) -> None:
    """Refuse a code that is misspelt; one of the platform's that no rule finds does no harm."""
    for code in levels:
        if code in RULE_CODES or code in CATALOGUE:
            continue
        spelt = {known.casefold(): known for known in RULE_CODES}
        close = difflib.get_close_matches(code.casefold(), spelt, 1)
        values = {"code": printable(code), "close": spelt[close[0]] if close else ""}
        texts = _NEAR_CODE if close else _NO_CODE
        raise ConfigurationError.from_problem(
            told("Preflight.levels", "unknown_code", *texts, values=values)
        )


_OFF: Final = Preflight(is_on=False)
Preflight.OFF = _OFF
