"""`Delivery`: what is kept of each attempt to send a message. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.records import moment

__all__ = ["KEPT", "Delivery"]

KEPT: Final = 64
"""Bytes of an answer."""


@final
@attrs.frozen(kw_only=True)
class Delivery:
    """One attempt to send a message, and what came of it. It holds nothing of the content.

    Attributes:
        name: of the message: its `msg_method`, `notify_type` or `service`; a forgery's own.
        notify_id: of the message; `None` for a check of the gateway.
        app_version: the version that the message is about; `None` for none.
        attempt: its number, from 1.
        time: when, by the gateway's clock, in seconds since 1970.
        status: HTTP status of the answer; `None` if none came.
        answer: the first 64 bytes of the answer's body.
        counted: whether the receiver has it for good: status 200 and exactly the seven bytes
            `success`, or a check of the gateway that was answered as it has to be.
        problem: why there is no whole answer: `timeout`, `connection`, or `closed` if the gateway
            was closed meanwhile; `None` if there is one, or the message was lost.
        mischief: what befell the message on purpose: `lost`, `duplicate`, `late`, `overtaken`,
            `wrong_key`, `changed_byte`.
    """

    name: str
    notify_id: str | None
    app_version: str | None = None
    attempt: int
    time: float
    status: int | None = None
    answer: bytes = b""
    counted: bool = False
    problem: str | None = None
    mischief: tuple[str, ...] = ()

    @property
    def is_forged(self) -> bool:
        """Whether no receiver may believe it."""
        return "wrong_key" in self.mischief or "changed_byte" in self.mischief

    def as_json(self) -> Mapping[str, object]:
        """Return what a line of a log holds; the answer in ASCII, other bytes escaped."""
        return {
            "notification": self.name,
            "notify_id": self.notify_id,
            "app_version": self.app_version,
            "attempt": self.attempt,
            "time": moment(self.time),
            "status": self.status,
            "answer": self.answer.decode("ascii", "backslashreplace"),
            "counted": self.counted,
            "problem": self.problem,
            "mischief": list(self.mischief),
        }
