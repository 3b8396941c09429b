"""The two shapes of the catalogue: a table as it is written down, an entry as it is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, final

import attrs

from alipay_mini_audit.errors import ErrorKind

__all__ = ["Code", "Table"]

Table: TypeAlias = Mapping[ErrorKind, Mapping[str, tuple[str, ...]]]
"""Kind of answer, then one line of advice, then the codes that have this remedy, spelt as on the
wire.
"""


@final
@attrs.frozen
class Code:
    """One error code of the platform.

    Attributes:
        code: spelt as on the wire.
        kind: what sort of answer it is.
        advice: one line, what to do next.
        operations: who answers it: `apply`, `cancel`, or `common` for the gateway in front of every
            call.
    """

    code: str
    kind: ErrorKind
    advice: str
    operations: frozenset[str]
