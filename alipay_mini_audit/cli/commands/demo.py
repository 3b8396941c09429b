"""`demo`: submit versions to a sandbox gateway and compare every byte, or live through a night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from alipay_mini_audit.cli.console import progress_bars
from alipay_mini_audit.cli.exits import CommandFailed, failures_in_one_line, until_stopped
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AsJson, Lang

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipay_mini_audit.cli.demo.night.printing import Story
    from alipay_mini_audit.cli.demo.night.result import NightResult
    from alipay_mini_audit.cli.demo.report import DemoReport, Step

__all__ = ["demo"]

_FEWEST: Final = 10
"""Entries of a night; five of them are wrong."""
_MOST: Final = 5_000
_PREFIX: Final = "alipay-mini-audit-"

_Versions: TypeAlias = Annotated[
    int,
    typer.Option(metavar="N", min=1, help=said("How many versions to submit.", "提交多少个版本。")),
]
_SizeKb: TypeAlias = Annotated[
    int,
    typer.Option(
        metavar="N",
        min=1,
        help=said(
            "Size of each file in KB (1024 bytes), as far as the platform takes it.",
            "每个文件的大小，单位 KB（1024 字节），不超过平台上限。",
        ),
    ),
]
_Night: TypeAlias = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=_FEWEST,
        max=_MOST,
        help=said(
            "Instead, submit a manifest of N entries by `batch run`, kill that in the middle, and "
            "run it again: each good entry is accepted exactly once.",
            "改为用 batch run 提交 N 个条目的清单，中途强行终止后再次运行："
            "每个没有问题的条目恰好被受理一次。",
        ),
    ),
]
_Keep: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help=said(
            "A new folder for the report and the journal of that night; without it, one below "
            "that for temporary files.",
            "存放该次报告和日志的新目录；不指定时在临时目录下新建。",
        ),
    ),
]


@documented(
    "向沙箱网关提交若干版本，每个版本 16 个文件，并逐字节核对收到的内容。\n\n"
    "全部在本进程内完成：启动网关，生成密钥和图片，同时提交所有版本，最后撤销其中一个。"
    "只有全部核对通过，退出状态才为 0。"
)
def demo(
    context: typer.Context,
    *,
    versions: _Versions = 20,
    size_kb: _SizeKb = 200,
    night: _Night = None,
    keep: _Keep = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Submit versions with 16 files each to a sandbox gateway, and check every byte that arrived.

    Everything happens in this process: the gateway is started, keys and pictures are made, the
    versions are submitted at the same time, and one is withdrawn again. The exit status is 0 only
    if every check held.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        if night is None:
            _refuse(context, ("keep",), "--night", language, is_needed=True)
            _demo_of_bytes(versions, size_kb * 1024, language, as_json=as_json)
        else:
            _refuse(context, ("versions", "size_kb"), "--night", language, is_needed=False)
            _demo_of_a_night(night, keep, language, as_json=as_json)


def _refuse(
    context: typer.Context, names: tuple[str, ...], other: str, language: str, *, is_needed: bool
) -> None:
    """Refuse options that mean nothing without another one, or beside it."""
    for name in names:
        source = context.get_parameter_source(name)
        if source is None or source.name == "DEFAULT":
            continue
        option = f"--{name.replace('_', '-')}"
        if is_needed:
            text = f"{option}: only together with {other}.", f"{option}：只能与 {other} 一起使用。"
        else:
            text = f"{option}: not together with {other}.", f"{option}：不能与 {other} 一起使用。"
        raise CommandFailed(said(*text, language))


def _demo_of_bytes(versions: int, size: int, language: str, *, as_json: bool) -> None:
    import asyncio

    from alipay_mini_audit.cli.demo.printing import print_report_as_json, print_report_as_table
    from alipay_mini_audit.cli.demo.report import Step

    labels = {
        Step.MADE: said("Files made", "已生成文件", language),
        Step.CHECKED: said("Versions submitted and checked", "已提交并核对版本", language),
    }
    with progress_bars(labels, versions, shown=not as_json) as on_step:
        work = _run_in_a_folder(versions, size, language, on_step)
        report = asyncio.run(until_stopped(work))
    if as_json:
        print_report_as_json(report)
    else:
        print_report_as_table(report, language)
    report.raise_for_problems(language)


async def _run_in_a_folder(
    versions: int, size: int, language: str, on_step: Callable[[Step], None]
) -> DemoReport:
    """Run the demo in a temporary folder, which is there only while signals are heeded."""
    import tempfile

    from alipay_mini_audit.cli.demo.run import run_demo

    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        return await run_demo(
            Path(folder), versions=versions, size=size, language=language, on_step=on_step
        )


def _demo_of_a_night(count: int, keep: Path | None, language: str, *, as_json: bool) -> None:
    import asyncio

    from alipay_mini_audit.cli.demo.night.printing import Story, print_night, print_night_as_json

    story = Story(language=language, is_quiet=as_json)
    result = asyncio.run(until_stopped(_night_in_a_folder(count, keep, story)))
    if as_json:
        print_night_as_json(result)
    else:
        print_night(result, language)
    result.raise_for_wrong(language)


async def _night_in_a_folder(count: int, keep: Path | None, story: Story) -> NightResult:
    """Run a night in a temporary folder, likewise; the other folder stays if all went well."""
    import tempfile

    from alipay_mini_audit.cli.demo.night.keeping import kept_folder
    from alipay_mini_audit.cli.demo.night.run import run_night_demo

    with (
        kept_folder(keep, story.language) as kept,
        tempfile.TemporaryDirectory(prefix=_PREFIX) as folder,
    ):
        return await run_night_demo(Path(folder), kept, count, story)
