"""`plan_of`: what a run would do, in which order. It looks at files and a journal, and no more."""

from __future__ import annotations

import enum
import heapq
from collections.abc import AsyncIterable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.attachments import Attachments, PathSource
from alipay_mini_audit.batch import EntryState, Row, Submission
from alipay_mini_audit.batch.content import stamp_of
from alipay_mini_audit.batch.journal.names import Known, name_kept
from alipay_mini_audit.batch.journal.row import HoldKind
from alipay_mini_audit.batch.schedule import LOOK_AHEAD
from alipay_mini_audit.batch.submission import claim_of
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.state import state_of
from alipay_mini_audit.protocol import json_text

__all__ = ["SENDING", "Action", "PlannedEntry", "in_order", "plan_of"]


class Action(enum.StrEnum):
    """What a run does with an entry."""

    SEND = "send"
    ASK = "ask"
    """Ask what became of it; send it if it is proved that nothing of it has arrived."""
    COMPARE = "compare"
    """It was sent, and fields or files were touched since: see whether its content has changed."""
    DONE = "done"
    REFUSED = "refused"
    """It was refused, and goes again if its content has changed, or with `--retry refused`."""
    INVALID = "invalid"
    HELD = "held"
    """An operator has put it on hold, or skipped it."""


SENDING: Final = (Action.SEND, Action.ASK, Action.COMPARE)
"""What may lead to a submission."""


@final
@attrs.frozen(kw_only=True)
class PlannedEntry:
    """What a run would do with an entry.

    Attributes:
        submission: the entry.
        mini_app: whose version it is; a digest of the token if only that tells.
        action: what is done with it.
        has_token: whether it is for a merchant; otherwise it is for the application itself.
        files: how many there are.
        size: bytes of all files; those that cannot be looked at count nothing.
    """

    submission: Submission
    mini_app: str
    action: Action
    has_token: bool
    files: int
    size: int


async def plan_of(
    submissions: AsyncIterable[Submission],
    known: Known[Row],
    *,
    token: str | None,
    bad: Collection[int],
    stopped: Mapping[HoldKind, Collection[str]],
    retries_refused: bool,
) -> list[PlannedEntry]:
    """Return what a run would do, in the order of the manifest; it looks at files, and blocks.

    Args:
        submissions: all of them.
        known: what the journal knows.
        token: of the client; `None` for none.
        bad: the places of the entries that have errors, from 0 on.
        stopped: what is on hold or skipped.
        retries_refused: what was refused goes again unchanged.
    """
    planned = []
    number = 0
    async for submission in submissions:
        paths = _paths_of(submission)
        states = {name: state_of(path.stat()) for name, path in paths.items() if path.is_file()}
        its_token = submission.app_auth_token or token
        claim = claim_of(submission.identity, submission.mini_app, its_token)
        row = known.find(claim)
        mini_app = claim.mini_app if row is None else name_kept(row, claim)
        action = Action.SEND
        if number in bad:
            action = Action.INVALID
        elif row is not None:
            body = json_text(submission.request.to_wire())
            is_same = row.stamp == stamp_of(body, states)
            action = _action_of(row, is_same=is_same, retries_refused=retries_refused)
        names = [
            (HoldKind.KEY, submission.key),
            (HoldKind.KEY, submission.key if row is None else row.identity.key),
            (HoldKind.MINI_APP, mini_app),
            (HoldKind.TEMPLATE, submission.template_id or ""),
        ]
        if action in SENDING and any(name in stopped.get(kind, ()) for kind, name in names):
            action = Action.HELD
        planned.append(
            PlannedEntry(
                submission=submission,
                mini_app=mini_app,
                action=action,
                has_token=its_token is not None,
                files=len(paths),
                size=sum(size for size, *_ in states.values()),
            )
        )
        number += 1
    return planned


def _paths_of(submission: Submission) -> dict[str, Path]:
    attachments = submission.attachments
    if isinstance(attachments, Mapping):
        try:
            attachments = Attachments.from_parts(attachments)
        except ValidationError:
            return {}
    parts = {} if attachments is None else attachments.parts
    return {name: Path(each.path) for name, each in parts.items() if isinstance(each, PathSource)}


def _action_of(row: Row, *, is_same: bool, retries_refused: bool) -> Action:
    match row.state:
        case EntryState.SENDING | EntryState.UNKNOWN:
            return Action.ASK
        case state if state.is_submitted:
            return Action.DONE if is_same else Action.COMPARE
        case EntryState.REFUSED if not retries_refused:
            return Action.REFUSED if is_same else Action.COMPARE
        case _:
            return Action.SEND


def in_order(planned: Iterable[PlannedEntry], now: float) -> Iterator[PlannedEntry]:
    """Yield entries in the order in which they begin.

    Among the next entries, as many as are read ahead, those with the higher priority are first; who
    has a moment waits for it.

    Args:
        planned: in the order of the manifest.
        now: the time in seconds since 1970.
    """
    ahead: list[tuple[int, int, PlannedEntry]] = []
    waiting: list[tuple[float, int, PlannedEntry]] = []
    for number, entry in enumerate(planned):
        moment = entry.submission.not_before
        if moment is not None and moment.timestamp() > now:
            waiting.append((moment.timestamp(), number, entry))
            continue
        ready = (-entry.submission.priority, number, entry)
        if len(ahead) < LOOK_AHEAD:
            heapq.heappush(ahead, ready)
        else:
            yield heapq.heapreplace(ahead, ready)[2]
    while ahead:
        yield heapq.heappop(ahead)[2]
    yield from (entry for *_, entry in sorted(waiting, key=lambda each: each[:2]))
