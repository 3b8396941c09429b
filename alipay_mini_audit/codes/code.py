"""One row of the catalogue, and how rows are written down. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, final

import attrs

from alipay_mini_audit.codes.remedies import text_of
from alipay_mini_audit.errors import (
    ApiError,
    AuthenticationError,
    ErrorKind,
    InvalidRequest,
    PermissionDenied,
    RateLimited,
    ServiceUnavailable,
    StateConflict,
)

__all__ = ["APPLY", "APPLY_AND_CANCEL", "CANCEL", "COMMON", "ERROR_CLASSES", "Code", "RowsOf"]

APPLY: Final = frozenset({"apply"})
CANCEL: Final = frozenset({"cancel"})
APPLY_AND_CANCEL: Final = APPLY | CANCEL
COMMON: Final = frozenset({"common"})
"""The gateway in front of every call."""


@final
@attrs.frozen
class Code:
    """One error code of the platform.

    Attributes:
        code: spelt as on the wire.
        kind: what sort of answer it is.
        remedy: what to do next, as a key that `remedies.text_of` turns into a sentence.
        operations: who answers it: names of rows of the table of calls, such as `apply`; `common`
            for the gateway.
        fields: what it is about: attributes of `AuditApply`, `Attachments` or the credentials;
            empty where that is not clear.
        may_have_landed: after an earlier attempt of the same call, this refusal may mean that the
            earlier one took effect.
    """

    code: str
    kind: ErrorKind
    remedy: str
    operations: frozenset[str]
    fields: tuple[str, ...] = ()
    may_have_landed: bool = attrs.field(default=False, kw_only=True)

    @property
    def advice(self) -> str:
        """The remedy in English."""
        return text_of(self.remedy)


@final
@attrs.frozen
class RowsOf:
    """Writes the rows of one kind and of the same operations, so that each fits on a line.

    Attributes:
        kind: of every row.
        operations: of every row.
    """

    kind: ErrorKind
    operations: frozenset[str]

    def __call__(self, code: str, remedy: str, *fields: str, may_have_landed: bool = False) -> Code:
        """Return one row.

        Args:
            code: spelt as on the wire.
            remedy: key of the text that says what to do next.
            fields: what the code is about.
            may_have_landed: it may mean that an earlier attempt of the call took effect.
        """
        return Code(
            code, self.kind, remedy, self.operations, fields, may_have_landed=may_have_landed
        )


ERROR_CLASSES: Final[Mapping[ErrorKind, type[ApiError]]] = MappingProxyType(
    {
        ErrorKind.AUTHENTICATION: AuthenticationError,
        ErrorKind.PERMISSION: PermissionDenied,
        ErrorKind.THROTTLED: RateLimited,
        ErrorKind.UNAVAILABLE: ServiceUnavailable,
        ErrorKind.REQUEST: InvalidRequest,
        ErrorKind.STATE: StateConflict,
        ErrorKind.UNKNOWN: ApiError,
    }
)
"""Which error is raised for a code of each kind."""
