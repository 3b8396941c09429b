"""What preflight says of a submission whose files were looked at, or could not be."""

from support.corpus import GOOD

from alipay_mini_audit import AuditApply, Preflight, Problem
from alipay_mini_audit.calls.checking import problems_of

FIRST = Preflight(first_submission=True)


def codes(*unusable: Problem, preflight: Preflight = FIRST) -> list[str]:
    request = AuditApply.from_wire(GOOD)
    return [each.code for each in problems_of(request, (), preflight, unusable)]


def test_a_file_that_could_not_be_looked_at_is_not_called_missing() -> None:
    gone = Problem("attachments.app_logo", "file_not_found", "it is gone.")
    assert "LOGO_IS_BLANK" in codes()
    assert "LOGO_IS_BLANK" not in codes(gone)
    assert "APP_NAME_IS_BLANK" in codes(gone)


def test_off_finds_nothing() -> None:
    assert codes(preflight=Preflight.OFF) == []
