"""The values of a call: what is asked for, its options, and what preparation makes of both."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, NoReturn, Protocol, final

import attrs

from alipay_mini_audit.attachments import Attachments, FilePart, SourceLike
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.problems import Problem
from alipay_mini_audit.protocol import Operation
from alipay_mini_audit.retry import RetryPolicy
from alipay_mini_audit.transport import PieceGate

__all__ = ["NO_TOKEN", "Call", "CallOptions", "CallSpec", "NoToken", "SendGate"]


class NoToken(enum.Enum):
    """The type of `NO_TOKEN`, for annotations."""

    NO_TOKEN = "no token"  # noqa: S105  # the opposite of one


NO_TOKEN: Final = NoToken.NO_TOKEN
"""Calls for the application itself, though the client or view has a merchant's token."""


class SendGate(PieceGate, Protocol):
    """Has the last word before an attempt is sent: it may write it down first, or forbid it."""

    async def before_request(self, request_id: str) -> None:
        """Return once the request may leave, of which nothing has left yet.

        Args:
            request_id: of the attempt.

        Raises:
            AuditError: it may not; the caller gets this error.
        """
        ...

    def sent(self) -> None:
        """Note that all of the request was handed over; what is left is to wait for the answer."""
        ...


@final
@attrs.frozen
class CallOptions:
    """What differs between a client and its views.

    Attributes:
        timeouts: seconds for each phase.
        retry: what to do after a failed attempt.
        app_auth_token: token of the merchant that is called for; `None` for the application itself.
        label: what the caller wants to see again in every event; `None` for nothing.
        preflight: what is checked before a submission.
    """

    timeouts: Timeouts
    retry: RetryPolicy
    app_auth_token: str | None = attrs.field(default=None, repr=False)
    label: str | None = None
    preflight: Preflight = Preflight.OFF

    def __reduce__(self) -> NoReturn:
        raise TypeError("CallOptions may hold a token and are not pickled")


@final
@attrs.frozen(kw_only=True)
class CallSpec:
    """What `AuditClient` asks for; nothing is looked at yet.

    Attributes:
        operation: which call.
        about: the version that it moves, `app_version` and `bundle_id`, if the caller named it.
        fields: the JSON object to send; `None` sends no body.
        query: parameters of the query.
        attachments: files of an upload, as `Attachments` or by wire name.
        request: the submission that `fields` say; `None` if it is none.
        secret: a value of the query that no error may repeat; `None` if there is none.
    """

    operation: Operation
    about: Mapping[str, str] = attrs.field(factory=dict)
    fields: Mapping[str, object] | None = attrs.field(default=None, repr=False)
    query: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    attachments: Attachments | Mapping[str, SourceLike | None] | None = None
    request: AuditApply | None = attrs.field(default=None, repr=False)
    secret: str | None = attrs.field(default=None, repr=False)


@final
@attrs.frozen(kw_only=True)
class Call:
    """One call, inspected and checked; the same for each of its attempts.

    Attributes:
        operation: which call.
        target: path and query, exactly as they go on the wire; a query may hold a token.
        body: the JSON text; empty if there is none. Of an upload it is part `data`.
        fields: what the JSON text says; `None` if there is none.
        files: file parts of an upload, in the order of sending.
        options: of the client or view.
        about: the version that it moves, as a query for it; empty if the caller named none, so
            that an unknown outcome cannot be resolved.
        warnings: what was found before, and did not stop it.
        secret: a value of the query that no error may repeat; `None` if there is none.
    """

    operation: Operation
    target: str = attrs.field(repr=False)
    body: str = attrs.field(default="", repr=False)
    fields: Mapping[str, object] | None = attrs.field(default=None, repr=False)
    files: tuple[FilePart, ...] = ()
    options: CallOptions
    about: Mapping[str, str] = attrs.field(factory=dict)
    warnings: tuple[Problem, ...] = ()
    secret: str | None = attrs.field(default=None, repr=False)

    @property
    def size(self) -> int:
        """Bytes of its JSON text and its files; what stands between the parts is not counted."""
        return len(self.body.encode()) + sum(file.size for file in self.files)
