"""What preflight says of a submission whose files were looked at, or could not be."""

from support.corpus import GOOD

from alipay_mini_audit import AuditApply, Preflight
from alipay_mini_audit.calls.checking import problems_of

FIRST = Preflight(first_submission=True)


def codes(preflight: Preflight = FIRST, *, is_complete: bool = True) -> list[str]:
    request = AuditApply.from_wire(GOOD)
    return [each.code for each in problems_of(request, (), preflight, is_complete=is_complete)]


def test_a_file_that_could_not_be_looked_at_is_not_called_missing() -> None:
    assert "LOGO_IS_BLANK" in codes()
    assert "LOGO_IS_BLANK" not in codes(is_complete=False)
    assert "APP_NAME_IS_BLANK" in codes(is_complete=False)


def test_off_finds_nothing() -> None:
    assert codes(Preflight.OFF) == []
