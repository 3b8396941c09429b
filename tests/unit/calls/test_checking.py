"""What preflight says of a submission whose files were looked at, or could not be."""

from support.corpus import GOOD

from alipay_mini_audit import AuditApply, Preflight, Problem
from alipay_mini_audit.calls.checking import problems_of

FIRST = Preflight(first_submission=True)
GONE = Problem("attachments.app_logo", "file_not_found", "it is gone.")


def codes(*unusable: Problem, preflight: Preflight = FIRST) -> list[str]:
    request = AuditApply.from_wire(GOOD)
    return [each.code for each in problems_of(request, (), preflight, unusable)]


def test_a_file_that_could_not_be_looked_at_is_not_called_missing() -> None:
    assert "LOGO_IS_BLANK" in codes()
    assert "LOGO_IS_BLANK" not in codes(GONE)
    assert "APP_NAME_IS_BLANK" in codes(GONE)
    assert codes(GONE)[-1] == "file_not_found"


def test_off_tells_of_the_files_alone() -> None:
    assert codes(GONE, preflight=Preflight.OFF) == ["file_not_found"]
