"""One process of a night: `python -m alipay_mini_audit.cli.night.worker FD`, which its parent runs.

It has an event loop and a client of its own, and submits its share of the entries. All that it is
told comes from the parent, and when that is gone it ends at once.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from contextlib import suppress
from typing import Final, final

import attrs

from alipay_mini_audit.cli.exits import stopping_signals
from alipay_mini_audit.cli.night.channel import Channel
from alipay_mini_audit.cli.night.remote import Answer, RemoteJournal
from alipay_mini_audit.cli.night.share import Ended, Share
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.errors import AuditError
from alipay_mini_audit.events import AttemptFailed, AttemptStarted, BytesSent, CallEnded, Event

_TOLD: Final = (AttemptFailed, AttemptStarted, BytesSent, CallEnded)
"""What `Tally` hears of."""


async def _work(end: socket.socket) -> None:
    channel = await Channel.open(end)
    try:
        share = await channel.receive()
    except EOFError:  # the parent is gone, or does not want it any more
        channel.close()
        return
    assert isinstance(share, Share)  # noqa: S101  # the first message
    journal, stop = RemoteJournal(share.journal, channel), asyncio.Event()
    listening = asyncio.create_task(_listen(channel, journal, stop))
    events: asyncio.Queue[Event] = asyncio.Queue()
    telling = asyncio.create_task(_tell(channel, events))
    submitting = asyncio.create_task(_submit(share, channel, journal, stop, events))
    # Without its parent nothing can be written down: what is being sent is broken off.
    listening.add_done_callback(lambda _: submitting.cancel())
    await asyncio.wait({submitting})
    listening.cancel()
    telling.cancel()
    await asyncio.wait({listening, telling})
    if submitting.cancelled():
        channel.close()
        return
    ended = Ended(submitting.result())
    with suppress(OSError):
        await channel.send(ended)
    channel.close()


async def _submit(
    share: Share,
    channel: Channel,
    journal: RemoteJournal,
    stop: asyncio.Event,
    events: asyncio.Queue[Event],
) -> AuditError | None:
    try:
        credentials, config = await asyncio.to_thread(share.connection.load)
        async with AuditClient(credentials, config, observers=[_Heard(events)]) as opened:
            client = opened.with_options(app_auth_token=share.connection.app_auth_token)
            entries = client.submit_many(
                share.submissions(), journal=journal, policy=share.policy, stop=stop
            )
            async for entry in entries:
                with suppress(OSError):  # nobody hears it; the journal says it all the same
                    await channel.send(entry)
    except AuditError as error:
        return error
    return None


async def _listen(channel: Channel, journal: RemoteJournal, stop: asyncio.Event) -> None:
    while True:
        try:
            message = await channel.receive()
        except EOFError:
            journal.close()
            return
        if isinstance(message, Answer):
            journal.answered(message)
        else:
            stop.set()


async def _tell(channel: Channel, events: asyncio.Queue[Event]) -> None:
    with suppress(OSError):
        while True:
            await channel.send(await events.get())


@final
@attrs.frozen
class _Heard:
    """An observer that passes on what the parent shows."""

    events: asyncio.Queue[Event]

    def on_event(self, event: Event) -> None:
        if isinstance(event, _TOLD):
            self.events.put_nowait(event)


def _heed_nothing(number: int, frame: object) -> None:
    """Unlike `SIG_IGN` it is not inherited by programs that are started."""


def main() -> None:
    """Work for the parent that has passed one end of a pair of sockets."""
    for number in stopping_signals():  # a service manager sends them to all; the parent tells
        signal.signal(number, _heed_nothing)
    asyncio.run(_work(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
