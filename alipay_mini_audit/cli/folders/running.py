"""The run of `check`: one path after another, each printed once it is done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import attrs
import typer

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.folders.checking import Checked, check_path, fix_path
from alipay_mini_audit.cli.folders.printing import line_of_json, print_checked, print_total
from alipay_mini_audit.cli.language import said

__all__ = ["CheckRun"]


@attrs.frozen(kw_only=True)
class CheckRun:
    """What `check` was asked for.

    Attributes:
        paths: folders, TOML files, manifests.
        language: "zh" or "en".
        fix: whether to make copies with repaired pictures.
        out: where the copy goes; `None` for a folder beside the original.
        as_json: print a JSON object a line.
    """

    paths: Sequence[Path]
    language: str
    fix: bool
    out: Path | None
    as_json: bool

    async def run(self) -> bool:
        """Check everything, and return whether all of it can be sent as it is.

        Raises:
            CommandFailed: the options contradict each other, or a copy cannot be made.
            OSError: a copy cannot be written.
        """
        if self.out is not None and (not self.fix or len(self.paths) > 1):
            raise CommandFailed(
                said(
                    "--out goes with --fix and a single PATH.",
                    "--out 只能与 --fix 和单个 PATH 一起使用。",
                    self.language,
                )
            )
        is_right, valid, printed = True, 0, 0
        async for checked in self._each():
            printed += 1
            is_right = is_right and not checked.errors
            valid += 0 if checked.errors else checked.submissions
            if self.as_json:
                typer.echo(line_of_json(checked, self.language))
            else:
                print_checked(checked, self.language)
        if printed > 1 and not self.as_json:
            print_total(valid, self.language, is_all=is_right)
        return is_right

    async def _each(self) -> AsyncIterator[Checked]:
        for path in self.paths:
            found = (
                fix_path(path, self.out, self.language)
                if self.fix
                else check_path(path, self.language)
            )
            async for checked in found:
                yield checked
