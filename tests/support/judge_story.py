"""What happens in a round of the judge's count, drawn from a seed. No I/O here.

A story is about one version of one merchant: calls of ours, and what others do with the same
version meanwhile. Every request of a story is treated by the relay in front of the platform in one
of many ways, drawn from the story's own randomness in the order in which the requests come. So a
story that is played alone draws the same, apart from what depends on time.
"""

import random
from collections.abc import Iterator
from typing import Literal

import attrs

from alipay_mini_audit.sandbox import Fault

SLOTS = 6
"""Clients that are in use at the same time. The last one has a session of the user's own."""
BEFORE = (
    Fault.RESET,
    Fault.CLOSE_BEFORE_READING,
    Fault.close_in_body(700),
    Fault.close_in_body(60_000),
    Fault.CLOSE_AFTER_BODY,
    Fault.STALL_READING,
    Fault.HANG,
    Fault.HTML_413,
    Fault.BAD_GATEWAY,
    Fault.INTERNAL_ERROR,
    Fault.EARLY_401,
    Fault.EARLY_413,
    Fault.EARLY_429,
    Fault.throttled(),
    Fault.throttled(0),
    Fault.throttled(0.2),
    Fault.throttled(20),
    Fault.throttled("Fri, 31 Dec 1999 23:59:59 GMT"),
    Fault.clock_skew(1300),
    Fault.clock_skew(-1300),
)
"""After these the platform has done nothing."""
AFTER = (
    Fault.CLOSE_AFTER_ACCEPTING,
    Fault.HANG_AFTER_ACCEPTING,
    Fault.CUT_ANSWER,
    Fault.UNSIGNED,
    Fault.WRONGLY_SIGNED,
    Fault.INTERNAL_ERROR_AFTER_ACCEPTING,
    Fault.slow_answer(0.05),
    Fault.slow_answer(0.4),
)
"""After these it may have done something."""
_USUAL = (1.0, 0.5, 0.5, 5.0)
Up = Literal["pass", "slow", "reset", "close", "freeze", "hold", "swallow", "half-close"]
Down = Literal[
    "pass",
    "lose",
    "truncate",
    "dribble",
    "page",
    "replay",
    "bad-chunk",
    "garbage",
    "unreadable",
    "stray-copy",
    "stray-junk",
    "stray-408",
    "duplicate",
    "bye",
]
Ending = Literal["reset", "close", "hang"]


@attrs.frozen(kw_only=True)
class Treatment:
    """How the relay treats one request and its answer.

    Attributes:
        up: on the way to the platform.
        rate: bytes a second on that way; `None` does not limit it.
        after_bytes: of the body, where the way ends for "reset", "close" and "freeze".
        delay: seconds that a "hold" keeps the whole request, or that the answer waits.
        early: bytes that go to the client before the body is read.
        fault: of the sandbox.
        down: on the way back.
        ending: what becomes of the connection if the answer is lost or cut.
        size: of what is passed of a truncated answer, as a part of it.
    """

    up: Up = "pass"
    rate: float | None = None
    after_bytes: int = 0
    delay: float = 0.0
    early: bytes = b""
    fault: Fault | None = None
    down: Down = "pass"
    ending: Ending = "close"
    size: float = 0.5


@attrs.frozen(kw_only=True)
class Step:
    """One deed of a story, `delay` seconds after its phase began.

    Attributes:
        name: whose deed, and which: "apply" and "cancel" are calls of the library.
        slot: which client makes the call, or is closed.
        size: bytes of the files of an apply.
        kind: in what form they are given.
        leave: what the caller does to its own call, and after how many seconds.
        limits: seconds for connect, stall, reply and total.
        queue: seconds that it may wait for a place; `None` for as long as it takes.
        attempts: of the call.
        resolve: whether an unknown outcome is asked about.
        status: of a decision.
        grace: of a close; `None` closes the session instead, if it is the user's own.
    """

    name: Literal["apply", "cancel", "actor apply", "actor cancel", "decide", "close"]
    delay: float = 0.0
    slot: int = 0
    size: int = 0
    kind: Literal["bytes", "file", "stream"] = "bytes"
    leave: tuple[Literal["cancel", "timeout"], float] | None = None
    limits: tuple[float, float, float, float] = _USUAL
    queue: float | None = None
    attempts: int = 3
    resolve: bool = True
    status: str = ""
    grace: float | None = 0.0


@attrs.define
class Story:
    """Phases one after the other, each of steps that run side by side."""

    number: int
    token: str
    version: str
    phases: list[list[Step]]
    badness: float
    dice: random.Random = attrs.field(repr=False, eq=False)

    @property
    def calls(self) -> int:
        """How many calls of the library it makes."""
        return sum(step.name in ("apply", "cancel") for phase in self.phases for step in phase)

    def next_treatment(self) -> Treatment:
        """Draw how the next request of this story is treated."""
        if self.dice.random() >= self.badness:
            return Treatment()
        return _treatment(self.dice)


def stories(seed: int, round_number: int, calls: int) -> Iterator[Story]:
    """Yield stories that make at least so many calls together."""
    number = 0
    while calls > 0:
        story = make_story(seed, round_number, number)
        calls -= story.calls
        number += 1
        yield story


def make_story(seed: int, round_number: int, number: int) -> Story:
    """Make one story; the same for the same numbers."""
    dice = random.Random(f"{seed}:{round_number}:{number}")
    return Story(
        number=number,
        token=f"merchant-{round_number}-{number}",
        version=f"{round_number}.{number}.0",
        badness=dice.choice((0.0, 0.2, 0.4, 0.6, 0.9)),
        phases=_phases(dice),
        dice=random.Random(f"{seed}:{round_number}:{number}:requests"),
    )


def _phases(dice: random.Random) -> list[list[Step]]:
    kind = dice.random()
    actor = Step(name="actor apply")
    if kind < 0.38:
        phases = [[_call(dice, "apply")]]
    elif kind < 0.52:
        phases = [[_call(dice, "apply")], [_call(dice, "cancel")]]
    elif kind < 0.62:
        phases = [[actor], [_call(dice, "cancel")]]
    elif kind < 0.72:
        phases = [[_call(dice, "apply"), _later(dice, "actor apply")]]
    elif kind < 0.77:
        phases = [[_call(dice, "apply"), _call(dice, "apply")], [_call(dice, "cancel")]]
    elif kind < 0.84:
        phases = [[actor], [_call(dice, "cancel"), _later(dice, "actor cancel")]]
    elif kind < 0.90:
        phases = [[_call(dice, "apply"), _decision(dice)]]
    elif kind < 0.95:
        phases = [[actor], [_call(dice, "cancel"), _call(dice, "apply")]]
    else:
        others = [_later(dice, "actor cancel"), _later(dice, "actor apply")]
        phases = [[_call(dice, "apply"), *others], [_call(dice, "cancel"), *others]]
    if dice.random() < 0.05:
        grace = dice.choice((None, 0.0, 0.0, 0.3))
        closing = Step(
            name="close", slot=dice.randrange(SLOTS), delay=dice.uniform(0, 0.5), grace=grace
        )
        phases[-1] = [*phases[-1], closing]
    return phases


def _later(dice: random.Random, name: Literal["actor apply", "actor cancel"]) -> Step:
    return Step(name=name, delay=dice.uniform(0, 0.8))


def _decision(dice: random.Random) -> Step:
    status = dice.choice(("AUDIT_REJECT", "WAIT_RELEASE", "RELEASE", "INIT", "GRAY"))
    return Step(name="decide", status=status, delay=dice.uniform(0, 0.8))


def _call(dice: random.Random, name: Literal["apply", "cancel"]) -> Step:
    leave: tuple[Literal["cancel", "timeout"], float] | None = None
    if dice.random() < 0.25:
        leave = (dice.choice(("cancel", "timeout")), dice.uniform(0, 0.8))
    limits = _USUAL
    if dice.random() < 0.3:
        total = dice.choice((5.0, dice.uniform(0.05, 1.5)))
        limits = (dice.uniform(0.1, 0.4), dice.uniform(0.1, 0.4), dice.uniform(0.1, 0.5), total)
    size = 0
    if name == "apply":
        size = dice.choice((0, 0, 2_000, 5_000, 40_000, 90_000, 300_000, 500_000))
    return Step(
        name=name,
        delay=dice.uniform(0, 0.05),
        slot=dice.randrange(SLOTS),
        size=size,
        kind=dice.choice(("bytes", "file", "stream")),
        leave=leave,
        limits=limits,
        queue=dice.choice((None, None, None, 0.2)),
        attempts=dice.choice((1, 2, 3, 5)),
        resolve=dice.random() < 0.9,
    )


def _treatment(dice: random.Random) -> Treatment:
    ups: tuple[Up, ...] = ("slow", "reset", "close", "freeze", "hold", "swallow", "half-close")
    downs: tuple[Down, ...] = (
        *("lose", "truncate", "dribble", "page", "replay", "bad-chunk", "garbage"),
        *("unreadable", "unreadable"),
        *("stray-copy", "stray-junk", "stray-408", "duplicate", "bye"),
    )
    where = dice.random()
    up: Up = dice.choice(ups) if where < 0.35 else "pass"
    fault = dice.choice((*BEFORE, *AFTER, *AFTER)) if 0.35 <= where < 0.7 else None
    down: Down = "pass"
    if where >= 0.7 or (up in ("slow", "hold") and dice.random() < 0.5):
        down = dice.choice(downs)
    return Treatment(
        up=up,
        rate=dice.choice((150_000.0, 400_000.0, 800_000.0)) if up == "slow" else None,
        after_bytes=dice.choice((0, 500, 20_000, 100_000, 10**9)),
        delay=dice.uniform(0.1, 0.9) if up == "hold" else dice.choice((0.0, 0.0, 0.1)),
        early=dice.choice((b"", b"", b"HTTP/1.1 ", b"HTTP/1.1 100 Continue\r\n\r\n")),
        fault=fault,
        down=down,
        ending=dice.choice(("reset", "close", "hang")),
        size=dice.random(),
    )
