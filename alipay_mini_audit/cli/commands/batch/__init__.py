"""The commands of a night: `batch`, one module each."""

from __future__ import annotations

import typer

from alipay_mini_audit.cli.commands.batch.report import report
from alipay_mini_audit.cli.language import documented
from alipay_mini_audit.cli.parsing import SpokenCommand, SpokenGroup

__all__ = ["batch"]

batch = typer.Typer(cls=SpokenGroup, no_args_is_help=True, rich_markup_mode=None)


@batch.callback()
@documented("提交成千上万个版本，并查看结果。")
def _commands() -> None:
    """Submit thousands of versions, and see what became of them."""


batch.command("report", cls=SpokenCommand)(report)
