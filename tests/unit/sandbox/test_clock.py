from alipay_mini_audit.sandbox.clock import ShiftedClock


def test_it_is_ahead_by_its_offset() -> None:
    clock = ShiftedClock(lambda: 1000.0)
    assert clock() == 1000.0
    clock.offset_s = -30.5
    assert clock() == 969.5
