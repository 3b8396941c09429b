import math
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox import Fault, Faults, IncomingCall


def call(number: int = 1, operation: str | None = "apply") -> IncomingCall:
    headers = {"authorization": "secret"}
    return IncomingCall(
        number=number, operation=operation, method="POST", target="/v3/x", headers=headers
    )


def test_a_fault_strikes_once_unless_told_otherwise() -> None:
    faults = Faults()
    faults.add(Fault.RESET)
    assert len(faults) == 1
    assert [faults.take(call(n)) for n in (1, 2)] == [Fault.RESET, None]
    assert len(faults) == 0
    faults.add(Fault.HANG, times=2)
    assert [faults.take(call(n)) for n in (1, 2, 3)] == [Fault.HANG, Fault.HANG, None]
    faults.add(Fault.HANG, times=None)
    assert {faults.take(call(n)) for n in range(1, 99)} == {Fault.HANG}
    faults.clear()
    assert faults.take(call()) is None


def test_all_that_is_given_has_to_hold() -> None:
    faults = Faults()
    faults.add(Fault.RESET, call=3)
    faults.add(Fault.HANG, operation="cancel", when=lambda incoming: incoming.number > 1)
    faults.add(Fault.UNSIGNED, operation="detail", call=2)
    taken = [
        faults.take(call(n, o)) for n, o in ((1, "cancel"), (2, None), (2, "cancel"), (3, "apply"))
    ]
    assert taken == [None, None, Fault.HANG, Fault.RESET]
    assert len(faults) == 1


def test_the_first_that_was_added_wins_and_the_second_waits() -> None:
    faults = Faults()
    faults.add(Fault.RESET)
    faults.add(Fault.HANG)
    assert [faults.take(call(n)) for n in (1, 2, 3)] == [Fault.RESET, Fault.HANG, None]


def test_when_may_change_the_faults_to_come() -> None:
    faults = Faults()
    faults.add(Fault.RESET, when=lambda _: faults.add(Fault.HANG) is None)
    faults.add(Fault.RESET, when=lambda _: faults.clear() is None)
    assert [faults.take(call()) for _ in range(2)] == [Fault.RESET, Fault.RESET]
    assert len(faults) == 0


def test_a_fault_that_is_added_while_others_are_taken_strikes_once() -> None:
    faults = Faults()
    with ThreadPoolExecutor(4) as pool:
        for _ in range(500):
            pool.submit(faults.add, Fault.HANG)
        taken = [pool.submit(faults.take, call()) for _ in range(1000)]
    struck = [each.result() for each in taken].count(Fault.HANG)
    assert struck + len(faults) == 500


def test_faults_are_values_that_print_their_name() -> None:
    assert Fault.slow_answer(0.2) == Fault.slow_answer(0.2) != Fault.slow_answer(0.3)
    assert hash(Fault.close_in_body(7)) == hash(Fault.close_in_body(7))
    assert str(Fault.EARLY_413) == "EARLY_413"
    assert str(Fault.throttled(retry_after=1)) == "throttled"
    assert "secret" not in repr(call())


def test_a_constant_is_one_value_that_survives_pickling() -> None:
    assert Fault.RESET is Fault.RESET
    assert pickle.loads(pickle.dumps(Fault.EARLY_429)) == Fault.EARLY_429  # noqa: S301  # our own
    assert len({Fault.RESET, Fault.HANG, Fault.RESET}) == 2


def test_every_constant_bears_its_own_name_and_is_another_fault() -> None:
    constants = {
        name: fault for name in vars(Fault) if isinstance(fault := getattr(Fault, name), Fault)
    }
    assert len(constants) == 18
    assert {name: str(fault) for name, fault in constants.items()} == {n: n for n in constants}
    deeds = {(fault.stage, fault.action, fault.reply) for fault in constants.values()}
    assert len(deeds) == len(constants)


def test_the_readme_lists_every_fault() -> None:
    readme = Path(__file__).parents[4].joinpath("README.md").read_text(encoding="utf-8")
    table = readme.partition("| fault | what happens |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    listed = [name for cell in cells for name in re.findall(r"`(\w+)(?:\([\w, ]*\))?`", cell)]
    constants = [name for name in vars(Fault) if isinstance(getattr(Fault, name), Fault)]
    methods = [name for name, value in vars(Fault).items() if isinstance(value, classmethod)]
    assert sorted(listed) == sorted(constants + methods)


def test_retry_after_is_seconds_or_a_text() -> None:
    answers = [
        Fault.throttled(value).reply for value in (None, 2, 0.25, "Wed, 21 Oct 2026 07:28:00 GMT")
    ]
    texts = [answer.retry_after for answer in answers if answer is not None]
    assert texts == [None, "2", "0.25", "Wed, 21 Oct 2026 07:28:00 GMT"]


def test_a_long_time_keeps_its_digits() -> None:
    answers = (Fault.throttled(value).reply for value in (1_234_567, 1e9, 86_400.5))
    texts = [answer.retry_after for answer in answers if answer is not None]
    assert texts == ["1234567", "1000000000", "86400.5"]


def test_bad_scripts_are_refused() -> None:
    faults = Faults()
    wrong = [
        ("call", lambda: faults.add(Fault.RESET, call=0)),
        ("times", lambda: faults.add(Fault.RESET, times=0)),
        ("operation", lambda: faults.add(Fault.RESET, operation="query")),
        ("after_bytes", lambda: Fault.close_in_body(after_bytes=-1)),
        ("seconds", lambda: Fault.slow_answer(-0.1)),
        ("seconds", lambda: Fault.clock_skew(math.nan)),
        ("code", lambda: Fault.answer(" ")),
        ("http_status", lambda: Fault.answer("SYSTEM_ERROR", 200)),
        ("http_status", lambda: Fault.answer("SYSTEM_ERROR", 600)),
    ]
    for setting, make in wrong:
        with pytest.raises(ConfigurationError) as caught:
            make()
        assert caught.value.setting == setting
    assert len(faults) == 0
