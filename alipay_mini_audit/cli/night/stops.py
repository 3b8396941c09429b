"""`apply_stop`: holds, releases or skips entries of a journal that is there."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Final, final

import attrs
import typer

from alipay_mini_audit.batch import Row, SqliteJournal
from alipay_mini_audit.cli.console import print_json, printable
from alipay_mini_audit.cli.exits import CommandFailed, until_stopped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.output import counts_facts
from alipay_mini_audit.cli.night.snapshot import rows_of
from alipay_mini_audit.cli.night.words import state_said

__all__ = ["Selection", "apply_stop"]

_DONE: Final = {
    "hold": ("On hold", "已暂停"),
    "release": ("Released", "已解除"),
    "skip": ("Skipped", "已跳过"),
}


@final
@attrs.frozen(kw_only=True)
class Selection:
    """What is held, released or skipped; one of the three is given."""

    key: str | None = None
    mini_app: str | None = None
    template: str | None = None

    def given(self) -> dict[str, str]:
        """Return the one that is given.

        Raises:
            CommandFailed: none or more than one is.
        """
        found = {name: each for name, each in attrs.asdict(self).items() if each is not None}
        if len(found) != 1:
            raise CommandFailed(
                said(
                    "Give exactly one of --key, --mini-app and --template.",
                    "请在 --key、--mini-app、--template 中给出且只给出一个。",
                )
            )
        return found

    def matches(self, row: Row) -> bool:
        """Say whether a row is meant."""
        if self.key is not None:
            return row.identity.key == self.key
        if self.mini_app is not None:
            return row.mini_app == self.mini_app
        return row.template == self.template


def apply_stop(
    action: str, path: Path, selection: Selection, language: str, *, as_json: bool
) -> None:
    """Hold, release or skip, and print which entries that is about.

    Args:
        action: `hold`, `release` or `skip`.
        path: of the journal.
        selection: what is meant.
        language: "zh" or "en".
        as_json: a program reads stdout.

    Raises:
        BatchError: there is no such journal, or it cannot be written; a missing one is not made.
        CommandFailed: not exactly one thing is selected.
    """
    given = selection.given()
    rows_of(path)  # so that no journal is made where there is none
    asyncio.run(until_stopped(_apply(action, path, given)))
    counts = Counter(row.state for row in rows_of(path) if selection.matches(row))
    ((kind, value),) = given.items()
    if as_json:
        print_json({"action": action, kind: value, "entries": counts_facts(counts)})
        return
    about = printable(value)
    stand = ", ".join(f"{state_said(state, language)} {count}" for state, count in counts.items())
    none = said("no entry so far", "目前没有条目", language)
    typer.echo(f"{said(*_DONE[action], language)}: {kind} {about} ({stand or none})")


async def _apply(action: str, path: Path, given: dict[str, str]) -> None:
    async with SqliteJournal(path) as journal:
        actions = {"hold": journal.hold, "release": journal.release, "skip": journal.skip}
        await actions[action](**given)
