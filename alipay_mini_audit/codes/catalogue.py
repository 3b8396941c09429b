"""Every known code by name, and what can be said of a code that is not known. No I/O here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from alipay_mini_audit.codes.apply import APPLY_CODES
from alipay_mini_audit.codes.cancel import CANCEL_CODES
from alipay_mini_audit.codes.code import Code
from alipay_mini_audit.codes.common import COMMON_CODES
from alipay_mini_audit.codes.versions import ANSWERED, VERSION_CODES
from alipay_mini_audit.errors import ErrorKind

__all__ = ["CATALOGUE", "codes_of", "kind_of_status", "look_up", "unwrap"]

_WRAPPER: Final = "unknown-sub-code"
# ASCII on purpose: a Chinese character may touch the code, and `\b` sees no boundary there.
_UPPER_SNAKE: Final = re.compile(r"(?<![A-Z0-9_])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![A-Za-z0-9_])")
_KEBAB: Final = re.compile(r"(?<![A-Za-z0-9_-])[a-z]+(?:-[a-z]+)+(?![A-Za-z0-9_-])")
_SERVER_ERROR: Final = 500
_KINDS_BY_STATUS: Final[Mapping[int, ErrorKind]] = {
    401: ErrorKind.AUTHENTICATION,
    403: ErrorKind.PERMISSION,
    429: ErrorKind.THROTTLED,
}


def _whole(row: Code) -> Code:
    """Return a row with all operations that answer it."""
    further = {operation for operation, codes in ANSWERED.items() if row.code in codes}
    return attrs.evolve(row, operations=row.operations | further) if further else row


_ROWS: Final = (*APPLY_CODES, *CANCEL_CODES, *VERSION_CODES, *COMMON_CODES)

CATALOGUE: Final[Mapping[str, Code]] = MappingProxyType({row.code: _whole(row) for row in _ROWS})
"""Every known code, read-only.

New codes appear on the platform first, so it is never complete.
"""


def look_up(code: str) -> Code | None:
    """Return what is known of a code.

    Args:
        code: spelt as on the wire; case matters.

    Returns:
        Its row, or `None` for a code that is not in the catalogue; then ask `kind_of_status`.
    """
    return CATALOGUE.get(code)


def unwrap(code: str, message: str) -> str:
    """Return the true code of an answer.

    The gateway hides a business code that it does not know: it answers `unknown-sub-code` and names
    the true one somewhere in its message.

    Args:
        code: the code as it was answered.
        message: the platform's text, in any language and format.

    Returns:
        Of `unknown-sub-code`, the first code of the catalogue that the message names; failing that
        its first UPPER_SNAKE word, for business codes are spelt that way; failing that, and for
        any other code, the code itself.
    """
    if code != _WRAPPER:
        return code
    business: list[str] = _UPPER_SNAKE.findall(message)
    gateway: list[str] = _KEBAB.findall(message)
    for name in (*business, *gateway):
        if name in CATALOGUE and name != _WRAPPER:
            return name
    return business[0] if business else code


def kind_of_status(http_status: int) -> ErrorKind:
    """Return the kind of an answer whose code is not in the catalogue.

    Args:
        http_status: status of the answer.

    Returns:
        The kind that the status stands for; `ErrorKind.UNKNOWN` for 400 and for any other status
        that says nothing.
    """
    if http_status >= _SERVER_ERROR:
        return ErrorKind.UNAVAILABLE
    return _KINDS_BY_STATUS.get(http_status, ErrorKind.UNKNOWN)


def codes_of(operation: str) -> tuple[str, ...]:
    """Return the codes that an operation answers, in the order of the catalogue.

    Codes that only the documentation has are among them.

    Args:
        operation: name of a row of the table of calls, such as `apply` or `gray_online`; `common`
            for the gateway.

    Returns:
        The codes; none for any other operation.
    """
    return tuple(row.code for row in CATALOGUE.values() if operation in row.operations)
