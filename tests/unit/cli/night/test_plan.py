import datetime
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from alipay_mini_audit.batch import EntryState, Row, Submission
from alipay_mini_audit.batch.content import stamp_of
from alipay_mini_audit.batch.journal.names import Known
from alipay_mini_audit.batch.journal.row import HoldKind
from alipay_mini_audit.batch.schedule import LOOK_AHEAD
from alipay_mini_audit.cli.night.plan import Action, PlannedEntry, in_order, plan_of
from alipay_mini_audit.files.state import state_of
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.protocol import json_text

REQUEST = AuditApply(app_version="1.0.0", version_desc="The first version.")


def planned(number: int, **values: object) -> PlannedEntry:
    submission = Submission(str(number), REQUEST, **values)  # type: ignore[arg-type]
    return PlannedEntry(
        submission=submission, mini_app="", action=Action.SEND, has_token=True, files=0, size=0
    )


def keys(entries: list[PlannedEntry]) -> list[str]:
    return [entry.submission.key for entry in in_order(entries, 0.0)]


def test_those_with_the_higher_priority_are_first_and_others_keep_their_order() -> None:
    entries = [planned(1), planned(2, priority=5), planned(3), planned(4, priority=-1)]
    assert keys(entries) == ["2", "1", "3", "4"]


def test_no_further_ahead_than_is_read() -> None:
    entries = [planned(number) for number in range(LOOK_AHEAD)]
    entries += [planned(LOOK_AHEAD, priority=1), planned(LOOK_AHEAD + 1)]
    order = keys(entries)
    assert order[:3] == ["0", str(LOOK_AHEAD), "1"]
    assert len(order) == LOOK_AHEAD + 2


def test_who_has_a_moment_waits_for_it() -> None:
    later = [datetime.datetime.fromtimestamp(at, datetime.UTC) for at in (20, 10)]
    entries = [planned(1, not_before=later[0]), planned(2, not_before=later[1]), planned(3)]
    assert keys(entries) == ["3", "2", "1"]


async def some(*submissions: Submission) -> AsyncIterator[Submission]:
    for submission in submissions:
        yield submission


@pytest.mark.parametrize(
    ("state", "is_same", "retries", "action"),
    [
        (EntryState.PLANNED, True, False, Action.SEND),
        (EntryState.INVALID, True, False, Action.SEND),
        (EntryState.DEFERRED, True, False, Action.SEND),
        (EntryState.SENDING, True, False, Action.ASK),
        (EntryState.UNKNOWN, False, False, Action.ASK),
        (EntryState.DONE, True, False, Action.DONE),
        (EntryState.DONE, False, False, Action.COMPARE),
        (EntryState.REFUSED, True, False, Action.REFUSED),
        (EntryState.REFUSED, False, False, Action.COMPARE),
        (EntryState.REFUSED, True, True, Action.SEND),
        (EntryState.SKIPPED, True, False, Action.SEND),
    ],
)
async def test_what_the_journal_knows_says_what_is_done(
    tmp_path: Path, state: EntryState, is_same: bool, retries: bool, action: Action
) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"x" * 70)
    submission = Submission("k", REQUEST, {"app_logo": logo}, app_auth_token="t")
    stamp = stamp_of(json_text(REQUEST.to_wire()), {"app_logo": state_of(logo.stat())})
    row = Row(identity=submission.identity, state=state, stamp=stamp if is_same else "other")
    known: Known[Row] = Known()
    known.add(row, row)
    (entry,) = await plan_of(
        some(submission),
        known,
        token=None,
        bad=(),
        stopped={},
        retries_refused=retries,
    )
    assert (entry.action, entry.files, entry.size) == (action, 1, 70)
    assert entry.mini_app.startswith("token:")


async def test_what_is_bad_or_stopped_is_not_sent() -> None:
    first = Submission("a", REQUEST, mini_app="m")
    entries = [first, attrs.evolve(first, key="b"), attrs.evolve(first, key="c", mini_app="n")]
    entries.append(attrs.evolve(first, key="d", mini_app="n", template_id="t"))
    stopped = {HoldKind.KEY: {"b"}, HoldKind.MINI_APP: {"n"}, HoldKind.TEMPLATE: {"x"}}
    found = await plan_of(
        some(*entries), Known(), token=None, bad={0}, stopped=stopped, retries_refused=False
    )
    assert [each.action for each in found] == [
        Action.INVALID,
        Action.HELD,
        Action.HELD,
        Action.HELD,
    ]
