"""What a rule finds, for tests of rules."""

import datetime
from collections.abc import Mapping

from alipay_mini_audit import AuditApply
from alipay_mini_audit.preflight import FileHead, Preflight, Rule, Subject

TODAY = datetime.date(2026, 11, 25)
GOOD = {"app_version": "1.0.0", "version_desc": "Orders can be filtered by shop, and load faster."}


def subject_of(
    fields: Mapping[str, object],
    heads: Mapping[str, FileHead] | None = None,
    preflight: Preflight | None = None,
) -> Subject:
    """Return what rules look at; fields of a good request are added."""
    return Subject(
        request=AuditApply.from_wire(GOOD | dict(fields)),
        heads=heads or {},
        preflight=preflight or Preflight(),
        today=TODAY,
    )


def found(
    rule: Rule,
    heads: Mapping[str, FileHead] | None = None,
    preflight: Preflight | None = None,
    **fields: object,
) -> list[tuple[str, str, str]]:
    """Return path, code and severity of each problem that a rule finds."""
    problems = rule(subject_of(fields, heads, preflight))
    return [(each.path, each.code, each.severity.value) for each in problems]
