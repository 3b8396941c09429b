"""`demo`: submit versions to a sandbox gateway and compare every byte."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alipay_mini_audit.cli.console import progress_bars
from alipay_mini_audit.cli.exits import failures_in_one_line, until_stopped
from alipay_mini_audit.cli.language import documented, said
from alipay_mini_audit.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipay_mini_audit.cli.demo.report import DemoReport, Step

__all__ = ["demo"]


@documented(
    "向沙箱网关提交若干版本，每个版本 16 个文件，并逐字节核对收到的内容。\n\n"
    "全部在本进程内完成：启动网关，生成密钥和图片，同时提交所有版本，最后撤销其中一个。"
    "只有全部核对通过，退出状态才为 0。"
)
def demo(
    versions: Annotated[
        int, typer.Option(min=1, help=said("How many versions to submit.", "提交多少个版本。"))
    ] = 20,
    size_kb: Annotated[
        int,
        typer.Option(
            min=1,
            help=said(
                "Size of each file in KB (1024 bytes), as far as the platform takes it.",
                "每个文件的大小，单位 KB（1024 字节），不超过平台上限。",
            ),
        ),
    ] = 200,
    as_json: AsJson = False,
) -> None:
    """Submit versions with 16 files each to a sandbox gateway, and check every byte that arrived.

    Everything happens in this process: the gateway is started, keys and pictures are made, the
    versions are submitted at the same time, and one is withdrawn again. The exit status is 0 only
    if every check held.
    """
    import asyncio

    from alipay_mini_audit.cli.demo.printing import print_report_as_json, print_report_as_table
    from alipay_mini_audit.cli.demo.report import Step

    labels = {
        Step.MADE: said("Files made", "已生成文件"),
        Step.CHECKED: said("Versions submitted and checked", "已提交并核对版本"),
    }
    with failures_in_one_line():
        with progress_bars(labels, versions, shown=not as_json) as on_step:
            work = _run_in_a_folder(versions, size_kb * 1024, on_step)
            report = asyncio.run(until_stopped(work))
        if as_json:
            print_report_as_json(report)
        else:
            print_report_as_table(report)
        report.raise_for_problems()


async def _run_in_a_folder(versions: int, size: int, on_step: Callable[[Step], None]) -> DemoReport:
    """Run the demo in a temporary folder, which is there only while signals are heeded."""
    import tempfile

    from alipay_mini_audit.cli.demo.run import run_demo

    with tempfile.TemporaryDirectory(prefix="alipay-mini-audit-") as folder:
        return await run_demo(Path(folder), versions=versions, size=size, on_step=on_step)
