"""`expect_journal`: a command that only looks makes no journal where there is none."""

from __future__ import annotations

from pathlib import Path

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said

__all__ = ["expect_journal"]


def expect_journal(path: Path, language: str) -> None:
    """Return if something is there, whatever it is.

    Raises:
        CommandFailed: there is nothing.
    """
    if path.exists():
        return
    name = printable(str(path))
    raise CommandFailed(
        said(
            f"There is no journal {name}. Look at the path; "
            f"`batch run MANIFEST --journal {name}` begins one.",
            f"没有日志文件 {name}。请检查路径；`batch run MANIFEST --journal {name}` 会新建一个。",
            language,
        )
    )
