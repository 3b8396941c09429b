"""The state machine of a version: where each call leads, or what it is refused with. No I/O here.

States and codes: the platform's schema of 2026-10-08 and the pages of its FAQ on a version's life.
No table of the platform says which code answers which state; where several would do, the one whose
name says most stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, final

import attrs

from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["ABSENT", "MOVES", "STATUSES", "Move", "MoveName"]

STATUSES: Final = (
    "INIT",
    "AUDITING",
    "WAIT_RELEASE",
    "BASE_AUDIT_PASS",
    "AUDIT_REJECT",
    "PROMOTE_AUDIT_REJECT",
    "RELEASE",
    "GRAY",
    "OFFLINE",
    "AUDIT_OFFLINE",
)
"""Where a version may stand."""
ABSENT: Final = "ABSENT"
"""Where a version stands that was deleted, or whose build has not ended well."""
MoveName = Literal[
    "apply",
    "cancel",
    "cancel_audited",
    "delete",
    "gray_online",
    "gray_cancel",
    "online",
    "offline",
    "rollback",
]
_NO_PACKAGE: Final = "MINI_APP_PACKAGE_INFO_NOT_EXIST"


@final
@attrs.frozen(kw_only=True)
class Move:
    """Where a call leads the version that it names.

    Attributes:
        leads: from where to where.
        refused: where a version stands -> the code that answers.
        otherwise: the code that answers anywhere else.
    """

    leads: Mapping[str, str]
    refused: Mapping[str, str] = attrs.field(factory=lambda: {ABSENT: _NO_PACKAGE})
    otherwise: str

    def next(self, standing: str) -> str:
        """Return where the version stands afterwards.

        Args:
            standing: where it stands, one of `STATUSES` or `ABSENT`.

        Raises:
            Refusal: the call does not move it from there.
        """
        if standing in self.leads:
            return self.leads[standing]
        raise Refusal(self.refused.get(standing, self.otherwise))


MOVES: Final[Mapping[MoveName, Move]] = MappingProxyType(
    {
        "apply": Move(
            leads={"INIT": "AUDITING"},
            refused={ABSENT: _NO_PACKAGE, "AUDITING": "SUBMIT_REPEAT"},
            otherwise="CAN_NOT_SUBMIT_WITHOUT_INIT",
        ),
        "cancel": Move(
            leads={"AUDITING": "INIT"}, refused={}, otherwise="AUDITING_VERSION_NOT_EXIST"
        ),
        "cancel_audited": Move(
            leads={
                "WAIT_RELEASE": "INIT",
                "BASE_AUDIT_PASS": "INIT",
                "AUDIT_REJECT": "INIT",
                "PROMOTE_AUDIT_REJECT": "INIT",
            },
            otherwise="CAN_NOT_BACK_DEV_WITHOUT_AUDIT",
        ),
        "delete": Move(leads={"INIT": ABSENT}, otherwise="CAN_NOT_DELETE_WITHOUT_DEV"),
        "gray_online": Move(
            leads={"WAIT_RELEASE": "GRAY", "GRAY": "GRAY"},
            otherwise="CAN_NOT_GRAY_WITHOUT_AUDIT_PASS",
        ),
        "gray_cancel": Move(
            leads={"GRAY": "WAIT_RELEASE"}, otherwise="CAN_NOT_END_GRAY_WITHOUT_GRAY"
        ),
        "online": Move(
            leads={
                "WAIT_RELEASE": "RELEASE",
                "BASE_AUDIT_PASS": "RELEASE",
                "PROMOTE_AUDIT_REJECT": "RELEASE",  # if `can_release` says so
                "GRAY": "RELEASE",
            },
            refused={
                ABSENT: _NO_PACKAGE,
                "INIT": "CAN_NOT_ONLINE_WITHOUT_AUDIT",
                "AUDITING": "CAN_NOT_ONLINE_WITHOUT_AUDIT",
            },
            otherwise="CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE",
        ),
        "offline": Move(leads={"RELEASE": "OFFLINE"}, otherwise="CAN_NOT_OFFLINE_WITHOUT_ONLINE"),
        "rollback": Move(leads={"RELEASE": "OFFLINE"}, otherwise="CAN_NOT_ROLLBACK_WITHOUT_ONLINE"),
    }
)
"""Every call that moves a version, by the name that faults know."""
