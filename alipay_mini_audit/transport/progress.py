"""How far a request came, which decides the outcome of a failure."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol, final

import attrs

from alipay_mini_audit.files import OnRead

__all__ = ["Phase", "PieceGate", "Progress"]


class PieceGate(Protocol):
    """Lets the pieces of an upload through, one after another."""

    @property
    def most_bytes(self) -> int | None:
        """How many bytes a piece may have; `None` for as many as come."""
        ...

    def begin(self) -> None:
        """Note that the body is read from its start, once more if its connection was unusable."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether the next piece may leave at once, so that `before_piece` need not be asked."""
        ...

    async def before_piece(self, count: int) -> None:
        """Return once the next piece may leave.

        Args:
            count: its bytes.

        Raises:
            CallError: it may not, nor may what follows.
        """
        ...

    @property
    def on_read(self) -> OnRead | None:
        """Is told what was read of each file, to leave next; `None` for nobody."""
        ...


class Phase(enum.IntEnum):
    """How far a request came."""

    CONNECTING = 0
    """No byte of it has left."""
    SENDING = 1
    """A part of it has left."""
    WAITING = 2
    """All of it was handed over, nothing has come back."""
    READING = 3
    """The head of the reply is here."""


@final
@attrs.define(kw_only=True)
class Progress:
    """How far one attempt came."""

    stall: float
    """Seconds without a byte moving after which the request is cut."""
    phase: Phase = Phase.CONNECTING
    sent_whole: bool = False
    """All of the request was handed over."""
    is_cut: bool = False
    """The connection was reset while a part of the request was in this process still.

    So the platform can never receive all of it. Never true behind a proxy.
    """
    first_byte_at: float | None = None
    """When the first byte was handed to a connection, in the time of the event loop."""
    total: int = 0
    """Size of the body in bytes, framing included; 0 if there is none."""
    handed_over: int = 0
    """Bytes of the body that the transport was given; it may hold some of them still."""
    gate: PieceGate | None = None
    """Asked before each piece of an upload; `None` lets all of them through."""
    queued_seconds: float = 0.0
    """How long it has waited for a free connection of a session that was lent to the client, and at
    its gate: time that no limit counts."""
    waits_since: float | None = None
    """Since when it waits for one of them, in the time of the event loop; `None` if it does not."""
    on_sent: Callable[[], None] | None = None
    """Called once, when all of the request was handed over."""
    on_bytes: Callable[[int], None] | None = None
    """Called while the body is sent, with how many of its bytes have moved so far.

    Never twice within 0.1 s, and not at all when nothing has moved since; so a body that takes less
    than that has no call, and the last call has less than `total`. Over TLS what was encrypted
    counts as moved. `None` costs nothing.
    """

    @property
    def may_still_arrive(self) -> bool:
        """Whether the platform may have, or may yet receive, the whole request.

        `False` only if it is known that it cannot.
        """
        return self.phase is not Phase.CONNECTING and not self.is_cut

    @property
    def is_handed_over(self) -> bool:
        """Whether the transport was given the last byte."""
        return self.phase is not Phase.CONNECTING and self.handed_over >= self.total

    def waited(self, now: float) -> float:
        """Return the `queued_seconds`, with those of the present wait.

        Args:
            now: time of the event loop.
        """
        return self.queued_seconds + (0.0 if self.waits_since is None else now - self.waits_since)

    def leaving(self, count: int, now: float) -> None:
        """Note that `count` bytes of the body, which are written now, may arrive.

        Args:
            count: 0 for a request without a body.
            now: time of the event loop.
        """
        if self.first_byte_at is None:
            self.first_byte_at = now
        self.phase = max(self.phase, Phase.SENDING)
        self.handed_over += count

    def sent(self) -> None:
        """Note that all of the request was handed over."""
        self.sent_whole = True
        self.phase = max(self.phase, Phase.WAITING)
        if self.on_sent is not None:
            self.on_sent()
