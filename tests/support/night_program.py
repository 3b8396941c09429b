"""A night in a process of its own, for tests that kill or freeze it: `python -m … JSON`.

It prints a line for each entry, and what ended it.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from support.batches import submissions

from alipay_mini_audit import (
    AuditClient,
    AuditError,
    BatchPolicy,
    ClientConfig,
    Credentials,
    Preflight,
    SqliteJournal,
    Timeouts,
)

KEYS = Path(__file__).parents[1] / "vectors" / "keys"


async def run(order: dict[str, Any]) -> None:
    """Run a batch as ordered."""
    credentials = Credentials.from_keys(
        "9021000000000001", KEYS / "app.pkcs8.pem", KEYS / "alipay.public.pem"
    )
    limits = {"connect": 5, "sign": 5, "stall": 5, "reply": 2, "total": 30}
    timeouts = Timeouts(**{**limits, **order.get("timeouts", {})})
    config = ClientConfig(base_url=order["base_url"], preflight=Preflight.OFF, timeouts=timeouts)
    policy = BatchPolicy(**order.get("policy", {}))
    folder = order.get("folder")
    async with (
        AuditClient(credentials, config) as client,
        SqliteJournal(order["journal"]) as journal,
    ):
        entries = client.submit_many(
            submissions(
                order["count"],
                None if folder is None else Path(folder),
                first=order.get("first", 1),
            ),
            journal=journal,
            policy=policy,
            take_over=order.get("take_over", False),
        )
        say("running")
        async for entry in entries:
            say(f"{entry.key} {entry.state} {entry.reason}")


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{time.time():.3f} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        asyncio.run(run(json.loads(sys.argv[1])))
    except AuditError as error:
        say(f"ended {type(error).__name__} {getattr(error, 'code', '')} {error}")
        sys.exit(5)
    say("finished")
