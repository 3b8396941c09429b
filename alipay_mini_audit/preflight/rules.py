"""`Preflight`: which rules there are, and what is done about what they find. No I/O here."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, Final, Literal, Self, final, get_args

import attrs

from alipay_mini_audit.attachments.heads import FileHead
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight.codes import RULE_CODES
from alipay_mini_audit.problems import Problem, Severity, printable

__all__ = ["Level", "Preflight", "Rule", "Subject"]

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
    """Rules of your own, after those of this package."""
    is_on: bool = True
    """Whether anything is checked; see `OFF`."""

    def __attrs_post_init__(self) -> None:
        _expect("refuse", self.refuse is None or isinstance(self.refuse, Severity), "a Severity")
        _expect("first_submission", isinstance(self.first_submission, bool), "True or False")
        _expect("placeholders", _are_words(self.placeholders), "a tuple of words")
        _expect("other_platforms", _are_words(self.other_platforms), "a tuple of words")
        are_rules = isinstance(self.extra_rules, tuple) and all(map(callable, self.extra_rules))
        _expect("extra_rules", are_rules, "a tuple of functions from a Subject to problems")
        are_levels = isinstance(self.levels, Mapping) and all(
            isinstance(code, str) and level in _LEVELS for code, level in self.levels.items()
        )
        _expect("levels", are_levels, 'a mapping from codes to "skip", "warning" or "error"')
        if not self.extra_rules:
            _expect_codes(self.levels)


def _are_words(value: object) -> bool:
    return value is None or (
        isinstance(value, tuple) and all(isinstance(each, str) and each for each in value)
    )


def _expect(name: str, is_good: object, wanted: str) -> None:
    if not is_good:
        raise ConfigurationError(f"Preflight.{name}", f"expected {wanted}.", code="wrong_type")


def _expect_codes(levels: Iterable[str]) -> None:
    for code in levels:
        if code in RULE_CODES:
            continue
        close = difflib.get_close_matches(code, RULE_CODES, 1)
        advice = f"Is it {close[0]}?" if close else "Rules of your own are extra_rules."
        message = f"no rule finds the code {printable(code)}."
        raise ConfigurationError("Preflight.levels", message, code="unknown_code", advice=advice)


_OFF: Final = Preflight(is_on=False)
Preflight.OFF = _OFF
