import time

from alipay_mini_audit.batch.clock import RunClock


def test_it_tells_the_time_as_long_as_nobody_sets_it() -> None:
    before = time.time()
    told = RunClock()()
    assert before - 0.1 <= told <= time.time() + 0.1


def test_a_clock_that_is_set_meanwhile_moves_nothing() -> None:
    now = {"time": 1_800_000_000.0, "monotonic": 50.0}

    def clock_of_now() -> RunClock:
        return RunClock(lambda: now["time"], lambda: now["monotonic"])

    clock = clock_of_now()
    assert clock() == 1_800_000_000.0
    now["time"] -= 3600
    now["monotonic"] += 7
    assert clock() == 1_800_000_007.0
    assert clock_of_now()() == 1_799_996_400.0
