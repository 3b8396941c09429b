"""One of several processes that keep a pace in one file; prints when its calls started.

    PYTHONPATH=tests python -m support.pace_process FILE CEILING SECONDS

It begins with the first line of its input, and prints the starts in JSON, seconds since 1970.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from alipay_mini_audit.batch.pace import Pace, SqlitePaceBook

WORKERS = 16


async def main(path: Path, ceiling: float, seconds: float) -> None:
    starts: list[float] = []
    async with Pace(SqlitePaceBook(path, "2021000000000001"), ceiling=ceiling) as pace:
        await pace.moment()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        end = time.time() + seconds

        async def work() -> None:
            while True:
                await pace.moment()
                if (now := time.time()) >= end:
                    return
                starts.append(now)
                await asyncio.sleep(0.01)
                await pace.accepted()

        await asyncio.gather(*(work() for _ in range(WORKERS)))
    sys.stdout.write(json.dumps(starts))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
