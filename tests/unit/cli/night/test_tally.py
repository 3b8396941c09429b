from alipay_mini_audit.batch import BatchEntry, EntryState
from alipay_mini_audit.cli.night.tally import Limit, Tally
from alipay_mini_audit.errors import RateLimited
from alipay_mini_audit.events import AttemptFailed, AttemptStarted, BytesSent, CallEnded, Event
from alipay_mini_audit.models import ApplyReply, ReplyMeta

REPLY = ApplyReply(meta=ReplyMeta(request_id="r", trace_id="t", http_status=200))
CALL = {"call_id": "c", "operation": "apply", "method": "POST", "path": "/"}
ATTEMPT = {**CALL, "request_id": "r", "attempt": 1}


def done(number: int) -> BatchEntry:
    return BatchEntry(key=f"k{number}", app_version="1", state=EntryState.DONE, reply=REPLY)


def started() -> Event:
    return AttemptStarted(**ATTEMPT)  # type: ignore[arg-type]


def ended() -> Event:
    return CallEnded(**CALL, outcome=None, error=None, attempts=1, elapsed=1.0)  # type: ignore[arg-type]


def sent(count: int) -> Event:
    return BytesSent(**ATTEMPT, sent=count, total=10**9)  # type: ignore[arg-type]


def throttled(retry_after: float | None) -> Event:
    error = RateLimited("app-call-limited", "", retry_after=retry_after)
    return AttemptFailed(**ATTEMPT, elapsed=0.1, error=error)  # type: ignore[arg-type]


def test_the_rate_is_that_of_the_last_minute() -> None:
    tally = Tally(total=1000, began=0.0)
    assert tally.per_second(10.0) is None
    for second in range(1, 101):
        tally.add(done(second), float(second))
    assert tally.per_second(100.0) == 61 / 60
    assert tally.seconds_left(100.0) == 900 / (61 / 60)
    assert (tally.over, tally.left) == (100, 900)


def test_what_an_earlier_run_did_is_over_but_no_rate() -> None:
    tally = Tally(total=3, began=0.0)
    for number in range(2):
        earlier = BatchEntry(key=f"k{number}", app_version="1", state=EntryState.DONE)
        tally.add(earlier, 5.0)
    assert (tally.over, tally.per_second(5.0)) == (2, None)
    assert not tally.is_all_done
    tally.add(done(3), 5.0)
    assert tally.is_all_done
    assert tally.seconds_left(5.0) == 0.0


def test_the_last_five_problems_are_kept() -> None:
    tally = Tally(total=10, began=0.0)
    for number in range(7):
        tally.add(BatchEntry(key=f"k{number}", app_version="1", state=EntryState.REFUSED), 1.0)
    tally.add(done(7), 1.0)
    assert [entry.key for entry in tally.problems] == ["k2", "k3", "k4", "k5", "k6"]


def test_calls_under_way_are_counted() -> None:
    tally = Tally(total=10, began=0.0)
    assert not tally.has_called
    tally.hear(started(), 0.0)
    assert (tally.under_way, tally.has_called) == (1, True)
    tally.hear(ended(), 1.0)
    assert (tally.under_way, tally.has_called) == (0, True)


def test_what_limits_it_is_told() -> None:
    tally = Tally(total=100, began=0.0, rate=1.0, max_bytes=1000.0)
    assert tally.limit(0.0) is Limit.LINE
    for second in range(1, 11):
        tally.add(done(second), float(second))
    assert tally.limit(10.0) is Limit.RATE
    tally.hear(throttled(None), 10.0)
    assert tally.limit(11.0) is Limit.THROTTLED
    assert tally.quiet_until <= 11.0
    assert tally.limit(41.0) is not Limit.THROTTLED
    tally.hear(throttled(300.0), 50.0)
    assert (tally.limit(340.0), tally.quiet_until) == (Limit.THROTTLED, 350.0)


def test_the_line_is_measured_by_what_left() -> None:
    tally = Tally(total=100, began=0.0, max_bytes=1000.0)
    tally.hear(started(), 0.0)
    for second in range(1, 11):
        tally.hear(sent(1000 * second), float(second))
    assert tally.bytes_per_second(10.0) == 1000.0
    assert tally.limit(10.0) is Limit.BYTES
    assert tally.limit(500.0) is Limit.LINE


def test_a_quota_limits_what_has_nothing_else_to_do() -> None:
    tally = Tally(total=2, began=0.0)
    tally.add(BatchEntry(key="k", app_version="1", state=EntryState.DEFERRED), 1.0)
    assert tally.limit(2.0) is Limit.QUOTA
