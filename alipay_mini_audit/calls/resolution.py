"""What follows an unknown outcome: the question to the platform, and what its answer proves."""

from __future__ import annotations

import datetime
from typing import Final

from alipay_mini_audit.calls.call import Call, CallSpec
from alipay_mini_audit.models import VersionDetail, VersionStatus
from alipay_mini_audit.protocol import DETAIL, Effect, Operation

__all__ = ["has_landed", "question_about"]

_CLOCK_ALLOWANCE: Final = datetime.timedelta(seconds=60)
"""By how much the platform's clock may be behind ours; its times have whole seconds."""


def question_about(call: Call) -> CallSpec | None:
    """Return what asks for the version that a call is about; `None` if it names none."""
    return CallSpec(operation=DETAIL, query=call.about) if "app_version" in call.about else None


def has_landed(
    operation: Operation, detail: VersionDetail, since: datetime.datetime
) -> bool | None:
    """Say whether a call took effect, by what the platform knows of its version.

    A submission landed if the version left development, and was submitted since the call began. A
    withdrawal landed if the version is in development again.

    Args:
        operation: the call in question.
        detail: the platform's signed answer.
        since: when the call began.

    Returns:
        `None` if the answer does not say.
    """
    status = detail.status
    if status is None:
        return None
    if operation.effect is Effect.WITHDRAWS:
        known: dict[str, bool] = {VersionStatus.INIT: True, VersionStatus.AUDITING: False}
        return known.get(status)
    if operation.effect is not Effect.SUBMITS:
        return None
    if status == VersionStatus.INIT:
        return False
    submitted = detail.gmt_apply_audit
    return True if submitted is not None and submitted >= since - _CLOCK_ALLOWANCE else None
