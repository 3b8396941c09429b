"""What preflight says of a submission. The rules are pure; the day and the files come from here."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Final

from alipay_mini_audit.attachments import PARTS, FilePart
from alipay_mini_audit.attachments.heads import FileHead
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight import Preflight, Subject, find_problems
from alipay_mini_audit.problems import Problem

__all__ = ["problems_of"]

_BEIJING: Final = datetime.timezone(datetime.timedelta(hours=8))
_BY_LOCATION: Final = {spec.location: name for name, spec in PARTS.items()}


def problems_of(
    request: AuditApply,
    files: Sequence[FilePart],
    preflight: Preflight,
    unusable: Sequence[Problem] = (),
) -> tuple[Problem, ...]:
    """Return every problem that the rules find, warnings among them.

    Args:
        request: its fields.
        files: its files, as far as they could be looked at.
        preflight: what is checked.
        unusable: what is wrong with the others. They are there, so the rules are told of them, and
            of their content nothing is known.

    Raises:
        ConfigurationError: a rule of the user's raised.
    """
    if not preflight.is_on:
        return ()
    known = {file.name: file.head or _unseen(file.name, file.location) for file in files}
    for problem in unusable:
        if problem.path in _BY_LOCATION:
            name = _BY_LOCATION[problem.path]
            known[name] = _unseen(name, problem.path)
    heads = {name: known[name] for name in (*PARTS, *known) if name in known}
    today = datetime.datetime.now(_BEIJING).date()
    return find_problems(Subject(request=request, heads=heads, preflight=preflight, today=today))


def _unseen(name: str, location: str) -> FileHead:
    return FileHead(part=name, location=location, filename="", size=0)
