"""Finds out whether a call took effect: asks, waits until nothing can arrive any more, asks again.

A positive answer counts at once. A negative one counts at once only if all that was sent is known
to be cut: the kernel goes on sending, and a relay delivers what it has.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Sequence
from typing import final

import attrs

from alipay_mini_audit.calls.attempt import Answer
from alipay_mini_audit.calls.resolution import Claim, is_proved
from alipay_mini_audit.calls.state import Doubt

__all__ = ["Finding", "Inquiry"]

Ask = Callable[[], Awaitable[Answer]]
Wait = Callable[[float], Awaitable[bool]]


@final
@attrs.frozen(kw_only=True)
class Finding:
    """What an inquiry came to.

    Attributes:
        landed: `True` if the call took effect, `False` if it did not and may be sent again, `None`
            if neither is proved.
        answer: the platform's last; `None` if there is none.
    """

    landed: bool | None
    answer: Answer | None = None


@final
@attrs.frozen(kw_only=True)
class Inquiry:
    """Finds out about the attempts of one call.

    Attributes:
        claim: what has to be proved.
        ask: puts the question to the platform once; raises what a call raises.
        wait: sleeps until a moment of the event loop's time; `False` if it cannot.
        window: seconds after which what may still arrive counts as lost.
    """

    claim: Claim
    ask: Ask
    wait: Wait
    window: float

    async def resolve(self, doubts: Sequence[Doubt], *, is_in_doubt: bool = True) -> Finding:
        """Return what is proved, and the platform's last answer.

        Args:
            doubts: every attempt that may have landed, oldest first.
            is_in_doubt: whether any of them is not cleared up yet, so that a negative answer has to
                wait for what may still arrive.

        Raises:
            CallError, SigningError, ConfigurationError: a question failed.
        """
        asked = asyncio.get_running_loop().time()
        found = self._judge(await self.ask(), doubts)
        if found.landed is not False or not is_in_doubt:
            return found
        arriving = [doubt.ended for doubt in doubts if doubt.may_still_arrive]
        if not arriving:
            return found
        until = max(arriving) + self.window
        if asked >= until:
            return found
        if not await self.wait(until):
            return attrs.evolve(found, landed=None)
        return self._judge(await self.ask(), doubts)

    def _judge(self, answer: Answer, doubts: Sequence[Doubt]) -> Finding:
        arriving = [doubt for doubt in doubts if doubt.may_still_arrive]
        landed = is_proved(self.claim, answer, _since(answer, (arriving or doubts)[0]))
        if landed and not arriving:
            landed = None  # none of ours can have arrived: it is somebody else's
        return Finding(landed=landed, answer=answer)


def _since(answer: Answer, earliest: Doubt) -> datetime.datetime | None:
    """Return when the first byte left, by the platform's clock.

    The platform wrote its time between the question and the receipt of the answer. Counted back
    from the receipt it is too early by the question's round trip at most, never too late.
    """
    if answer.platform_time is None:
        return None
    age = answer.received_at - earliest.began
    try:
        return answer.platform_time - datetime.timedelta(seconds=age)
    except OverflowError:
        return None
