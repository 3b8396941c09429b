"""An entry is `sending` in the journal before a byte of it leaves, and still its own."""

from collections.abc import AsyncIterator

import attrs
import pytest

from alipay_mini_audit.batch.budget import Bandwidth
from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.gate import EntryGate, Withheld
from alipay_mini_audit.batch.journal.memory import MemoryJournal
from alipay_mini_audit.batch.journal.row import Binding, Claim, Identity, Row, Settlement, Turn
from alipay_mini_audit.batch.journal.run import Run
from alipay_mini_audit.errors import BatchError, SendInterrupted

START = 1000.0
BINDING = Binding(app_id="1", base_url="https://x")
IDENTITY = Identity("a", "1")


@attrs.define
class Scene:
    """A journal with one entry, and a clock that is put forward by hand."""

    journal: MemoryJournal
    run: Run
    row: Row
    time: float = 0.0
    begun: list[float] = attrs.Factory(list)

    def gate(self, quota: int | None = None, bandwidth: Bandwidth | None = None) -> EntryGate:
        return EntryGate(
            self.run,
            self.row,
            stamp="stamp",
            anew=False,
            on_begin=lambda: self.begun.append(self.time),
            quota=quota,
            bandwidth=bandwidth,
            hashes=None,
            on_sent=lambda: None,
            now=lambda: START + self.time,
            clock=lambda: self.time,
        )

    async def kept(self) -> Row:
        (row,) = [row async for row in self.journal.entries()]
        return row


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with MemoryJournal(clock=lambda: 1000.0) as journal, journal.run(BINDING) as run:
        claim = Claim(identity=IDENTITY, mini_app="m", template="t")
        (claimed,) = await run.claim([claim])
        yield Scene(journal, run, claimed.row)


async def test_it_is_written_down_before_the_request_leaves(scene: Scene) -> None:
    gate = scene.gate()
    assert not gate.has_begun
    await gate.before_request("r-1")
    assert scene.begun == [0.0]
    kept = await scene.kept()
    assert (kept.state, kept.stamp, kept.attempts) == (EntryState.SENDING, "stamp", 1)
    assert (kept.sending_at, kept.alive_until) == (1000.0, 1000.0)
    assert gate.has_begun
    assert gate.row == kept


@pytest.mark.parametrize(
    ("stop", "turn"),
    [("hold", Turn.HELD), ("skip", Turn.SKIPPED), ("quota", Turn.NO_QUOTA), ("done", None)],
)
async def test_what_is_stopped_does_not_leave(scene: Scene, stop: str, turn: Turn | None) -> None:
    quota = 1 if stop == "quota" else None
    match stop:
        case "hold":
            await scene.journal.hold(mini_app="m")
        case "skip":
            await scene.journal.skip(key="a")
        case "quota":
            other = Claim(identity=Identity("b", "1"), mini_app="n", template="t")
            await scene.run.claim([other])
            day = ("1970-01-01", 1)
            await scene.run.begin(Identity("b", "1"), 0, at=1.0, stamp="", quota=day)
        case _:
            await scene.run.settle(IDENTITY, 0, Settlement(state=EntryState.DONE))
    gate = scene.gate(quota)
    with pytest.raises(Withheld) as caught:
        await gate.before_request("r-1")
    assert caught.value.place.turn is (turn or Turn.SUPERSEDED)
    assert not gate.has_begun
    assert gate.row.state is (EntryState.DONE if stop == "done" else EntryState.PLANNED)


async def test_the_day_of_a_quota_is_that_on_which_it_leaves(scene: Scene) -> None:
    gate = scene.gate(quota=1)
    scene.time = 16 * 3600.0 - START  # midnight in Beijing, while it waited for its turn
    await gate.before_request("r-1")
    assert (await scene.kept()).quota_day == "1970-01-02"


async def test_what_cannot_be_written_down_does_not_leave(scene: Scene) -> None:
    gate = scene.gate()
    await scene.journal.aclose()
    with pytest.raises(BatchError):
        await gate.before_request("r-1")
    assert not gate.has_begun


async def test_what_was_just_asked_is_believed(scene: Scene) -> None:
    gate = scene.gate()
    await gate.before_request("r-1")
    await scene.journal.aclose()  # who asks it again is told so
    scene.time = 1.0
    await gate.before_piece(1)


async def test_an_upload_that_goes_on_is_noted(scene: Scene) -> None:
    gate = scene.gate()
    await gate.before_request("r-1")
    noted = []
    for moment in (0.5, 1.1, 2.0, 2.2, 9.0):
        scene.time = moment
        await gate.before_piece(1)
        noted.append((await scene.kept()).alive_until)
    assert noted == [1000.0, 1002.1, 1002.1, 1003.2, 1010.0]


async def test_who_was_frozen_and_has_lost_the_journal_sends_nothing_more(scene: Scene) -> None:
    gate = scene.gate()
    await gate.before_request("r-1")
    async with scene.journal.run(BINDING, take_over=True):
        scene.time = 0.9
        await gate.before_piece(1)
        scene.time = 1.1
        for _ in range(2):
            with pytest.raises(SendInterrupted):
                await gate.before_piece(1)


async def test_who_is_frozen_while_the_journal_answers_asks_again(scene: Scene) -> None:
    asked = []

    @attrs.define
    class Slow:
        """The run, whose process is frozen as the first answer comes."""

        async def begin(self, *given: object, **named: object) -> object:
            return await scene.run.begin(*given, **named)  # type: ignore[arg-type]

        async def extend(self, *given: object, **named: object) -> bool:
            answer = await scene.run.extend(*given, **named)  # type: ignore[arg-type]
            asked.append(answer)
            scene.time += 100.0 if len(asked) == 1 else 0.0
            return answer

    gate = scene.gate()
    gate._journal = Slow()  # type: ignore[assignment]
    await gate.before_request("r-1")
    scene.time = 5.0
    await gate.before_piece(1)
    assert asked == [True, True]


async def test_waiting_for_the_line_counts_as_time(scene: Scene) -> None:
    class Line:
        """A line that is free in a minute."""

        most_bytes = 7

        async def take(self, count: int) -> None:
            scene.time += 60.0 * count

    gate = scene.gate(bandwidth=Line())  # type: ignore[arg-type]
    assert gate.most_bytes == 7
    await gate.before_request("r-1")
    async with scene.journal.run(BINDING, take_over=True):
        with pytest.raises(SendInterrupted):
            await gate.before_piece(1)


async def test_without_a_bound_a_piece_may_have_any_size(scene: Scene) -> None:
    assert scene.gate().most_bytes is None


async def test_it_is_open_while_the_journal_is_believed(scene: Scene) -> None:
    gate = scene.gate()
    await gate.before_request("r-1")
    assert gate.is_open
    scene.time += 1.5
    assert not gate.is_open
    await gate.before_piece(1)
    assert gate.is_open


async def test_a_bounded_line_is_asked_for_each_piece(scene: Scene) -> None:
    gate = scene.gate(bandwidth=Bandwidth(1000.0, lambda: scene.time))
    await gate.before_request("r-1")
    assert not gate.is_open
