"""The table of calls: method and path of each (official OpenAPI schema of 2026-10-08)."""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["APPLY", "CANCEL", "DETAIL", "Operation"]


@attrs.frozen
class Operation:
    """One call of the platform.

    Attributes:
        method: HTTP method, upper case.
        path: path, from `/v3/` on.
        empty_reply: an empty body is a whole answer.
    """

    method: str
    path: str
    empty_reply: bool = False


APPLY: Final = Operation("POST", "/v3/alipay/open/mini/version/audit/apply")
CANCEL: Final = Operation("POST", "/v3/alipay/open/mini/version/audit/cancel", empty_reply=True)
DETAIL: Final = Operation("GET", "/v3/alipay/open/mini/version/detail/query")
