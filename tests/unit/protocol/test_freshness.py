"""A verified reply is let in once, and only while it is new; replays teach no wrong clock."""

import random

import pytest

from alipay_mini_audit.errors import Outcome, UntrustedReply
from alipay_mini_audit.protocol import Admission, RawReply, ReplyFreshness, RequestTiming

NOW = 1_700_000_000.0
"""The platform's clock at zero of the clock that nobody sets."""
MINUTE = 60.0


class World:
    """Two clocks: the platform's, and ours, which is wrong by `off` seconds."""

    def __init__(self, off: float = 0.0, most_nonces: int = 1000) -> None:
        self.off = off
        self.freshness = ReplyFreshness(most_nonces)
        self.nonces = 0

    def reply(
        self, signed: float, nonce: str | None = None, timestamp: str | None = None
    ) -> RawReply:
        """Return what the platform signs at a moment."""
        self.nonces += 1
        time = str(round((NOW + signed) * 1000)) if timestamp is None else timestamp
        headers = {
            "alipay-timestamp": time,
            "alipay-nonce": f"n-{self.nonces}" if nonce is None else nonce,
            "alipay-trace-id": "t-1",
        }
        return RawReply(200, headers, b"{}")

    def admit(self, raw: RawReply, began: float, ended: float) -> Admission:
        signed_ms = round((NOW + began + self.off) * 1000)
        return self.freshness.admit(
            raw, RequestTiming(signed_ms=signed_ms, began=began, ended=ended)
        )

    def refuses(self, raw: RawReply, began: float, ended: float) -> UntrustedReply:
        with pytest.raises(UntrustedReply) as caught:
            self.admit(raw, began, ended)
        return caught.value


def test_an_answer_is_let_in() -> None:
    world = World()
    assert world.admit(world.reply(1.0), 0.0, 2.0) == Admission()


@pytest.mark.parametrize("timestamp", ["0", "1", "86400000", "1500000000000", "99999999999999"])
def test_a_reply_of_another_year_is_not(timestamp: str) -> None:
    world = World()
    error = world.refuses(world.reply(0, timestamp=timestamp), 0.0, 1.0)
    assert error.outcome is Outcome.UNKNOWN
    assert (error.http_status, error.trace_id) == (200, "t-1")
    assert "check_freshness" in error.advice


@pytest.mark.parametrize(
    ("signed", "is_new"),
    [(-601, False), (-599, True), (599, True), (601, True), (899, True), (901, False)],
)
def test_ten_minutes_count_from_the_request_and_the_length_of_the_call(
    signed: float, is_new: bool
) -> None:
    world = World()
    if is_new:
        world.admit(world.reply(signed), 0.0, 300.0)
    else:
        world.refuses(world.reply(signed), 0.0, 300.0)


def test_a_reply_that_came_before_is_not_let_in_again() -> None:
    world = World()
    world.admit(world.reply(1.0, "once"), 0.0, 2.0)
    world.admit(world.reply(3.0, "twice"), 2.0, 3.0)
    error = world.refuses(world.reply(1.0, "once"), 2.5, 4.0)
    assert error.outcome is Outcome.UNKNOWN
    world.refuses(world.reply(4.0, "twice"), 3.0, 5.0)


@pytest.mark.parametrize("off", [-9.9 * MINUTE, -61.0, 61.0, 9.9 * MINUTE])
def test_a_wrong_clock_of_ours_is_told_and_harms_nothing(off: float) -> None:
    world = World(off)
    told = [
        world.admit(world.reply(moment + 0.5), moment, moment + 1.0).clock_offset
        for moment in range(0, 7200, 60)
    ]
    assert told[0] == pytest.approx(-off, abs=1.0)
    assert told[1:] == [None] * 119


def test_a_clock_of_ours_that_is_set_harms_nothing_and_is_told_again() -> None:
    world = World(9.5 * MINUTE)
    assert world.admit(world.reply(0.5), 0.0, 1.0).clock_offset == pytest.approx(-570, abs=1)
    world.off = -9.5 * MINUTE
    assert world.admit(world.reply(2.5), 2.0, 3.0).clock_offset == pytest.approx(570, abs=1)
    world.off = 0.0
    assert world.admit(world.reply(4.5), 4.0, 5.0).clock_offset is None
    world.off = 2 * MINUTE
    assert world.admit(world.reply(6.5), 6.0, 7.0).clock_offset == pytest.approx(-120, abs=1)


def test_a_clock_that_is_wrong_by_seconds_is_nothing_to_tell() -> None:
    world = World(50.0)
    assert world.admit(world.reply(0.5), 0.0, 1.0) == Admission()


@pytest.mark.parametrize("off", [-9 * MINUTE, 0.0, 9 * MINUTE])
def test_an_old_reply_teaches_no_wrong_clock(off: float) -> None:
    """Whoever repeats old replies moves neither what is let in, nor what is refused."""
    world = World(off)
    world.admit(world.reply(0.5), 0.0, 1.0)
    for moment in range(2, 600):  # each as old as it may be
        oldest = moment - 600 + max(off, -0.4) + 1.0
        world.admit(world.reply(oldest), moment, moment + 1.0)
    world.refuses(world.reply(-5.0), 601.0, 602.0)
    world.admit(world.reply(601.0), 600.5, 602.0)


def test_a_client_that_begins_with_an_old_reply_learns_the_clock_from_the_next_answer() -> None:
    world = World(-5 * MINUTE)  # ours is slow: fifteen minutes old passes once
    world.admit(world.reply(-14 * MINUTE), 0.0, 1.0)
    world.admit(world.reply(1.5), 1.0, 2.0)
    world.refuses(world.reply(-14 * MINUTE), 2.0, 3.0)
    world.refuses(world.reply(-10.5 * MINUTE), 2.0, 3.0)


def test_the_clock_is_not_believed_for_ever() -> None:
    """A clock that runs one part in a thousand fast would be wrong by ten minutes in a week."""
    world = World()
    for hour in range(24 * 14):
        ours = hour * 3600.0
        platform = ours * 0.999
        signed_ms = round((NOW + platform) * 1000)  # the clock that is set, is set right
        exchange = RequestTiming(signed_ms=signed_ms, began=ours, ended=ours + 1)
        world.freshness.admit(world.reply(platform), exchange)


@pytest.mark.parametrize("seed", range(20))
def test_no_reply_passes_twice_however_calls_overlap(seed: int) -> None:
    """Long calls, wrong clocks, few nonces kept: each reply passes for one call at the most."""
    chance = random.Random(seed)
    off = chance.uniform(-590, 590)
    world = World(off, most_nonces=chance.choice([5, 50, 5000]))
    recorded: list[RawReply] = []
    moment = 0.0
    for _ in range(400):
        moment += chance.expovariate(1 / 20)
        if recorded and chance.random() < 0.6:
            began = moment - chance.choice([0.1, 10, 300, 900])
            world.refuses(chance.choice(recorded), began, moment)
        else:
            raw = world.reply(moment - chance.random())
            world.admit(raw, moment - chance.choice([1, 10, 300]), moment)
            recorded.append(raw)


def test_nonces_take_bounded_memory() -> None:
    world = World(most_nonces=10)
    for moment in range(1000):
        world.admit(world.reply(moment, f"{moment:0>100000}"), moment, moment + 0.5)
    assert len(world.freshness._nonces._seen) == 10


def test_nonces_are_forgotten_when_their_time_alone_refuses_them() -> None:
    world = World()
    world.admit(world.reply(0.0, "old"), 0.0, 1.0)
    world.admit(world.reply(1202.0), 1202.0, 1203.0)
    assert len(world.freshness._nonces._seen) == 1
    world.refuses(world.reply(0.0, "old"), 1203.0, 1204.0)


@pytest.mark.parametrize(
    "timestamp",
    ["", "null", "now", "-1", "+1", "1e3", "1" * 15, "\uff11\uff17" + "0" * 11, "1.5", " 1"],
)
def test_a_time_that_cannot_be_read_is_told(timestamp: str) -> None:
    world = World()
    admission = world.admit(world.reply(0, timestamp=timestamp), 0.0, 1.0)
    assert admission == Admission(missing=("alipay-timestamp",))
    assert world.refuses(world.reply(0, "n-1", timestamp), 1.0, 2.0).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("nonce", ["", "null"])
def test_an_absent_nonce_is_told_and_is_nothing_to_remember(nonce: str) -> None:
    world = World()
    for _ in range(2):
        assert world.admit(world.reply(0.5, nonce), 0.0, 1.0).missing == ("alipay-nonce",)


def test_a_reply_without_either_is_told_and_let_in() -> None:
    raw = RawReply(200, {}, b"{}")
    assert World().admit(raw, 0.0, 1.0).missing == ("alipay-timestamp", "alipay-nonce")
