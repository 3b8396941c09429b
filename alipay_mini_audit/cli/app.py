"""The command line: registers the commands, one module each in `commands`."""

from __future__ import annotations

import typer

from alipay_mini_audit.cli.commands.cert_sn import cert_sn
from alipay_mini_audit.cli.commands.demo import demo
from alipay_mini_audit.cli.commands.doctor import doctor
from alipay_mini_audit.cli.commands.explain import explain
from alipay_mini_audit.cli.commands.sandbox import sandbox

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def _commands() -> None:
    """Submit Alipay mini-program versions for audit."""


app.command()(demo)
app.command()(sandbox)
app.command("cert-sn")(cert_sn)
app.command()(doctor)
app.command()(explain)
