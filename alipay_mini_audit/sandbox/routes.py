"""The calls that the gateway answers: path, method and name (schema of 2026-10-08).

Written out by hand: a client that makes up a path must not find it here as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.faults.operations import Operation

__all__ = ["ROUTES", "Route"]


@final
@attrs.frozen
class Route:
    """One call.

    Attributes:
        method: HTTP method.
        operation: its name here, by which faults know it.
    """

    method: str
    operation: Operation


ROUTES: Final[Mapping[str, Route]] = MappingProxyType(
    {
        "/v3/alipay/open/mini/version/audit/apply": Route("POST", "apply"),
        "/v3/alipay/open/mini/version/audit/cancel": Route("POST", "cancel"),
        "/v3/alipay/open/mini/version/detail/query": Route("GET", "detail"),
        "/v3/alipay/open/mini/version/list/query": Route("GET", "list"),
        "/v3/alipay/open/mini/version/build/query": Route("GET", "build_status"),
        "/v3/alipay/open/mini/version/delete": Route("POST", "delete"),
        "/v3/alipay/open/mini/version/audited/cancel": Route("POST", "cancel_audited"),
        "/v3/alipay/open/mini/version/online": Route("POST", "online"),
        "/v3/alipay/open/mini/version/offline": Route("POST", "offline"),
        "/v3/alipay/open/mini/version/rollback": Route("POST", "rollback"),
        "/v3/alipay/open/mini/version/gray/online": Route("POST", "gray_online"),
        "/v3/alipay/open/mini/version/gray/cancel": Route("POST", "gray_cancel"),
        "/v3/alipay/open/mini/category/query": Route("GET", "categories"),
        "/v3/alipay/open/auth/token/app/query": Route("GET", "token"),
    }
)
"""Path -> call."""
