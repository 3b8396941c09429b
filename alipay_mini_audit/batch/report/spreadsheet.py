"""Rows as CSV that opens right in Excel, and runs nothing there."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Iterable
from typing import Final

from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.report.digest import moment_of, seconds_taken
from alipay_mini_audit.batch.report.reasons import reasons_of, told_reason
from alipay_mini_audit.batch.report.timeline import BEIJING_SECONDS
from alipay_mini_audit.problems import printable

__all__ = ["BYTE_ORDER_MARK", "CSV_BEGINNING", "beijing_time", "csv_head", "csv_line"]

BYTE_ORDER_MARK: Final = "\ufeff"
"""Excel reads a file that begins with it as UTF-8."""
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_EXACT_DIGITS: Final = 15
_COLUMNS: Final = (
    *("key", "app_version", "bundle_id", "mini_app", "template_id", "state", "reason"),
    *("meaning", "advice", "attempts", "time", "request_id", "trace_id"),
    *("verdict", "verdict_time", "verdict_seconds", "pictures"),
)

CSV_BEGINNING: Final = f"{BYTE_ORDER_MARK}key,app_version,bundle_id,mini_app,template_id,state,"
"""By which a report of this version or an earlier one is known."""


def csv_head() -> str:
    """Return the beginning of the file: its mark, and the names of the columns."""
    return BYTE_ORDER_MARK + _line(_COLUMNS)


def csv_line(row: Row, language: str) -> str:
    """Return the line of an entry.

    Args:
        row: of the journal.
        language: of meaning and advice, "zh" or "en"; the state stays the word of the journal.
    """
    reasons = [told_reason(code, row.state, language) for code in reasons_of(row)]
    identity = row.identity
    return _line(
        [
            *(identity.key, identity.app_version, identity.bundle_id, row.mini_app, row.template),
            *(row.state.value, row.reason),
            " ".join(dict.fromkeys(reason.meaning for reason in reasons)),
            " ".join(dict.fromkeys(reason.advice for reason in reasons)),
            *(str(row.attempts), beijing_time(moment_of(row)), row.request_id, row.trace_id),
            *_verdict_cells(row),
        ]
    )


def _verdict_cells(row: Row) -> tuple[str, ...]:
    if row.verdict is None:
        return ("", "", "", "")
    verdict = row.verdict
    decided = verdict.decided_at
    moment = row.verdict_at if decided is None else decided.timestamp()
    return (
        f"{verdict.kind.value} ({verdict.status})",
        "" if moment is None else beijing_time(moment),
        f"{seconds_taken(row):.0f}",
        " ".join(verdict.pictures),
    )


def beijing_time(moment: float) -> str:
    """Return the time in Beijing, as 2026-03-04 05:06:07; empty if there is no such day."""
    try:
        shown = datetime.datetime.fromtimestamp(
            moment, datetime.timezone(datetime.timedelta(seconds=BEIJING_SECONDS))
        )
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{shown:%Y-%m-%d %H:%M:%S}"


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    write: Callable[[list[str]], object] = csv.writer(text, lineterminator="\r\n").writerow
    write([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: str) -> str:
    """Return a cell that Excel takes for a text where it would compute, or round a long number."""
    is_formula = cell.startswith(_FORMULAS)
    is_long_number = len(cell) > _EXACT_DIGITS and cell.isdecimal()
    return f"'{printable(cell)}" if is_formula or is_long_number else printable(cell)
