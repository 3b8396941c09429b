"""The report of a run: a table, and JSON."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import shutil
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from benchmarks.clients import CONTENDERS, FLOOR
from benchmarks.peers import node_sdk_version
from benchmarks.rounds import MAIN_CONCURRENCY, Case, Summary

__all__ = ["COSTS", "Report", "cost_cells", "environment", "grid", "ratio_table", "table"]

_PACKAGES: Final = (
    "alipay-mini-audit",
    "aiohttp",
    "cryptography",
    "pycryptodome",
    "uvloop",
    "alipay-sdk-python",
)
COSTS: Final = ("CPU ms each", "memory MiB", "lag p50 ms", "p99", "worst")
_COLUMNS: Final = ("submissions/s", "x floor", *COSTS, "sink busy")
_BUSY: Final = 0.9


@attrs.define
class Report:
    """All cases of a run.

    Attributes:
        cases: the medians of each contender, by case.
        missing: why a contender did not take part, by its title.
    """

    cases: dict[Case, dict[str, Summary]] = attrs.field(factory=dict)
    missing: dict[str, str] = attrs.field(factory=dict)

    def add(self, case: Case, summaries: dict[str, Summary]) -> str:
        """Take in a case, and return its table."""
        self.cases[case] = summaries
        return table(case, summaries)

    def to_json(self) -> dict[str, object]:
        """Return everything as JSON."""
        return {
            "environment": environment(),
            "missing": self.missing,
            "cases": [
                {
                    **attrs.asdict(case),
                    "contenders": {
                        name: attrs.asdict(summary) | {"title": CONTENDERS[name].title}
                        for name, summary in summaries.items()
                    },
                }
                for case, summaries in self.cases.items()
            ],
        }


def environment() -> dict[str, object]:
    """Say on which machine and with which versions a run was made."""
    versions = {package: found for package in _PACKAGES if (found := _version(package))}
    versions |= {tool: found for tool in ("curl", "node") if (found := _tool_version(tool))}
    if npm := node_sdk_version():
        versions["alipay-sdk (npm)"] = npm
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "openssl": ssl.OPENSSL_VERSION,
        "versions": versions,
    }


def table(case: Case, summaries: Mapping[str, Summary]) -> str:
    """Return one case as a table in Markdown."""
    rows = [[CONTENDERS[name].title, *_cells(summary)] for name, summary in summaries.items()]
    return grid([[case.title, *_COLUMNS], *rows])


def grid(rows: Sequence[Sequence[str]]) -> str:
    """Return rows, of which the first is the head, as a table in Markdown."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| "
        + " | ".join(
            f"{cell:{'<' if not column else '>'}{widths[column]}}"
            for column, cell in enumerate(row)
        )
        + " |"
        for row in rows
    ]
    rule = "| " + " | ".join(
        "-" * width if not column else "-" * (width - 1) + ":"
        for column, width in enumerate(widths)
    )
    return "\n".join([lines[0], f"{rule} |", *lines[1:]])


def ratio_table(cases: Mapping[Case, Mapping[str, Summary]]) -> str:
    """Return the ratios to the floor at the main concurrency as one table in Markdown."""
    main = [case for case in cases if case.concurrency == MAIN_CONCURRENCY]
    columns = sorted(main, key=lambda case: case.tls)
    head = [f"{case.workload}{' TLS' if case.tls else ''}" for case in columns]
    lines = [
        f"| submissions/s, as a multiple of {CONTENDERS[FLOOR].title} | {' | '.join(head)} |",
        "| --- |" + " ---: |" * len(columns),
    ]
    for name, contender in CONTENDERS.items():
        ratios = [cases[case][name].ratio if name in cases[case] else None for case in columns]
        if any(ratio is not None for ratio in ratios):
            cells = " | ".join("-" if ratio is None else f"{ratio:.2f}" for ratio in ratios)
            lines.append(f"| {contender.title} | {cells} |")
    return "\n".join(lines)


def _cells(summary: Summary) -> list[str]:
    return [
        f"{summary.rate:.0f}" if summary.rate >= 100 else f"{summary.rate:.1f}",  # noqa: PLR2004  # three digits
        "-" if summary.ratio is None else f"{summary.ratio:.2f}",
        *cost_cells(summary),
        f"{summary.sink_busy:.0%}" + (" !" if summary.sink_busy > _BUSY else ""),
    ]


def cost_cells(summary: Summary) -> list[str]:
    """Return the cells beneath `COSTS`."""
    lag = (
        [f"{value * 1000:.1f}" for value in attrs.astuple(summary.lag)]
        if summary.lag
        else ["-"] * 3
    )
    return [
        f"{summary.cpu * 1000:.2f}",
        "-" if summary.memory is None else f"{summary.memory / 2**20:.1f}",
        *lag,
    ]


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _tool_version(tool: str) -> str | None:
    if not shutil.which(tool):
        return None
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603  # ours
    return said.removeprefix(f"{tool} ").split()[0].removeprefix("v") if said else None
