"""The table of calls: one row each (official OpenAPI schema of 2026-10-08).

A new call is a row here, a method of `AuditClient`, and what it answers in `models`.
"""

from __future__ import annotations

import enum
from typing import Final

import attrs

__all__ = [
    "APPLY",
    "BUILD_STATUS",
    "CANCEL",
    "CANCEL_AUDITED",
    "CATEGORIES",
    "DELETE",
    "DETAIL",
    "GRAY_CANCEL",
    "GRAY_ONLINE",
    "OFFLINE",
    "ONLINE",
    "ROLLBACK",
    "TOKEN",
    "VERSIONS",
    "Effect",
    "Operation",
]


class Effect(enum.Enum):
    """What a call does to the version that it names, once it took effect."""

    SUBMITS = enum.auto()
    """The version leaves development and is in audit."""
    WITHDRAWS = enum.auto()
    """The version, which was in audit, is in development again."""
    RETURNS = enum.auto()
    """The version, whose audit had ended, is in development again."""
    RELEASES = enum.auto()
    """The version is online."""
    UNSHELVES = enum.auto()
    """The version is offline."""
    GRAYS = enum.auto()
    """The version is online for the share of the users that the call names."""
    ENDS_GRAY = enum.auto()
    """The version, which was online for some, waits to be released."""
    ROLLS_BACK = enum.auto()
    """The version is offline, and an earlier one online again."""
    DELETES = enum.auto()
    """There is no such version any more."""


@attrs.frozen(kw_only=True)
class Operation:
    """One call of the platform.

    Attributes:
        name: what events and messages call it, e.g. `apply`.
        method: HTTP method, upper case.
        path: path, from `/v3/` on.
        is_upload: the body is multipart, its fields are part `data`.
        may_be_empty: an empty body is a whole answer.
        effect: what it does to a version, by which an unknown outcome is resolved; `None` if a
            version's state says nothing about it.
    """

    name: str
    method: str
    path: str
    is_upload: bool = False
    may_be_empty: bool = False
    effect: Effect | None = None

    @property
    def only_asks(self) -> bool:
        """It changes nothing, so it may be repeated whatever became of it."""
        return self.method == "GET"


_VERSION: Final = "/v3/alipay/open/mini/version"

APPLY: Final = Operation(
    name="apply",
    method="POST",
    path=f"{_VERSION}/audit/apply",
    is_upload=True,
    effect=Effect.SUBMITS,
)
CANCEL: Final = Operation(
    name="cancel",
    method="POST",
    path=f"{_VERSION}/audit/cancel",
    may_be_empty=True,
    effect=Effect.WITHDRAWS,
)
DETAIL: Final = Operation(name="detail", method="GET", path=f"{_VERSION}/detail/query")
VERSIONS: Final = Operation(name="list", method="GET", path=f"{_VERSION}/list/query")
BUILD_STATUS: Final = Operation(name="build_status", method="GET", path=f"{_VERSION}/build/query")


def _move(name: str, path: str, effect: Effect) -> Operation:
    """Return the row of a call that moves a version and answers nothing about it."""
    path = f"{_VERSION}/{path}"
    return Operation(name=name, method="POST", path=path, may_be_empty=True, effect=effect)


CANCEL_AUDITED: Final = _move("cancel_audited", "audited/cancel", Effect.RETURNS)
ONLINE: Final = _move("online", "online", Effect.RELEASES)
OFFLINE: Final = _move("offline", "offline", Effect.UNSHELVES)
GRAY_ONLINE: Final = _move("gray_online", "gray/online", Effect.GRAYS)
GRAY_CANCEL: Final = _move("gray_cancel", "gray/cancel", Effect.ENDS_GRAY)
ROLLBACK: Final = _move("rollback", "rollback", Effect.ROLLS_BACK)
DELETE: Final = _move("delete", "delete", Effect.DELETES)

TOKEN: Final = Operation(name="token", method="GET", path="/v3/alipay/open/auth/token/app/query")
CATEGORIES: Final = Operation(
    name="categories", method="GET", path="/v3/alipay/open/mini/category/query"
)
