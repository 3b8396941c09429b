"""Follows a journal of a sandbox's, with messages that come as lines on its standard input.

Each verdict that it is told is a line of JSON on its standard output.
"""

import asyncio
import json
import sys
from pathlib import Path

from alipay_mini_audit import AuditClient, ClientConfig, Credentials, Inbox, Poll, SqliteJournal
from alipay_mini_audit.notifications import AuditPassed


async def read(inbox: Inbox) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        notify_id, mini_app_id = line.decode().split()
        inbox.put(AuditPassed(notify_id=notify_id, mini_app_id=mini_app_id))


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main(folder: Path, base_url: str, poll: Poll) -> None:
    credentials = Credentials.from_file(folder / "alipay.toml")
    config = ClientConfig(base_url=base_url)
    inbox = Inbox()
    async with (
        AuditClient(credentials, config) as client,
        SqliteJournal(folder / "night.journal") as journal,
    ):
        reading = asyncio.create_task(read(inbox))
        following = client.follow(
            journal, token_for=lambda entry: f"token-{entry.key}", inbox=inbox, poll=poll
        )
        tell("begun")
        async for entry in following:
            tell(json.dumps([entry.key, entry.state.value]))
        reading.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Poll(float(sys.argv[3]), 2.0, 3600.0)))
