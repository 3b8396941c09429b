"""Each reason to reject a notification is told in both languages."""

import pytest

from alipay_mini_audit.codes import explain
from alipay_mini_audit.errors import AuditError, Outcome, RejectionReason
from alipay_mini_audit.notifications.rejections import rejected


@pytest.mark.parametrize("reason", RejectionReason)
def test_a_reason_is_told_in_both_languages(reason: RejectionReason) -> None:
    error = rejected(reason)
    assert isinstance(error, AuditError)
    assert (error.reason, error.outcome) == (reason, Outcome.NOT_SENT)
    english, chinese = error.as_problem(), error.as_problem().in_language("zh")
    assert str(error) == str(english)
    assert english.code == reason.value
    assert english.message.isascii()
    assert not chinese.message.isascii()
    assert explain(reason.value, "zh").advice == chinese.advice
