"""`look_at_all`: what is wrong with a night, before anything of it is sent."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.batch import Submission
from alipay_mini_audit.batch.journal.row import Claim, Identity
from alipay_mini_audit.batch.submission import claim_of
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.codes.own import OWN
from alipay_mini_audit.errors import AuditError, Severity
from alipay_mini_audit.problems import Problem, told

__all__ = ["Findings", "ProblemGroup", "Source", "grouped", "look_at_all"]

_AT_ONCE: Final = 16
_SHOWN_KEYS: Final = 3
_FAR: Final = datetime.timedelta(days=30)
"""A run that waits for so long is meant by nobody."""
_NO_TOKEN: Final = told(
    "mini_app", "token_not_given", *OWN["token_not_given"], severity=Severity.WARNING
)


_FAR_AHEAD: Final = told(
    "not_before", "not_before_far", *OWN["not_before_far"], severity=Severity.WARNING
)


class Source(Protocol):
    """A manifest, as a night needs it."""

    async def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with lines of it, so that they are no submissions."""
        ...

    @property
    def left_out(self) -> int | None:
        """How many lines are no submissions; `None` if nobody knows."""
        ...

    def __aiter__(self) -> AsyncIterator[Submission]:
        """Read the others; again and again."""
        ...


@final
@attrs.frozen(kw_only=True)
class Findings:
    """What is wrong with a night.

    Attributes:
        lines: what is wrong with lines of the manifest, which are no entries.
        identities: of all entries, in their order.
        found: the key of an entry and one problem of it, each by itself.
        bad: the places of the entries that have an error, from 0 on.
        left_out: how many lines of the manifest are no entries; `None` if nobody knows.
        claims: what a journal is asked for each of them.
    """

    lines: tuple[Problem, ...]
    identities: tuple[Identity, ...]
    found: tuple[tuple[str, Problem], ...]
    bad: frozenset[int]
    left_out: int | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def total(self) -> int:
        """How many entries there are."""
        return len(self.identities)

    @property
    def good(self) -> int:
        """How many entries have no error."""
        return self.total - len(self.bad)

    @property
    def has_bad_lines(self) -> bool:
        """Whether a line of the manifest is no entry."""
        return any(problem.severity is Severity.ERROR for problem in self.lines)

    @property
    def has_errors(self) -> bool:
        """Whether a line or an entry cannot be sent as it is."""
        return self.has_bad_lines or bool(self.bad)


@final
@attrs.frozen(kw_only=True)
class ProblemGroup:
    """Problems with the same code and severity.

    Attributes:
        code: of all of them.
        severity: of all of them.
        count: of entries or lines.
        first: one of them.
        keys: the first entries that have it; empty if it is of lines.
    """

    code: str
    severity: Severity
    count: int
    first: Problem
    keys: tuple[str, ...]


async def look_at_all(
    source: Source,
    client: AuditClient,
    language: str,
    on_entry: Callable[[], None],
    *,
    token: str | None,
) -> Findings:
    """Read a manifest and check its entries, a few at a time; nothing is sent.

    Files that entries share are looked at once, as far as the client remembers them.

    Args:
        source: the manifest.
        client: checks them.
        language: of the texts.
        on_entry: is called after each entry.
        token: of the merchant that entries without a token of their own are for; `None` for none.

    Raises:
        AuditError: the manifest cannot be read, or not any more.
    """
    lines = await source.problems()
    identities: list[Identity] = []
    found: list[tuple[int, str, Problem]] = []
    bad: set[int] = set()
    claims: list[Claim] = []
    entries = aiter(source)
    turn = asyncio.Lock()

    async def work() -> None:
        """Check entries until there are no more."""
        while True:
            async with turn:
                submission = await anext(entries, None)
                if submission is None:
                    return
                number = len(identities)
                identities.append(submission.identity)
                its_token = submission.app_auth_token or token
                claims.append(claim_of(submission.identity, submission.mini_app, its_token))
            problems = await _check(client, submission, language)
            if submission.mini_app and its_token is None:
                problems = (_NO_TOKEN.in_language(language), *problems)
            if _is_far(submission.not_before):
                problems = (_FAR_AHEAD.in_language(language), *problems)
            if any(problem.severity is Severity.ERROR for problem in problems):
                bad.add(number)
            found.extend((number, submission.key, problem) for problem in problems)
            on_entry()

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_AT_ONCE):
                tasks.create_task(work())
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None  # what reading the manifest has raised
    found.sort(key=lambda each: each[0])
    return Findings(
        lines=tuple(problem.in_language(language) for problem in lines),
        identities=tuple(identities),
        found=tuple((key, problem) for _, key, problem in found),
        bad=frozenset(bad),
        left_out=source.left_out,
        claims=tuple(claims),
    )


def _is_far(moment: datetime.datetime | None) -> bool:
    return moment is not None and moment - datetime.datetime.now(datetime.UTC) > _FAR


async def _check(client: AuditClient, submission: Submission, language: str) -> tuple[Problem, ...]:
    try:
        return await client.check(submission.request, submission.attachments, language=language)
    except AuditError as error:  # a file that hangs stops no other entry
        code = getattr(error, "code", None) or "not_sent"
        return (Problem(submission.key, code, str(error)),)


def grouped(findings: Findings) -> list[ProblemGroup]:
    """Return the problems by code: errors first, and of these the most frequent."""
    groups: dict[tuple[Severity, str], list[tuple[str, Problem]]] = {}
    for key, problem in [*(("", each) for each in findings.lines), *findings.found]:
        groups.setdefault((problem.severity, problem.code), []).append((key, problem))
    counted = [
        ProblemGroup(
            code=code,
            severity=severity,
            count=sum(not key for key, _ in found) + len({key for key, _ in found if key}),
            first=found[0][1],
            keys=tuple(dict.fromkeys(key for key, _ in found if key))[:_SHOWN_KEYS],
        )
        for (severity, code), found in groups.items()
    ]
    return sorted(counted, key=lambda each: (each.severity is not Severity.ERROR, -each.count))
