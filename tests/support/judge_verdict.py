"""Whether what the library said of its calls is what the platform did. No I/O here.

A `Deed` is what the platform did, from the sandbox's own records. A `Claim` is what the library
told its caller. `judge` compares them, call by call, once nothing is under way any more.
"""

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import attrs

from alipay_mini_audit import Outcome

Operation = Literal["apply", "cancel"]


class End(enum.Enum):
    """How a call ended."""

    REPLY = "reply"
    ERROR = "error"
    """An error of the package's tree."""
    LEFT = "left"
    """Its caller cancelled it, or its caller's time limit was over."""
    FOREIGN = "foreign"
    """An exception that no call may raise."""
    HUNG = "hung"
    """It had not ended long after its limits."""


@attrs.frozen(kw_only=True)
class Claim:
    """What one call told its caller.

    `told` is the outcome that the event `CallEnded` carries, `is_told` whether there was one.
    `seems_lost` says that the platform's answer to a question of the call was that it had not
    landed. `landed_later` is the answer of `resolve_apply` in the end, if that was asked.
    """

    mark: str
    operation: Operation
    place: tuple[str, str]
    end: End
    outcome: Outcome | None = None
    is_started: bool = True
    is_told: bool = True
    told: Outcome | None = None
    has_note: bool = True
    is_resolved: bool = False
    is_repeatable: bool = False
    seems_lost: bool = False
    is_asked_later: bool = False
    landed_later: bool | None = None
    detail: str = ""


@attrs.frozen(kw_only=True)
class Deed:
    """What the platform did with one whole request, or what an auditor decided.

    `place` is the owner and the version, `mark` names the call. `ends_audit` says that afterwards
    the version was in development again. `second` is all that the platform tells of its time.
    """

    place: tuple[str, str]
    mark: str
    accepted: bool
    ends_audit: bool = False
    second: int = 0


@attrs.frozen(kw_only=True)
class Violation:
    """A promise that one call broke; `beyond` if no client could have known better."""

    kind: str
    mark: str
    detail: str
    beyond: bool = False


def judge(claims: Iterable[Claim], deeds: Sequence[Deed]) -> list[Violation]:
    """Return every broken promise, in the order of the claims."""
    by_place: dict[tuple[str, str], list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_place[deed.place].append(deed)
    return [
        Violation(kind=kind, mark=claim.mark, detail=claim.detail, beyond=beyond)
        for claim in claims
        for kind, beyond in _broken(claim, by_place[claim.place])
    ]


def _broken(claim: Claim, deeds: Sequence[Deed]) -> Iterable[tuple[str, bool]]:
    own = [number for number, deed in enumerate(deeds) if deed.mark == claim.mark]
    accepted = [number for number in own if deeds[number].accepted]
    was_undone = bool(accepted) and _was_undone(claim, deeds[accepted[0] :])
    beyond = was_undone and claim.seems_lost
    name = claim.operation
    if accepted and own[-1] > accepted[0]:
        yield f"{name}: sent again though accepted", beyond
    if len(accepted) > 1:
        yield f"{name}: accepted twice by one call", beyond
    if claim.outcome in (Outcome.NOT_SENT, Outcome.REFUSED) and accepted:
        yield f"{name}: {claim.outcome.name} though accepted", beyond
    if claim.is_asked_later and claim.landed_later is False and accepted:
        yield f"{name}: resolve_apply says not landed, and it had", was_undone
    is_done = bool(accepted) or (claim.is_resolved and _is_withdrawn_anyway(claim, deeds))
    for kind in (*_false(claim, is_accepted=is_done), *_untold(claim, is_here=bool(own))):
        yield f"{name}: {kind}", False


def _was_undone(claim: Claim, since: Sequence[Deed]) -> bool:
    """Somebody else put the version back, so that it looked as if the call had never landed.

    What undoes a cancel is a new submission, and that shows its time: only one in the same second
    looks like the old one.
    """
    others = [deed for deed in since if deed.accepted and deed.mark != claim.mark]
    if claim.operation == "apply":
        return any(deed.ends_audit for deed in others)
    return any(deed.second == since[0].second for deed in others if not deed.ends_audit)


def _is_withdrawn_anyway(claim: Claim, deeds: Sequence[Deed]) -> bool:
    """A withdrawal counts as done when the version is in development, whoever put it there."""
    was_in_audit = any(deed.accepted and not deed.ends_audit for deed in deeds)
    return claim.operation == "cancel" and (
        not was_in_audit or any(deed.ends_audit for deed in deeds)
    )


def _false(claim: Claim, *, is_accepted: bool) -> Iterable[str]:
    if claim.end is End.HUNG:
        yield "did not end"
    elif claim.end is End.FOREIGN:
        yield "raised what is not of the tree"
    elif claim.end is End.REPLY and not is_accepted:
        how = "asked the platform" if claim.is_resolved else "read a reply"
        yield f"success that the platform does not have from it ({how})"
    elif claim.outcome is Outcome.ACCEPTED_UNREADABLE and not is_accepted:
        yield "ACCEPTED_UNREADABLE though not accepted"
    if claim.is_repeatable and is_accepted:
        yield "repeatable though accepted"
    if claim.is_asked_later and claim.landed_later and not is_accepted:
        yield "resolve_apply says landed, and it had not"


def _untold(claim: Claim, *, is_here: bool) -> Iterable[str]:
    if claim.end is End.HUNG:
        return
    if not claim.is_started:
        if is_here:
            yield "arrived without having started"
        return
    if not claim.is_told:
        yield "ended without CallEnded"
    elif claim.end is End.LEFT and claim.told is None:
        yield "CallEnded of a cancelled call has no outcome"
    elif claim.end in (End.REPLY, End.ERROR) and claim.told is not claim.outcome:
        yield "CallEnded has another outcome than the caller"
    if claim.end is End.LEFT and not claim.has_note:
        yield "the CancelledError has no note with the outcome"
