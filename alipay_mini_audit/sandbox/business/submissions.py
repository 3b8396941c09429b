"""`Submission`: an apply that was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.sandbox.protocol.uploads import ReceivedPart

__all__ = ["Submission"]


@final
@attrs.frozen(kw_only=True)
class Submission:
    """One accepted apply.

    Attributes:
        app_id: the app that called.
        app_version: the version that is now under audit.
        app_auth_token: the merchant's token; `None` if the app called for itself.
        fields: the JSON object of the part `data`.
        parts: the files, in the order in which they came.
        request_id: the caller's id of the request; `None` if it sent none.
        trace_id: the gateway's id of the answer.
        chunked: whether the body came in chunks instead of with a Content-Length.
        content_length: in bytes; `None` if it was not announced.
    """

    app_id: str
    app_version: str
    app_auth_token: str | None = attrs.field(repr=False)
    fields: Mapping[str, object] = attrs.field(repr=False)
    parts: tuple[ReceivedPart, ...]
    request_id: str | None
    trace_id: str
    chunked: bool
    content_length: int | None
