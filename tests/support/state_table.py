"""Where each call leads a version, written out by hand from the platform's descriptions.

Rows: where it stands. Columns: what is called. Cells: where it stands then, or the code that
refuses it.
"""

GONE = "MINI_APP_PACKAGE_INFO_NOT_EXIST"
NO_INIT = "CAN_NOT_SUBMIT_WITHOUT_INIT"
NO_AUDIT = "AUDITING_VERSION_NOT_EXIST"
NOT_BACK = "CAN_NOT_BACK_DEV_WITHOUT_AUDIT"
NO_DEV = "CAN_NOT_DELETE_WITHOUT_DEV"
NO_PASS = "CAN_NOT_GRAY_WITHOUT_AUDIT_PASS"
NO_GRAY = "CAN_NOT_END_GRAY_WITHOUT_GRAY"
UNAUDITED = "CAN_NOT_ONLINE_WITHOUT_AUDIT"
NOT_WAITING = "CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE"
OFF = "CAN_NOT_OFFLINE_WITHOUT_ONLINE"
NOT_SHELVED = "CAN_NOT_ROLLBACK_WITHOUT_ONLINE"
CALLS = (
    *("apply", "cancel", "cancel_audited", "delete", "gray_online", "gray_cancel"),
    *("online", "offline", "rollback"),
)
CELLS: dict[str, tuple[str, ...]] = {
    "ABSENT": (GONE, NO_AUDIT, GONE, GONE, GONE, GONE, GONE, GONE, GONE),
    "INIT": (
        *("AUDITING", NO_AUDIT, NOT_BACK, "ABSENT", NO_PASS, NO_GRAY),
        *(UNAUDITED, OFF, NOT_SHELVED),
    ),
    "AUDITING": (
        *("SUBMIT_REPEAT", "INIT", NOT_BACK, NO_DEV, NO_PASS, NO_GRAY),
        *(UNAUDITED, OFF, NOT_SHELVED),
    ),
    "WAIT_RELEASE": (
        *(NO_INIT, NO_AUDIT, "INIT", NO_DEV, "GRAY", NO_GRAY),
        *("RELEASE", OFF, NOT_SHELVED),
    ),
    "BASE_AUDIT_PASS": (
        *(NO_INIT, NO_AUDIT, "INIT", NO_DEV, NO_PASS, NO_GRAY),
        *("RELEASE", OFF, NOT_SHELVED),
    ),
    "AUDIT_REJECT": (
        *(NO_INIT, NO_AUDIT, "INIT", NO_DEV, NO_PASS, NO_GRAY),
        *(NOT_WAITING, OFF, NOT_SHELVED),
    ),
    "PROMOTE_AUDIT_REJECT": (
        *(NO_INIT, NO_AUDIT, "INIT", NO_DEV, NO_PASS, NO_GRAY),
        *("RELEASE", OFF, NOT_SHELVED),
    ),
    "GRAY": (
        *(NO_INIT, NO_AUDIT, NOT_BACK, NO_DEV, "GRAY", "WAIT_RELEASE"),
        *("RELEASE", OFF, NOT_SHELVED),
    ),
    "RELEASE": (
        *(NO_INIT, NO_AUDIT, NOT_BACK, NO_DEV, NO_PASS, NO_GRAY),
        *(NOT_WAITING, "OFFLINE", "OFFLINE"),
    ),
    "OFFLINE": (
        *(NO_INIT, NO_AUDIT, NOT_BACK, NO_DEV, NO_PASS, NO_GRAY),
        *(NOT_WAITING, OFF, NOT_SHELVED),
    ),
    "AUDIT_OFFLINE": (
        *(NO_INIT, NO_AUDIT, NOT_BACK, NO_DEV, NO_PASS, NO_GRAY),
        *(NOT_WAITING, OFF, NOT_SHELVED),
    ),
}
