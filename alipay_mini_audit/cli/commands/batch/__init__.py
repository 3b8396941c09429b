"""`batch`: thousands of versions in a night; one module a command."""

from __future__ import annotations

import typer

from alipay_mini_audit.cli.commands.batch.export import export
from alipay_mini_audit.cli.commands.batch.quota import quota
from alipay_mini_audit.cli.commands.batch.report import report
from alipay_mini_audit.cli.commands.batch.run import run
from alipay_mini_audit.cli.commands.batch.status import status
from alipay_mini_audit.cli.commands.batch.stops import hold, release, skip
from alipay_mini_audit.cli.commands.batch.take_back import take_back
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.parsing import SpokenCommand, SpokenGroup

__all__ = ["batch"]

batch = typer.Typer(
    cls=SpokenGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help=said("Submit thousands of versions in a night.", "一夜之间批量提交成千上万个版本。"),
)

for name, command in (
    ("run", run),
    ("status", status),
    ("report", report),
    ("hold", hold),
    ("release", release),
    ("skip", skip),
    ("quota", quota),
    ("export", export),
    ("take-back", take_back),
):
    batch.command(name, cls=SpokenCommand)(command)
