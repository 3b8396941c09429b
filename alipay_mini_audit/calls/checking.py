"""What preflight says of a submission. The rules are pure; the day and the files come from here."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Final

from alipay_mini_audit.attachments import FilePart
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight import Preflight, Subject, find_problems
from alipay_mini_audit.problems import Problem

__all__ = ["problems_of"]

_BEIJING: Final = datetime.timezone(datetime.timedelta(hours=8))
_OF_FILES: Final = "attachments"


def problems_of(
    request: AuditApply,
    files: Sequence[FilePart],
    preflight: Preflight,
    *,
    is_complete: bool = True,
) -> tuple[Problem, ...]:
    """Return every problem of a submission, warnings among them.

    Args:
        request: its fields.
        files: its files as they were looked at; none if some could not be.
        preflight: what is checked.
        is_complete: whether all files could be looked at. What the rules would say of files is left
            out if not: they have not seen them.

    Raises:
        ConfigurationError: a rule of the user's raised.
    """
    if not preflight.is_on:
        return ()
    heads = {file.name: file.head for file in files if file.head is not None}
    today = datetime.datetime.now(_BEIJING).date()
    subject = Subject(request=request, heads=heads, preflight=preflight, today=today)
    found = find_problems(subject)
    if is_complete:
        return found
    return tuple(each for each in found if not each.path.startswith(_OF_FILES))
