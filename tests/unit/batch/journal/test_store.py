"""What every journal promises."""

import asyncio
from collections.abc import Callable

import attrs
import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal import Journal, JournalRun, MemoryJournal, SqliteJournal
from alipay_mini_audit.batch.journal.row import (
    Binding,
    Claim,
    Claimed,
    Conflict,
    Group,
    HoldKind,
    Identity,
    Row,
    Settlement,
    Turn,
)
from alipay_mini_audit.errors import BatchError, Outcome

AnyJournal = MemoryJournal | SqliteJournal
NOW = 1_800_000_000.0
BINDING = Binding(app_id="2021000000000001", base_url="https://openapi.alipay.com")
ONE = Identity("one", "0.0.1")
DAY = "2027-01-15"
DONE = Settlement(state=EntryState.DONE)


def claim_of(
    key: str, version: str = "0.0.1", *, mini_app: str | None = None, template: str = ""
) -> Claim:
    """A claim; by default each key has a mini-program of its own."""
    mini_app = f"app of {key}" if mini_app is None else mini_app
    return Claim(identity=Identity(key, version), mini_app=mini_app, template=template)


async def claim(run: JournalRun, claim: Claim | None = None) -> Claimed:
    (claimed,) = await run.claim([claim or claim_of("one")])
    return claimed


async def begin(
    run: JournalRun, row: Row, *, stamp: str = "s", quota: tuple[str, int] | None = None
) -> tuple[Turn, Row]:
    place = await run.begin(row.identity, row.epoch, at=NOW - 5, stamp=stamp, quota=quota)
    return place.turn, place.row


async def rows_of(journal: AnyJournal, state: EntryState | None = None) -> list[Row]:
    return [row async for row in journal.entries(state)]


async def leave_in(journal: AnyJournal, state: EntryState, **facts: object) -> Row:
    """Let a run leave an entry in a state."""
    async with journal.run(BINDING) as run:
        _, row = await begin(run, (await claim(run)).row)
        settled = await run.settle(ONE, row.epoch, Settlement(state=state, reason="r", **facts))  # type: ignore[arg-type]
    assert settled is not None
    return settled


def test_both_kinds_are_journals() -> None:
    kinds: list[Journal] = [MemoryJournal(), SqliteJournal("not opened")]
    assert len(kinds) == 2


async def test_a_new_entry_is_planned(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        claimed = await claim(run, claim_of("一", mini_app="m", template="t"))
    row = claimed.row
    assert claimed.conflict is None
    assert row == Row(
        identity=Identity("一", "0.0.1"),
        mini_app="m",
        caller="",
        template="t",
        updated_at=NOW,
        owner=row.owner,
    )
    assert row.owner
    assert await rows_of(journal) == [row]


async def test_the_same_entry_twice_in_a_run_is_a_conflict(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        first, second = await run.claim([claim_of("one"), claim_of("one", mini_app="other")])
        third = await claim(run)
        assert (await claim(run, claim_of("one", "0.0.2"))).conflict is None
    assert first.conflict is None
    assert second == third == Claimed(row=first.row, conflict=Conflict.SAME_KEY, other="one")


@pytest.mark.parametrize("state", EntryState)
async def test_the_same_version_under_another_key_is_a_conflict_unless_nothing_is_sent_of_it(
    journal: AnyJournal, state: EntryState
) -> None:
    left = await leave_in(journal, state)
    rival = claim_of("two", mini_app="app of one")
    async with journal.run(BINDING) as run:
        claimed = await claim(run, rival)
    if state in (EntryState.INVALID, EntryState.SKIPPED):
        assert claimed.conflict is None
    else:
        assert (claimed.conflict, claimed.other) == (Conflict.SAME_VERSION, "one")
        assert claimed.row.identity == rival.identity
        assert claimed.row.state is EntryState.INVALID
        assert await rows_of(journal) == [left, claimed.row]


async def test_a_claim_with_a_conflict_changes_nothing(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        await run.claim([claim_of("one", mini_app="m"), claim_of("two", mini_app="n")])
    before = await rows_of(journal)
    async with journal.run(BINDING) as run:
        claimed = await claim(run, claim_of("two", mini_app="m"))
        assert claimed == Claimed(row=before[1], conflict=Conflict.SAME_VERSION, other="one")
        assert await rows_of(journal) == before
        assert (await claim(run, claim_of("two", mini_app="n"))).conflict is None


async def test_another_bundle_or_mini_program_is_no_conflict(journal: AnyJournal) -> None:
    bundle = Claim(identity=Identity("three", "0.0.1", "com.example"), mini_app="app of one")
    async with journal.run(BINDING) as run:
        claims = [claim_of("one"), claim_of("two"), bundle]
        assert [one.conflict for one in await run.claim(claims)] == [None] * 3


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (EntryState.PLANNED, EntryState.PLANNED),
        (EntryState.SENDING, EntryState.SENDING),
        (EntryState.DONE, EntryState.DONE),
        (EntryState.INVALID, EntryState.PLANNED),
        (EntryState.REFUSED, EntryState.REFUSED),
        (EntryState.UNKNOWN, EntryState.UNKNOWN),
        (EntryState.DEFERRED, EntryState.PLANNED),
        (EntryState.HELD, EntryState.PLANNED),
        (EntryState.SKIPPED, EntryState.PLANNED),
    ],
)
async def test_the_next_run_takes_over_what_a_run_has_left(
    journal: AnyJournal, state: EntryState, found: EntryState
) -> None:
    left = await leave_in(journal, state, retry_at=NOW + 9)
    async with journal.run(BINDING) as run:
        row = (await claim(run)).row
    planned_again = found is not state
    in_doubt = found in (EntryState.SENDING, EntryState.UNKNOWN)
    assert row == attrs.evolve(
        left,
        alive_until=NOW + 1 if in_doubt else NOW - 5,
        state=found,
        epoch=2,
        tries=0,
        reason="" if planned_again else "r",
        retry_at=0.0 if planned_again else NOW + 9,
    )
    assert row.attempts == 1
    assert await rows_of(journal) == [row]


async def test_what_is_skipped_stays_so_until_it_is_released(journal: AnyJournal) -> None:
    await leave_in(journal, EntryState.SKIPPED)
    await journal.skip(mini_app="app of one")
    async with journal.run(BINDING) as run:
        assert (await claim(run)).row.state is EntryState.SKIPPED
    await journal.release(mini_app="app of one")
    async with journal.run(BINDING) as run:
        assert (await claim(run)).row.state is EntryState.PLANNED


async def test_a_row_follows_the_mini_program_and_template_of_its_last_claim(
    journal: AnyJournal,
) -> None:
    async with journal.run(BINDING) as run:
        row = (await claim(run, claim_of("one", mini_app="token:a", template="old"))).row
        await begin(run, row, quota=(DAY, 1))
    async with journal.run(BINDING) as run:
        row = (await claim(run, claim_of("one", mini_app="token:b", template="new"))).row
        assert (row.mini_app, row.template, row.quota_day) == ("token:b", "new", "")
        assert (await claim(run, claim_of("two", mini_app="token:a"))).conflict is None
        assert (await claim(run, claim_of("three", mini_app="token:b"))).other == "one"


@pytest.mark.parametrize(
    ("before", "now", "is_another"),
    [
        ("shop A", "shop B", True),
        ("shop A", "shop A", False),
        ("token:a", "shop A", False),
        ("shop A", "token:a", False),
        ("", "shop A", False),
    ],
)
async def test_what_was_sent_for_one_mini_program_is_not_taken_for_that_of_another(
    journal: AnyJournal, before: str, now: str, *, is_another: bool
) -> None:
    async with journal.run(BINDING) as run:
        await begin(run, (await claim(run, claim_of("one", mini_app=before))).row)
    (left,) = await rows_of(journal)
    async with journal.run(BINDING) as run:
        claimed = await claim(run, claim_of("one", mini_app=now))
        assert (claimed.conflict is Conflict.OTHER_MINI_APP) is is_another
        assert claimed.other == ("shop A" if is_another else "")
        assert (await rows_of(journal) == [left]) is is_another


FORMER = Identity("token:a@0.0.1", "0.0.1")
UNNAMED = Claim(identity=FORMER, mini_app="token:a", caller="token:a")
NAMED = Claim(identity=Identity("shop A@0.0.1", "0.0.1"), mini_app="shop A", caller="token:a")
RENEWED = attrs.evolve(NAMED, caller="token:b")
OWN = Claim(identity=Identity("0.0.1", "0.0.1"))
OWN_NAMED = Claim(identity=Identity("shop A@0.0.1", "0.0.1"), mini_app="shop A")
OTHER_KEY = Identity("two", "0.0.1")
RESPELLED = Claim(identity=Identity("Shop a@0.0.1", "0.0.1"), mini_app="Shop a", caller="token:a")


@pytest.mark.parametrize("state", EntryState)
@pytest.mark.parametrize(
    ("before", "now"), [(UNNAMED, NAMED), (NAMED, UNNAMED), (NAMED, RESPELLED), (OWN, OWN_NAMED)]
)
async def test_an_entry_goes_on_under_the_key_that_is_made_of_what_it_is_called_now(
    journal: AnyJournal, state: EntryState, before: Claim, now: Claim
) -> None:
    async with journal.run(BINDING) as run:
        _, row = await begin(run, (await claim(run, before)).row, stamp="sent")
        if state not in (EntryState.PLANNED, EntryState.SENDING):
            await run.settle(before.identity, row.epoch, Settlement(state=state))
    await journal.hold(key=before.identity.key)
    async with journal.run(BINDING) as run:
        claimed = await claim(run, now)
        assert claimed.conflict is None
        assert claimed.is_stopped
        assert (await claim(run, now)).conflict is Conflict.SAME_KEY
    assert (claimed.row.stamp, claimed.row.attempts) == ("sent", 1)
    (found,) = await rows_of(journal)
    name = before.mini_app if now is UNNAMED else now.mini_app
    assert (found.identity, found.mini_app, found.caller) == (now.identity, name, now.caller)


async def test_a_name_that_is_not_given_for_a_while_outlives_the_token(journal: AnyJournal) -> None:
    for each in (NAMED, UNNAMED, RENEWED, attrs.evolve(UNNAMED, identity=OTHER_KEY)):
        async with journal.run(BINDING) as run:
            claimed = await claim(run, each)
            if each is NAMED:
                await begin(run, claimed.row)
    assert claimed.conflict is None  # the old token tells nothing any more
    async with journal.run(BINDING) as run:
        again = attrs.evolve(RENEWED, identity=Identity("my key", "0.0.1"))
        assert (await claim(run, again)).other == RENEWED.identity.key
    assert [row.attempts for row in await rows_of(journal)] == [1, 0, 0]


@pytest.mark.parametrize("other", [UNNAMED, RESPELLED])
async def test_one_version_under_two_names_in_one_run_is_a_conflict_until_one_is_left_out(
    journal: AnyJournal, other: Claim
) -> None:
    async with journal.run(BINDING) as run:
        await begin(run, (await claim(run, NAMED)).row)
        second = await claim(run, other)
        assert (second.conflict, second.other) == (Conflict.SAME_VERSION, NAMED.identity.key)
    async with journal.run(BINDING) as run:
        assert (await claim(run, other)).conflict is None
    (found,) = await rows_of(journal)
    assert (found.identity, found.attempts) == (other.identity, 1)


async def test_another_caller_keeps_its_entry(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        await claim(run, attrs.evolve(UNNAMED, mini_app="token:b", caller="token:b"))
    async with journal.run(BINDING) as run:
        assert (await claim(run, NAMED)).row.identity == NAMED.identity
    assert len(await rows_of(journal)) == 2


async def test_without_tokens_names_tell_mini_programs_apart(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        claims = [claim_of("one", mini_app="a"), claim_of("two", mini_app="b")]
        assert [one.conflict for one in await run.claim(claims)] == [None, None]
        assert (await claim(run, claim_of("three", mini_app=""))).other == "one"


async def test_a_token_says_that_a_key_is_still_that_of_the_same_mini_program(
    journal: AnyJournal,
) -> None:
    keyed = [attrs.evolve(each, identity=ONE) for each in (NAMED, RESPELLED)]
    async with journal.run(BINDING) as run:
        await begin(run, (await claim(run, keyed[0])).row)
    async with journal.run(BINDING) as run:
        assert (await claim(run, keyed[1])).conflict is None
    async with journal.run(BINDING) as run:
        another = attrs.evolve(keyed[0], caller="token:b")
        assert (await claim(run, another)).conflict is Conflict.OTHER_MINI_APP


@pytest.mark.parametrize("before", [UNNAMED, NAMED, RESPELLED])
async def test_keys_of_their_own_make_no_second_entry_of_a_version(
    journal: AnyJournal, before: Claim
) -> None:
    async with journal.run(BINDING) as run:
        await claim(run, attrs.evolve(before, identity=ONE))
    async with journal.run(BINDING) as run:
        for each in (UNNAMED, NAMED, RESPELLED):
            for key in (each.identity, OTHER_KEY):
                claimed = await claim(run, attrs.evolve(each, identity=key))
                if claimed.conflict is not Conflict.SAME_KEY:
                    assert (claimed.conflict, claimed.other) == (Conflict.SAME_VERSION, "one")


async def test_what_was_never_sent_may_become_that_of_another(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        await claim(run, claim_of("one", mini_app="shop A"))
    async with journal.run(BINDING) as run:
        assert (await claim(run, claim_of("one", mini_app="shop B"))).conflict is None


async def test_an_entry_that_begins_is_sending_and_nothing_is_known_of_it(
    journal: AnyJournal,
) -> None:
    left = await leave_in(
        journal,
        EntryState.UNKNOWN,
        outcome=Outcome.UNKNOWN,
        is_repeatable=True,
        asked_at=NOW,
        landed=False,
        digest="d",
        code="C",
        request_id="r",
        trace_id="t",
        reply={"a": [1, None, "二"]},
    )
    assert (left.outcome, left.landed, left.reply) == (
        Outcome.UNKNOWN,
        False,
        {"a": [1, None, "二"]},
    )
    async with journal.run(BINDING) as run:
        row = (await claim(run)).row
        assert row == attrs.evolve(left, epoch=2, tries=0, asked_at=None, alive_until=NOW + 1)
        turn, sending = await begin(run, row, stamp="new")
    assert turn is Turn.GO
    assert sending == attrs.evolve(
        row,
        state=EntryState.SENDING,
        epoch=3,
        attempts=2,
        tries=1,
        sending_at=NOW - 5,
        alive_until=NOW - 5,
        asked_at=None,
        landed=None,
        outcome=None,
        is_repeatable=False,
        reason="",
        request_id="",
        stamp="new",
        digest="",
    )
    assert await rows_of(journal) == [sending]


@pytest.mark.parametrize(
    "state", [EntryState.DONE, EntryState.INVALID, EntryState.REFUSED, EntryState.SKIPPED]
)
async def test_what_is_settled_for_good_does_not_begin(
    journal: AnyJournal, state: EntryState
) -> None:
    async with journal.run(BINDING) as run:
        _, row = await begin(run, (await claim(run)).row)
        settled = await run.settle(ONE, row.epoch, Settlement(state=state))
        assert settled is not None
        assert await begin(run, settled) == (Turn.SUPERSEDED, settled)


async def test_an_old_epoch_changes_nothing_and_late_settlements_are_counted(
    journal: AnyJournal,
) -> None:
    async with journal.run(BINDING) as run:
        row = (await claim(run)).row
        _, sending = await begin(run, row)
        assert await begin(run, row) == (Turn.SUPERSEDED, sending)
        assert await run.settle(ONE, row.epoch, DONE) is None
        assert not await run.extend(ONE, row.epoch, alive_until=NOW)
        nobody = Identity("nobody", "1")
        assert await begin(run, Row(identity=nobody)) == (Turn.SUPERSEDED, Row(identity=nobody))
        assert await run.settle(nobody, 0, DONE) is None
        assert await rows_of(journal) == [sending]
    assert (await journal.summary()).fenced == 2


async def test_a_run_that_was_taken_over_writes_nothing_more(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as old:
        _, row = await begin(old, (await claim(old)).row)
        async with journal.run(BINDING, take_over=True) as new:
            assert await old.settle(ONE, row.epoch, DONE) is None
            assert (await begin(old, row))[0] is Turn.SUPERSEDED
            assert not await old.extend(ONE, row.epoch, alive_until=NOW)
            with pytest.raises(BatchError) as raised:
                await claim(old, claim_of("two"))
            assert raised.value.code == "batch_superseded"
            assert await rows_of(journal) == [row]
            taken = (await claim(new)).row
            assert taken == attrs.evolve(row, epoch=row.epoch + 1, tries=0, alive_until=NOW + 1)
            assert await new.settle(ONE, taken.epoch, DONE) is not None
    assert (await journal.summary()).fenced == 1


async def test_one_run_at_a_time_for_one_app_and_url(journal: AnyJournal) -> None:
    async with journal.run(BINDING):
        with pytest.raises(BatchError) as raised:
            async with journal.run(BINDING):
                pass
        assert raised.value.code == "journal_locked"
    for other in (attrs.evolve(BINDING, app_id="2"), attrs.evolve(BINDING, base_url="http://x")):
        with pytest.raises(BatchError) as raised:
            async with journal.run(other, take_over=True):
                pass
        assert raised.value.code == "journal_other_app"
    async with journal.run(BINDING) as run:
        assert (await claim(run)).conflict is None


async def test_an_attempt_is_extended(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        _, row = await begin(run, (await claim(run)).row)
        assert await run.extend(ONE, row.epoch, alive_until=NOW + 7)
    assert await rows_of(journal) == [attrs.evolve(row, alive_until=NOW + 7)]


async def test_a_settlement_keeps_what_it_does_not_say(journal: AnyJournal) -> None:
    first = Settlement(
        state=EntryState.UNKNOWN,
        reason="lost",
        outcome=Outcome.UNKNOWN,
        is_repeatable=True,
        code="CODE",
        retry_at=NOW + 60,
        reply={"speed_up": True},
        request_id="request",
        trace_id="trace",
        asked_at=NOW + 1,
        landed=True,
        alive_until=NOW + 2,
        digest="digest",
    )
    async with journal.run(BINDING) as run:
        _, sending = await begin(run, (await claim(run)).row)
        settled = await run.settle(ONE, sending.epoch, first)
        facts = attrs.asdict(first)
        for name in ("returns_quota", "refunds_try", "ends_doubt"):
            del facts[name]
        assert settled == attrs.evolve(sending, **facts)
        settled = await run.settle(ONE, sending.epoch, DONE)
        facts |= {"state": EntryState.DONE, "reason": "", "is_repeatable": False, "code": ""}
        assert settled == attrs.evolve(sending, **facts | {"retry_at": 0.0})
        settled = await run.settle(ONE, sending.epoch, attrs.evolve(DONE, asked_at=NOW + 3))
        assert settled is not None
        assert (settled.asked_at, settled.landed) == (NOW + 3, None)
    assert await rows_of(journal) == [settled]


async def test_doubt_begins_with_the_first_attempt_and_ends_when_it_is_said(
    journal: AnyJournal,
) -> None:
    again = Settlement(state=EntryState.PLANNED, refunds_try=True)
    async with journal.run(BINDING) as run:
        _, sending = await begin(run, (await claim(run)).row)
        assert (sending.doubt_since, sending.tries) == (sending.sending_at, 1)
        settled = await run.settle(ONE, sending.epoch, again)
        assert settled is not None
        assert (settled.tries, settled.attempts) == (0, 1)
        place = await run.begin(ONE, settled.epoch, at=NOW + 50, stamp="s", quota=None)
        assert place.row.sending_at == NOW + 50
        assert place.row.doubt_since == sending.doubt_since
        settled = await run.settle(ONE, place.row.epoch, attrs.evolve(again, ends_doubt=True))
    assert settled is not None
    assert settled.doubt_since is None
    assert await rows_of(journal) == [settled]


@pytest.mark.parametrize("kind", HoldKind)
async def test_what_is_on_hold_or_skipped_does_not_begin(
    journal: AnyJournal, kind: HoldKind
) -> None:
    value = {"key": "one", "mini_app": "app of one", "template": "t"}[kind.value]
    async with journal.run(BINDING) as run:
        row = (await claim(run, claim_of("one", template="t"))).row
        await journal.hold(**{kind.value: f"not {value}"})  # type: ignore[arg-type]
        await journal.hold(**{kind.value: value})  # type: ignore[arg-type]
        await journal.hold(**{kind.value: value})  # type: ignore[arg-type]
        place = await run.begin(ONE, row.epoch, at=NOW, stamp="s", quota=(DAY, 1))
        assert (place.turn, place.row, place.held_by) == (Turn.HELD, row, kind)
        await journal.skip(**{kind.value: value})  # type: ignore[arg-type]
        place = await run.begin(ONE, row.epoch, at=NOW, stamp="s", quota=(DAY, 1))
        assert (place.turn, place.row, place.held_by) == (Turn.SKIPPED, row, None)
        await journal.release(**{kind.value: value})  # type: ignore[arg-type]
        assert (await begin(run, row, quota=(DAY, 1)))[0] is Turn.GO


@pytest.mark.parametrize("name", ["hold", "release", "skip"])
async def test_one_thing_is_held_at_a_time(journal: AnyJournal, name: str) -> None:
    act = getattr(journal, name)
    with pytest.raises(TypeError, match="exactly one"):
        await act()
    with pytest.raises(TypeError, match="exactly one"):
        await act(key="one", template="t")
    with pytest.raises(TypeError, match="key is a text"):
        await act(key=1)


@pytest.mark.parametrize("kind", HoldKind)
async def test_what_was_refused_is_planned_again_by_a_release(
    journal: AnyJournal, kind: HoldKind
) -> None:
    keys = ["one", "two", "three"]
    async with journal.run(BINDING) as run:
        claims = [claim_of("one", template="t"), claim_of("two"), claim_of("three", template="t")]
        for claimed in await run.claim(claims):
            key = claimed.row.identity.key
            _, row = await begin(run, claimed.row)
            state = EntryState.DONE if key == "three" else EntryState.REFUSED
            what = Settlement(
                state=state, reason="CODE", code="CODE", retry_at=NOW, is_repeatable=True
            )
            await run.settle(row.identity, row.epoch, what)
        before = dict(zip(keys, await rows_of(journal), strict=True))
        value = {"key": "one", "mini_app": "app of one", "template": "t"}[kind.value]
        await journal.release(**{kind.value: value})  # type: ignore[arg-type]
        after = dict(zip(keys, await rows_of(journal), strict=True))
        planned = {"state": EntryState.PLANNED, "reason": "", "code": "", "retry_at": 0.0}
        assert after == before | {
            "one": attrs.evolve(before["one"], tries=0, is_repeatable=False, **planned)  # type: ignore[arg-type]
        }
        assert (await begin(run, after["one"]))[0] is Turn.GO


async def test_a_quota_is_counted_by_day_and_template(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        claims = [claim_of(key, template="t") for key in ("one", "two", "three")]
        one, two, three = [claimed.row for claimed in await run.claim(claims)]
        other = (await claim(run, claim_of("four", template="u"))).row
        assert await begin(run, one, quota=(DAY, 0)) == (Turn.NO_QUOTA, one)
        turn, one = await begin(run, one, quota=(DAY, 2))
        assert (turn, one.quota_day) == (Turn.GO, DAY)
        turn, one = await begin(run, one, quota=(DAY, 2))  # it has its place already
        assert (turn, one.quota_day) == (Turn.GO, DAY)
        assert (await begin(run, two, quota=(DAY, 2)))[0] is Turn.GO
        assert await begin(run, three, quota=(DAY, 2)) == (Turn.NO_QUOTA, three)
        assert await rows_of(journal, EntryState.PLANNED) == [three, other]
        assert (await begin(run, other, quota=(DAY, 1)))[0] is Turn.GO
        assert (await begin(run, three, quota=("2027-01-16", 2)))[0] is Turn.GO


async def test_a_place_of_a_quota_is_given_back_once(journal: AnyJournal) -> None:
    back = Settlement(state=EntryState.PLANNED, returns_quota=True)
    async with journal.run(BINDING) as run:
        claims = [claim_of(key, template="t") for key in ("one", "two", "three")]
        one, two, three = [claimed.row for claimed in await run.claim(claims)]
        _, one = await begin(run, one, quota=(DAY, 1))
        settled = await run.settle(ONE, one.epoch, back)
        assert settled is not None
        assert settled.quota_day == ""
        assert await run.settle(ONE, one.epoch, back) == settled
        assert (await begin(run, two, quota=(DAY, 1)))[0] is Turn.GO
        assert (await begin(run, three, quota=(DAY, 1)))[0] is Turn.NO_QUOTA
        turn, one = await begin(run, settled, quota=None)
        assert (turn, one.quota_day) == (Turn.GO, "")


async def test_a_quota_has_as_many_places_for_tasks_at_once(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        claimed = await run.claim([claim_of(f"{n}", template="t") for n in range(50)])
        begun = await asyncio.gather(*(begin(run, one.row, quota=(DAY, 20)) for one in claimed))
    assert [turn for turn, _ in begun].count(Turn.GO) == 20
    assert len(await rows_of(journal, EntryState.SENDING)) == 20


async def test_rows_are_yielded_in_the_order_of_their_planning_over_pages(
    journal: AnyJournal,
) -> None:
    keys = [f"{n * 7919 % 1201}" for n in range(1201)]
    async with journal.run(BINDING) as run:
        await run.claim([claim_of(key) for key in keys[:1000]])
        await run.claim([claim_of(key) for key in keys[1000:]])
        for key in keys[::100]:
            await run.settle(Identity(key, "0.0.1"), 0, DONE)
        assert [row.identity.key for row in await rows_of(journal)] == keys
        done = [row.identity.key for row in await rows_of(journal, EntryState.DONE)]
        assert done == keys[::100]
        planned = [row.identity.key for row in await rows_of(journal, EntryState.PLANNED)]
        assert planned == [key for n, key in enumerate(keys) if n % 100]


async def test_a_summary_counts_by_state_and_reason(journal: AnyJournal) -> None:
    assert (await journal.summary()).groups == ()
    async with journal.run(BINDING) as run:
        await run.claim([claim_of(f"{n}") for n in range(15)])
        for n in (3, 1, 2):
            what = Settlement(state=EntryState.REFUSED, reason="B" if n == 2 else "A")
            await run.settle(Identity(f"{n}", "0.0.1"), 0, what)
    summary = await journal.summary()
    planned = ("0", *(f"{n}" for n in range(4, 13)))
    assert summary.groups == (
        Group(state=EntryState.PLANNED, reason="", count=12, keys=planned),
        Group(state=EntryState.REFUSED, reason="A", count=2, keys=("1", "3")),
        Group(state=EntryState.REFUSED, reason="B", count=1, keys=("2",)),
    )
    assert summary.counts == {EntryState.PLANNED: 12, EntryState.REFUSED: 3}
    assert (summary.total, summary.fenced) == (15, 0)


async def test_what_a_cancelled_task_began_is_carried_out(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        row = (await claim(run)).row
        task = asyncio.create_task(begin(run, row))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        found = (await run.look(ONE, row.epoch + 1)).row
        assert (found.state, found.epoch) == (EntryState.SENDING, row.epoch + 1)
        assert await rows_of(journal) == [found]


async def test_a_run_that_is_over_writes_nothing_more(journal: AnyJournal) -> None:
    async with journal.run(BINDING) as run:
        row = (await claim(run)).row
    for act in (claim(run), begin(run, row), run.settle(ONE, 0, DONE), run.look(ONE, 0)):
        with pytest.raises(BatchError) as raised:
            await act
        assert raised.value.code == "journal_closed"
    assert await rows_of(journal) == [row]


async def test_a_journal_that_is_not_open_does_nothing(
    make_journal: Callable[[], AnyJournal],
) -> None:
    journal = make_journal()
    for _ in range(2):
        acts = (
            journal.hold(key="one"),
            journal.summary(),
            rows_of(journal),
            journal.run(BINDING).__aenter__(),
        )
        for act in acts:
            with pytest.raises(BatchError) as raised:
                await act
            assert raised.value.code == "journal_closed"
        async with journal:
            pass


async def test_closing_fails_what_a_run_does_next(make_journal: Callable[[], AnyJournal]) -> None:
    journal = make_journal()
    async with journal, journal.run(BINDING) as run:
        row = (await claim(run)).row
        await journal.aclose()
        for _ in range(2):
            with pytest.raises(BatchError) as raised:
                await begin(run, row)
            assert raised.value.code == "journal_closed"
