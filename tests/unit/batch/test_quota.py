"""A quota has days of Beijing, wherever the machine stands; a template rests when it is proved."""

import datetime
import time

import pytest

from alipay_mini_audit.batch.quota import SUSPECTS, TemplateWatch, day_in_beijing, next_midnight

CODE = "SYSTEM_LIMIT"


def utc(text: str) -> float:
    return datetime.datetime.fromisoformat(f"{text}+00:00").timestamp()


NOON = utc("2026-03-04T04:00:00")
MIDNIGHT = utc("2026-03-04T16:00:00")


@pytest.mark.parametrize(
    ("now", "day", "midnight"),
    [
        ("2026-03-04T04:00:00", "2026-03-04", "2026-03-04T16:00:00"),
        ("2026-03-04T15:59:59.999", "2026-03-04", "2026-03-04T16:00:00"),
        ("2026-03-04T16:00:00", "2026-03-05", "2026-03-05T16:00:00"),
        ("2026-12-31T20:00:00", "2027-01-01", "2027-01-01T16:00:00"),
        ("2028-02-28T17:00:00", "2028-02-29", "2028-02-29T16:00:00"),
    ],
)
def test_a_day_begins_at_midnight_in_beijing(now: str, day: str, midnight: str) -> None:
    assert day_in_beijing(utc(now)) == day
    assert next_midnight(utc(now)) == utc(midnight)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be changed")
def test_the_zone_of_the_machine_does_not_matter(zone: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        found = day_in_beijing(MIDNIGHT - 1), day_in_beijing(MIDNIGHT), next_midnight(NOON)
    time.tzset()
    assert found == ("2026-03-04", "2026-03-05", MIDNIGHT)


def refused(watch: TemplateWatch, *moments: float, template: str = "t", code: str = CODE) -> None:
    for moment in moments:
        watch.refused(template, code, moment)


@pytest.mark.parametrize("code", sorted(SUSPECTS))
def test_three_refusals_a_minute_apart_let_a_template_rest_until_midnight(code: str) -> None:
    watch = TemplateWatch()
    refused(watch, NOON, code=code)
    assert not watch.rests("t", NOON)
    assert watch.waits_until("t", NOON) == NOON + 60
    assert watch.waits_until("t", NOON + 60) == 0.0
    refused(watch, NOON + 60, code=code)
    assert not watch.rests("t", NOON + 60)
    refused(watch, NOON + 120, code=code)
    assert watch.rests("t", NOON + 120)
    assert watch.rests("t", MIDNIGHT - 1)
    assert not watch.rests("t", MIDNIGHT)
    assert watch.waits_until("t", MIDNIGHT) == 0.0


def test_refusals_within_a_minute_count_once() -> None:
    watch = TemplateWatch()
    refused(watch, *(NOON + second for second in range(60)))
    assert watch.waits_until("t", NOON) == NOON + 60
    refused(watch, NOON + 61)
    assert not watch.rests("t", NOON + 61)


def test_other_templates_and_entries_without_one_go_on() -> None:
    watch = TemplateWatch()
    refused(watch, NOON, NOON + 60, NOON + 120)
    refused(watch, NOON, NOON + 60, NOON + 120, template="")
    for template in ("other", ""):
        assert not watch.rests(template, NOON + 120)
        assert watch.waits_until(template, NOON + 120) == 0.0


def test_an_accepted_entry_of_the_template_proves_the_contrary() -> None:
    watch = TemplateWatch()
    refused(watch, NOON, NOON + 60)
    watch.accepted("other")
    watch.accepted("t")
    refused(watch, NOON + 120, NOON + 180)
    assert not watch.rests("t", NOON + 180)
    refused(watch, NOON + 240)
    assert watch.rests("t", NOON + 240)


def test_another_code_begins_anew() -> None:
    watch = TemplateWatch()
    refused(watch, NOON, NOON + 60)
    refused(watch, NOON + 120, code="HAS_NO_MODIFY_CNT")
    assert not watch.rests("t", NOON + 120)
    refused(watch, NOON + 180, NOON + 240, code="HAS_NO_MODIFY_CNT")
    assert watch.rests("t", NOON + 240)


def test_a_code_that_says_something_else_counts_nothing() -> None:
    watch = TemplateWatch()
    refused(watch, NOON, NOON + 60, NOON + 120, code="INVALID_LOGO")
    assert watch.waits_until("t", NOON + 120) == 0.0


def test_a_new_day_begins_anew() -> None:
    watch = TemplateWatch()
    refused(watch, NOON, NOON + 60, NOON + 120)
    refused(watch, MIDNIGHT + 1)
    assert not watch.rests("t", MIDNIGHT + 1)
    refused(watch, MIDNIGHT + 61, MIDNIGHT + 121)
    assert watch.rests("t", MIDNIGHT + 121)


def test_refusals_of_yesterday_prove_nothing_of_today() -> None:
    watch = TemplateWatch()
    refused(watch, MIDNIGHT - 130, MIDNIGHT - 65, MIDNIGHT + 1)
    assert not watch.rests("t", MIDNIGHT + 1)


def test_only_so_many_templates_are_remembered() -> None:
    watch = TemplateWatch()
    for number in range(10_001):
        refused(watch, NOON, template=f"t{number}")
    assert watch.waits_until("t0", NOON) == 0.0
    assert watch.waits_until("t1", NOON) == NOON + 60
