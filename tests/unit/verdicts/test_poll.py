import pytest

from alipay_mini_audit import ConfigurationError, Poll


def simulated(poll: Poll, seconds: float) -> int:
    at, count, interval = 0.0, 0, poll.first
    while at <= seconds:
        count += 1
        at += interval
        interval = min(max(interval, interval * poll.factor), max(poll.first, poll.longest))
    return count


@pytest.mark.parametrize(
    "poll", [Poll(), Poll(1, 1, 1), Poll(10, 0.5, 1), Poll(1.0, 3.0, 7.0), Poll(5, 2, 5000)]
)
@pytest.mark.parametrize("seconds", [0, 0.5, 59, 60, 61, 3600, 86_400.5])
def test_the_bound_is_what_a_silence_costs(poll: Poll, seconds: float) -> None:
    assert poll.questions(seconds) == simulated(poll, seconds)


def test_a_day_of_silence_costs_some_fifty_questions() -> None:
    assert Poll().questions(86_400) == 55


@pytest.mark.parametrize("bad", [0, -1, float("nan"), True, "60"])
@pytest.mark.parametrize("name", ["first", "factor", "longest"])
def test_each_value_is_a_number_above_zero(name: str, bad: object) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Poll(**{name: bad})  # type: ignore[arg-type]
    assert raised.value.setting == f"Poll.{name}"


@pytest.mark.parametrize("bad", [-1, float("inf"), float("nan"), 10**400, True, "60", None])
def test_a_silence_that_is_no_length_of_time_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Poll().questions(bad)  # type: ignore[arg-type]
    assert (raised.value.setting, raised.value.code) == ("seconds", "bad_number")
    assert "不小于 0" in raised.value.as_problem().in_language("zh").message
