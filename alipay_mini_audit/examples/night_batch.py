"""Submits a version for each merchant of a CSV file; started again, it goes on where it was.

    python -m alipay_mini_audit.examples.night_batch --sandbox

makes a list and pictures, and submits them to a platform of its own. Without `--sandbox` it talks
to Alipay, with what `Credentials.from_env` finds. The columns are `key`, `app_auth_token`,
`app_version`, `version_desc` and `folder`, where the pictures lie.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuditError,
    BatchPolicy,
    ClientConfig,
    Credentials,
    EntryState,
    SqliteJournal,
    Submission,
)
from alipay_mini_audit.examples.rehearsal import rehearsal

PICTURES = ("app_logo", "first_screen_shot", "second_screen_shot")


def read(path: Path) -> Iterator[Submission]:
    """Yield the entries of a list; it is read as it is needed, however long it is."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            folder = path.parent / row["folder"]
            yield Submission(
                row["key"],
                AuditApply(app_version=row["app_version"], version_desc=row["version_desc"]),
                {name: folder / f"{name}.png" for name in PICTURES},  # a missing one is told
                app_auth_token=row["app_auth_token"],
            )


async def submit(path: Path, client: AuditClient, policy: BatchPolicy) -> bool:
    """Submit a list, and say whether all of it is done. The journal lies beside the list."""
    async with SqliteJournal(path.with_suffix(".journal")) as journal:
        found = client.submit_many(read(path), journal=journal, policy=policy)
        try:
            async with contextlib.aclosing(found) as entries:
                async for entry in entries:
                    print(entry.key, entry.app_version, entry.state, entry.reason, flush=True)
        finally:  # after Ctrl-C, too
            summary = await journal.summary()
            for group in summary.groups:
                keys = "" if group.state is EntryState.DONE else ", ".join(group.keys)
                print(f"{group.count:6} {group.state} {group.reason}: {keys}".rstrip(": "))
        return all(state.is_submitted for state in summary.counts)


async def run(path: Path, port: int | None) -> bool:
    """Submit a list to Alipay, or to a sandbox on a port."""
    if port is None:
        async with AuditClient(Credentials.from_env(), ClientConfig.from_env()) as client:
            return await submit(path, client, BatchPolicy(concurrency=16, stop_after=100))
    async with rehearsal(path, port) as platform:
        config = ClientConfig(base_url=platform.base_url)
        async with AuditClient(platform.credentials, config) as client:
            return await submit(path, client, BatchPolicy(unknown_window=2.0))


def main() -> None:
    """Exit with 0 if all is done, 5 if not, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(description="Submit a version for each merchant of a list.")
    parser.add_argument("list", nargs="?", type=Path, default=Path("merchants.csv"))
    parser.add_argument("--sandbox", nargs="?", type=int, const=8075, metavar="PORT")
    arguments = parser.parse_args()
    try:
        is_done = asyncio.run(run(arguments.list, arguments.sandbox))
    except KeyboardInterrupt:
        print("Stopped. The next start goes on from here.", file=sys.stderr)
        sys.exit(130)
    except (AuditError, OSError) as error:
        sys.exit(f"night_batch: {error}")
    sys.exit(0 if is_done else 5)


if __name__ == "__main__":
    main()
