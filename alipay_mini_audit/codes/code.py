"""The two shapes of the catalogue: a table as it is written down, an entry as it is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, final

import attrs

from alipay_mini_audit.errors import Kind

__all__ = ["CodeEntry", "Table"]

Table: TypeAlias = Mapping[Kind, Mapping[str, tuple[str, ...]]]
"""Kind of answer, then one line of advice, then the codes that have this remedy, spelt as on the
wire.
"""


@final
@attrs.frozen
class CodeEntry:
    """One error code of the platform.

    Attributes:
        code: spelt as on the wire.
        kind: what sort of answer it is.
        advice: one line, what to do next.
        operations: who answers it: `apply`, `cancel`, or `common` for the gateway in front of every
            call.
    """

    code: str
    kind: Kind
    advice: str
    operations: frozenset[str]
