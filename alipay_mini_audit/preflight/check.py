"""All rules, one after another, and what the settings make of what they find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.preflight.fields import (
    contacts,
    date_of_licence,
    needed,
    other_values,
    test_account,
    version,
)
from alipay_mini_audit.preflight.lengths import bad_characters, bad_lengths, surrounding_blanks
from alipay_mini_audit.preflight.pictures import PICTURE_RULES
from alipay_mini_audit.preflight.places import categories, regions
from alipay_mini_audit.preflight.rules import Preflight, Rule, Subject
from alipay_mini_audit.preflight.wording import (
    example_email,
    other_platforms,
    placeholders,
    promised_account,
)
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["RULES", "RULE_FAILED", "find_problems", "refused"]

RULES: Final[tuple[Rule, ...]] = (
    needed,
    version,
    bad_lengths,
    bad_characters,
    contacts,
    regions,
    categories,
    date_of_licence,
    other_values,
    test_account,
    surrounding_blanks,
    placeholders,
    other_platforms,
    example_email,
    promised_account,
    *PICTURE_RULES,
)
"""The rules of this package, in the order in which they are asked."""

RULE_FAILED: Final = "rule_failed"
"""The code of a rule of the user's that raised, or found something else than problems."""
_PLACES: Final = {name: position for position, name in enumerate(FIELDS)}
_WEIGHTS: Final = {Severity.WARNING: 0, Severity.ERROR: 1}
_RULE_RAISED: Final = (
    ("the rule {rule} raised {error}.", ""),
    ("规则 {rule} 抛出了 {error}。", ""),
)
_RULE_IS_ODD: Final = (
    ("the rule {rule} found something that is no Problem.", ""),
    ("规则 {rule} 返回的不是 Problem。", ""),
)


def find_problems(subject: Subject) -> tuple[Problem, ...]:
    """Return what all rules find, in the order of the fields; files come last.

    Args:
        subject: what to look at, and by which settings.

    Raises:
        ConfigurationError: a rule of the user's raised, or found something else than problems.
    """
    found = [problem for rule in RULES for problem in rule(subject)]
    for position, rule in enumerate(subject.preflight.extra_rules):
        found += _asked(rule, subject, position)
    if not found:
        return ()
    kept = list(_weighed(found, subject.preflight))
    kept.sort(key=_place)
    return tuple(kept)


def refused(problems: Iterable[Problem], preflight: Preflight) -> tuple[Problem, ...]:
    """Return the problems that stop a submission."""
    if preflight.refuse is None:
        return ()
    least = _WEIGHTS[preflight.refuse]
    return tuple(each for each in problems if _WEIGHTS[each.severity] >= least)


def _asked(rule: Rule, subject: Subject, position: int) -> list[Problem]:
    name = f"Preflight.extra_rules[{position}]"
    called = getattr(rule, "__name__", type(rule).__name__)
    try:
        found = list(rule(subject))
    except Exception as error:
        values = {"rule": called, "error": type(error).__name__}
        problem = told(name, RULE_FAILED, *_RULE_RAISED, values=values)
        raise ConfigurationError.from_problem(problem) from error
    if not all(map(_is_problem, found)):
        problem = told(name, RULE_FAILED, *_RULE_IS_ODD, values={"rule": called})
        raise ConfigurationError.from_problem(problem)
    return found


def _is_problem(found: object) -> bool:
    """Say whether a rule of the user's has found something that can be weighed and told."""
    if not isinstance(found, Problem) or not isinstance(found.severity, Severity):
        return False
    texts = (found.path, found.code, found.message, found.advice)
    return all(isinstance(text, str) for text in texts)


def _weighed(found: Iterable[Problem], preflight: Preflight) -> Iterator[Problem]:
    levels = preflight.levels
    for problem in found:
        level = levels.get(problem.code)
        if level == "skip":
            continue
        if level is not None and level != problem.severity.value:
            yield attrs.evolve(problem, severity=Severity(level))
        else:
            yield problem


def _place(problem: Problem) -> int:
    field = problem.path.partition("[")[0].partition(".")[0]
    return _PLACES.get(field, len(_PLACES))
