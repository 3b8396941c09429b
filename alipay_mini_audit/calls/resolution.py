"""What follows an unknown outcome: the question to the platform, and what its answer proves.

Only what is proved counts. The platform's answer is taken for a proof that a submission landed if
it is about that version, and the version was submitted since the first byte of the submission left,
by the platform's own clock, with the texts that were sent.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.calls.attempt import Answer
from alipay_mini_audit.calls.call import Call, CallSpec
from alipay_mini_audit.calls.listed import LISTED, has_left, list_query
from alipay_mini_audit.calls.standing import MOVES, has_moved
from alipay_mini_audit.models import VersionDetail, VersionStatus, read_model
from alipay_mini_audit.protocol import DETAIL, VERSIONS, Effect, Operation

__all__ = ["CLOCK_ALLOWANCE", "Claim", "has_landed", "is_about", "is_proved", "question_about"]

CLOCK_ALLOWANCE: Final = datetime.timedelta(seconds=2)
"""The platform's times have whole seconds, and its machines' clocks differ a little."""
_COMPARED: Final = ("version_desc", "memo")
"""Texts that the platform repeats as they were sent; others may be rewritten or filled in."""


@final
@attrs.frozen(kw_only=True)
class Claim:
    """What has to be proved.

    Attributes:
        operation: the call in question.
        about: the version that it moves, as a query for it.
        fields: what was said about the version.
    """

    operation: Operation
    about: Mapping[str, str]
    fields: Mapping[str, object] = attrs.field(factory=dict, repr=False)

    @classmethod
    def of(cls, call: Call | CallSpec) -> Claim:
        """Return what has to be proved of a call."""
        return cls(operation=call.operation, about=call.about, fields=call.fields or {})


def question_about(claim: Claim) -> CallSpec | None:
    """Return what asks for the version in question; `None` if the call named none."""
    if claim.operation.effect is None or "app_version" not in claim.about:
        return None
    if claim.operation.effect in LISTED:
        query = list_query(claim.about.get("bundle_id"))
        return CallSpec(operation=VERSIONS, about=claim.about, query=query)
    return CallSpec(operation=DETAIL, about=claim.about, query=claim.about)


def is_about(detail: VersionDetail, about: Mapping[str, str]) -> bool:
    """Say whether an answer is about the version that was asked for, as far as it says so."""
    bundle = detail.extra.get("bundle_id")
    return detail.app_version in (None, about.get("app_version")) and (
        bundle is None or "bundle_id" not in about or bundle == about["bundle_id"]
    )


def is_proved(claim: Claim, answer: Answer, since: datetime.datetime | None) -> bool | None:
    """Say whether a call took effect, by the answer to `question_about`.

    Args:
        claim: what has to be proved.
        answer: the platform's, signed.
        since: when the first byte of the call left, by the platform's clock; `None` if its clock is
            not known.

    Returns:
        `None` if the answer does not say.
    """
    if claim.operation.effect in LISTED:
        return has_left(claim.operation.effect, answer, claim.about, since)
    return has_landed(claim, read_model(VersionDetail, answer.fields, answer.meta), since)


def has_landed(claim: Claim, detail: VersionDetail, since: datetime.datetime | None) -> bool | None:
    """Say whether a call took effect, by what the platform knows of its version.

    A submission landed if the version left development, and was submitted since. A withdrawal
    landed if the version is in development again. It did not if the version is in audit since
    before it: what was submitted afterwards is another submission.

    Args:
        claim: what has to be proved.
        detail: the platform's signed answer.
        since: when the first byte of the call left, by the platform's clock; `None` if its clock is
            not known.

    Returns:
        `None` if the answer does not say.
    """
    if detail.app_version is None or not is_about(detail, claim.about):
        return None
    if claim.operation.effect is Effect.SUBMITS:
        return _is_submitted(claim, detail, since)
    if claim.operation.effect is Effect.WITHDRAWS:
        return _is_withdrawn(detail, since)
    if claim.operation.effect in MOVES:
        return has_moved(claim.operation.effect, detail, claim.fields, since)
    return None


def _is_submitted(
    claim: Claim, detail: VersionDetail, since: datetime.datetime | None
) -> bool | None:
    submitted = detail.gmt_apply_audit
    earliest = None if since is None else since - CLOCK_ALLOWANCE
    if detail.status == VersionStatus.INIT:
        # What was submitted since and is in development again may be ours, withdrawn by another.
        is_older = earliest is not None and submitted is not None and submitted < earliest
        return False if submitted is None or is_older else None
    if detail.status is None or submitted is None or earliest is None or submitted < earliest:
        return None
    return True if _has_same_texts(claim.fields, detail) else None


def _is_withdrawn(detail: VersionDetail, since: datetime.datetime | None) -> bool | None:
    if detail.status == VersionStatus.INIT:
        return True
    submitted = detail.gmt_apply_audit
    if detail.status != VersionStatus.AUDITING or submitted is None or since is None:
        return None
    return False if submitted < since else None


def _has_same_texts(sent: Mapping[str, object], detail: VersionDetail) -> bool:
    for name in _COMPARED:
        ours = _normal(sent.get(name))
        theirs = _normal(getattr(detail, name))
        if ours and theirs and ours != theirs:
            return False
    return True


def _normal(text: object) -> str:
    """Return a text without what the platform may have changed; empty if there is none."""
    return " ".join(unicodedata.normalize("NFC", text).split()) if isinstance(text, str) else ""
