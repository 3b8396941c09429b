"""Rows as JUnit XML, which every build server shows: a test case for each entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.report.reasons import Reason, reasons_of, told_reason
from alipay_mini_audit.problems import joined, printable

__all__ = ["JUNIT_TAIL", "junit_case", "junit_head"]

JUNIT_TAIL: Final = "</testsuite>\n</testsuites>\n"
_ELEMENTS: Final = {
    EntryState.INVALID: "failure",
    EntryState.REFUSED: "failure",
    EntryState.REJECTED: "failure",
    EntryState.UNKNOWN: "error",
    EntryState.SENDING: "error",
    EntryState.PLANNED: "skipped",
    EntryState.DEFERRED: "skipped",
    EntryState.HELD: "skipped",
    EntryState.SKIPPED: "skipped",
}
_ROOM: Final = 100
"""Characters for the counts, however many digits they have."""


def junit_head(name: str, counts: Mapping[EntryState, int]) -> str:
    """Return the beginning of the file.

    It is as long whatever the counts are, so that it can be written over when they are known.

    Args:
        name: of the journal.
        counts: how many entries stand where; those that are missing are none.
    """
    of = {"failure": 0, "error": 0, "skipped": 0}
    for state, element in _ELEMENTS.items():
        of[element] += counts.get(state, 0)
    numbers = {
        "tests": sum(counts.values()),
        "failures": of["failure"],
        "errors": of["error"],
        "skipped": of["skipped"],
    }
    given = "".join(f' {word}="{count}"' for word, count in numbers.items()).ljust(_ROOM)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<testsuites{given}>\n<testsuite name={_attribute(name)}{given}>\n"


def junit_case(row: Row, suite: str, language: str) -> str:
    """Return the test case of an entry.

    Args:
        row: of the journal.
        suite: the name of the journal.
        language: of the reasons, "zh" or "en".
    """
    identity = row.identity
    name = " ".join(filter(None, (identity.key, identity.app_version, identity.bundle_id)))
    begin = f"<testcase classname={_attribute(suite)} name={_attribute(name)}"
    element = _ELEMENTS.get(row.state)
    if element is None:
        return f"{begin}/>\n"
    reasons = [told_reason(code, row.state, language) for code in reasons_of(row)]
    text = " ".join(_sentence(reason) for reason in reasons)
    if row.trace_id:
        text += f" trace id {row.trace_id}"
    kind = row.reason or row.state.value
    told = f"<{element} type={_attribute(kind)} message={_attribute(text)}/>"
    return f"{begin}>{told}</testcase>\n"


def _sentence(reason: Reason) -> str:
    return joined(reason.meaning, reason.advice)


def _attribute(text: str) -> str:
    """Return a quoted value; what XML cannot hold is not printable, and shown as its escape."""
    return quoteattr(printable(text))
