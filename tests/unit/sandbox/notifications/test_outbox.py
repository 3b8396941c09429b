import attrs
import pytest

from alipay_mini_audit.sandbox.notifications.messages import Message
from alipay_mini_audit.sandbox.notifications.mischief import Fate
from alipay_mini_audit.sandbox.notifications.outbox import Outbox


def message(name: str) -> Message:
    return Message(name=name, notify_id=name, charset="UTF-8", fields={})


def taken(outbox: Outbox, now: float) -> list[str]:
    names = []
    while (letter := outbox.take(now)) is not None:
        names.append(letter.message.name)
    return names


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


def test_what_is_due_first_leaves_first_and_those_of_one_moment_in_order(outbox: Outbox) -> None:
    for name, moment in (("c", 3.0), ("a", 1.0), ("b", 1.0), ("d", 9.0)):
        outbox.post(message(name), Fate(), moment, 0)
    assert outbox.next_due() == 1
    assert taken(outbox, 0.9) == []
    assert taken(outbox, 3) == ["a", "b", "c"]
    assert (len(outbox), outbox.next_due()) == (1, 9)
    outbox.clear()
    assert (len(outbox), outbox.next_due(), taken(outbox, 99)) == (0, None, [])


def test_a_letter_comes_again_seven_times(outbox: Outbox) -> None:
    outbox.post(message("a"), Fate(), 0, 0)
    moments = []
    while (letter := outbox.take(1e9)) is not None:
        moments.append((letter.attempt, letter.due))
        outbox.put_again(letter, letter.due + 1)  # as if the receiver had taken its time
    minutes = [240.0, 600.0, 600.0, 3600.0, 7200.0, 21600.0, 54000.0]
    expected = [0.0]
    for each in minutes:
        expected.append(expected[-1] + 1 + each)
    assert moments == [(number + 1, moment) for number, moment in enumerate(expected)]


def test_what_is_sent_once_is_not_put_back(outbox: Outbox) -> None:
    outbox.post(message("a"), Fate(duplicated=True), 0, 0)
    first, second = outbox.take(0), outbox.take(0)
    assert first is not None
    assert second is not None
    assert (first.once, second.once, second.mischief) == (False, True, ("duplicate",))
    outbox.put_again(second, 0)
    assert len(outbox) == 0


def test_several_are_overtaken_by_one_and_keep_their_order(outbox: Outbox) -> None:
    for name, fate in (("a", Fate(overtaken=True)), ("b", Fate(overtaken=True, duplicated=True))):
        outbox.post(message(name), fate, 0, 0)
    assert (taken(outbox, 59.9), outbox.next_due()) == ([], 60)
    outbox.post(message("c"), Fate(), 5, 0)
    outbox.post(message("d"), Fate(), 5, 0)
    assert taken(outbox, 5) == ["c", "a", "b", "b", "d"]


def test_a_late_one_overtakes_nothing(outbox: Outbox) -> None:
    outbox.post(message("a"), Fate(overtaken=True), 0, 0)
    outbox.post(message("b"), Fate(late=True), 0, 600)
    assert taken(outbox, 60) == ["a"]
    assert taken(outbox, 600) == ["b"]


def test_what_has_left_is_not_overtaken_any_more(outbox: Outbox) -> None:
    outbox.post(message("a"), Fate(overtaken=True), 0, 0)
    assert taken(outbox, 60) == ["a"]
    outbox.post(message("b"), Fate(), 61, 0)
    assert taken(outbox, 61) == ["b"]


def test_a_letter_tells_nothing_of_its_content(outbox: Outbox) -> None:
    secret = attrs.evolve(message("a"), fields={"biz_content": b"c4TOKENn4ry"})
    outbox.post(secret, Fate(), 0, 0)
    assert "c4TOKENn4ry" not in repr(outbox.take(0))
