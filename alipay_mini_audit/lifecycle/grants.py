"""`preflight_tokens`: what merchants' tokens may do, found out before anything is sent."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.batch import Submission
from alipay_mini_audit.errors import ApiError, AuditError, ConfigurationError, ValidationError
from alipay_mini_audit.models import TokenInfo
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["TokenQuestion", "preflight_tokens"]

TokenQuestion = Callable[[str], Awaitable[TokenInfo]]
"""Asks what a token may do."""

_CONCURRENCY: Final = 8
_MOST_FAILURES: Final = 8
_APPLY: Final = "alipay.open.mini.version.audit.apply"
_OF_THE_TOKEN: Final = frozenset({"AUTH_TOKEN_NOT_EXISTED", "AUTH_TOKEN_NOT_CONSISTENT"})
_ENDS: Final = (
    ("it ends at {moment}, before the night does.", "Have the merchant authorise again."),
    ("该令牌将于 {moment} 到期，早于本次批量提交的结束时间。", "请让商家重新授权。"),
)
_INVALID: Final = (
    ("the platform says that it is not valid any more.", "Have the merchant authorise again."),
    ("平台返回该令牌已失效。", "请让商家重新授权。"),
)
_REFUSED: Final = (
    ("the platform does not know it, or not as this application's: {code}.", "Copy it again."),
    ("平台没有该令牌，或该令牌不属于本应用：{code}。", "请核对令牌。"),
)
_NOT_NAMED: Final = (
    (
        "{call} is not among what it may do.",
        "That proves no refusal: try one submission, or have the merchant authorise again.",
    ),
    (
        "授权列表中没有 {call}。",
        "这不一定意味着会被拒绝：可先试提交一个，或让商家重新授权。",
    ),
)
_NOT_ASKED: Final = (
    ("what it may do could not be found out: {reason}.", ""),
    ("未能查询到该令牌的授权范围：{reason}。", ""),
)


async def preflight_tokens(
    ask: TokenQuestion,
    submissions: Iterable[Submission] | AsyncIterable[Submission],
    until: datetime.datetime | None,
) -> tuple[Problem, ...]:
    """Ask about each token once, eight at a time.

    Args:
        ask: puts the question.
        submissions: whose tokens; those without one are passed over.
        until: an aware moment until which the tokens have to last; `None` looks at no time.

    Returns:
        What is wrong, in the order of the submissions. No problem holds a token. After eight
        questions in a row that failed no other is put.

    Raises:
        ConfigurationError: the client is closed.
        TypeError: one of the submissions is none.
    """
    merchants = await _merchants_of(submissions, until)
    places = asyncio.Semaphore(_CONCURRENCY)
    failed: list[str] = []

    async def look(token: str, merchant: _Merchant) -> list[Problem]:
        """Return what is wrong with one token; raise only if no question can be put."""
        async with places:
            if len(failed) >= _MOST_FAILURES:  # of thousands each would take its time to fail
                return [merchant.not_checked(failed[-1])]
            try:
                info = await ask(token)
            except ConfigurationError:
                raise  # no question can be put
            except ValidationError as error:  # nor can a submission with this token be sent
                path = f"{merchant.name}.app_auth_token"
                return [attrs.evolve(problem, path=path) for problem in error.problems]
            except AuditError as error:
                code = error.code if isinstance(error, ApiError) else ""
                if code in _OF_THE_TOKEN:
                    return [merchant.told(code, _REFUSED, {"code": code})]
                failed.append(code or type(error).__name__)
                return [merchant.not_checked(failed[-1])]
            failed.clear()
            return merchant.judge(info)

    tasks: list[asyncio.Task[list[Problem]]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks += [group.create_task(look(token, each)) for token, each in merchants.items()]
    except ExceptionGroup as error:
        raise error.exceptions[0] from None
    return tuple(problem for task in tasks for problem in task.result())


async def _merchants_of(
    submissions: Iterable[Submission] | AsyncIterable[Submission],
    until: datetime.datetime | None,
) -> dict[str, _Merchant]:
    merchants: dict[str, _Merchant] = {}
    async for submission in _each(submissions):
        if not isinstance(submission, Submission):
            kind = type(submission).__name__
            raise TypeError(f"submissions: expected Submission, not {kind}")
        if submission.app_auth_token is not None:
            name = submission.mini_app or submission.key
            merchants.setdefault(submission.app_auth_token, _Merchant(name, until))
    return merchants


async def _each(
    submissions: Iterable[Submission] | AsyncIterable[Submission],
) -> AsyncIterable[Submission]:
    if isinstance(submissions, AsyncIterable):
        async for submission in submissions:
            yield submission
    else:
        for submission in submissions:
            yield submission


@final
@attrs.frozen
class _Merchant:
    name: str
    until: datetime.datetime | None

    def judge(self, info: TokenInfo) -> list[Problem]:
        """Return what is wrong with a token, by what the platform says of it."""
        if info.is_valid is False:
            return [self.told("token_invalid", _INVALID, {})]
        found = []
        if self.until is not None and info.auth_end is not None and info.auth_end < self.until:
            moment = info.auth_end.strftime("%Y-%m-%d %H:%M")
            found.append(self.told("token_ends", _ENDS, {"moment": moment}))
        if not info.is_by_app_auth and not info.names(_APPLY):
            values = {"call": _APPLY}
            found.append(self.told("token_without_call", _NOT_NAMED, values, Severity.WARNING))
        return found

    def not_checked(self, reason: str) -> Problem:
        """Return the warning that nobody knows."""
        return self.told("token_not_checked", _NOT_ASKED, {"reason": reason}, Severity.WARNING)

    def told(
        self,
        code: str,
        texts: tuple[tuple[str, str], tuple[str, str]],
        values: Mapping[str, object],
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem of this merchant's."""
        return told(f"{self.name}.app_auth_token", code, *texts, severity, values)
