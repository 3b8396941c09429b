"""`detail_about`: an answer about a version, if it is about the one that was asked for."""

from __future__ import annotations

from collections.abc import Mapping

from alipay_mini_audit.calls import Answer, is_about
from alipay_mini_audit.errors import MalformedReply, Outcome
from alipay_mini_audit.models import VersionDetail, read_model

__all__ = ["detail_about"]


def detail_about(answer: Answer, about: Mapping[str, str]) -> VersionDetail:
    """Return where a version stands.

    Args:
        answer: the platform's.
        about: the version that was asked for, as the query named it.

    Raises:
        MalformedReply: it is about another version.
    """
    detail = read_model(VersionDetail, answer.fields, answer.meta)
    if not is_about(detail, about):
        raise _other_version(detail)
    return detail


def _other_version(detail: VersionDetail) -> MalformedReply:
    error = MalformedReply(
        "The platform's answer is about another version than the one asked for.",
        outcome=Outcome.ACCEPTED_UNREADABLE,
        http_status=detail.meta.http_status,
        trace_id=detail.meta.trace_id,
    )
    error.request_id = detail.meta.request_id
    return error
