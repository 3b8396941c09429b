"""Which problem stands beside which field or file of the page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, final

from alipay_mini_audit.attachments.parts import PARTS
from alipay_mini_audit.batch.report.template import escaped, marked_up
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.problems import Problem, Severity, joined

__all__ = ["PlacedProblems"]

_PLACES: Final = (
    {name: name for name in FIELDS}
    | {spec.wire_name: name for name, spec in FIELDS.items()}
    | {part.location: part.location for part in PARTS.values()}
    | {name: part.location for name, part in PARTS.items()}
)
"""What a path may begin with -> the field or the location of the file."""
_BEGIN: Final = re.compile(r"attachments\.\w+(?:\[\d+\])?|\w+")


@final
class PlacedProblems:
    """Problems by the place that they belong to; each is told once.

    Args:
        problems: of the submission, in the language of the page.
        words: what the severities are called.
    """

    def __init__(self, problems: Iterable[Problem], words: dict[Severity, str]) -> None:
        self._words = words
        self._by_place: defaultdict[str, list[Problem]] = defaultdict(list)
        self.counts = dict.fromkeys(Severity, 0)
        for problem in problems:
            self._by_place[self._place_of(problem.path)].append(problem)
            self.counts[problem.severity] += 1

    def places(self) -> frozenset[str]:
        """Return where there are problems; the empty text is where no field or file is."""
        return frozenset(self._by_place)

    def told(self, place: str) -> str:
        """Return the problems of a place as HTML; empty if there are none."""
        return "".join(
            f'<p class="problem {problem.severity.value}">'
            f"<b>{self._words[problem.severity]}</b> {self._text_of(problem, place)} "
            f"<code>{escaped(problem.code)}</code></p>"
            for problem in self._by_place.get(place, ())
        )

    def _text_of(self, problem: Problem, place: str) -> str:
        text = joined(problem.message, problem.advice)
        is_here = problem.path == place
        return marked_up(text) if is_here else marked_up(f"{problem.path}: {text}")

    def _place_of(self, path: str) -> str:
        begin = _BEGIN.match(path)
        return "" if begin is None else _PLACES.get(begin[0], "")
