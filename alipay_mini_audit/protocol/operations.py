"""The table of calls: one row each (official OpenAPI schema of 2026-10-08).

A new call is a row here, a method of `AuditClient`, and what it answers in `models`.
"""

from __future__ import annotations

import enum
from typing import Final

import attrs

__all__ = ["APPLY", "CANCEL", "DETAIL", "Effect", "Operation"]


class Effect(enum.Enum):
    """What a call does to the version that it names, once it took effect."""

    SUBMITS = enum.auto()
    """The version leaves development and is in audit."""
    WITHDRAWS = enum.auto()
    """The version is in development again."""


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
