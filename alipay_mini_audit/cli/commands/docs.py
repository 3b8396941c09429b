"""`docs`: the guide to this package, which is installed with it."""

from __future__ import annotations

import typer

from alipay_mini_audit.cli.console import print_json
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented
from alipay_mini_audit.cli.options import AsJson, Lang

__all__ = ["docs"]


@documented(
    "输出本库的使用指南（Markdown），与安装的版本一致。\n\n分页阅读：alipay-mini-audit docs | less"
)
def docs(lang: Lang = None, as_json: AsJson = False) -> None:
    """Print the guide to this package, in Markdown, as of the version that is installed.

    To read it page by page: alipay-mini-audit docs | less
    """
    with failures_in_one_line():
        spoken = chosen(lang)
        text = _guide(spoken)
    if as_json:
        print_json({"language": spoken, "text": text})
    else:
        typer.echo(text)


def _guide(language: str) -> str:
    """Return the guide; the English one is the README, which the package's metadata hold."""
    from importlib.metadata import metadata
    from importlib.resources import files

    if language == "en":
        return metadata("alipay-mini-audit")["Description"].strip()
    guide = files("alipay_mini_audit").joinpath("docs", language, "README.md")
    return guide.read_text(encoding="utf-8").strip()
