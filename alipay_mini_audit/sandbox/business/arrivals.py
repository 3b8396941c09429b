"""`Arrival`: a call that came whole and would move a version, whatever became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.sandbox.business.moves import MoveName

__all__ = ["Arrival"]


@final
@attrs.frozen(kw_only=True)
class Arrival:
    """One call that would move a version, an apply for example, whose signature was right.

    A request that a fault answers before it is judged does not arrive.

    Attributes:
        operation: which call, by the name that faults know: "apply", "cancel", "online" ...
        app_auth_token: the merchant's token; `None` if the app called for itself.
        fields: the business data.
        request_id: the caller's id of the request; `None` if it sent none.
        trace_id: the gateway's id of the answer.
        judged_at: when, by the platform's clock, in seconds since 1970.
        code: what it was refused with; `None` if it was accepted.
    """

    operation: MoveName
    app_auth_token: str | None = attrs.field(repr=False)
    fields: Mapping[str, object] = attrs.field(repr=False)
    request_id: str | None
    trace_id: str
    judged_at: float
    code: str | None = None
