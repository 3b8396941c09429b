"""`TokenCalls`: what a merchant's token may do."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, Final, final

from alipay_mini_audit.calls import NO_TOKEN, CallSpec
from alipay_mini_audit.client.arguments import MakeCall, checked_token, expect
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.errors import Problem
from alipay_mini_audit.models import TokenInfo, read_model
from alipay_mini_audit.protocol import TOKEN

if TYPE_CHECKING:
    from alipay_mini_audit.batch import Submission

__all__ = ["TokenCalls"]

_SECRETS: Final = frozenset({"app_auth_token", "app_refresh_token"})
"""Of a reply that says more than its schema."""


@final
class TokenCalls:
    """The question about a merchant's token, as `AuditClient.tokens`.

    Args:
        make: makes calls with the options of a client or view.
    """

    def __init__(self, make: MakeCall) -> None:
        self._make = make

    async def query(self, app_auth_token: str, *, timeouts: Timeouts | None = None) -> TokenInfo:
        """Ask what a token may do, and until when: `GET /v3/alipay/open/auth/token/app/query`.

        The application asks for itself. The platform takes the token in the URL (official OpenAPI
        schema of 2026-10-08), so proxies on the way may write it down; no event, error or log of
        this package has it.

        Args:
            app_auth_token: the merchant's token.
            timeouts: seconds for each phase; `None` takes the client's.

        Raises:
            ValidationError: the token has characters that no token has; nothing was sent.
            SigningError, CallError: as for `AuditClient.apply`; a question changes nothing.
        """
        expect("app_auth_token", app_auth_token, str, "a text")
        secret = checked_token(app_auth_token)
        spec = CallSpec(operation=TOKEN, query={"app_auth_token": secret}, secret=secret)
        answer = await self._make(spec, NO_TOKEN, timeouts)
        told = {name: value for name, value in answer.fields.items() if name not in _SECRETS}
        return read_model(TokenInfo, told, answer.meta)

    async def preflight(
        self,
        submissions: Iterable[Submission] | AsyncIterable[Submission],
        *,
        until: datetime.datetime | None = None,
        timeouts: Timeouts | None = None,
    ) -> tuple[Problem, ...]:
        """Find the tokens that end before a night does, are not valid, or lack the call.

        Nothing is sent but one question for each token, eight at a time. A question that fails is
        a warning.

        Args:
            submissions: whose tokens; those without one are passed over.
            until: an aware moment until which they have to last; `None` looks at no time.
            timeouts: as for `query`, for each question.

        Returns:
            What is wrong, each with `mini_app` or the key of the first submission as its path;
            none if all is well.

        Raises:
            TypeError: `until` has no time zone, or an argument is of another type.
            ConfigurationError: the client is closed.
        """
        from alipay_mini_audit.lifecycle import preflight_tokens  # noqa: PLC0415  # needs batch

        expect("submissions", submissions, Iterable | AsyncIterable, "an iterable of Submissions")
        expect("until", until, datetime.datetime | None, "a datetime or None")
        if until is not None and until.tzinfo is None:
            raise TypeError("until: expected a datetime with a time zone")

        async def ask(token: str) -> TokenInfo:
            """Ask about one token."""
            return await self.query(token, timeouts=timeouts)

        return await preflight_tokens(ask, submissions, until)
