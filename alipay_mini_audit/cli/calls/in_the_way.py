"""What keeps a version from being submitted: which versions stand in its way, and the way on."""

from __future__ import annotations

import contextlib
from typing import Final

import attrs

from alipay_mini_audit.cli.calls.asked import AskedCall
from alipay_mini_audit.cli.calls.statuses import status_text
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.errors import CallError, SigningError, StateConflict
from alipay_mini_audit.lifecycle.resubmission import IN_THE_WAY
from alipay_mini_audit.models import VersionStatus

__all__ = ["way_past"]

_CODES: Final = frozenset(
    {
        "CAN_NOT_SUBMIT_WITH_AUDIT",
        "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY",
        "CAN_NOT_SUBMIT_WITHOUT_INIT",
    }
)
_WITHDRAW: Final = ("Withdraw it with: ", "撤销审核的命令：", ("cancel",))
_TAKE_BACK: Final = ("Take it back with: ", "退回开发的命令：", ("cancel", "--audited"))
_PUT_ONLINE: Final = ("Put it online with: ", "上架的命令：", ("online",))
_REJECTED: Final = (VersionStatus.AUDIT_REJECT, VersionStatus.PROMOTE_AUDIT_REJECT)


async def way_past(
    client: AuditClient, error: StateConflict, asked: AskedCall
) -> tuple[str, str] | None:
    """Return in English and Chinese what stands in the way of a submission, and what to do.

    The platform's refusal names no version, so its list is asked for.

    Args:
        client: of the caller.
        error: the refusal.
        asked: the call that was refused.

    Returns:
        A line for each version, and one for each command; `None` if the refusal is about something
        else, or the list shows none.
    """
    if error.code not in _CODES:
        return None
    english, chinese = [], []
    with contextlib.suppress(CallError, SigningError):  # the refusal is what counts
        listed = await client.versions.list(statuses=IN_THE_WAY, bundle_id=asked.bundle_id)
        for row in listed.versions:
            name, status = row.app_version, row.version_status
            if name is None or status is None:
                continue
            stands = (status_text(str(status), language) for language in ("en", "zh"))
            english.append(f"In the way: {name}, {next(stands)}.")
            chinese.append(f"已有版本 {name}：{next(stands)}。")
            other = attrs.evolve(asked, app_version=name)
            for says, in_chinese, words in _ways(status, may_be_released=bool(row.can_release)):
                english.append(f"{says}{other.command(*words)}")
                chinese.append(f"{in_chinese}{other.command(*words)}")
    return ("\n".join(english), "\n".join(chinese)) if english else None


def _ways(
    status: VersionStatus | str, *, may_be_released: bool
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    if status == VersionStatus.AUDITING:
        return (_WITHDRAW,)
    if status == VersionStatus.GRAY:
        return (_PUT_ONLINE,)
    is_rejected = status in _REJECTED and not may_be_released
    return (_TAKE_BACK,) if is_rejected else (_PUT_ONLINE, _TAKE_BACK)
