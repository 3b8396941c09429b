"""The catalogue.

Every known code by name, and what is said of the codes that are not in it. No I/O here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from alipay_mini_audit.codes.apply import APPLY
from alipay_mini_audit.codes.cancel import APPLY_AND_CANCEL, CANCEL
from alipay_mini_audit.codes.code import Code, Table
from alipay_mini_audit.codes.common import COMMON
from alipay_mini_audit.errors import ErrorKind

__all__ = ["CATALOGUE", "codes_of", "kind_of_status", "look_up", "unwrap"]

_WRAPPER: Final = "unknown-sub-code"
# ASCII on purpose: a Chinese character may touch the code, and `\b` sees no border there.
_UPPER_SNAKE: Final = re.compile(r"(?<![A-Z0-9_])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![A-Za-z0-9_])")
_KEBAB: Final = re.compile(r"(?<![A-Za-z0-9_-])[a-z]+(?:-[a-z]+)+(?![A-Za-z0-9_-])")


def _entries(table: Table, *operations: str) -> dict[str, Code]:
    return {
        code: Code(code, kind, advice, frozenset(operations))
        for kind, remedies in table.items()
        for advice, codes in remedies.items()
        for code in codes
    }


CATALOGUE: Final[Mapping[str, Code]] = MappingProxyType(
    _entries(APPLY, "apply")
    | _entries(APPLY_AND_CANCEL, "apply", "cancel")
    | _entries(CANCEL, "cancel")
    | _entries(COMMON, "common")
)
"""Every known code, read-only.

New codes appear on the platform first: do not take it for complete.
"""


def look_up(code: str) -> Code | None:
    """Return what is known of a code.

    Args:
        code: spelt as on the wire; case matters.

    Returns:
        The entry, or `None` for a code that is not in the catalogue; then ask `kind_of_status`.
    """
    return CATALOGUE.get(code)


def unwrap(code: str, message: str) -> str:
    """Return the true code of an answer.

    The gateway hides a business code that it does not know: it answers `unknown-sub-code` and names
    the true one somewhere in its message.

    Args:
        code: the code as it was answered.
        message: the platform's text, in any language or form.

    Returns:
        The first code of the catalogue that the message names; else its first UPPER_SNAKE word, for
        business codes are spelt so; else, and for any other code, the code itself.
    """
    if code != _WRAPPER:
        return code
    business = _UPPER_SNAKE.findall(message)
    named = [*business, *_KEBAB.findall(message)]
    known = [name for name in named if name in CATALOGUE and name != _WRAPPER]
    return next(iter([*known, *business]), code)


def kind_of_status(http_status: int) -> ErrorKind:
    """Return the kind of an answer whose code is not in the catalogue.

    Args:
        http_status: status of the answer.

    Returns:
        The kind that the status speaks for; `ErrorKind.UNKNOWN` for 400 and whatever else says nothing.
    """
    if http_status >= 500:  # noqa: PLR2004 - from here on the server failed, by the definition of HTTP
        return ErrorKind.UNAVAILABLE
    return {401: ErrorKind.AUTHENTICATION, 403: ErrorKind.PERMISSION, 429: ErrorKind.THROTTLED}.get(
        http_status, ErrorKind.UNKNOWN
    )


def codes_of(operation: str) -> tuple[str, ...]:
    """Return the codes that an operation answers, in the order of the catalogue.

    Codes that only the documentation has are among them.

    Args:
        operation: `apply`, `cancel`, or `common`.

    Returns:
        The codes; none for any other operation.
    """
    return tuple(entry.code for entry in CATALOGUE.values() if operation in entry.operations)
