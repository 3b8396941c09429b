"""The command line: registers the commands, one module each in `commands`."""

from __future__ import annotations

from typing import Annotated

import typer

from alipay_mini_audit._version import __version__
from alipay_mini_audit.cli.commands.apply import apply
from alipay_mini_audit.cli.commands.batch import batch
from alipay_mini_audit.cli.commands.cancel import cancel
from alipay_mini_audit.cli.commands.cert_sn import cert_sn
from alipay_mini_audit.cli.commands.check import check
from alipay_mini_audit.cli.commands.demo import demo
from alipay_mini_audit.cli.commands.detail import detail
from alipay_mini_audit.cli.commands.docs import docs
from alipay_mini_audit.cli.commands.doctor import doctor
from alipay_mini_audit.cli.commands.explain import explain
from alipay_mini_audit.cli.commands.init import init
from alipay_mini_audit.cli.commands.online import online
from alipay_mini_audit.cli.commands.preview import preview
from alipay_mini_audit.cli.commands.sandbox import sandbox
from alipay_mini_audit.cli.commands.tokens import tokens
from alipay_mini_audit.cli.commands.watch import watch
from alipay_mini_audit.cli.language import documented, said
from alipay_mini_audit.cli.parsing import SpokenCommand, SpokenGroup

__all__ = ["app"]

app = typer.Typer(
    cls=SpokenGroup,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
)


def _print_version(asked: bool) -> None:  # noqa: FBT001  # typer's signature
    if asked:
        typer.echo(f"alipay-mini-audit {__version__}")
        raise typer.Exit


@app.callback()
@documented("提交支付宝小程序版本审核。")
def _commands(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_print_version,
            help=said("Print the version and exit.", "输出版本号并退出。"),
        ),
    ] = False,
) -> None:
    """Submit Alipay mini-program versions for audit."""
    del version  # its callback has seen to it


for name, command in (
    ("demo", demo),
    ("sandbox", sandbox),
    ("init", init),
    ("check", check),
    ("apply", apply),
    ("cancel", cancel),
    ("detail", detail),
    ("watch", watch),
    ("online", online),
    ("tokens", tokens),
    ("cert-sn", cert_sn),
    ("doctor", doctor),
    ("explain", explain),
    ("preview", preview),
    ("docs", docs),
):
    app.command(name, cls=SpokenCommand)(command)
app.add_typer(batch, name="batch")
