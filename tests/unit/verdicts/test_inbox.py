import pytest

from alipay_mini_audit import Inbox
from alipay_mini_audit.notifications import AuditPassed, AuditRejected, OtherNotification
from alipay_mini_audit.verdicts import Target

MINE = Target(app_version="1.0.0", mini_app_id="app-1")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def passed(number: int, **about: str) -> AuditPassed:
    return AuditPassed(notify_id=f"n{number}", **{"mini_app_id": "app-1", **about})


def heard(inbox: Inbox, target: Target = MINE) -> list[bool]:
    """What is rung at once for one who begins to wait."""
    rung: list[bool] = []
    with inbox.listen(target, rung.append):
        return rung


@pytest.mark.parametrize(
    ("about", "is_heard"),
    [
        ({}, True),  # only the mini-program is certain
        ({"app_version": "1.0.0"}, True),
        ({"app_version": "1.0.1"}, False),
        ({"mini_app_id": "app-2", "app_version": "1.0.0"}, False),
        ({"bundle_id": "com.alipay.alipaywallet"}, True),
        ({"bundle_id": "com.alipay.iot.xpaas"}, False),
    ],
)
def test_a_message_is_for_those_whom_it_is_about(about: dict[str, str], *, is_heard: bool) -> None:
    inbox, rung = Inbox(), []
    with inbox.listen(MINE, rung.append):
        inbox.put(passed(1, **about))
    assert rung == [True] * is_heard
    assert heard(inbox) == rung  # it was kept


def test_without_its_mini_program_a_wait_hears_of_its_version_and_is_not_sure() -> None:
    inbox, nameless = Inbox(), Target(app_version="1.0.0")
    inbox.put(passed(1))
    assert heard(inbox, nameless) == []
    inbox.put(AuditRejected(notify_id="n2", mini_app_id="app-9", app_version="1.0.0"))
    assert heard(inbox, nameless) == [False]


def test_what_is_delivered_again_counts_once() -> None:
    inbox, rung = Inbox(), []
    with inbox.listen(MINE, rung.append):
        for number in (1, 1, 2, 1):
            inbox.put(passed(number))
        inbox.put(AuditPassed(mini_app_id="app-1"))
        inbox.put(AuditPassed(mini_app_id="app-1"))
    assert len(rung) == 4


def test_nothing_is_rung_after_the_end() -> None:
    inbox, rung = Inbox(), []
    with inbox.listen(MINE, rung.append):
        pass
    inbox.put(passed(1))
    assert rung == []
    assert not inbox._rings


def test_messages_are_kept_for_an_hour_and_ten_thousand_at_the_most() -> None:
    clock = Clock()
    inbox = Inbox(clock=clock)
    inbox.put(passed(1))
    clock.now = 3599.0
    assert heard(inbox) == [True]
    clock.now = 3600.0
    assert heard(inbox) == []
    for number in range(10_050):
        inbox.put(passed(number, mini_app_id=f"app-{number}"))
    assert len(inbox._kept) == 10_000
    assert len(inbox._about) == 10_000
    assert heard(inbox, Target(app_version="1.0.0", mini_app_id="app-49")) == []
    assert heard(inbox, Target(app_version="1.0.0", mini_app_id="app-50")) == [True]


def test_of_what_was_kept_one_message_is_enough_to_ask() -> None:
    """After a night of one template all versions are "1.0.0"; thousands begin to wait at once."""
    inbox = Inbox()
    for number in range(5):
        inbox.put(passed(number, mini_app_id=f"app-{number}", app_version="1.0.0"))
        inbox.put(passed(10 + number, app_version=f"1.0.{number}"))
    assert heard(inbox, Target(app_version="1.0.0")) == [False]
    assert heard(inbox, Target(app_version="1.0.4", mini_app_id="app-1")) == [True]


@pytest.mark.parametrize("message", [OtherNotification(notify_id="n"), b"body", None])
def test_other_things_are_refused(message: object) -> None:
    with pytest.raises(TypeError, match="message: expected AuditPassed or AuditRejected"):
        Inbox().put(message)  # type: ignore[arg-type]
