"""`RequestRecord`: what a log may say of one request."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from typing import Final, Self, final

import attrs

from alipay_mini_audit.sandbox.faults.faults import IncomingCall
from alipay_mini_audit.sandbox.protocol.uploads import ReceivedPart

__all__ = ["RequestRecord", "moment"]

_DIGITS: Final = 12


@final
@attrs.define(kw_only=True)
class RequestRecord:
    """One request and what became of it. It holds no secret, and of the fields the version alone.

    Attributes:
        call: its number since the gateway's first start, from 1, as faults know it.
        time: when it came, in seconds since 1970, however the platform's clock is set.
        platform_time: the same by the platform's clock.
        operation: what was called; `None` for anything that is not an API.
        method: HTTP method.
        path: as on the wire, without the query.
        status: HTTP status of the answer; `None` if none was sent.
        code: of the error that was answered, or would have been if the connection had lasted;
            `None` for none.
        app_version: the version that the request names; `None` if it does not, or was refused
            before its fields were read.
        token_digest: the first 12 hexadecimal digits of the SHA-256 of the merchant's token with
            which the request came, or about which it asks; `None` if there was none.
        request_id: the caller's id of the request; `None` if it sent none.
        trace_id: the gateway's id of the answer; `None` if it made none.
        fault: name of the fault that the request met; `None` for none.
        parts: the files that arrived whole, also those of a request that was refused.
        seconds: from its head to its answer.
    """

    call: int
    time: float
    platform_time: float
    operation: str | None
    method: str
    path: str
    status: int | None = None
    code: str | None = None
    app_version: str | None = None
    token_digest: str | None = None
    request_id: str | None = None
    trace_id: str | None = None
    fault: str | None = None
    parts: tuple[ReceivedPart, ...] = ()
    seconds: float = 0.0

    @classmethod
    def begin(cls, call: IncomingCall, now: float, platform_now: float) -> Self:
        """Return the record of a request whose head has arrived.

        Args:
            call: its head.
            now: seconds since 1970.
            platform_now: the same by the platform's clock.
        """
        return cls(
            call=call.number,
            time=now,
            platform_time=platform_now,
            operation=call.operation,
            method=call.method,
            path=call.target.partition("?")[0],
            token_digest=_digest(call.headers.get("alipay-app-auth-token")),
            request_id=call.headers.get("alipay-request-id"),
        )

    def note_version(self, fields: Mapping[str, object]) -> None:
        """Note which version the request is about.

        Args:
            fields: its business data.
        """
        version = fields.get("app_version")
        self.app_version = version if isinstance(version, str) else None

    def note_token(self, token: str | None) -> None:
        """Note which token the request asks about.

        Args:
            token: the token; `None` for none.
        """
        self.token_digest = _digest(token)

    def as_json(self) -> dict[str, object]:
        """Return what a line of a log holds."""
        return {
            "call": self.call,
            "time": moment(self.time),
            "platform_time": moment(self.platform_time),
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "code": self.code,
            "app_version": self.app_version,
            "token_digest": self.token_digest,
            "request_id": self.request_id,
            "trace_id": self.trace_id,
            "fault": self.fault,
            "parts": [part.as_json() for part in self.parts],
            "seconds": round(self.seconds, 6),
        }


def moment(time: float) -> str:
    """Return a time as logs write it, in UTC.

    Args:
        time: seconds since 1970.
    """
    return datetime.datetime.fromtimestamp(time, datetime.UTC).isoformat(timespec="milliseconds")


def _digest(token: str | None) -> str | None:
    if token is None:
        return None
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]
