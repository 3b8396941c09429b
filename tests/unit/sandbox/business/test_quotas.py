import pytest

from alipay_mini_audit.sandbox.business.quotas import CallRate, TemplateQuota
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

NEW_YEAR = 1_704_038_400.0
DAY = 24 * 3600.0


def test_a_template_has_five_submissions_a_day_of_beijing() -> None:
    quota = TemplateQuota({"token-1": "t1", "token-2": "t1", "token-3": "t2"})
    for token in ("token-1", "token-2", "token-1", "token-2", "token-1"):
        quota.take(token, NEW_YEAR)
    for token in ("token-1", "token-2"):
        with pytest.raises(Refusal, match=r"^SYSTEM_LIMIT: "):
            quota.take(token, NEW_YEAR + DAY - 1)
    quota.take("token-3", NEW_YEAR)
    quota.take("token-1", NEW_YEAR + DAY)


def test_what_has_no_template_is_not_counted() -> None:
    quota = TemplateQuota({"token-1": "t1"})
    for _ in range(20):
        quota.take(None, NEW_YEAR)
        quota.take("token-2", NEW_YEAR)


def test_so_many_calls_go_in_any_second() -> None:
    rate = CallRate(2)
    rate.take(10.0)
    rate.take(10.5)
    for now in (10.5, 10.9):
        with pytest.raises(Refusal, match=r"^app-call-limited: ") as caught:
            rate.take(now)
        assert caught.value.http_status == 429
    rate.take(11.0)
    with pytest.raises(Refusal):
        rate.take(11.4)
    rate.take(11.5)


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    rate = CallRate(1)
    rate.take(1000.0)
    rate.take(10.0)
