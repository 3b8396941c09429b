"""`TokenCalls`: what a merchant's token may do."""

from __future__ import annotations

from typing import Final, final

from alipay_mini_audit.calls import NO_TOKEN, CallSpec
from alipay_mini_audit.client.arguments import MakeCall, checked_token, expect
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.models import TokenInfo, read_model
from alipay_mini_audit.protocol import TOKEN

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
