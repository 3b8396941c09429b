import datetime

from alipay_mini_audit.sandbox.business.days import beijing_day, beijing_time

NEW_YEAR = 1_704_038_400.0


def test_a_day_begins_in_beijing() -> None:
    assert beijing_day(NEW_YEAR) == datetime.date(2024, 1, 1)
    assert beijing_day(NEW_YEAR - 1) == datetime.date(2023, 12, 31)
    assert beijing_time(NEW_YEAR + 61) == "2024-01-01 00:01:01"
