"""What is wrong with a submission that was read from a folder, for whatever command asks."""

from __future__ import annotations

from collections.abc import Sequence

from alipay_mini_audit.client import check
from alipay_mini_audit.files.folder import SubmissionDraft
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.problems import Problem

__all__ = ["problems_of"]


async def problems_of(
    draft: SubmissionDraft, errors: Sequence[Problem], preflight: Preflight, language: str
) -> tuple[Problem, ...]:
    """Return all that is wrong with a submission, whether it could be read or not.

    Args:
        draft: what of it could be read.
        errors: what could not.
        preflight: what is checked besides.
        language: of the texts, "zh" or "en".
    """
    if errors and not draft.fields and not draft.parts:
        return tuple([each.in_language(language) for each in errors])
    read = [each.in_language(language) for each in (*errors, *draft.warnings)]
    request = AuditApply.from_wire(draft.fields)
    found = await check(request, draft.parts, preflight, language=language)
    told = {each.path for each in read}  # what could not be read is not missing besides
    return (*read, *[each for each in found if each.path not in told])
