"""`with_tokens`: what is wrong with merchants' tokens, beside what is wrong with a night."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Sequence

import attrs

from alipay_mini_audit.batch import Submission
from alipay_mini_audit.cli.exits import until_stopped
from alipay_mini_audit.cli.night.preflight import Findings
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.problems import Problem

__all__ = ["with_tokens"]


def with_tokens(
    findings: Findings,
    submissions: Sequence[Submission],
    ends: float | None,
    credentials: Credentials,
    config: ClientConfig,
    language: str,
) -> Findings:
    """Ask the platform about the tokens of a night; nothing else is asked, and nothing sent.

    Args:
        findings: what is known already.
        submissions: what would be sent.
        ends: when the night ends, in seconds since 1970; `None` if nobody knows.
        credentials: of the application.
        config: of the client.
        language: of the texts.

    Raises:
        Stopped: a signal came.
    """
    if all(submission.app_auth_token is None for submission in submissions):
        return findings
    until = None if ends is None else datetime.datetime.fromtimestamp(ends, datetime.UTC)

    async def ask() -> tuple[Problem, ...]:
        """Ask with a client of its own."""
        async with AuditClient(credentials, config) as client:
            return await client.tokens.preflight(submissions, until=until)

    found = [
        (problem.path.rpartition(".")[0], problem.in_language(language))
        for problem in asyncio.run(until_stopped(ask()))
    ]
    return attrs.evolve(findings, found=(*findings.found, *found))
