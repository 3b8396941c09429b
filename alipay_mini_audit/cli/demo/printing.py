"""What the demo prints: a table for a person, or a JSON object for a program."""

from __future__ import annotations

from typing import Final

import typer
from rich.text import Text

from alipay_mini_audit.cli.console import new_table, print_json, print_table
from alipay_mini_audit.cli.demo.report import DemoReport, VersionResult
from alipay_mini_audit.cli.language import said

__all__ = ["print_report_as_json", "print_report_as_table"]

_MB: Final = 1024 * 1024


def print_report_as_table(report: DemoReport, language: str) -> None:
    """Print a row for each version, and a summary in the last line."""
    table = new_table()
    table.add_column(said("version", "版本", language), no_wrap=True)
    for name in (said("files", "文件数", language), "MB", said("seconds", "秒", language)):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("trace id", overflow="fold")
    table.add_column(said("checked", "校验", language), overflow="fold")
    for result in report.results:
        table.add_row(*_row(result, language))
    print_table(table)
    typer.echo(_summary(report, language))


def print_report_as_json(report: DemoReport) -> None:
    """Print the report as one JSON object.

    Sizes are bytes, durations seconds, and an MB is 1024 * 1024 bytes.
    """
    print_json(
        {
            "ok": not report.problems,
            "versions": len(report.results),
            "files": report.files,
            "bytes": report.size,
            "seconds": round(report.seconds, 3),
            "mb_per_second": round(_megabytes_per_second(report), 3),
            "cancelled": report.cancelled,
            "results": [_as_json(result) for result in report.results],
            "problems": list(report.problems),
        }
    )


def _as_json(result: VersionResult) -> dict[str, object]:
    return {
        "version": result.version,
        "files": result.files,
        "bytes": result.size,
        "seconds": round(result.seconds, 3),
        "trace_id": result.trace_id,
        "checked": not result.problems,
    }


def _row(result: VersionResult, language: str) -> list[Text]:
    if result.problems:
        checked = Text(said("; ", "；", language).join(result.problems), "red")
    else:
        checked = Text(said("all equal", "全部一致", language), "green")
    return [
        Text(result.version),
        Text(str(result.files)),
        Text(f"{result.size / _MB:.2f}"),
        Text(f"{result.seconds:.2f}"),
        Text(result.trace_id or "-"),
        checked,
    ]


def _summary(report: DemoReport, language: str) -> str:
    versions = len(report.results)
    parts = [
        said(f"{versions} versions", f"{versions} 个版本", language),
        said(f"{report.files} files", f"{report.files} 个文件", language),
        f"{report.size / _MB:.1f} MB",
        said(f"{report.seconds:.1f} s", f"{report.seconds:.1f} 秒", language),
        f"{_megabytes_per_second(report):.1f} MB/s",
    ]
    if report.cancelled:
        gone = f"{report.cancelled} withdrawn", f"已撤销 {report.cancelled}"
        parts.append(said(*gone, language))
    return said(", ", "，", language).join(parts)


def _megabytes_per_second(report: DemoReport) -> float:
    return report.size / _MB / report.seconds
