"""A night of several processes: `python -m support.process_night_program JSON`.

It prints a line for each entry, and what ended it.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from support.process_nights import TESTS, ProcessNight

from alipay_mini_audit import AuditError


async def main() -> None:
    """Run a night as ordered."""
    order = json.loads(sys.argv[1])
    os.environ["PYTHONPATH"] = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    night = ProcessNight(order["base_url"], Path(order["folder"]), order["count"])
    async with night.entries() as entries:
        async for entry in entries:
            sys.stdout.write(f"{entry.key} {entry.state}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except AuditError as error:
        sys.stdout.write(f"ended {getattr(error, 'code', '')}\n")
        sys.exit(5)
