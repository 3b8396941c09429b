"""Whether a verified reply can be the answer to the request that was just made. No clock here.

The platform signs time, nonce and body of a reply, and nothing of the request that it answers: any
reply that it ever signed would pass for the answer to any call. What tells them apart is the time,
and that no reply comes twice.
"""

from __future__ import annotations

import hashlib
import math
from typing import Final, final

import attrs

from alipay_mini_audit.errors import UntrustedReply
from alipay_mini_audit.protocol.replies import RawReply

__all__ = ["Admission", "ReplyFreshness", "RequestTiming"]

_TOLERANCE: Final = 600.0
"""Seconds that the platform allows between its clock and a request's (docs page 054q58)."""
_MEMORY: Final = 2 * _TOLERANCE
"""Seconds that nonces are kept: clocks may differ either way."""
_MOST_NONCES: Final = 32_768
"""Two dozen replies a second for that long; of more, the oldest go first. About 8 MB."""
_HOUR: Final = 3600.0
_TOLD_FROM: Final = 60.0
"""Seconds by which our clock must be wrong to be told of."""
_ABSENT: Final = ("", "null")
"""The gateway writes `null` for a header that it does not set."""
_ADVICE: Final = (
    "Do not believe it; see what stands between you and Alipay. Recorded replies are read with "
    "ClientConfig(check_freshness=False)."
)


@final
@attrs.frozen(kw_only=True)
class RequestTiming:
    """When a request was made, and when its reply was here.

    Attributes:
        signed_ms: the time that the request bears, by our clock, in milliseconds since 1970.
        began: the same moment, in seconds of a clock that nobody sets.
        ended: when the whole reply was here, by that clock.
    """

    signed_ms: int
    began: float
    ended: float


@final
@attrs.frozen(kw_only=True)
class Admission:
    """What is to be told of a reply that was let in.

    Attributes:
        missing: the headers that bind a reply and are absent or cannot be read; empty if it is
            bound.
        clock_offset: seconds that the platform's clock is ahead of ours, negative for behind, if
            that is much and was not told yet; otherwise `None`.
    """

    missing: tuple[str, ...] = ()
    clock_offset: float | None = None


@final
class ReplyFreshness:
    """Lets each reply of one client in once, and only as long as it is new.

    It is told of verified replies only, in the order in which they come.

    Args:
        most_nonces: how many nonces are kept at once.
    """

    def __init__(self, most_nonces: int = _MOST_NONCES) -> None:
        self._clock = _PlatformClock()
        self._nonces = _SeenNonces(most_nonces)
        self._told = 0.0

    def admit(self, raw: RawReply, exchange: RequestTiming) -> Admission:
        """Let a reply in, and learn from it.

        Args:
            raw: a reply whose signature is Alipay's.
            exchange: when it was asked for, and when it came.

        Raises:
            UntrustedReply: it was signed at another time, or has come before.
        """
        time = raw.platform_time
        signed_at = None if time is None else time.timestamp()
        nonce = raw.headers.get("alipay-nonce", "")
        if signed_at is not None:
            self._check_time(raw, signed_at, exchange)
        if nonce not in _ABSENT:
            self._check_nonce(raw, nonce, signed_at, exchange)
        if signed_at is not None:
            self._clock.learn(signed_at, exchange.ended)
        return Admission(
            missing=(
                *(() if signed_at is not None else ("alipay-timestamp",)),
                *(() if nonce not in _ABSENT else ("alipay-nonce",)),
            ),
            clock_offset=self._news_of_clock(exchange),
        )

    def _check_time(self, raw: RawReply, signed_at: float, exchange: RequestTiming) -> None:
        requested_at = exchange.signed_ms / 1000
        earliest = max(requested_at, self._clock.at_least(exchange.began)) - _TOLERANCE
        latest = requested_at + (exchange.ended - exchange.began) + _TOLERANCE
        if earliest <= signed_at <= latest:
            return
        off = signed_at - requested_at
        when = f"{abs(off):.0f} s {'before' if off < 0 else 'after'} the request"
        raise _refusal(raw, f"The reply was signed {when}: it answers another one.")

    def _check_nonce(
        self, raw: RawReply, nonce: str, signed_at: float | None, exchange: RequestTiming
    ) -> None:
        if not self._nonces.take(nonce, signed_at, exchange.ended):
            raise _refusal(raw, "The reply has come before: it answers an earlier request.")

    def _news_of_clock(self, exchange: RequestTiming) -> float | None:
        own = exchange.signed_ms / 1000 + (exchange.ended - exchange.began)
        offset = self._clock.at_least(exchange.ended) - own
        if not _TOLD_FROM <= abs(offset) < math.inf:
            self._told = 0.0
            return None
        if abs(offset - self._told) < _TOLD_FROM:
            return None
        self._told = offset
        return offset


def _refusal(raw: RawReply, reason: str) -> UntrustedReply:
    return UntrustedReply(reason, advice=_ADVICE, http_status=raw.status, trace_id=raw.trace_id)


@final
class _PlatformClock:
    """The platform's clock, as far as its signed replies prove it.

    When a reply is here, the platform's clock stands at that reply's time or later. So an old reply
    that somebody repeats proves less than a new one, but nothing that is wrong: the highest
    is true. It is held against a clock that nobody sets, since ours may be set at any moment, and
    forgotten after an hour or two, since no two clocks run alike.
    """

    def __init__(self) -> None:
        self._hour = 0
        self._best = -math.inf
        self._before = -math.inf

    def learn(self, signed_at: float, ended: float) -> None:
        """Take note of a reply: its time, and when it was here."""
        hour = int(ended // _HOUR)
        if hour != self._hour:
            self._before = self._best if hour == self._hour + 1 else -math.inf
            self._best = -math.inf
            self._hour = hour
        self._best = max(self._best, signed_at - ended)

    def at_least(self, moment: float) -> float:
        """Return the earliest that it can have been at a moment; minus infinity if unknown."""
        return moment + max(self._best, self._before)


@final
class _SeenNonces:
    """The nonces of the last minutes. What was signed before those is not new any more.

    Args:
        most: how many to keep.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: dict[bytes, tuple[float, float]] = {}
        self._forgotten_until = -math.inf

    def take(self, nonce: str, signed_at: float | None, now: float) -> bool:
        """Return whether a nonce is new, and remember it.

        Args:
            nonce: header `alipay-nonce`; of any length, so that only its digest is kept.
            signed_at: the time of the reply that bears it; `None` if that cannot be read.
            now: seconds of the clock that nobody sets.
        """
        digest = hashlib.sha256(nonce.encode(errors="surrogateescape")).digest()
        time = math.inf if signed_at is None else signed_at
        if digest in self._seen or time <= self._forgotten_until:
            return False
        self._seen[digest] = (now, -math.inf if signed_at is None else signed_at)
        self._forget(now)
        return True

    def _forget(self, now: float) -> None:
        while self._seen:
            oldest = next(iter(self._seen))
            came, signed_at = self._seen[oldest]
            if len(self._seen) <= self._most and came > now - _MEMORY:
                break
            del self._seen[oldest]
            self._forgotten_until = max(self._forgotten_until, signed_at)
