"""What became of a night, for those who read it in the morning: rows in, text out; no I/O here."""

from alipay_mini_audit.batch.report.digest import (
    Digest,
    ReasonGroup,
    moment_of,
    seconds_taken,
)
from alipay_mini_audit.batch.report.junit import JUNIT_TAIL, junit_case, junit_head
from alipay_mini_audit.batch.report.page import PageParts, report_page, verdict_line
from alipay_mini_audit.batch.report.reasons import (
    STATE_NAMES,
    STATES,
    Reason,
    reasons_of,
    told_reason,
)
from alipay_mini_audit.batch.report.spreadsheet import csv_head, csv_line
from alipay_mini_audit.batch.report.table import PackedTable

__all__ = [
    "JUNIT_TAIL",
    "STATES",
    "STATE_NAMES",
    "Digest",
    "PackedTable",
    "PageParts",
    "Reason",
    "ReasonGroup",
    "csv_head",
    "csv_line",
    "junit_case",
    "junit_head",
    "moment_of",
    "reasons_of",
    "report_page",
    "seconds_taken",
    "told_reason",
    "verdict_line",
]
